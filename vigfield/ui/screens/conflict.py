"""Two versions side by side, for a person to decide; and everything that has left this tablet."""

import json
from collections.abc import Callable, Coroutine

import flet as ft

from vigfield.app import Handed, Two
from vigfield.app.deciding import Line
from vigfield.model import Kind
from vigfield.ui import conflictwords, parts, servicewords, words
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import ConflictPlace, LeavingPlace, Sending
from vigfield.ui.screens.films_away import FilmsGone

SHOWN, SHOWN_OF_LOG = 50, 10


@ft.component
@boundary
def ConflictScreen(place: ConflictPlace) -> ft.Control:
    """What this tablet and the service say of one item."""
    desk = use_desk()
    deciding = desk.work.telling.deciding
    loaded = use_loaded(lambda: deciding.two(place.kind, place.id), place)
    header = [
        parts.back(lambda: desk.go(Sending()), words.BACK),
        parts.heading(conflictwords.TWO),
    ]

    def decide(verb: Callable[..., Coroutine[object, object, None]]) -> None:
        async def do() -> None:
            await verb(place.kind, place.id)
            desk.go(Sending())

        desk.spawn(do())

    match loaded:
        case Loading():
            return parts.page(*header)
        case Failed(sentence):
            return parts.page(*header, parts.notice(sentence, error=True))
        case Loaded(Two() as found):
            takes = place.kind is Kind.SESSION and not found.deleted
            return parts.page(
                *header,
                parts.strong(" · ".join(filter(None, (words.ITEMS[place.kind], found.code)))),
                *(parts.quiet(line) for line in conflictwords.explanation(found)),
                *_lines(found),
                parts.card(
                    parts.quiet(conflictwords.KEEP_OURS_WHAT),
                    parts.row(
                        parts.secondary(
                            "conflict-ours", conflictwords.KEEP_OURS, lambda: decide(deciding.keep_ours)
                        )
                    ),
                    parts.quiet(conflictwords.TAKE_WHAT if takes else conflictwords.LEAVE_WHAT),
                    parts.row(
                        parts.secondary(
                            "conflict-theirs",
                            conflictwords.TAKE if takes else conflictwords.LEAVE,
                            lambda: decide(deciding.take_theirs),
                        )
                    ),
                ),
            )
        case _:
            return parts.page(*header, parts.notice(conflictwords.NONE_LEFT))


def _lines(found: Two) -> list[ft.Control]:
    if found.deleted:
        return []
    plain, rest = conflictwords.lines(found), conflictwords.rest(found)
    shown = [_line(line) for line in plain] or [parts.quiet(conflictwords.NO_PLAIN)]
    more = [parts.card(parts.strong(conflictwords.REST), *map(_line, rest))] if rest else []
    return [parts.card(*shown), *more]


def _line(line: Line) -> ft.Control:
    return ft.Column(
        [
            parts.strong(conflictwords.field(line.field)),
            ft.ResponsiveRow(
                [
                    _side(conflictwords.HERE, conflictwords.side(line, line.ours)),
                    _side(conflictwords.THERE, conflictwords.side(line, line.theirs)),
                ]
            ),
        ],
        spacing=2,
        tight=True,
    )


def _side(whose: str, says: str) -> ft.Control:
    lines: list[ft.Control] = [parts.quiet(whose), ft.Text(says)]
    return ft.Column(lines, spacing=0, tight=True, col={"xs": 12, "sm": 6})


@ft.component
@boundary
def GoneScreen() -> ft.Control:
    """Everything that was handed to the network, letter by letter."""
    desk = use_desk()
    telling = desk.work.telling
    loaded = use_loaded(lambda: telling.left(SHOWN), telling.running)
    logged = use_loaded(lambda: telling.log_left(SHOWN_OF_LOG), telling.running)
    header = [
        parts.back(lambda: desk.go(LeavingPlace()), words.BACK),
        parts.heading(conflictwords.GONE),
        parts.quiet(conflictwords.GONE_WHAT),
    ]
    match loaded:
        case Loading():
            return parts.page(*header)
        case Failed(sentence):
            return parts.page(*header, parts.notice(sentence, error=True))
        case Loaded((count, newest)):
            said = conflictwords.GONE_COUNT.format(count=count) if count else conflictwords.GONE_NOTHING
            return parts.page(
                *header,
                parts.notice(said, identifier="gone-count"),
                FilmsGone(),
                *map(_gone, newest),
                *_log(logged),
            )


def _log(found: Loaded[tuple[int, list[Handed]]] | Loading | Failed) -> list[ft.Control]:
    if not isinstance(found, Loaded) or not found.value[0]:
        return []
    count, newest = found.value
    return [parts.notice(servicewords.LOG_LEFT.format(count=count)), *map(_gone, newest)]


def _gone(one: Handed) -> ft.Control:
    return parts.card(
        parts.strong(words.ITEMS[one.kind]),
        parts.quiet(conflictwords.left(one)),
        parts.code(
            f"gone-{one.kind.value}-{one.id}-{one.version}",
            json.dumps(json.loads(one.text), indent=2, ensure_ascii=False),
        ),
    )
