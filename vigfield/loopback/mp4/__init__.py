"""Fragmented MP4 as it is filmed, and the virtual MP4 that plays it: knows boxes and bytes, nothing else."""

from vigfield.loopback.mp4.index import Index, scan
from vigfield.loopback.mp4.message import (
    MAX_MESSAGE,
    Bad,
    Fragment,
    Init,
    Message,
    Run,
    Track,
    Trailer,
    check_message,
)
from vigfield.loopback.mp4.virtual import Read, Virtual, virtual

__all__ = [
    "MAX_MESSAGE",
    "Bad",
    "Fragment",
    "Index",
    "Init",
    "Message",
    "Read",
    "Run",
    "Track",
    "Trailer",
    "Virtual",
    "check_message",
    "scan",
    "virtual",
]
