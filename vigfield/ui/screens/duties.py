"""What is to be erased and when, and the holds that stop it."""

import flet as ft

from vigfield.ui import parts
from vigfield.ui.hooks import boundary
from vigfield.ui.places import HoldPlace


@ft.component
@boundary
def DutiesScreen() -> ft.Control:
    """The queue."""
    return parts.page(parts.heading("…"))


@ft.component
@boundary
def HoldScreen(place: HoldPlace) -> ft.Control:
    """A stop to every destruction."""
    return parts.page(parts.heading("…"))
