"""Who has seen what of a family."""

import flet as ft

from vigfield.ui import parts
from vigfield.ui.hooks import boundary
from vigfield.ui.places import SeenPlace


@ft.component
@boundary
def SeenScreen(place: SeenPlace) -> ft.Control:
    """What happened, newest first."""
    return parts.page(parts.heading("…"))
