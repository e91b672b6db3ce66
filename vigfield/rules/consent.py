"""The consent state machine: where a consent stands, and what may be done on its ground (docs/consent.md).

Nothing here is kept: it is asked again at each use, with the newest version of each of a family's consents.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from vigfield.model import (
    Consent,
    ConsentId,
    ConsentStatus,
    FamilyId,
    Footing,
    PersonId,
    Scope,
    SessionId,
    SessionKind,
)
from vigfield.rules.reasons import Allowed, Reason, Refused

NOTHING_SEEN: Mapping[ConsentId, date] = MappingProxyType({})


class State(StrEnum):
    """Where a consent stands for one session on one day."""

    DRAFT = "draft"
    NOT_YET = "not yet"
    GIVEN = "given"
    AMENDED = "amended"
    PARTLY_WITHDRAWN = "partly withdrawn"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class Use(StrEnum):
    """What may be done on the ground of a consent."""

    RECORD = "record"
    GO_ON_RECORDING = "go on recording"
    PLAY = "play"
    MAKE_STILL = "make a still"
    SHARE_BACK = "share back"
    GIVE_TO_SUPERVISOR = "give to a supervisor"
    PEER_SUPERVISION = "show in peer supervision"
    TRAIN = "use in training"
    SYNC = "sync"
    UPLOAD = "upload"
    EXPORT = "export"


class Change(StrEnum):
    """What a person can do with a consent."""

    SIGN = "sign"
    AMEND = "sign again"
    WITHDRAW_SOME = "take some back"
    WITHDRAW_ALL = "take all back"


# What is not here cannot be done: nothing leads out of a consent that was withdrawn as a whole.
_BECOMES: Mapping[tuple[State, Change], ConsentStatus] = {
    (State.DRAFT, Change.SIGN): ConsentStatus.GIVEN,
    **{
        (state, change): status
        for state in (State.GIVEN, State.AMENDED, State.PARTLY_WITHDRAWN)
        for change, status in (
            (Change.AMEND, ConsentStatus.AMENDED),
            (Change.WITHDRAW_SOME, ConsentStatus.PARTLY_WITHDRAWN),
            (Change.WITHDRAW_ALL, ConsentStatus.WITHDRAWN),
        )
    },
}
FILMED_UNDER = {
    SessionKind.FILMING: Scope.FILM_INTERACTION,
    SessionKind.SHARED_REVIEW: Scope.FILM_REVIEW,
}
_BESIDE_FILMING: Mapping[Use, Scope] = {
    Use.MAKE_STILL: Scope.STILLS,
    Use.GIVE_TO_SUPERVISOR: Scope.SUPERVISOR,
    Use.PEER_SUPERVISION: Scope.PEER_SUPERVISION,
    Use.TRAIN: Scope.TRAINING,
    Use.UPLOAD: Scope.SEND_VIDEO,
    Use.EXPORT: Scope.SHARE_COPY,
}
_FILMING = frozenset({Use.RECORD, Use.GO_ON_RECORDING})
_LIVE = frozenset({State.GIVEN, State.AMENDED, State.PARTLY_WITHDRAWN})
# What was filmed in time may be looked at until its day of destruction; nothing new begins, nothing leaves.
_AFTERWARDS = frozenset({Use.PLAY, Use.SHARE_BACK, Use.SYNC})
_STATUS = {
    ConsentStatus.GIVEN: State.GIVEN,
    ConsentStatus.AMENDED: State.AMENDED,
    ConsentStatus.PARTLY_WITHDRAWN: State.PARTLY_WITHDRAWN,
    ConsentStatus.WITHDRAWN: State.WITHDRAWN,
}
_REASONS = {
    State.DRAFT: Reason.UNSIGNED,
    State.NOT_YET: Reason.NOT_YET,
    State.WITHDRAWN: Reason.WITHDRAWN,
    State.EXPIRED: Reason.EXPIRED,
    State.SUPERSEDED: Reason.SUPERSEDED,
}
# The nearer a refusal is to being allowed, the more useful it is to say.
_NEARNESS = (Reason.NO_CONSENT, Reason.OTHER_SESSION, Reason.SUPERSEDED, Reason.EXPIRED, Reason.NOT_YET)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a consent is asked about: a session, what is filmed in it, and who is on camera.

    `children` cannot consent for themselves. `made_under` is the consent that a film was made under, or None
    where there is no film yet.
    """

    family: FamilyId
    session: SessionId
    kind: SessionKind
    on_camera: tuple[PersonId, ...]
    children: frozenset[PersonId]
    made_under: ConsentId | None = None


def needed(use: Use, kind: SessionKind) -> frozenset[Scope]:
    """Every scope that has to be agreed to for a use of what is filmed in such a session.

    What the service is told (sync) is the record of the work; it needs a signed consent, and no scope.
    """
    if use is Use.SYNC:
        return frozenset()
    scopes = {FILMED_UNDER[kind]} if kind in FILMED_UNDER else set(Scope)
    return frozenset(scopes | ({_BESIDE_FILMING[use]} if use in _BESIDE_FILMING else set()))


def permits(state: State, use: Use) -> bool:
    """Whether a consent in this state is a ground for this use, if its scopes are agreed to."""
    if state in _LIVE:
        return True
    if state is State.EXPIRED:
        return use in _AFTERWARDS
    return use is Use.SYNC and state is not State.DRAFT


def allows(state: State, agreed: frozenset[Scope], use: Use, kind: SessionKind) -> Reason | None:
    """One cell of the table: why a consent refuses a use; None when it is a ground for it."""
    if not permits(state, use):
        return _REASONS[state]
    lacking = needed(use, kind) - agreed
    if not lacking:
        return None
    return Reason.STILLS_REFUSED if lacking == {Scope.STILLS} else Reason.SCOPE_REFUSED


