"""One case of the fuzz: altered bytes, kept as what differs from the bytes that they were made of."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FOUND = Path(__file__).parent / "found"
Bases = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes of a case, and the name of the true bytes that they came from."""

    base: str
    data: bytes


Case = tuple[Blob, ...]


def encoded(target: str, why: str, case: Case, bases: Sequence[Bases]) -> str:
    """The case as JSON: each blob's base, how much of it stays in front and behind, and what is between."""
    blobs = [_difference(blob, pool[blob.base]) for blob, pool in zip(case, bases, strict=True)]
    return json.dumps({"target": target, "why": why, "blobs": blobs}, indent=1) + "\n"


def decoded(text: str, bases: Sequence[Bases]) -> Case:
    """The case that was encoded."""
    return tuple(
        _applied(said, pool[said["base"]])
        for said, pool in zip(json.loads(text)["blobs"], bases, strict=True)
    )


def _difference(blob: Blob, base: bytes) -> dict[str, object]:
    front = _common(blob.data, base)
    behind = _common(blob.data[front:][::-1], base[front:][::-1])
    middle = blob.data[front : len(blob.data) - behind].hex()
    return {"base": blob.base, "front": front, "behind": behind, "between": middle}


def _applied(said: dict[str, object], base: bytes) -> Blob:
    behind = int(str(said["behind"]))
    stays = base[len(base) - behind :] if behind else b""
    return Blob(
        str(said["base"]), base[: int(str(said["front"]))] + bytes.fromhex(str(said["between"])) + stays
    )


def _common(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low
