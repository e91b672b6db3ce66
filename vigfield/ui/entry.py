"""More fields for forms: texts of several lines, and days that are picked."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import flet as ft

from vigfield.ui import parts, refusals, words
from vigfield.ui.desk import Desk


@ft.component
def _Note(
    identifier: str, label: str, initial: str, on_value: Callable[[str], None], *, fault: str = ""
) -> ft.Control:
    kept = ft.use_ref(initial)

    def changed(event: ft.Event[ft.TextField]) -> None:
        kept.current = event.control.value
        on_value(event.control.value)

    entry = ft.TextField(
        value=kept.current or "",
        multiline=True,
        min_lines=2,
        max_lines=8,
        enable_ime_personalized_learning=False,
        expand=True,
        border=ft.OutlineInputBorder(border_radius=14),
        on_change=changed,
    )
    said = parts.notice(refusals.FAULTS.get(fault, fault), error=True, identifier=f"{identifier}-fault")
    return ft.Column([parts.titled(identifier, label, ft.Row([entry])), said], spacing=6, tight=True)


Note = ft.memo(_Note)  # type: ignore[no-untyped-call]


def day_button(
    desk: Desk, identifier: str, label: str, day: date | None, on_day: Callable[[date], None]
) -> ft.Control:
    """A button that says a day and opens a calendar to choose another one."""

    def picked(event: ft.Event[ft.DatePicker]) -> None:
        if isinstance(event.control.value, datetime):
            # Flet sends local midnight as UTC; twelve hours on is the day that was touched.
            on_day((event.control.value + timedelta(hours=12)).date())

    shown = words.day(day) if day else words.NO_DAY
    noon = datetime.combine(day, time(12)) if day else None
    return parts.secondary(
        identifier,
        f"{label}: {shown}",
        lambda: desk.show(ft.DatePicker(value=noon, on_change=picked)),
        icon=ft.Icons.CALENDAR_MONTH,
    )


def time_button(
    desk: Desk, identifier: str, label: str, at: time, on_time: Callable[[time], None]
) -> ft.Control:
    """A button that says a time of day and opens a clock to choose another one."""

    def picked(event: ft.Event[ft.TimePicker]) -> None:
        if event.control.value is not None:
            on_time(event.control.value)

    return parts.secondary(
        identifier,
        f"{label}: {at:%H:%M}",
        lambda: desk.show(ft.TimePicker(value=at, on_change=picked)),
        icon=ft.Icons.SCHEDULE,
    )


def tile(identifier: str, on_click: parts.Click, *controls: ft.Control) -> ft.Control:
    """A line that leads somewhere when it is touched."""
    lines = ft.Column(list(controls), spacing=4, tight=True, expand=True)
    return parts.tagged(
        identifier,
        ft.Container(
            content=ft.Row([lines, ft.Icon(ft.Icons.CHEVRON_RIGHT)]),
            padding=20,
            border_radius=20,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
            ink=True,
            on_click=lambda _: on_click(),
        ),
    )
