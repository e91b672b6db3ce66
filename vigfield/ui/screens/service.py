"""The service of this vault: joining it, what its policy says, and what leaves for it."""

import json
from collections.abc import Callable, Coroutine

import flet as ft

from vigfield.app import Capability, Enrolment, NoService, NotEnrolled
from vigfield.app.leaving import Held
from vigfield.model import Kind
from vigfield.ui import conflictwords, parts, servicewords, words
from vigfield.ui.desk import Desk
from vigfield.ui.entry import Note
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_kept, use_loaded
from vigfield.ui.places import GonePlace, JoinPlace, LeavingPlace, PolicyPlace, Sending, Settings
from vigfield.ui.screens.films_away import FilmsLeaving

SHOWN = 20

_Work = Callable[[], Coroutine[object, object, None]]


@ft.component
@boundary
def JoinScreen() -> ft.Control:
    """The service that there is, or a way to one."""
    desk = use_desk()
    joined = desk.work.enrolling.enrolment
    return parts.page(
        parts.back(lambda: desk.go(Sending()), words.BACK),
        parts.heading(servicewords.JOIN if joined is None else servicewords.JOINED),
        *([] if joined is None else [_Joined()]),
        _TakeIn(),
        _Key(),
    )


@ft.component
def _Joined() -> ft.Control:
    desk = use_desk()
    none: list[str] = []
    said, set_said = ft.use_state(none)
    joined = desk.work.enrolling.enrolment

    async def ask() -> None:
        set_said(lambda _: [servicewords.ASKING])
        found = await desk.work.enrolling.capability()
        if isinstance(found, Capability):
            set_said(lambda _: servicewords.capability(found))
        else:
            set_said(lambda _: [words.WHY_LATER[found.why.value]])

    return parts.card(
        *(parts.quiet(line) for line in ([] if joined is None else servicewords.details(joined))),
        parts.row(parts.secondary("join-check", servicewords.CHECK, lambda: desk.spawn(ask()))),
        *(parts.notice(line, identifier=f"join-can-{place}") for place, line in enumerate(said)),
    )


@ft.component
def _TakeIn() -> ft.Control:
    desk = use_desk()
    typed = use_kept(list[str])
    none: Enrolment | None = None
    found, set_found = ft.use_state(none)
    said, set_said = ft.use_state("")
    enrolling = desk.work.enrolling

    def look(text: str) -> None:
        outcome = enrolling.look(text)
        typed[:] = [text]
        set_found(lambda _: None if isinstance(outcome, NotEnrolled) else outcome)
        set_said(servicewords.not_taken(outcome) if isinstance(outcome, NotEnrolled) else "")

    async def pick() -> None:
        data = await desk.pick_file("jws", "txt")
        if data is not None:
            look(data.decode("ascii", "replace"))

    async def join() -> None:
        outcome = await enrolling.take(typed[0])
        set_found(lambda _: None)
        if isinstance(outcome, NotEnrolled):
            set_said(servicewords.not_taken(outcome))
            return
        set_said("")
        desk.say(servicewords.DONE.format(name=outcome.name))

    def keep(text: str) -> None:
        typed[:] = [text]

    ways = [
        parts.quiet(servicewords.JOIN_WHAT),
        parts.row(
            parts.secondary(
                "join-pick", servicewords.PICK, lambda: desk.spawn(pick()), icon=ft.Icons.UPLOAD_FILE
            )
        ),
        Note("join-text", servicewords.PASTE, "".join(typed), keep),
        parts.row(parts.secondary("join-read", servicewords.READ, lambda: look("".join(typed)))),
        parts.notice(said, error=bool(said), identifier="join-said"),
    ]
    again = [] if enrolling.enrolment is None else [parts.title(servicewords.AGAIN)]
    return parts.card(*again, *ways, *([] if found is None else _compare(desk, found, join)))


def _compare(desk: Desk, found: Enrolment, join: _Work) -> list[ft.Control]:
    return [
        *(parts.strong(line) for line in servicewords.details(found)),
        parts.notice(servicewords.COMPARE, identifier="join-compare"),
        parts.row(parts.primary("join-now", servicewords.AGREE, lambda: desk.spawn(join()))),
    ]


