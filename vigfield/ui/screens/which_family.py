"""Which family: found as one types, and chosen from the few that fit."""

from collections.abc import Callable

import flet as ft

from vigfield.model import Family
from vigfield.ui import bidi, calendarwords, familywords, parts, words
from vigfield.ui.entry import tile
from vigfield.ui.fields import Field
from vigfield.ui.hooks import Loaded, Loading, use_desk, use_loaded

_HITS = 8


@ft.component
def WhichFamily(family: Family | None, on_family: Callable[[Family | None], None]) -> ft.Control:
    """The family that was chosen, or a search for it."""
    desk = use_desk()
    text, set_text = ft.use_state("")
    loaded = use_loaded(lambda: desk.work.people.find(text, limit=_HITS), text)
    if family is not None:
        another = parts.link("session-other-family", calendarwords.CHANGE_FAMILY, lambda: on_family(None))
        return parts.card(parts.strong(words.WHICH_FAMILY), _line(family), parts.row(another))
    found = loaded.value.families if isinstance(loaded, Loaded) else ()
    hits = [_hit(one, on_family) for one in found]
    search = Field("session-family", calendarwords.FIND_FAMILY, "", set_text)
    nothing = [parts.quiet(familywords.NO_HIT if text else words.NO_FAMILIES_FIRST)]
    return parts.card(
        parts.strong(words.WHICH_FAMILY), search, *(hits if hits or isinstance(loaded, Loading) else nothing)
    )


def _hit(family: Family, on_family: Callable[[Family | None], None]) -> ft.Control:
    return tile(f"session-family-{family.code}", lambda: on_family(family), _line(family))


def _line(family: Family) -> ft.Control:
    return parts.quiet(f"{family.code} · {bidi.apart(family.infant.name)}")