def states(
    about: Subject, consents: Iterable[Consent], today: date, seen: Mapping[ConsentId, date] = NOTHING_SEEN
) -> list[tuple[Consent, State]]:
    """Every consent that speaks of the subject, in the order in which they were said, and where it stands.

    `seen` is the latest day that is known to have come since a consent was signed: where `today` is earlier,
    the clock was turned back, and that day counts.
    """
    speaking = [one for one in consents if speaks(one, about)]
    stand = [(one, standing(one, max(today, seen.get(one.id, today)))) for one in speaking]
    return [
        (one, State.SUPERSEDED if state is not State.WITHDRAWN and _later(one, stand[place + 1 :]) else state)
        for place, (one, state) in enumerate(stand)
    ]


def overall(
    consents: Sequence[Consent], today: date, seen: Mapping[ConsentId, date] = NOTHING_SEEN
) -> list[tuple[Consent, State]]:
    """Where each of a family's consents stands as a whole: superseded if a later one covers all of it."""
    stand = [(one, standing(one, max(today, seen.get(one.id, today)))) for one in consents]
    found = []
    for place, (one, state) in enumerate(stand):
        covering = [pair for pair in stand[place + 1 :] if _covers(pair[0], one)]
        superseded = state is not State.WITHDRAWN and _later(one, covering)
        found.append((one, State.SUPERSEDED if superseded else state))
    return found


def _covers(later: Consent, one: Consent) -> bool:
    return not later.sessions or (bool(one.sessions) and set(one.sessions) <= set(later.sessions))


def becomes(status: ConsentStatus | None, change: Change) -> ConsentStatus | None:
    """What the next version of a consent says; None where that change cannot be made. No status: a draft."""
    return _BECOMES.get((State.DRAFT if status is None else _STATUS[status], change))


def standing(consent: Consent, day: date) -> State:
    """Where a consent stands on a day, taken alone. A withdrawal never ends."""
    state = _STATUS[consent.status]
    if state is State.WITHDRAWN:
        return state
    if day > consent.valid_until:
        return State.EXPIRED
    return State.NOT_YET if day < consent.valid_from else state


def speaks(consent: Consent, about: Subject) -> bool:
    """Whether a consent covers this session at all, be it with a yes or a no."""
    return consent.family == about.family and (not consent.sessions or about.session in consent.sessions)


def may(
    use: Use,
    about: Subject,
    consents: Iterable[Consent],
    today: date,
    seen: Mapping[ConsentId, date] = NOTHING_SEEN,
) -> Allowed | Refused:
    """Whether this may be done today, given the newest version of each of the family's consents.

    `consents` are in the order in which they were said. What each person said last holds, the stricter of
    two people holds, and a film never has more ground than the consent that it was made under.
    """
    known = tuple(consents)
    stand = states(about, known, today, seen)
    own = [pair for pair in stand if pair[0].id == about.made_under]
    if own and own[0][1] is State.WITHDRAWN and not permits(State.WITHDRAWN, use):
        return Refused(Reason.WITHDRAWN)
    last = _last_words(stand, use)
    if not last:
        return Refused(_nearest(about, known, stand))
    for consent, state in (*own, *last):
        no = allows(_as_said(consent, state), consent.agreed, use, about.kind)
        if no is not None:
            return Refused(no)
    return _ground(use, about, [consent for consent, _ in last])


def _later(consent: Consent, after: Sequence[tuple[Consent, State]]) -> bool:
    """Whether the same person has said something since that holds now."""
    return any(
        other.given_by == consent.given_by and (state in _LIVE or state is State.WITHDRAWN)
        for other, state in after
    )


def _last_words(stand: Sequence[tuple[Consent, State]], use: Use) -> list[tuple[Consent, State]]:
    """What each person said last, of what counts for this use; in the order in which it was said."""
    counts = {state for state in State if permits(state, use) and state is not State.SUPERSEDED}
    counts.add(State.WITHDRAWN)
    last: dict[PersonId, tuple[Consent, State]] = {}
    for consent, state in stand:
        if state in counts:
            last.pop(consent.given_by, None)
            last[consent.given_by] = (consent, state)
    return list(last.values())


def _as_said(consent: Consent, state: State) -> State:
    """A film's own consent counts for its scopes though a newer one of that person has taken its place."""
    return _STATUS[consent.status] if state is State.SUPERSEDED else state


def _nearest(about: Subject, known: Sequence[Consent], stand: Sequence[tuple[Consent, State]]) -> Reason:
    reasons = [_REASONS[state] for _, state in stand if state in _REASONS]
    if any(one.family == about.family for one in known):
        reasons.append(Reason.OTHER_SESSION)
    return max(reasons, key=_NEARNESS.index, default=Reason.NO_CONSENT)


def _ground(use: Use, about: Subject, agreeing: Sequence[Consent]) -> Allowed | Refused:
    """Of consents that all agree: the newest that speaks for the child. Filming needs everybody on camera."""
    for_child = [one for one in agreeing if one.footing is not Footing.SELF]
    if not for_child and use is not Use.SYNC:
        return Refused(Reason.NOBODY_FOR_CHILD)
    if use in _FILMING and not all(
        _covered(person, about, agreeing, for_child) for person in about.on_camera
    ):
        return Refused(Reason.PERSON_NOT_COVERED)
    return Allowed((for_child or agreeing)[-1])


def _covered(
    person: PersonId, about: Subject, agreeing: Sequence[Consent], for_child: Sequence[Consent]
) -> bool:
    """A child is named in a consent that speaks for it; an adult has said so in person."""
    if person in about.children:
        return any(person in one.on_camera for one in for_child)
    return any(one.given_by == person and person in one.on_camera for one in agreeing)
