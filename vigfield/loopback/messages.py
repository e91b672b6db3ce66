"""The capture protocol's messages: pure parsing of what the camera page sends.

Text is JSON: `hello` first, `stats` each second, `end` last. Binary is `u32be sequence, u64be position,
payload`, the payload an init segment (the first) or exactly one fragment. Any other shape is a `Fault`.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite

from vigfield.loopback.mp4 import MAX_MESSAGE

MAX_TEXT = 256 * 1024
MAX_EVENTS = 1000
MAX_NUMBER = (1 << 53) - 1

_HEADER = struct.Struct(">IQ")


class Fault(StrEnum):
    """What was wrong with a message; the page is told, and the part is closed."""

    HELLO = "hello"
    HELLO_LATE = "hello-late"
    TEXT = "text"
    SHORT = "short"
    SEQUENCE = "sequence"
    POSITION = "position"
    OVERSIZED = "oversized"
    NOT_A_FRAGMENT = "not-a-fragment"
    END = "end"
    AFTER_END = "after-end"


@dataclass(frozen=True, slots=True)
class Hello:
    """What the page says of the film it is about to send.

    `part` counts from 1; `w` and `h` are pixels; `started_at` is milliseconds since 1970 on the page's clock;
    `pts_base` is the time in the film, in seconds, at which this part begins.
    """

    part: int
    mime: str
    codecs: tuple[str, ...]
    w: int
    h: int
    settings: Mapping[str, object]
    started_at: int
    pts_base: float


@dataclass(frozen=True, slots=True)
class Opening:
    """A hello together with the one-use token that came in it."""

    token: str = field(repr=False)
    hello: Hello


@dataclass(frozen=True, slots=True)
class Stats:
    """What the page has counted so far; `quality` has delivered, encoded, dropped and events."""

    quality: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class End:
    """The page has sent everything: bytes of this part, frames encoded in all, the last quality record.

    `more` when only this part is over, and the film goes on in the next.
    """

    bytes: int
    frames: int
    quality: Mapping[str, object]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Framed:
    """One binary message, taken apart."""

    sequence: int
    position: int
    payload: bytes


def parse_hello(message: str | bytes) -> Opening | Fault:
    """The first message of a link."""
    match _object(message):
        case {
            "type": "hello",
            "proto": 1,
            "token": str(token),
            "part": int(part),
            "mime": str(mime),
            "codecs": list(codecs),
            "w": int(w),
            "h": int(h),
            "settings": dict(settings),
            "startedAt": int(started_at),
            "ptsBase": int() | float() as pts_base,
        } if part >= 1 and 0 < w <= 16384 and 0 < h <= 16384 and all(isinstance(c, str) for c in codecs):
            hello = Hello(part, mime[:80], tuple(codecs), w, h, settings, started_at, float(pts_base))
            return Opening(token, hello)
        case _:
            return Fault.HELLO


def parse_text(message: str) -> Stats | End | Fault:
    """A text message after the hello."""
    match _object(message):
        case {"type": "stats", **rest}:
            quality = _quality({str(name): value for name, value in rest.items()})
            return Fault.TEXT if quality is None else Stats(quality)
        case {"type": "end", "bytes": int(size), "frames": int(frames), "quality": dict(said), **rest}:
            quality, more = _quality(said), rest.get("more", False)
            if quality is None or frames < 0 or not isinstance(more, bool):
                return Fault.END
            return End(size, frames, quality, more)
        case {"type": "end"}:
            return Fault.END
        case _:
            return Fault.TEXT


def parse_frame(message: bytes) -> Framed | Fault:
    """A binary message after the hello; what the payload is gets checked elsewhere."""
    if len(message) <= _HEADER.size:
        return Fault.SHORT
    if len(message) > _HEADER.size + MAX_MESSAGE:
        return Fault.OVERSIZED
    sequence, position = _HEADER.unpack_from(message)
    return Framed(sequence, position, message[_HEADER.size :])


def _object(message: str | bytes) -> object:
    if not isinstance(message, str) or len(message) > MAX_TEXT:
        return None
    try:
        return json.loads(message, parse_constant=_no_number, parse_float=_finite, parse_int=_whole)
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> object:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError("a number out of bounds")
    return number


def _whole(digits: str) -> int:
    """As far as a page's own numbers are exact; the database could not keep much more."""
    number = int(digits)
    if abs(number) > MAX_NUMBER:
        raise ValueError("a number out of bounds")
    return number


def _quality(said: Mapping[str, object]) -> Mapping[str, object] | None:
    """The known fields of a quality record, or nothing when one of them has the wrong shape."""
    counts = {name: said.get(name, 0) for name in ("delivered", "encoded", "dropped")}
    events = said.get("events", [])
    if not all(_is_count(count) for count in counts.values()):
        return None
    if not isinstance(events, list) or len(events) > MAX_EVENTS or not all(map(_is_event, events)):
        return None
    return {**counts, "events": events}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_event(value: object) -> bool:
    match value:
        case [int() | float(), str(what)]:
            return len(what) <= 40 and what.replace("-", "").isalnum()
        case _:
            return False