@ft.component
def _Key() -> ft.Control:
    desk = use_desk()
    loaded = use_loaded(desk.work.enrolling.device, None)

    async def hand_out(public: dict[str, str]) -> None:
        await desk.hand_out("vigfield-tablet.jwk", json.dumps({"keys": [public]}, indent=2).encode())

    match loaded:
        case Loading():
            shown: list[ft.Control] = [parts.busy("")]
        case Failed(sentence):
            shown = [parts.notice(sentence, error=True)]
        case Loaded(public):
            shown = [
                parts.quiet(servicewords.KEY_EXACT),
                parts.code("join-key", json.dumps(public, indent=2)),
                parts.row(
                    parts.secondary(
                        "join-key-out",
                        servicewords.KEY_COPY,
                        lambda: desk.spawn(hand_out(public)),
                        icon=ft.Icons.DOWNLOAD,
                    )
                ),
            ]
    return parts.card(parts.title(servicewords.KEY), parts.quiet(servicewords.KEY_WHAT), *shown)


def policy_card(desk: Desk) -> ft.Control:
    """Which policy is in force, and the way to what it says."""
    inforce = desk.work.enrolling.inforce
    return parts.card(
        parts.title(servicewords.POLICY),
        parts.quiet(servicewords.standing(inforce.policy, inforce.why)),
        parts.row(parts.link("policy-more", servicewords.POLICY_MORE, lambda: desk.go(PolicyPlace()))),
    )


@ft.component
@boundary
def PolicyScreen() -> ft.Control:
    """What the policy in force says, in plain words."""
    desk = use_desk()
    inforce = desk.work.enrolling.inforce
    policy = inforce.policy
    papers = servicewords.PAPERS_YES if policy.papers_may_leave else servicewords.PAPERS_NO
    news = servicewords.news(desk.work.enrolling.news)
    return parts.page(
        parts.back(lambda: desk.go(Settings()), words.BACK),
        parts.heading(servicewords.POLICY),
        parts.notice(servicewords.standing(policy, inforce.why), identifier="policy-standing"),
        *([parts.notice(news, error=True, identifier="policy-news")] if news else []),
        parts.card(parts.title(servicewords.SENDS), *map(parts.quiet, servicewords.sends(policy))),
        parts.card(
            parts.title(servicewords.FILMS),
            parts.quiet(servicewords.films(policy)),
            parts.quiet(servicewords.kept(policy)),
        ),
        parts.card(
            parts.title(servicewords.TABLET), parts.quiet(servicewords.locks(policy)), parts.quiet(papers)
        ),
    )


@ft.component
@boundary
def LeavingScreen() -> ft.Control:
    """The exact JSON that the next run would send."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.telling.next_run(SHOWN), desk.work.telling.running)
    header = [
        parts.back(lambda: desk.go(Sending()), words.BACK),
        parts.heading(servicewords.LEAVES),
        parts.quiet(servicewords.LEAVES_WHAT),
        parts.row(parts.link("gone", conflictwords.GONE, lambda: desk.go(GonePlace()))),
    ]
    match loaded:
        case Loading():
            return parts.page(*header)
        case Failed(sentence):
            return parts.page(*header, parts.notice(sentence, error=True))
        case Loaded(found):
            cards = [
                parts.card(
                    parts.strong(words.ITEMS[one.kind]),
                    parts.code(f"leaves-{one.kind.value}-{one.id}", one.text),
                )
                for one in found.items
            ]
            log = sum(one.kind is Kind.EVENT for one in found.items)
            more = found.waiting - (len(found.items) - log) - len(found.held)
            return parts.page(
                *header,
                parts.notice(
                    words.waiting(found.waiting) if found.waiting else servicewords.LEAVES_NOTHING,
                    identifier="leaves-count",
                ),
                FilmsLeaving(),
                *cards,
                *map(_held, found.held),
                *([parts.quiet(servicewords.LEAVES_MORE.format(count=more))] if more > 0 else []),
                *_more_of_log(found.logged - log),
            )


def _more_of_log(count: int) -> list[ft.Control]:
    return [parts.quiet(servicewords.LOG_WAITS.format(count=count))] if count > 0 else []


def _held(one: Held) -> ft.Control:
    return parts.card(
        parts.strong(words.ITEMS[one.item.kind]),
        parts.tagged(
            f"kept-back-{one.item.kind.value}-{one.item.id}", parts.quiet(servicewords.HELD[one.reason])
        ),
    )


def ways(desk: Desk) -> ft.Control:
    """From the list of what was sent: to the service itself, and to what leaves next."""
    joined = desk.work.enrolling.enrolment
    to = parts.primary if isinstance(desk.work.telling.last, NoService) else parts.link
    return parts.row(
        to(
            "join", servicewords.JOIN if joined is None else servicewords.JOINED, lambda: desk.go(JoinPlace())
        ),
        parts.link("leaving", servicewords.LEAVES, lambda: desk.go(LeavingPlace())),
    )
