"""A day as it is written in the language of a form."""

from collections.abc import Mapping
from datetime import date

_MONTHS: Mapping[str, str] = {
    "en": "January February March April May June July August September October November December",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}


def spoken(day: date, language: str) -> str:
    """A day for readers of a language (BCP 47); in figures where its months are not known here."""
    names = _MONTHS.get(language.partition("-")[0])
    return day.isoformat() if names is None else f"{day.day} {names.split()[day.month - 1]} {day.year}"
