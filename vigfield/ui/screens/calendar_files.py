"""Calendar files: taken in, and handed out."""

from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date, timedelta

import flet as ft

from vigfield import clock
from vigfield.app import Action, FilePlan, FileStep
from vigfield.ical import Unreadable
from vigfield.ui import fileswords, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.entry import Note, day_button
from vigfield.ui.fields import Field
from vigfield.ui.hooks import boundary, use_chosen, use_desk, use_kept
from vigfield.ui.places import Calendar

Work = Callable[[], Coroutine[object, object, None]]
Read = Callable[[bytes], Coroutine[object, object, None]]

_SHOWN = 60
_AHEAD = timedelta(days=90)


@dataclass(slots=True)
class _Typed:
    """What is typed; kept out of the state so that typing redraws nothing."""

    text: str = ""
    room: str = ""


@ft.component
@boundary
def CalendarFilesScreen() -> ft.Control:
    """In and out."""
    desk = use_desk()
    return parts.page(
        parts.back(lambda: desk.go(Calendar()), words.BACK),
        parts.heading(fileswords.FILES),
        _TakeIn(),
        _HandOut(),
    )


@ft.component
def _TakeIn() -> ft.Control:
    desk = use_desk()
    typed = use_kept(_Typed)
    picked = use_chosen(lambda: "mine")
    none: FilePlan | None = None
    plan, set_plan = ft.use_state(none)
    said, set_said = ft.use_state("")

    async def read(data: bytes) -> None:
        whose = picked.value
        if whose == "room" and not typed.room.strip():
            set_said(fileswords.ROOM_MISSING)
            return
        found = await desk.work.files.preview(data, typed.room if whose == "room" else "")
        if isinstance(found, Unreadable):
            set_plan(lambda _: None)
            set_said(fileswords.WHY[found.why])
        else:
            set_plan(lambda _: found)
            set_said("")

    async def pick() -> None:
        data = await desk.pick_file("ics")
        if data is not None:
            await read(data)

    async def take() -> None:
        if plan is None:
            return
        done = await desk.work.files.take(plan, fileswords.CALLED_OFF)
        set_plan(lambda _: None)
        set_said(fileswords.counted(done))
        desk.app.announce()

    return parts.card(
        parts.title(fileswords.TAKE_IN),
        parts.quiet(fileswords.TAKE_IN_WHAT),
        parts.choice(
            "files-whose",
            fileswords.WHOSE,
            {"mine": fileswords.WHOSE_MINE, "room": fileswords.WHOSE_ROOM},
            picked.value,
            picked.put,
            width=None,
        ),
        *_sources(desk, typed, picked.value, pick, read),
        parts.notice(said, identifier="files-said"),
        *_planned(plan, lambda: desk.spawn(take())),
    )


def _sources(desk: Desk, typed: _Typed, whose: str, pick: Work, read: Read) -> list[ft.Control]:
    def text(value: str) -> None:
        typed.text = value

    def room(value: str) -> None:
        typed.room = value

    rooms = [Field("files-room", fileswords.ROOM, typed.room, room)] if whose == "room" else []
    return [
        *rooms,
        parts.row(
            parts.primary(
                "files-pick", fileswords.PICK, lambda: desk.spawn(pick()), icon=ft.Icons.UPLOAD_FILE
            )
        ),
        Note("files-paste", fileswords.PASTE, typed.text, text),
        parts.row(
            parts.secondary("files-read", fileswords.READ, lambda: desk.spawn(read(typed.text.encode())))
        ),
    ]


def _planned(plan: FilePlan | None, take: parts.Click) -> list[ft.Control]:
    if plan is None:
        return []
    counts = Counter(step.action for step in plan.steps)
    lines = [
        parts.title(fileswords.PREVIEW),
        parts.notice(fileswords.counted({a: counts[a] for a in Action}), identifier="files-counted"),
        *(parts.quiet(fileswords.skipped(one.what, one.count)) for one in plan.skipped),
        *([parts.quiet(fileswords.shortened(plan.shortened))] if plan.shortened else []),
        *(_step(step) for step in plan.steps[:_SHOWN]),
        *([parts.quiet(fileswords.more(len(plan.steps) - _SHOWN))] if len(plan.steps) > _SHOWN else []),
    ]
    return [*lines, parts.row(parts.primary("files-take", fileswords.TAKE, take))]


def _step(step: FileStep) -> ft.Control:
    clash = fileswords.clash(step)
    lines: list[ft.Control] = [ft.Text(fileswords.step(step))]
    return parts.stack([*lines, *([parts.notice(clash)] if clash else [])])


@ft.component
def _HandOut() -> ft.Control:
    desk = use_desk()
    first, last = use_chosen(clock.today), use_chosen(lambda: clock.today() + _AHEAD)

    def begin(day: date) -> None:
        first.put(day)
        last.put(max(last.value, day))

    async def export() -> None:
        await desk.hand_out("vigfield.ics", await desk.work.files.export(first.value, last.value))

    return parts.card(
        parts.title(fileswords.HAND_OUT),
        parts.quiet(fileswords.HAND_OUT_NAMED if desk.work.files.names_leave else fileswords.HAND_OUT_WHAT),
        parts.row(
            day_button(desk, "files-from", fileswords.FROM, first.value, begin),
            day_button(
                desk, "files-until", fileswords.UNTIL, last.value, lambda d: last.put(max(d, first.value))
            ),
        ),
        parts.row(
            parts.secondary(
                "files-export", fileswords.EXPORT, lambda: desk.spawn(export()), icon=ft.Icons.DOWNLOAD
            )
        ),
    )
