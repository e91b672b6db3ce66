"""Who has seen what of a family."""

from itertools import groupby

import flet as ft

from vigfield.app import Seen
from vigfield.ui import familywords, parts, words
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import FamilyPlace, SeenPlace


@ft.component
@boundary
def SeenScreen(place: SeenPlace) -> ft.Control:
    """What happened, newest first."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.people.seen(place.family), place)
    head = [
        parts.back(lambda: desk.go(FamilyPlace(place.family)), words.BACK),
        parts.heading(familywords.SEEN),
        parts.quiet(familywords.SEEN_WHAT),
    ]
    match loaded:
        case Loading():
            return parts.page(*head)
        case Failed(sentence):
            return parts.page(*head, parts.notice(sentence, error=True))
        case Loaded([]):
            return parts.page(*head, parts.card(parts.quiet(familywords.NOTHING_SEEN)))
        case Loaded(found):
            days = groupby(found, lambda seen: familywords.day_of(seen.event))
            cards = [parts.card(parts.title(day), *map(_line, events)) for day, events in days]
            return parts.page(*head, parts.tagged("seen-list", parts.stack(cards)))


def _line(seen: Seen) -> ft.Control:
    return ft.Row(
        [parts.quiet(familywords.at(seen.event)), ft.Text(familywords.happened(seen), expand=True)],
        spacing=16,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
