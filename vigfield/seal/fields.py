"""The fields that every kind of slot has in common: bytes in Base64, and a checksum over all others."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping

from vigfield.errors import Damaged


def text(data: bytes) -> str:
    """Bytes as a slot holds them."""
    return base64.b64encode(data).decode("ascii")


def checked_bytes(value: object, count: int) -> bytes:
    """The bytes in a field; errors.Damaged unless there are exactly `count`."""
    try:
        data = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != count:
        raise Damaged("a key slot holds bytes of the wrong length")
    return data


def check(slot: Mapping[str, object]) -> str:
    """SHA-256 over every field but the check itself."""
    rest = {name: value for name, value in slot.items() if name != "check"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text(hashlib.sha256(canonical.encode("ascii")).digest())
