"""The rules as tables, and one property: nothing is filmed that somebody has not agreed to."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.examples import (
    AUNT,
    BROTHER,
    CONSENT,
    DAY,
    FATHER,
    FILM,
    INFANT,
    MOTHER,
    NOW,
    OTHER,
    SESSION,
    THEM,
    THIS,
    TODAY,
    US,
    about,
    family_of,
)
from vigfield.model import (
    OFF,
    Consent,
    ConsentId,
    ConsentStatus,
    Footing,
    Hold,
    HoldKind,
    Recording,
    RecordingState,
    Scope,
    Session,
    SessionKind,
    SessionStatus,
)
from vigfield.rules import (
    FILMED_UNDER,
    Allowed,
    Reason,
    Refused,
    Use,
    has_room,
    may_erase,
    may_record,
    may_use,
    must_stop,
)

FAMILY = family_of()
WITHDRAWN = replace(CONSENT, status=ConsentStatus.WITHDRAWN)
EXPIRED = replace(CONSENT, valid_from=TODAY - 9 * DAY, valid_until=TODAY - DAY)
NOT_YET = replace(CONSENT, valid_from=TODAY + DAY, valid_until=TODAY + DAY)
ELSEWHERE = replace(CONSENT, sessions=(OTHER,))
REFUSED = replace(CONSENT, agreed=frozenset(Scope) - {Scope.FILM_INTERACTION})
ALONE = replace(CONSENT, on_camera=(INFANT,))
FOR_SELF = replace(CONSENT, footing=Footing.SELF)
STRANGERS = replace(CONSENT, family=THEM)


@pytest.mark.parametrize(
    ("consents", "reason"),
    [
        ([], Reason.NO_CONSENT),
        ([STRANGERS], Reason.NO_CONSENT),
        ([FOR_SELF], Reason.NOBODY_FOR_CHILD),
        ([replace(CONSENT, given_by=FATHER)], Reason.PERSON_NOT_COVERED),
        ([WITHDRAWN], Reason.WITHDRAWN),
        ([ELSEWHERE], Reason.OTHER_SESSION),
        ([EXPIRED], Reason.EXPIRED),
        ([NOT_YET], Reason.NOT_YET),
        ([REFUSED], Reason.SCOPE_REFUSED),
        ([ALONE], Reason.PERSON_NOT_COVERED),
        ([replace(CONSENT, on_camera=())], Reason.PERSON_NOT_COVERED),
        # The nearest refusal is the one that helps.
        ([ELSEWHERE, EXPIRED], Reason.EXPIRED),
        # What one person said last holds, and the stricter of two people.
        ([WITHDRAWN, EXPIRED], Reason.WITHDRAWN),
        ([replace(EXPIRED, status=ConsentStatus.WITHDRAWN)], Reason.WITHDRAWN),
        ([ALONE, WITHDRAWN], Reason.WITHDRAWN),
        ([CONSENT, WITHDRAWN], Reason.WITHDRAWN),
        ([CONSENT, REFUSED], Reason.SCOPE_REFUSED),
        ([replace(REFUSED, given_by=AUNT), CONSENT], Reason.SCOPE_REFUSED),
        ([replace(WITHDRAWN, given_by=AUNT), CONSENT], Reason.WITHDRAWN),
        ([REFUSED, ELSEWHERE, STRANGERS], Reason.SCOPE_REFUSED),
    ],
)
def test_what_stands_in_the_way(consents: list[Consent], reason: Reason) -> None:
    assert may_record(SESSION, FAMILY, consents, TODAY) == Refused(reason)


@pytest.mark.parametrize(
    "consent",
    [
        CONSENT,
        replace(CONSENT, sessions=(OTHER, THIS)),
        replace(CONSENT, valid_from=TODAY - DAY, valid_until=TODAY + DAY),
        replace(CONSENT, on_camera=(INFANT, MOTHER, AUNT)),
    ],
)
def test_what_allows_it(consent: Consent) -> None:
    assert may_record(SESSION, FAMILY, [WITHDRAWN, ALONE, consent], TODAY) == Allowed(consent)


def test_a_cancelled_session_is_not_filmed() -> None:
    cancelled = replace(SESSION, status=SessionStatus.CANCELLED)
    assert may_record(cancelled, FAMILY, [CONSENT], TODAY) == Refused(Reason.CANCELLED)


def test_each_kind_of_session_needs_its_own_scope() -> None:
    review = replace(SESSION, kind=SessionKind.SHARED_REVIEW)
    agreed = replace(CONSENT, agreed=frozenset({Scope.FILM_REVIEW}))
    assert may_record(review, FAMILY, [CONSENT], TODAY) == Refused(Reason.SCOPE_REFUSED)
    assert may_record(review, FAMILY, [agreed], TODAY) == Allowed(agreed)
    assert may_record(SESSION, FAMILY, [agreed], TODAY) == Refused(Reason.SCOPE_REFUSED)


DAYS = st.dates(TODAY - 3 * DAY, TODAY + 3 * DAY)
PEOPLE = st.lists(st.sampled_from([INFANT, MOTHER, FATHER, AUNT, BROTHER]), unique=True).map(tuple)
GIVERS = st.sampled_from(
    [(MOTHER, Footing.PARENTAL_RESPONSIBILITY), (FATHER, Footing.SELF), (AUNT, Footing.SELF)]
)
CONSENTS = st.builds(
    lambda family, agreed, people, sessions, start, stop, status, giver, hours: replace(
        CONSENT,
        given_by=giver[0],
        footing=giver[1],
        signed_at=NOW + timedelta(hours=hours),
        family=family,
        agreed=agreed,
        on_camera=people,
        sessions=sessions,
        valid_from=start,
        valid_until=stop,
        status=status,
    ),
    st.sampled_from([US, US, US, THEM]),
    st.frozensets(st.sampled_from([Scope.FILM_INTERACTION, Scope.FILM_REVIEW, Scope.STILLS])),
    PEOPLE,
    st.lists(st.sampled_from([THIS, OTHER]), unique=True).map(tuple),
    DAYS,
    DAYS,
    st.sampled_from([ConsentStatus.GIVEN, ConsentStatus.PARTLY_WITHDRAWN, ConsentStatus.WITHDRAWN]),
    GIVERS,
    st.integers(0, 9),
)
SESSIONS = st.builds(
    lambda kind, people, status: replace(SESSION, kind=kind, on_camera=people, status=status),
    st.sampled_from(SessionKind),
    PEOPLE,
    st.sampled_from(SessionStatus),
)


def speaks(session: Session, consent: Consent) -> bool:
    """Whether a consent says anything of this session today, be it yes or no."""
    if consent.family != session.family or (consent.sessions and session.id not in consent.sessions):
        return False
    taken_back = consent.status is ConsentStatus.WITHDRAWN
    return taken_back or consent.valid_from <= TODAY <= consent.valid_until


def says_yes(session: Session, consent: Consent) -> bool:
    """Whether a consent that speaks says yes to this kind of film."""
    wanted = {"filming": "film-interaction", "shared-review": "film-review"}.get(session.kind.value)
    scopes = {scope.value for scope in consent.agreed}
    return consent.status is not ConsentStatus.WITHDRAWN and wanted in scopes


def may_be_seen(person: str, last: list[Consent]) -> bool:
    """Whether somebody on camera is covered: a child by who speaks for it, an adult by their own word."""
    if person in (INFANT, BROTHER):
        return any(person in one.on_camera for one in last if one.footing is not Footing.SELF)
    return any(person in one.on_camera for one in last if one.given_by == person)


@given(SESSIONS, st.lists(CONSENTS, max_size=6))
def test_it_is_allowed_if_and_only_if_what_everybody_said_last_allows_it(
    session: Session, consents: list[Consent]
) -> None:
    """What the rule has to come to, said once more in other words."""
    spoken = [consent for consent in consents if speaks(session, consent)]
    last = [c for place, c in enumerate(spoken) if all(o.given_by != c.given_by for o in spoken[place + 1 :])]
    agreed = bool(last) and all(says_yes(session, one) for one in last)
    covered = all(may_be_seen(person, last) for person in session.on_camera)
    for_child = any(one.footing is not Footing.SELF for one in last)
    wanted = agreed and covered and for_child and session.status not in OFF and session.kind in FILMED_UNDER
    verdict = may_record(session, FAMILY, consents, TODAY)
    assert isinstance(verdict, Allowed) == wanted
    if isinstance(verdict, Allowed):
        assert verdict.consent in last
        assert verdict.consent.footing is not Footing.SELF


BOTH = replace(CONSENT, on_camera=(INFANT, MOTHER, FATHER))
HIS = replace(CONSENT, id=ConsentId("his"), given_by=FATHER, footing=Footing.SELF, on_camera=(FATHER,))
TOGETHER = replace(SESSION, on_camera=(INFANT, MOTHER, FATHER))


def test_somebody_newly_on_camera_consents_first() -> None:
    assert may_record(TOGETHER, FAMILY, [BOTH], TODAY) == Refused(Reason.PERSON_NOT_COVERED)
    assert may_record(TOGETHER, FAMILY, [BOTH, HIS], TODAY) == Allowed(BOTH)
    assert may_record(TOGETHER, FAMILY, [BOTH], TODAY, use=Use.GO_ON_RECORDING) == Refused(
        Reason.PERSON_NOT_COVERED
    )


def test_a_brother_is_covered_by_whoever_speaks_for_the_infant() -> None:
    session = replace(SESSION, on_camera=(INFANT, MOTHER, BROTHER))
    assert may_record(session, FAMILY, [CONSENT], TODAY) == Refused(Reason.PERSON_NOT_COVERED)
    named = replace(CONSENT, on_camera=session.on_camera)
    assert may_record(session, FAMILY, [named], TODAY) == Allowed(named)


def test_one_caregivers_no_closes_what_the_other_agreed_to() -> None:
    no = replace(HIS, agreed=frozenset({Scope.STILLS}))
    assert may_use(Use.PLAY, FILM, about(SESSION, FILM), [CONSENT], TODAY) == Allowed(CONSENT)
    assert may_use(Use.PLAY, FILM, about(SESSION, FILM), [CONSENT, no], TODAY) == Refused(
        Reason.SCOPE_REFUSED
    )


def test_a_new_consent_opens_no_film_of_a_withdrawn_one() -> None:
    newer = replace(CONSENT, id=ConsentId("newer"))
    taken_back = replace(CONSENT, status=ConsentStatus.WITHDRAWN)
    assert may_record(SESSION, FAMILY, [taken_back, newer], TODAY) == Allowed(newer)
    assert may_use(Use.PLAY, FILM, about(SESSION, FILM), [taken_back, newer], TODAY) == Refused(
        Reason.WITHDRAWN
    )


def test_what_was_filmed_in_time_may_be_looked_at_and_nothing_more() -> None:
    everything = replace(EXPIRED, agreed=frozenset(Scope))
    allowed = {
        use
        for use in Use
        if isinstance(may_use(use, FILM, about(SESSION, FILM), [everything], TODAY), Allowed)
    }
    assert allowed == {Use.PLAY, Use.SHARE_BACK, Use.SYNC}


@pytest.mark.parametrize("kind", [SessionKind.FIRST_MEETING, SessionKind.SUPERVISION, SessionKind.OTHER])
def test_other_kinds_of_sessions_are_not_filmed(kind: SessionKind) -> None:
    everything = replace(CONSENT, agreed=frozenset(Scope))
    assert may_record(replace(SESSION, kind=kind), FAMILY, [everything], TODAY) == Refused(Reason.NOT_FILMED)


def test_a_new_yes_holds_after_an_old_no() -> None:
    again = replace(CONSENT, signed_at=NOW - DAY)  # with a clock that was turned back
    assert may_record(SESSION, FAMILY, [WITHDRAWN, REFUSED, again], TODAY) == Allowed(again)


def test_a_new_no_holds_after_an_old_yes_whatever_the_clock_said() -> None:
    no = replace(REFUSED, id=ConsentId("no"), signed_at=NOW - 400 * DAY)
    assert may_record(SESSION, FAMILY, [CONSENT, no], TODAY) == Refused(Reason.SCOPE_REFUSED)


@pytest.mark.parametrize(
    ("today", "seen", "verdict"),
    [
        (TODAY, {}, Allowed(CONSENT)),
        (TODAY, {CONSENT.id: TODAY - DAY}, Allowed(CONSENT)),
        (TODAY, {CONSENT.id: TODAY + DAY}, Refused(Reason.EXPIRED)),
        (TODAY - DAY, {CONSENT.id: TODAY}, Allowed(CONSENT)),
        (TODAY - DAY, {}, Refused(Reason.NOT_YET)),
        (TODAY - 365 * DAY, {CONSENT.id: TODAY + DAY}, Refused(Reason.EXPIRED)),
        (TODAY + DAY, {CONSENT.id: TODAY}, Refused(Reason.EXPIRED)),
    ],
)
def test_a_clock_that_was_turned_back_extends_nothing(
    today: date, seen: dict[ConsentId, date], verdict: Allowed | Refused
) -> None:
    assert may_record(SESSION, FAMILY, [CONSENT], today, seen=seen) == verdict


def played(film: Recording, consent: Consent) -> Allowed | Refused:
    return may_use(Use.PLAY, film, about(SESSION, film), [consent], TODAY)


def pictured(film: Recording, consent: Consent) -> Allowed | Refused:
    return may_use(Use.MAKE_STILL, film, about(SESSION, film), [consent], TODAY)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (RecordingState.WHOLE, Allowed(CONSENT)),
        (RecordingState.INTERRUPTED, Allowed(CONSENT)),
        (RecordingState.OPEN, Refused(Reason.STILL_FILMING)),
        (RecordingState.EMPTY, Refused(Reason.NOTHING_FILMED)),
        (RecordingState.DAMAGED, Refused(Reason.DAMAGED)),
        (RecordingState.ERASING, Refused(Reason.ERASED)),
        (RecordingState.ERASED, Refused(Reason.ERASED)),
    ],
)
def test_which_films_may_be_played(state: RecordingState, verdict: Allowed | Refused) -> None:
    film, erased = replace(FILM, state=state), Refused(Reason.ERASED)
    assert played(film, CONSENT) == verdict
    assert played(film, WITHDRAWN) == (erased if verdict == erased else Refused(Reason.WITHDRAWN))


@pytest.mark.parametrize("state", RecordingState)
def test_which_films_may_be_erased(state: RecordingState) -> None:
    """Any that has ended, whatever was agreed to."""
    refusals = {
        RecordingState.OPEN: Refused(Reason.STILL_FILMING),
        RecordingState.ERASING: Refused(Reason.ERASED),
        RecordingState.ERASED: Refused(Reason.ERASED),
    }
    assert may_erase(replace(FILM, state=state)) == refusals.get(state)


def test_a_hold_stops_every_erasure_of_its_family_until_it_is_lifted() -> None:
    held = Hold("h", US, HoldKind.LEGAL, "a case", NOW)
    assert may_erase(FILM, [held]) == Refused(Reason.HELD)
    assert may_erase(FILM, [replace(held, family=THEM)]) is None
    assert may_erase(FILM, [replace(held, lifted=NOW, lifted_reason="over")]) is None


@pytest.mark.parametrize(
    ("free", "room", "stop"),
    [
        (0, False, True),
        (99_999_999, False, True),
        (100_000_000, False, False),
        (199_999_999, False, False),
        (200_000_000, True, False),
    ],
)
def test_room(free: int, room: bool, stop: bool) -> None:
    assert (has_room(free), must_stop(free)) == (room, stop)


def test_pictures_need_a_film_that_may_be_played_and_a_yes_of_their_own() -> None:
    agreed = replace(CONSENT, agreed=CONSENT.agreed | {Scope.STILLS})
    assert pictured(FILM, agreed) == Allowed(agreed)
    assert pictured(FILM, CONSENT) == Refused(Reason.STILLS_REFUSED)
    assert pictured(FILM, replace(agreed, status=ConsentStatus.WITHDRAWN)) == Refused(Reason.WITHDRAWN)
    assert pictured(replace(FILM, state=RecordingState.DAMAGED), agreed) == Refused(Reason.DAMAGED)
