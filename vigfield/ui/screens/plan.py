"""The next cycles of a family, proposed and planned."""

import flet as ft

from vigfield.ui import parts
from vigfield.ui.hooks import boundary
from vigfield.ui.places import PlanCycles


@ft.component
@boundary
def PlanScreen(place: PlanCycles) -> ft.Control:
    """What is proposed."""
    return parts.page(parts.heading("…"))
