"""Sealed films for the service: one card, on the pages of what waits, what leaves and what has left."""

from collections.abc import Callable

import flet as ft

from vigfield.app import FilmStanding
from vigfield.model import RecordingId, UploadState
from vigfield.rules import Step
from vigfield.ui import parts, uploadwords, words
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded

_SHOWN = 50
_ICONS = {
    UploadState.WHOLE: ft.Icons.CHECK_CIRCLE_OUTLINE,
    UploadState.STUCK: ft.Icons.BLOCK,
    UploadState.TAKEN_BACK: ft.Icons.UNDO,
}
_LEAVES = (Step.BEGIN, Step.SEND)
_LEFT = (UploadState.WHOLE, UploadState.GOING, UploadState.TAKING_BACK, UploadState.TAKEN_BACK)


@ft.component
@boundary
def FilmsAway() -> ft.Control:
    """Every film that goes, went, or may go; nothing where the service takes none and has none."""
    desk = use_desk()
    return _card(desk, uploadwords.WHAT, lambda _: True)


@ft.component
@boundary
def FilmsLeaving() -> ft.Control:
    """The films that the next run would send."""
    desk = use_desk()
    return _card(desk, uploadwords.NEXT, lambda one: one.step in _LEAVES)


@ft.component
@boundary
def FilmsGone() -> ft.Control:
    """The films of which something has left."""
    desk = use_desk()
    return _card(desk, uploadwords.GONE, _has_left)


def _has_left(one: FilmStanding) -> bool:
    return one.upload is not None and one.upload.state in _LEFT


def _card(desk: Desk, what: str, wanted: Callable[[FilmStanding], bool]) -> ft.Control:
    uploading = desk.work.uploading
    loaded = use_loaded(lambda: uploading.newest(_SHOWN), desk.work.telling.running)
    match loaded:
        case Loading():
            return ft.Container(visible=False)
        case Failed(sentence):
            return parts.notice(sentence, error=True)
        case Loaded(found):
            chosen = [one for one in found if wanted(one)]
            if not chosen:
                return ft.Container(visible=False)
            return parts.card(
                parts.title(uploadwords.TITLE), parts.quiet(what), *(_line(desk, one) for one in chosen)
            )


def _line(desk: Desk, one: FilmStanding) -> ft.Control:
    id_, now = one.recording.id, desk.work.uploading.now
    there = one.upload is not None and one.upload.state is UploadState.WHOLE
    lines: list[ft.Control] = [
        parts.strong(f"{one.code} · {words.film(one.recording)}"),
        *(parts.quiet(line) for line in uploadwords.more(one, now)),
    ]
    if one.upload is not None and one.upload.state is UploadState.STUCK:
        lines.append(parts.row(parts.link(f"resend-{id_}", words.TRY_AGAIN, lambda: _again(desk, id_))))
    icon = ft.Icons.SCHEDULE if one.upload is None else _ICONS.get(one.upload.state, ft.Icons.SCHEDULE)
    chip = parts.chip(uploadwords.state(one), icon, good=there)
    return parts.tagged(f"away-{id_}", ft.Column([*lines, parts.row(chip)], spacing=4, tight=True))


def _again(desk: Desk, recording: RecordingId) -> None:
    async def go() -> None:
        await desk.work.uploading.retry(recording)
        desk.app.tell_soon()

    desk.spawn(go())
