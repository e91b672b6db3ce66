"""The root of the screens: what is shown for each state and place, and the navigation around it."""

from collections.abc import Callable
from typing import assert_never

import flet as ft

from vigfield.app import Choosing, Covered, Fresh, Locked, Open
from vigfield.ui import words
from vigfield.ui.desk import BAR_BELOW, Desk
from vigfield.ui.hooks import DeskContext, keyed
from vigfield.ui.parts import tagged
from vigfield.ui.places import (
    AgreedPlace,
    Calendar,
    CalendarFiles,
    CaregiverPlace,
    Certificates,
    ConflictPlace,
    Duties,
    EndingPlace,
    Families,
    FamilyDetails,
    FamilyPlace,
    FilmPlace,
    GonePlace,
    HoldPlace,
    JoinPlace,
    LeavingPlace,
    NewFamily,
    OtherPlace,
    PassphrasePlace,
    Place,
    PlanCycles,
    PlayPlace,
    PolicyPlace,
    RecoveryPlace,
    SeenPlace,
    Sending,
    Settings,
    Today,
    WithdrawPlace,
)
from vigfield.ui.routes import screen
from vigfield.ui.screens.door import Start, Unlock
from vigfield.ui.screens.doors import Choose
from vigfield.ui.screens.film import FilmScreen, PlayScreen

_WIDE = 1100
_RAIL = 200
_BENEATH = ft.Padding.only(left=20, bottom=16)

_TOP: tuple[tuple[str, str, ft.IconData, Place], ...] = (
    ("nav-today", words.TODAY, ft.Icons.TODAY, Today()),
    ("nav-calendar", words.CALENDAR, ft.Icons.CALENDAR_MONTH, Calendar()),
    ("nav-families", words.FAMILIES, ft.Icons.GROUPS, Families()),
    ("nav-sending", words.SENDING, ft.Icons.CLOUD_UPLOAD, Sending()),
    ("nav-settings", words.SETTINGS, ft.Icons.SETTINGS, Settings()),
)


@ft.component
def Root(desk: Desk) -> list[ft.View]:
    """The one view of a tab."""
    ft.use_state(desk.seen)
    ft.use_state(desk.where)
    ft.use_state(desk.layout)
    return [
        ft.View(
            route="/",
            can_pop=False,
            padding=0,
            spacing=0,
            controls=[ft.SafeArea(DeskContext(desk, lambda: _body(desk)), expand=True)],
        )
    ]


def _body(desk: Desk) -> ft.Control:
    place, state = desk.where.place, desk.state
    if isinstance(place, FilmPlace) and isinstance(state, Open | Covered):
        return keyed(f"film-{place.token}", FilmScreen, place)
    match state:
        case Choosing(entries):
            return keyed("choose", Choose, entries)
        case Fresh():
            return keyed("start", Start)
        case Locked() | Covered():
            return keyed(f"unlock-{desk.app.vault}", Unlock)
        case Open():
            return _open(desk, place)
        case _:
            assert_never(state)


def _open(desk: Desk, place: Place) -> ft.Control:
    if isinstance(place, PlayPlace):
        return keyed(f"play-{place.token}", PlayScreen, place)
    # The screen stays where it is in the tree when a tablet is turned: what is typed would be lost otherwise.
    narrow = desk.layout.width < BAR_BELOW
    beside = ft.Container(None if narrow else _rail(desk, place), key="beside")
    below = ft.Container(_bar(desk, place) if narrow else None, key="below")
    middle = ft.Row([beside, ft.Container(screen(place), expand=True, key="screen")], spacing=0, expand=True)
    return ft.Column([middle, below], spacing=0, expand=True, key="shell")


def _selected(place: Place) -> int:
    match place:
        case Calendar() | CalendarFiles():
            return 1
        case Families() | NewFamily() | FamilyPlace() | FamilyDetails() | CaregiverPlace() | OtherPlace():
            return 2
        case EndingPlace() | SeenPlace() | HoldPlace() | PlanCycles() | AgreedPlace() | WithdrawPlace():
            return 2
        case Sending() | JoinPlace() | LeavingPlace() | GonePlace() | ConflictPlace():
            return 3
        case Settings() | PolicyPlace() | Certificates() | PassphrasePlace() | RecoveryPlace() | Duties():
            return 4
        case _:
            return 0


def _rail(desk: Desk, place: Place) -> ft.Control:
    wide = desk.layout.width >= _WIDE
    destinations = [
        ft.NavigationRailDestination(
            icon=ft.Semantics(identifier=identifier, content=ft.Icon(icon)),
            label=label,
            padding=ft.Padding.symmetric(vertical=4),
        )
        for identifier, label, icon, _ in _TOP
    ]
    return ft.NavigationRail(
        destinations=destinations,
        selected_index=_selected(place),
        extended=wide,
        min_extended_width=_RAIL,
        label_type=None if wide else ft.NavigationRailLabelType.ALL,
        group_alignment=-0.9,
        trailing=_lock(desk, wide),
        pin_trailing_to_bottom=True,
        on_change=_goes(desk),
    )


def _bar(desk: Desk, place: Place) -> ft.Control:
    destinations = [
        ft.NavigationBarDestination(
            icon=ft.Semantics(identifier=identifier, content=ft.Icon(icon)), label=label
        )
        for identifier, label, icon, _ in _TOP
    ]
    return ft.NavigationBar(destinations=destinations, selected_index=_selected(place), on_change=_goes(desk))


def _lock(desk: Desk, wide: bool) -> ft.Control:
    button = ft.TextButton(
        words.LOCK, icon=ft.Icons.LOCK_OUTLINE, on_click=lambda _: desk.spawn(desk.app.lock())
    )
    below = ft.Container(tagged("lock", button), padding=ft.Padding.only(bottom=16))
    if wide:  # under the other signs, not in the middle of the rail
        below.width, below.padding, below.alignment = _RAIL, _BENEATH, ft.Alignment.CENTER_LEFT
    return below


def _goes(desk: Desk) -> Callable[[ft.Event[ft.NavigationRail] | ft.Event[ft.NavigationBar]], None]:
    def go(event: ft.Event[ft.NavigationRail] | ft.Event[ft.NavigationBar]) -> None:
        desk.go(_TOP[event.control.selected_index or 0][3])

    return go
