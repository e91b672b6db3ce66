"""Signed texts of the service: compact JWS with Ed25519 by a key known beforehand, and nothing else.

Everything that a signed text could use to choose how it is checked is refused: other algorithms, keys or
addresses of keys in the header, a header with members that we do not expect, members that occur twice, a
spelling of Base64 that is not the only one.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import jwt

ALGORITHM = "EdDSA"
KEY_BYTES = 32
MOST_BYTES = 100_000

_HEADER = {"alg", "kid", "typ"}
_KID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PIECE = re.compile(r"[A-Za-z0-9_-]+")
_DEEPEST = 16
# The points of small order, whatever their sign: a signature that anybody can make verifies with them.
_WEAK = {
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    *(bytes([low]) + b"\xff" * 30 + b"\x7f" for low in (0xEC, 0xED, 0xEE)),
}


class Fault(StrEnum):
    """Why a signed text is not taken."""

    TOO_LARGE = "too-large"
    TORN = "torn"  # no compact JWS, or not JSON inside
    OTHER_KIND = "other-kind"  # another algorithm, another type, or a header that asks for something
    UNKNOWN_KEY = "unknown-key"
    FORGED = "forged"  # the signature does not verify


@dataclass(frozen=True, slots=True)
class Claims:
    """What a signed text says, and the key that signed it."""

    kid: str
    content: dict[str, object]


def opened(text: str, typ: str, keys: Mapping[str, bytes]) -> Claims | Fault:
    """What a signed text of this type says, if one of these Ed25519 keys (by kid) signed it."""
    if len(text) > MOST_BYTES:
        return Fault.TOO_LARGE
    whole = text.strip()
    header, content = _header(whole), _content(whole)
    if header is None or content is None:
        return Fault.TORN
    if set(header) != _HEADER or header["alg"] != ALGORITHM or header["typ"] != typ:
        return Fault.OTHER_KIND
    kid = header["kid"]
    if not is_kid(kid) or kid not in keys:
        return Fault.UNKNOWN_KEY
    return Claims(str(kid), content) if _verifies(whole, keys[str(kid)]) else Fault.FORGED


def unverified(text: str) -> dict[str, object] | None:
    """What a text says, whoever signed it; only to find the keys that it must then verify with."""
    return None if len(text) > MOST_BYTES else _content(text.strip())


def is_kid(kid: object) -> bool:
    """Whether this can be the name of a key."""
    return isinstance(kid, str) and _KID.fullmatch(kid) is not None


def is_key(key: bytes) -> bool:
    """Whether these are the bytes of an Ed25519 public key that only its owner signs with."""
    return len(key) == KEY_BYTES and bytes([*key[:-1], key[-1] & 0x7F]) not in _WEAK


def decoded(piece: object) -> bytes | None:
    """The bytes of Base64url without padding; None for anything but the one right spelling."""
    if not isinstance(piece, str) or not _PIECE.fullmatch(piece):
        return None
    try:
        data = base64.b64decode(piece + "=" * (-len(piece) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.urlsafe_b64encode(data).rstrip(b"=").decode() == piece else None


def strict_json(text: bytes) -> dict[str, object] | None:
    """A JSON object in UTF-8 in which no member occurs twice and no number is one that JSON lacks."""
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return cast(dict[str, object], value) if isinstance(value, dict) and _shallow(value, _DEEPEST) else None


def _header(text: str) -> dict[str, object] | None:
    pieces = text.split(".")
    first = decoded(pieces[0]) if len(pieces) == 3 else None
    return None if first is None else strict_json(first)


def _content(text: str) -> dict[str, object] | None:
    pieces = text.split(".")
    if len(pieces) != 3 or decoded(pieces[2]) is None:
        return None
    middle = decoded(pieces[1])
    return None if middle is None else strict_json(middle)


def _verifies(text: str, key: bytes) -> bool:
    if not is_key(key):
        return False
    try:
        public = jwt.PyJWK({"kty": "OKP", "crv": "Ed25519", "x": _spelled(key)}, ALGORITHM)
        jwt.api_jws.PyJWS(algorithms=[ALGORITHM]).decode_complete(text, public, algorithms=[ALGORITHM])
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    return True


def _spelled(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member occurs twice")
    return found


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _shallow(value: object, levels: int) -> bool:
    match value:
        case dict():
            return levels > 0 and all(_shallow(item, levels - 1) for item in value.values())
        case list():
            return levels > 0 and all(_shallow(item, levels - 1) for item in value)
        case _:
            return True
