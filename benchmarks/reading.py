"""Films read back as a player gets them."""

import asyncio

from tests.app import kit
from vigfield.app import App
from vigfield.app.playing import OpenFilm, PlayLink
from vigfield.model import RecordingId


async def opened(app: App, recording: RecordingId) -> OpenFilm:
    """The film as the player page gets it."""
    link = await kit.work_of(app).playing.link(recording)
    assert isinstance(link, PlayLink), link
    claimed = app.claim(link.token)
    assert claimed is not None
    return claimed[1]


async def decoded(app: App, recording: RecordingId) -> int:
    """How many of its pictures can be decoded."""
    return await asyncio.to_thread(kit.frames_of, await opened(app, recording))
