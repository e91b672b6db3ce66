"""The key holder's side of recovery: makes the pair of keys, and answers a request for a vault's key."""

import os
from enum import StrEnum
from pathlib import Path

from vigfield.errors import Damaged
from vigfield.seal import Key, PublicKey, Request, answer, decode, encode

_PRIVATE = "recovery-private"


class Trouble(StrEnum):
    """Why there is no answer."""

    TORN = "torn"  # what came in is no request, or not a whole one
    NUMBER = "number"  # the check number is not the request's
    OTHER_KEY = "other-key"  # the request is for another holder
    FILE = "file"  # the key file cannot be made or read
    NO_KEY = "no-key"  # the key file holds no key


def make_pair(path: Path) -> str | Trouble:
    """Write a new private key to a new file for its owner alone; the public key, as a tablet takes it."""
    private = Key.random()
    line = encode(_PRIVATE, private.reveal()) + "\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return Trouble.FILE
    return encode("recovery-key", PublicKey.of(private).data)


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
    private = _read(path)
    if isinstance(private, Trouble):
        return private
    try:
        return answer(request, private)
    except Damaged:
        return Trouble.OTHER_KEY
    finally:
        private.wipe()


def _read(path: Path) -> Key | Trouble:
    try:
        line = path.read_text(encoding="ascii")
    except UnicodeDecodeError:
        return Trouble.NO_KEY
    except OSError:
        return Trouble.FILE
    try:
        return Key(decode(_PRIVATE, line))
    except (Damaged, ValueError):
        return Trouble.NO_KEY
