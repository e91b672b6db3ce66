"""The service: what waits, what was sent, and what was refused, each in words."""

from collections.abc import Callable

import flet as ft

from vigfield import clock
from vigfield.app import Listed, NoService, PutOff
from vigfield.model import Delivery, OutboxItem
from vigfield.ui import conflictwords, parts, servicewords, words
from vigfield.ui.desk import BAR_BELOW, Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import ConflictPlace
from vigfield.ui.screens.films_away import FilmsAway
from vigfield.ui.screens.service import ways

_ICONS = {
    Delivery.SENT: ft.Icons.CHECK_CIRCLE_OUTLINE,
    Delivery.REFUSED: ft.Icons.BLOCK,
    Delivery.CONFLICT: ft.Icons.CALL_SPLIT,
    Delivery.LEFT: ft.Icons.REMOVE_CIRCLE_OUTLINE,
}
_SHOWN = 100
# What needs a person comes first, then what waits.


@ft.component
@boundary
def SendingScreen() -> ft.Control:
    """Every item for the service."""
    desk = use_desk()
    work = desk.work
    loaded = use_loaded(lambda: work.telling.listed(_SHOWN), None)
    logged = use_loaded(work.telling.log, None)
    header = [
        parts.heading(words.SENDING),
        parts.quiet(servicewords.sending_what(work.enrolling.inforce.policy)),
        _run(desk),
        *_network(desk),
        *_heard(desk),
        ways(desk),
        FilmsAway(),
    ]
    match loaded:
        case Loading():
            return parts.page(*header)
        case Failed(sentence):
            return parts.page(*header, parts.notice(sentence, error=True))
        case Loaded([]):
            nothing = parts.empty(words.NOTHING_TO_SEND, words.NOTHING_TO_SEND_WHAT)
            return parts.page(*header, nothing, *_log(desk, logged))
        case Loaded(newest):
            cards = [parts.card(*(_item(desk, one) for one in newest))]
            return parts.page(*header, *_log(desk, logged), *cards)


def _run(desk: Desk) -> ft.Control:
    telling = desk.work.telling
    if telling.running:
        so_far = servicewords.sent_so_far(telling.progress, telling.last)
        return parts.row(parts.busy(words.SENDING_NOW), parts.tagged("progress", parts.quiet(so_far)))
    send = parts.primary(
        "send-now",
        words.SEND_NOW,
        lambda: desk.spawn(telling.run()),
        icon=ft.Icons.CLOUD_UPLOAD,
        off=isinstance(telling.last, NoService),
    )
    return parts.row(send, parts.notice(words.last_run(telling.last), identifier="last-run"))


def _network(desk: Desk) -> list[ft.Control]:
    """On which networks it is sent by itself, where that matters."""
    now = desk.work.telling.network
    if now is None:
        return []
    said = servicewords.network(desk.work.enrolling.inforce.policy, now)
    return [parts.tagged("network-now", parts.quiet(said))]


def _heard(desk: Desk) -> list[ft.Control]:
    telling = desk.work.telling
    said = servicewords.heard(telling.heard, put_off=isinstance(telling.last, PutOff))
    return [parts.notice(line, identifier=f"heard-{place}") for place, line in enumerate(said)]


def _log(desk: Desk, found: Loaded[dict[Delivery, int]] | Loading | Failed) -> list[ft.Control]:
    """The log in one line: it would be most of the list."""
    if not isinstance(found, Loaded):
        return []
    telling = desk.work.telling
    lines: list[ft.Control] = [
        parts.strong(servicewords.LOG),
        parts.tagged("log-stands", parts.quiet(servicewords.log(found.value))),
    ]
    if found.value[Delivery.REFUSED]:
        again = parts.link("log-retry", words.TRY_AGAIN, lambda: desk.spawn(telling.retry_log()))
        lines.append(parts.row(again))
    return [parts.card(*lines)]


def _item(desk: Desk, one: Listed) -> ft.Control:
    item = one.item
    good = item.delivery is Delivery.SENT
    chip = parts.tagged(
        f"delivery-{item.kind.value}-{item.id}",
        parts.chip(words.DELIVERIES[item.delivery], _ICONS.get(item.delivery, ft.Icons.SCHEDULE), good=good),
    )
    lines: list[ft.Control] = [
        parts.strong(" · ".join(filter(None, (words.ITEMS[item.kind], one.code)))),
        parts.quiet(words.changed(clock.local(item.changed))),
    ]
    if one.held is not None:
        lines.append(parts.quiet(servicewords.HELD[one.held]))
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
