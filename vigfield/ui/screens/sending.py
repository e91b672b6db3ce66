"""The service: what waits, what was sent, and what was refused, each in words."""

from collections.abc import Callable

import flet as ft

from vigfield import clock
from vigfield.app import NoService, PutOff
from vigfield.model import Delivery, OutboxItem
from vigfield.ui import conflictwords, parts, servicewords, words
from vigfield.ui.desk import BAR_BELOW, Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import ConflictPlace
from vigfield.ui.screens.service import ways

_SHOWN = 100
# What needs a person comes first, then what waits.
_FIRST = (Delivery.CONFLICT, Delivery.REFUSED, Delivery.WAITING, Delivery.LEFT, Delivery.SENT)


@ft.component
@boundary
def SendingScreen() -> ft.Control:
    """Every item for the service."""
    desk = use_desk()
    work = desk.work

    async def read() -> list[tuple[OutboxItem, str]]:
        items = await work.practice.outbox()
        first = sorted(items, key=lambda item: item.changed, reverse=True)
        shown = sorted(first, key=lambda item: _FIRST.index(item.delivery))[:_SHOWN]
        return list(zip(shown, await work.practice.codes(shown), strict=True))

    loaded = use_loaded(read, None)
    header = [
        parts.heading(words.SENDING),
        parts.quiet(words.SENDING_MORE if work.enrolling.inforce.policy.fields else words.SENDING_WHAT),
        _run(desk),
        *_heard(desk),
        ways(desk),
    ]
    match loaded:
        case Loading():
            return parts.page(*header)
        case Failed(sentence):
            return parts.page(*header, parts.notice(sentence, error=True))
        case Loaded([]):
            return parts.page(*header, parts.empty(words.NOTHING_TO_SEND, words.NOTHING_TO_SEND_WHAT))
        case Loaded(items):
            return parts.page(*header, parts.card(*(_item(desk, item, code) for item, code in items)))


def _run(desk: Desk) -> ft.Control:
    telling = desk.work.telling
    if telling.running:
        return parts.busy(words.SENDING_NOW)
    send = parts.primary(
        "send-now",
        words.SEND_NOW,
        lambda: desk.spawn(telling.run()),
        icon=ft.Icons.CLOUD_UPLOAD,
        off=isinstance(telling.last, NoService),
    )
    return parts.row(send, parts.notice(words.last_run(telling.last), identifier="last-run"))


def _heard(desk: Desk) -> list[ft.Control]:
    telling = desk.work.telling
    said = servicewords.heard(telling.heard, put_off=isinstance(telling.last, PutOff))
    return [parts.notice(line, identifier=f"heard-{place}") for place, line in enumerate(said)]


def _item(desk: Desk, item: OutboxItem, code: str) -> ft.Control:
    good = item.delivery is Delivery.SENT
    icon = ft.Icons.CHECK_CIRCLE_OUTLINE if good else ft.Icons.SCHEDULE
    chip = parts.tagged(
        f"delivery-{item.kind.value}-{item.id}",
        parts.chip(words.DELIVERIES[item.delivery], icon, good=good),
    )
    lines: list[ft.Control] = [
        parts.strong(f"{words.ITEMS[item.kind]} · {code}"),
        parts.quiet(words.changed(clock.local(item.changed))),
    ]
    if item.words:
        lines.append(parts.quiet(conflictwords.says(item.words)))
    more = [parts.row(*ways_on)] if (ways_on := _ways_on(desk, item)) else []
    said = ft.Column(lines, spacing=2, tight=True)
    if desk.layout.width < BAR_BELOW and (item.words or more):
        return ft.Column([said, chip, *more], spacing=6, tight=True)
    said.expand = True
    return ft.Column([ft.Row([said, chip]), *more], spacing=2, tight=True)


def _ways_on(desk: Desk, item: OutboxItem) -> list[ft.Control]:
    """What a person may do about an item that is not simply on its way."""
    deciding = desk.work.telling.deciding

    def way(verb: str, text: str, do: Callable[[], None]) -> ft.Control:
        return parts.link(f"{verb}-{item.kind.value}-{item.id}", text, do)

    def retry() -> None:
        desk.spawn(deciding.retry(item.kind, item.id))

    def leave() -> None:
        desk.spawn(deciding.leave(item.kind, item.id))

    match item.delivery:
        case Delivery.REFUSED:
            return [
                way("retry", words.TRY_AGAIN, retry),
                way("leave", conflictwords.LEAVE_REFUSED, leave),
            ]
        case Delivery.LEFT:
            return [way("retry", words.TRY_AGAIN, retry)]
        case Delivery.CONFLICT:
            place = ConflictPlace(item.kind, item.id)
            return [way("decide", conflictwords.DECIDE, lambda: desk.go(place))]
        case _:
            return []
