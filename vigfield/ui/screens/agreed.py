"""What somebody agreed to: shown again as it was, handed out, and taken back."""

import flet as ft

from vigfield.ui import parts
from vigfield.ui.hooks import boundary
from vigfield.ui.places import AgreedPlace, WithdrawPlace


@ft.component
@boundary
def AgreedScreen(place: AgreedPlace) -> ft.Control:
    """The form as it was on the screen."""
    return parts.page(parts.heading("…"))


@ft.component
@boundary
def WithdrawScreen(place: WithdrawPlace) -> ft.Control:
    """What is taken back."""
    return parts.page(parts.heading("…"))
