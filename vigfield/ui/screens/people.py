"""The forms for the people of a family."""

import flet as ft

from vigfield.ui import parts
from vigfield.ui.hooks import boundary
from vigfield.ui.places import CaregiverPlace, OtherPlace


@ft.component
@boundary
def CaregiverScreen(place: CaregiverPlace) -> ft.Control:
    """One caregiver."""
    return parts.page(parts.heading("…"))


@ft.component
@boundary
def OtherScreen(place: OtherPlace) -> ft.Control:
    """Somebody else who may be on camera."""
    return parts.page(parts.heading("…"))
