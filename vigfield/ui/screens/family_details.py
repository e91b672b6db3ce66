"""The forms for a family: what is known of it, and the end of the work with it."""

import flet as ft

from vigfield.ui import parts
from vigfield.ui.hooks import boundary
from vigfield.ui.places import EndingPlace, FamilyDetails


@ft.component
@boundary
def FamilyDetailsScreen(place: FamilyDetails) -> ft.Control:
    """What is known of it."""
    return parts.page(parts.heading("…"))


@ft.component
@boundary
def EndingScreen(place: EndingPlace) -> ft.Control:
    """The end of the work."""
    return parts.page(parts.heading("…"))
