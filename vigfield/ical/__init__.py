"""Calendar files (RFC 5545): read with every limit that a strange file needs, and written without names."""

from vigfield.ical.reading import Calendar, Entry, Problem, Skipped, Unreadable, Why, read
from vigfield.ical.writing import Outgoing, write

__all__ = [
    "Calendar",
    "Entry",
    "Outgoing",
    "Problem",
    "Skipped",
    "Unreadable",
    "Why",
    "read",
    "write",
]
