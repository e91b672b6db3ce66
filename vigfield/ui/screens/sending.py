"""The service: what waits, what was sent, and what was refused, each in words."""

import flet as ft

from vigfield import clock
from vigfield.app import NoService
from vigfield.model import Delivery, OutboxItem
from vigfield.ui import parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.screens.service import ways

_SHOWN = 100


@ft.component
@boundary
def SendingScreen() -> ft.Control:
    """Every item for the service."""
    desk = use_desk()
    work = desk.work
    loaded = use_loaded(work.practice.outbox, None)
    header = [
        parts.heading(words.SENDING),
        parts.quiet(words.SENDING_MORE if work.enrolling.inforce.policy.fields else words.SENDING_WHAT),
        _run(desk),
        ways(desk),
    ]
    match loaded:
        case Loading():
            return parts.page(*header)
        case Failed(sentence):
            return parts.page(*header, parts.notice(sentence, error=True))
        case Loaded([]):
            return parts.page(*header, parts.card(parts.quiet(words.NOTHING_TO_SEND)))
        case Loaded(items):
            newest = sorted(items, key=lambda item: item.changed, reverse=True)[:_SHOWN]
            return parts.page(*header, parts.card(*(_item(desk, item) for item in newest)))


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


def _item(desk: Desk, item: OutboxItem) -> ft.Control:
    good = item.delivery is Delivery.SENT
    icon = ft.Icons.CHECK_CIRCLE_OUTLINE if good else ft.Icons.SCHEDULE
    lines: list[ft.Control] = [
        parts.strong(words.ITEMS[item.kind]),
        parts.quiet(words.when(clock.local(item.changed))),
    ]
    if item.words:
        lines.append(parts.quiet(item.words))
    if item.delivery is Delivery.REFUSED:
        retry = parts.link(
            f"retry-{item.kind.value}-{item.id}",
            words.TRY_AGAIN,
            lambda: desk.spawn(desk.work.telling.retry(item.kind, item.id)),
        )
        lines.append(retry)
    return ft.Row(
        [
            ft.Column(lines, spacing=2, tight=True, expand=True),
            parts.tagged(
                f"delivery-{item.kind.value}-{item.id}",
                parts.chip(words.DELIVERIES[item.delivery], icon, good=good),
            ),
        ]
    )
