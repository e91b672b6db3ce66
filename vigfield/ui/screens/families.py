"""Families: found as one types, a page at a time."""

import flet as ft

from vigfield.app import Found
from vigfield.model import Family
from vigfield.ui import bidi, familywords, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.entry import tile
from vigfield.ui.fields import Field
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import FamilyPlace, NewFamily

PAGE = 50


@ft.component
@boundary
def FamiliesScreen() -> ft.Control:
    """Every family, by code; or those in whose code or names the typed words occur."""
    desk = use_desk()
    text, set_text = ft.use_state("")
    shown, set_shown = ft.use_state(PAGE)

    def typed(value: str) -> None:
        set_text(value)
        set_shown(PAGE)

    async def find() -> tuple[str, Found]:
        return text, await desk.work.people.find(text, limit=shown)

    loaded = use_loaded(find, (text, shown))
    add = parts.primary("new-family", words.NEW_FAMILY, lambda: desk.go(NewFamily()), icon=ft.Icons.GROUP_ADD)
    header = parts.heading(words.FAMILIES)
    match loaded:
        case Loading():
            return parts.page(header)
        case Failed(sentence):
            return parts.page(header, parts.notice(sentence, error=True))
        case Loaded((said, found)):
            if not found.count and not said:
                return parts.page(header, parts.empty(words.NO_FAMILIES, words.NO_FAMILIES_WHAT, add))
            search = Field("family-search", familywords.FIND, "", typed)
            more = lambda: set_shown(lambda old: old + PAGE)
            return parts.page(header, parts.row(add), search, *_found(desk, found, more))


def _found(desk: Desk, found: Found, more: parts.Click) -> list[ft.Control]:
    if not found.count:
        return [parts.card(parts.strong(familywords.NO_HIT), parts.quiet(familywords.NO_HIT_WHAT))]
    shown = len(found.families)
    counted = parts.notice(familywords.count(shown, found.count), identifier="families-count")
    lines = [_line(desk, family) for family in found.families]
    if shown < found.count:
        lines.append(parts.row(parts.secondary("families-more", familywords.MORE, more)))
    return [counted, *lines]


def _line(desk: Desk, family: Family) -> ft.Control:
    names = bidi.listed(caregiver.name for caregiver in family.caregivers)
    return tile(
        f"family-{family.code}",
        lambda: desk.go(FamilyPlace(family.id)),
        parts.strong(f"{family.code} · {names}"),
        parts.quiet(words.age(family.infant)),
    )
