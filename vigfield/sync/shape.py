"""Reading what a signed text holds: every member that is expected, of its kind and bounds, and no other."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})")


class Misshapen(Exception):
    """A member is missing, too much, or not what it must be; `where` names it."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


@dataclass(frozen=True, slots=True)
class Shape:
    """One JSON object; its members are taken by name. Raises Misshapen, and never anything else."""

    members: Mapping[str, object]
    where: str

    @classmethod
    def of(cls, value: object, names: Collection[str], where: str = "") -> "Shape":
        """The object with exactly these members."""
        if not isinstance(value, dict):
            raise Misshapen(where or "everything")
        for name in sorted(set(names) ^ set(value)):
            raise Misshapen(_path(where, name))
        return cls(value, where)

    def within(self, name: str, names: Collection[str]) -> "Shape":
        """An object within this one."""
        return Shape.of(self.members[name], names, _path(self.where, name))

    def optional(self, name: str, names: Collection[str]) -> "Shape | None":
        """An object within this one, or null."""
        return None if self.members[name] is None else self.within(name, names)

    def number(self, name: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.members[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.wrong(name)
        return value

    def yes(self, name: str) -> bool:
        """True or false."""
        value = self.members[name]
        if not isinstance(value, bool):
            raise self.wrong(name)
        return value

    def text(self, name: str, pattern: str, most: int = 4096) -> str:
        """A text that matches as a whole, and is printable."""
        value = self.members[name]
        if not isinstance(value, str) or len(value) > most or not re.fullmatch(pattern, value):
            raise self.wrong(name)
        if not all(character.isprintable() or character == "\n" for character in value):
            raise self.wrong(name)
        return value

    def instant(self, name: str) -> datetime:
        """A moment in UTC: `2026-11-24T08:00:00Z`."""
        value = self.members[name]
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise self.wrong(name)
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.wrong(name) from None

    def one(self, name: str, of: type[E]) -> E:
        """One word of a closed list."""
        return _word(self.members[name], of, self.wrong(name))

    def several(self, name: str, of: type[E]) -> frozenset[E]:
        """Words of a closed list, none twice."""
        found = [_word(word, of, self.wrong(name)) for word in self.many(name, 100)]
        if len(set(found)) < len(found):
            raise self.wrong(name)
        return frozenset(found)

    def many(self, name: str, most: int) -> list[object]:
        """A list of at most so many."""
        value = self.members[name]
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(name)
        return value

    def version(self, name: str) -> tuple[int, int, int]:
        """Three numbers with dots."""
        value = self.members[name]
        found = _VERSION.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise self.wrong(name)
        return int(found[1]), int(found[2]), int(found[3])

    def wrong(self, name: str) -> Misshapen:
        """The error that names a member."""
        return Misshapen(_path(self.where, name))


def _path(where: str, name: str) -> str:
    return f"{where}.{name[:40]}" if where else name[:40]


def _word(value: object, of: type[E], wrong: Misshapen) -> E:
    if not isinstance(value, str):
        raise wrong
    try:
        return of(value)
    except ValueError:
        raise wrong from None
