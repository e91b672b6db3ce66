"""Calendar files: taken in, and handed out."""

import flet as ft

from vigfield.ui import parts
from vigfield.ui.hooks import boundary


@ft.component
@boundary
def CalendarFilesScreen() -> ft.Control:
    """In and out."""
    return parts.page(parts.heading("…"))
