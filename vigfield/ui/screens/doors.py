"""Whose vault: the first question on a tablet that practitioners share."""

import flet as ft

from vigfield.app import Entry
from vigfield.ui import doorwords, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import boundary, use_desk
from vigfield.ui.screens.frame import frame


@ft.component
@boundary
def Choose(entries: tuple[Entry, ...]) -> ft.Control:
    """A line for each vault, and one for a new one."""
    desk = use_desk()
    lines = [
        _line(desk, number, entry, name)
        for number, (entry, name) in enumerate(zip(entries, doorwords.names(entries), strict=True), 1)
    ]
    return frame(
        parts.heading(doorwords.WHO),
        parts.quiet(doorwords.WHO_WHY),
        *lines,
        another(desk),
    )


def _line(desk: Desk, number: int, entry: Entry, name: doorwords.Name) -> ft.Control:
    if entry.fault is not None:
        sentence = f"{doorwords.ONE_FAULT} {words.sorry(entry.fault)}"
        return parts.notice(sentence, error=True, identifier=f"vault-fault-{number}")
    return parts.secondary(
        f"vault-{number}", name.words, lambda: desk.spawn(desk.app.go_to(entry)), icon=name.icon
    )


def another(desk: Desk) -> ft.Control:
    """The way to a vault for one more practitioner."""
    return parts.link("another-vault", doorwords.ANOTHER, lambda: desk.spawn(desk.app.go_to(None)))


def way_back(desk: Desk) -> ft.Control:
    """The way to the question."""
    return parts.link("choose-vault", doorwords.BACK, lambda: desk.spawn(desk.app.go_back()))
