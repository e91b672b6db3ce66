"""Settings: how fine the picture of new films is."""

import flet as ft

from vigfield.app import Picture
from vigfield.errors import VigfieldError
from vigfield.ui import parts, rigwords
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import boundary, use_desk


@ft.component
@boundary
def PictureCard() -> ft.Control:
    """Standard or fine; it holds from the next film on."""
    desk = use_desk()
    ft.use_state(desk.seen)
    options = {picture.value: rigwords.PICTURES[picture] for picture in Picture}
    return parts.card(
        parts.title(rigwords.PICTURE),
        parts.choice(
            "picture",
            rigwords.PICTURE_LABEL,
            options,
            desk.work.rig.picture.value,
            lambda value: desk.spawn(_take(desk, Picture(value))),
            width=None,
        ),
        parts.quiet(rigwords.PICTURE_ROOM),
    )


async def _take(desk: Desk, picture: Picture) -> None:
    try:
        await desk.work.rig.take(picture)
    except VigfieldError:
        desk.say(rigwords.NOT_KEPT)
    finally:
        desk.app.announce()
