"""The words of a tablet with several vaults: each has a name of two words that comes from its id alone."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import flet as ft

from vigfield.app import Entry

WHO = "Whose vault?"
WHO_WHY = "Each practitioner has a vault of their own on this tablet. Only its own passphrase opens it."
ANOTHER = "Another practitioner: make a vault"
BACK = "Choose another vault"
ONE_FAULT = "One vault on this tablet cannot be opened."
DATA_OR_VAULTS = "--data names one vault and --vaults a folder of several: please use one of them."

SEVERAL = "This tablet has several vaults. Please name the folder of one with --data."

_FIRST = (
    "Amber", "Brave", "Bright", "Calm", "Clear", "Cosy", "Fair", "Fresh", "Gentle", "Glad", "Golden",
    "Green", "Happy", "Kind", "Light", "Lively", "Merry", "Mild", "Noble", "Patient", "Plain", "Quiet",
    "Ready", "Round", "Silver", "Soft", "Steady", "Still", "Sunny", "Swift", "Warm", "Wide",
)  # fmt: skip
_SECOND = (
    ("anchor", ft.Icons.ANCHOR),
    ("boat", ft.Icons.SAILING),
    ("cloud", ft.Icons.CLOUD),
    ("flower", ft.Icons.LOCAL_FLORIST),
    ("forest", ft.Icons.FOREST),
    ("hill", ft.Icons.TERRAIN),
    ("key", ft.Icons.KEY),
    ("lamp", ft.Icons.LIGHTBULB),
    ("leaf", ft.Icons.SPA),
    ("meadow", ft.Icons.GRASS),
    ("rain", ft.Icons.WATER_DROP),
    ("sea", ft.Icons.WAVES),
    ("song", ft.Icons.MUSIC_NOTE),
    ("star", ft.Icons.STAR),
    ("sun", ft.Icons.WB_SUNNY),
    ("tree", ft.Icons.PARK),
)


@dataclass(frozen=True, slots=True)
class Name:
    """What a vault is called on the screen, and its sign."""

    words: str
    icon: ft.IconData


def name(vault: str) -> Name:
    """The name of the vault with this id: always the same, and nothing of it is written anywhere."""
    number = int.from_bytes(hashlib.sha256(b"vigfield vault name 1 " + vault.encode()).digest()[:4])
    first, (second, icon) = _FIRST[number % len(_FIRST)], _SECOND[number // len(_FIRST) % len(_SECOND)]
    return Name(f"{first} {second}", icon)


def own(vault: str, entries: Sequence[Entry]) -> Name:
    """The name of a vault among those of its tablet; a new one may not be among them yet."""
    listed = zip(entries, names(entries), strict=True)
    return next((found for entry, found in listed if entry.id == vault), name(vault))


def this(vault: str, entries: Sequence[Entry]) -> str:
    """Which vault is open, for a person to know it again by."""
    return f"This is the vault {own(vault, entries).words}"


def names(entries: Sequence[Entry]) -> list[Name]:
    """The names of all the vaults on a tablet; vaults of one name are numbered in their order."""
    found = [name(entry.id) if entry.id else Name("", ft.Icons.ERROR_OUTLINE) for entry in entries]
    return [_numbered(found, place) for place in range(len(found))]


def _numbered(found: Sequence[Name], place: int) -> Name:
    one = found[place]
    before = sum(other.words == one.words for other in found[:place])
    return Name(f"{one.words} {before + 1}", one.icon) if before else one
