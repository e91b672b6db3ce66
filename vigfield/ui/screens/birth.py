"""When an infant was born, on the forms: a month and a year, and the day where it is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import flet as ft

from vigfield import clock
from vigfield.ui import familywords, parts, words

_YEARS_BACK = 4


@dataclass(frozen=True, slots=True)
class Birth:
    """What is chosen so far."""

    year: str = ""
    month: str = ""
    day: str = ""

    @classmethod
    def of(cls, born: str) -> "Birth":
        """What is known: `2025-11` or `2025-11-30`."""
        return cls(*born.split("-"))

    @property
    def born(self) -> str:
        """As the record has it; with a part missing it is no month, and the form says so."""
        return "-".join(part for part in (self.year, self.month, self.day) if part)


def birth_line(
    identifier: str, birth: Birth, on_birth: Callable[[Birth], None], faults: Mapping[str, str]
) -> list[ft.Control]:
    """Three lists that open, and what is wrong with what they say together."""

    def part(name: str, label: str, options: Mapping[str, str]) -> ft.Control:
        return parts.pick(
            f"{identifier}-{name}",
            label,
            options,
            getattr(birth, name),
            lambda value: on_birth(replace(birth, **{name: value})),
            width=220,
        )

    line = parts.row(
        part("month", words.BIRTH_MONTH, _months()),
        part("year", words.BIRTH_YEAR, _years(birth.year)),
        part("day", familywords.BIRTH_DAY, _days()),
    )
    return [line, parts.fault("born", faults)]


def _days() -> dict[str, str]:
    return {"": familywords.UNKNOWN_DAY} | {f"{number:02d}": str(number) for number in range(1, 32)}


def _months() -> dict[str, str]:
    return {f"{number:02d}": name for number, name in enumerate(words.MONTHS, 1)}


def _years(chosen: str) -> dict[str, str]:
    """The last few, and one further back that is in the record already."""
    this = clock.today().year
    years = {str(year) for year in range(this - _YEARS_BACK + 1, this + 1)} | ({chosen} if chosen else set())
    return {year: year for year in sorted(years, reverse=True)}
