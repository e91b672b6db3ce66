"""The small parsers of bytes from outside: a vault's header and slots, and what the camera page says."""

import base64
import hashlib
import json
import math
from collections.abc import Callable
from random import Random
from unittest import mock

from tests.fuzz.alter import altering, any_bytes, value
from tests.fuzz.run import Target, Wrong
from tests.loopback.test_mp4 import FRAGMENTS
from vigfield import clock
from vigfield.errors import Damaged, NewerVault
from vigfield.loopback import messages
from vigfield.seal import Cost, Key, WrongPassphrase, make_slot, open_slot
from vigfield.store import header

PASSPHRASE, CONTEXT, VAULT_KEY = "look at me", b"vault 1", bytes(range(100, 132))


def judge_header(data: bytes) -> str:
    """A vault's header, or a named error."""
    try:
        found = header.decode(data)
    except (Damaged, NewerVault) as error:
        return f"{type(error).__name__}: {error}"
    if header.decode(header.encode(found)) != found:
        raise Wrong("a header that does not survive being kept")
    return f"Header with {min(len(found.slots), 3)}"


def judge_slot(data: bytes) -> str:
    """The true key, a wrong passphrase, or a named error; a check that is right again does not open more."""
    try:
        slot = json.loads(data)
    except (ValueError, RecursionError):
        return "not JSON"
    return _opened(slot) + "; " + _opened(checked(slot)) if isinstance(slot, dict) else "no object"


def checked(slot: dict[str, object]) -> dict[str, object]:
    """The slot with its check made again, as somebody would who can write the file; the cost stays cheap."""
    cost = slot.get("argon2id")
    cheap = {"memory_kib": 64, "passes": 1, "lanes": 1}
    if isinstance(cost, dict) and any(isinstance(n, int) and 1 < n <= 1 << 40 for n in cost.values()):
        slot = {**slot, "argon2id": {**cost, **cheap} if set(cost) == set(cheap) else cost}
    rest = {name: value for name, value in slot.items() if name != "check"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return {**slot, "check": base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}


def _opened(slot: dict[str, object]) -> str:
    try:
        outcome = open_slot(slot, PASSPHRASE, CONTEXT)
    except (Damaged, NewerVault) as error:
        return f"{type(error).__name__}: {error}"
    if isinstance(outcome, WrongPassphrase):
        return "wrong passphrase"
    if outcome.reveal() != VAULT_KEY:
        raise Wrong("another key came out of a slot")
    return "the key"


def judge_hello(data: bytes) -> str:
    """An opening within its bounds, or a fault."""
    match messages.parse_hello(data.decode("utf-8", "surrogateescape")):
        case messages.Fault() as fault:
            return str(fault)
        case messages.Opening(_, hello):
            if not (
                hello.part >= 1 and 0 < hello.w <= 16384 and 0 < hello.h <= 16384 and len(hello.mime) <= 80
            ):
                raise Wrong("a hello out of bounds")
            if not math.isfinite(hello.pts_base):
                raise Wrong("a time that is no number")
            return "Opening"


def judge_text(data: bytes) -> str:
    """Stats, an end, or a fault; what is to be kept can be kept as JSON."""
    match messages.parse_text(data.decode("utf-8", "surrogateescape")):
        case messages.Fault() as fault:
            return str(fault)
        case messages.Stats(quality) | messages.End(quality=quality) as found:
            if json.loads(json.dumps(quality, allow_nan=False)) != quality:
                raise Wrong("a quality record that cannot be kept")
            return type(found).__name__


def judge_frame(data: bytes) -> str:
    """The frame's own bytes, or a fault."""
    match messages.parse_frame(data):
        case messages.Fault() as fault:
            return str(fault)
        case messages.Framed(sequence, position, payload):
            if sequence.to_bytes(4) + position.to_bytes(8) + payload != data:
                raise Wrong("a frame that is not the message")
            return "Framed"


def _slot_text() -> bytes:
    chance = Random(2)
    with mock.patch.object(clock, "random_bytes", chance.randbytes):
        slot = make_slot(PASSPHRASE, Key(VAULT_KEY), CONTEXT, Cost(memory_kib=64, passes=1, lanes=1))
    return json.dumps(slot).encode()


def _json(name: str, judge: Callable[[bytes], str], *texts: object) -> Target:
    pool = {str(number): json.dumps(text).encode() for number, text in enumerate(texts)}
    return Target(name, (pool,), altering([*[value] * 60, *any_bytes(pool)]), judge)


SLOT = json.loads(_slot_text())
HELLO = {
    "type": "hello", "proto": 1, "token": "t" * 43, "part": 1, "mime": "video/mp4",
    "codecs": ["avc1.64001f", "opus"], "w": 1280, "h": 720, "settings": {"frameRate": 25, "deviceId": "x"},
    "startedAt": 1700000000000, "ptsBase": 0.5,
}  # fmt: skip
QUALITY = {"delivered": 25, "encoded": 24, "dropped": 1, "events": [[0.5, "mute"], [2, "link-lost"]]}
END = {"type": "end", "bytes": 1000, "frames": 25, "quality": QUALITY}
FRAMES = {"frame": (7).to_bytes(4) + (9000).to_bytes(8) + FRAGMENTS[0][:300]}
HEADER = header.encode(header.Header(1, "vault-1", False, "2026-01-01T00:00:00+00:00", (SLOT,)))


SMALL = (
    _json("header", judge_header, json.loads(HEADER)),
    _json("slot", judge_slot, SLOT),
    _json("hello", judge_hello, HELLO),
    _json("text", judge_text, {"type": "stats", **QUALITY}, END),
    Target("frame", (FRAMES,), altering(any_bytes(FRAMES, (0, 4, 12))), judge_frame),
)
