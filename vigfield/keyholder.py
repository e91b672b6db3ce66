"""The service's key holder: makes pairs of keys, and answers a request for a vault's key."""

import base64
import os
from enum import StrEnum
from pathlib import Path

from vigfield.errors import Damaged
from vigfield.seal import Key, PublicKey, Request, answer, decode, encode

RECOVERY, VIDEO = "recovery", "video"
"""What a pair of keys is for: a forgotten passphrase, or films that are sent to the service."""


class Trouble(StrEnum):
    """Why there is no answer."""

    TORN = "torn"  # what came in is no request, or not a whole one
    NUMBER = "number"  # the check number is not the request's
    OTHER_KEY = "other-key"  # the request is for another holder
    FILE = "file"  # the key file cannot be made or read
    NO_KEY = "no-key"  # the key file holds no key


def make_pair(path: Path) -> str | Trouble:
    """Write a new private key to a new file for its owner alone; the public key, as a tablet takes it."""
    public = _make(path, RECOVERY)
    return public if isinstance(public, Trouble) else encode("recovery-key", public.data)


def make_video_pair(path: Path) -> str | Trouble:
    """As `make_pair`, for films; the public key is Base64url, as an enrolment has it."""
    public = _make(path, VIDEO)
    if isinstance(public, Trouble):
        return public
    return base64.urlsafe_b64encode(public.data).rstrip(b"=").decode("ascii")


def _make(path: Path, use: str) -> PublicKey | Trouble:
    private = Key.random()
    line = encode(f"{use}-private", private.reveal()) + "\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return Trouble.FILE
    return PublicKey.of(private)


def number_of(public: str) -> str:
    """The check number of a public key that `make_pair` returned."""
    return PublicKey(decode("recovery-key", public)).number


def asked(line: str) -> Request | Trouble:
    """The request in a text."""
    try:
        return Request.decode(line)
    except Damaged:
        return Trouble.TORN


def reply(request: Request, number: str, path: Path) -> str | Trouble:
    """The reply to a request whose check number was compared, for the private key in a file."""
    if "".join(number.split()) != "".join(request.number.split()):
        return Trouble.NUMBER
    private = private_key(path, RECOVERY)
    if isinstance(private, Trouble):
        return private
    try:
        return answer(request, private)
    except Damaged:
        return Trouble.OTHER_KEY
    finally:
        private.wipe()


def private_key(path: Path, use: str) -> Key | Trouble:
    """The private key in a file that was made for this use."""
    try:
        line = path.read_text(encoding="ascii")
    except UnicodeDecodeError:
        return Trouble.NO_KEY
    except OSError:
        return Trouble.FILE
    try:
        return Key(decode(f"{use}-private", line))
    except (Damaged, ValueError):
        return Trouble.NO_KEY
