"""The calendar: a month, a week or a day of the diary."""

import flet as ft

from vigfield.ui import parts
from vigfield.ui.hooks import boundary
from vigfield.ui.places import Calendar


@ft.component
@boundary
def CalendarScreen(place: Calendar) -> ft.Control:
    """The diary."""
    return parts.page(parts.heading("…"))
