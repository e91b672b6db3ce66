"""The rules as tables, and one property: nothing is filmed that somebody has not agreed to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigfield.model import (
    Consent,
    ConsentId,
    ConsentStatus,
    FamilyId,
    Footing,
    FormRef,
    PersonId,
    Place,
    Quality,
    Recording,
    RecordingId,
    RecordingState,
    Scope,
    Session,
    SessionId,
    SessionKind,
    SessionStatus,
    TypedSignature,
)
from vigfield.rules import (
    Allowed,
    Reason,
    Refused,
    has_room,
    may_erase,
    may_play,
    may_record,
    may_still,
    must_stop,
)

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
US, THEM = FamilyId("us"), FamilyId("them")
THIS, OTHER = SessionId("this"), SessionId("other")
INFANT, MOTHER, AUNT = PersonId("infant"), PersonId("mother"), PersonId("aunt")

SESSION = Session(THIS, US, SessionKind.FILMING, NOW, 60, Place.HOME, "", 1, (INFANT, MOTHER))
CONSENT = Consent(
    id=ConsentId("consent"),
    version=1,
    family=US,
    given_by=MOTHER,
    footing=Footing.PARENTAL_RESPONSIBILITY,
    agreed=frozenset({Scope.FILM_INTERACTION}),
    on_camera=(INFANT, MOTHER),
    also_present="",
    sessions=(),
    valid_from=TODAY,
    valid_until=TODAY,
    form=FormRef("form", "1", "en-GB"),
    signature=TypedSignature("M"),
    signed_at=NOW,
)
WITHDRAWN = replace(CONSENT, status=ConsentStatus.WITHDRAWN)
EXPIRED = replace(CONSENT, valid_from=TODAY - 9 * DAY, valid_until=TODAY - DAY)
NOT_YET = replace(CONSENT, valid_from=TODAY + DAY, valid_until=TODAY + DAY)
ELSEWHERE = replace(CONSENT, sessions=(OTHER,))
REFUSED = replace(CONSENT, agreed=frozenset(Scope) - {Scope.FILM_INTERACTION})
ALONE = replace(CONSENT, on_camera=(INFANT,))
STRANGERS = replace(CONSENT, family=THEM)


@pytest.mark.parametrize(
    ("consents", "reason"),
    [
        ([], Reason.NO_CONSENT),
        ([STRANGERS], Reason.NO_CONSENT),
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
        ([ALONE, WITHDRAWN], Reason.WITHDRAWN),
        ([CONSENT, WITHDRAWN], Reason.WITHDRAWN),
        ([CONSENT, REFUSED], Reason.SCOPE_REFUSED),
        ([replace(REFUSED, given_by=AUNT), CONSENT], Reason.SCOPE_REFUSED),
        ([replace(WITHDRAWN, given_by=AUNT), CONSENT], Reason.WITHDRAWN),
        ([REFUSED, ELSEWHERE, STRANGERS], Reason.SCOPE_REFUSED),
    ],
)
def test_what_stands_in_the_way(consents: list[Consent], reason: Reason) -> None:
    assert may_record(SESSION, consents, TODAY) == Refused(reason)


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
    assert may_record(SESSION, [WITHDRAWN, ALONE, consent], TODAY) == Allowed(consent)


def test_a_cancelled_session_is_not_filmed() -> None:
    cancelled = replace(SESSION, status=SessionStatus.CANCELLED)
    assert may_record(cancelled, [CONSENT], TODAY) == Refused(Reason.CANCELLED)


def test_each_kind_of_session_needs_its_own_scope() -> None:
    review = replace(SESSION, kind=SessionKind.SHARED_REVIEW)
    agreed = replace(CONSENT, agreed=frozenset({Scope.FILM_REVIEW}))
    assert may_record(review, [CONSENT], TODAY) == Refused(Reason.SCOPE_REFUSED)
    assert may_record(review, [agreed], TODAY) == Allowed(agreed)
    assert may_record(SESSION, [agreed], TODAY) == Refused(Reason.SCOPE_REFUSED)


DAYS = st.dates(TODAY - 3 * DAY, TODAY + 3 * DAY)
PEOPLE = st.lists(st.sampled_from([INFANT, MOTHER, AUNT]), unique=True).map(tuple)
CONSENTS = st.builds(
    lambda family, agreed, people, sessions, start, stop, status, giver, hours: replace(
        CONSENT,
        given_by=giver,
        signed_at=NOW + timedelta(hours=hours),
        family=family,
        agreed=agreed,
        on_camera=people,
        sessions=sessions,
        valid_from=start,
        valid_until=stop,
        status=status,
    ),
    st.sampled_from([US, US, THEM]),
    st.frozensets(st.sampled_from([Scope.FILM_INTERACTION, Scope.FILM_REVIEW, Scope.STILLS])),
    PEOPLE,
    st.lists(st.sampled_from([THIS, OTHER]), unique=True).map(tuple),
    DAYS,
    DAYS,
    st.sampled_from([ConsentStatus.GIVEN, ConsentStatus.GIVEN, ConsentStatus.WITHDRAWN]),
    st.sampled_from([MOTHER, AUNT]),
    st.integers(0, 9),
)
SESSIONS = st.builds(
    lambda kind, people, status: replace(SESSION, kind=kind, on_camera=people, status=status),
    st.sampled_from(SessionKind),
    PEOPLE,
    st.sampled_from(SessionStatus),
)


def covers(session: Session, consent: Consent) -> bool:
    """What the rule has to come to, said once more in other words."""
    wanted = "film-interaction" if session.kind is SessionKind.FILMING else "film-review"
    return (
        consent.family == session.family
        and consent.status is ConsentStatus.GIVEN
        and consent.valid_from <= TODAY <= consent.valid_until
        and (consent.sessions == () or session.id in consent.sessions)
        and wanted in {scope.value for scope in consent.agreed}
        and all(person in consent.on_camera for person in session.on_camera)
    )


def speaks(session: Session, consent: Consent) -> bool:
    """Whether a consent says anything of this session today, be it yes or no."""
    return (
        consent.family == session.family
        and consent.valid_from <= TODAY <= consent.valid_until
        and (consent.sessions == () or session.id in consent.sessions)
    )


@given(SESSIONS, st.lists(CONSENTS, max_size=5))
def test_it_is_allowed_if_and_only_if_what_everybody_said_last_allows_it(
    session: Session, consents: list[Consent]
) -> None:
    spoken = [consent for consent in consents if speaks(session, consent)]
    last = [c for place, c in enumerate(spoken) if all(o.given_by != c.given_by for o in spoken[place + 1 :])]
    everybody = replace(session, on_camera=())
    agreed = all(covers(everybody, consent) for consent in last)
    ground = [consent for consent in last if agreed and covers(session, consent)]
    match may_record(session, consents, TODAY):
        case Allowed(consent):
            assert consent in ground
            assert session.status is not SessionStatus.CANCELLED
        case Refused():
            assert ground == [] or session.status is SessionStatus.CANCELLED


def test_a_new_yes_holds_after_an_old_no() -> None:
    again = replace(CONSENT, signed_at=NOW - DAY)  # with a clock that was turned back
    assert may_record(SESSION, [WITHDRAWN, REFUSED, again], TODAY) == Allowed(again)


def test_a_new_no_holds_after_an_old_yes_whatever_the_clock_said() -> None:
    no = replace(REFUSED, id=ConsentId("no"), signed_at=NOW - 400 * DAY)
    assert may_record(SESSION, [CONSENT, no], TODAY) == Refused(Reason.SCOPE_REFUSED)


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
    assert may_record(SESSION, [CONSENT], today, seen) == verdict


FILM = Recording(
    id=RecordingId("r"),
    session=THIS,
    family=US,
    consent=CONSENT.id,
    consent_version=1,
    kind=SessionKind.FILMING,
    started=NOW,
    state=RecordingState.WHOLE,
    width=1280,
    height=720,
    mime="video/mp4",
    parts=(),
    quality=Quality(),
)


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
    assert may_play(film, CONSENT) == verdict
    assert may_play(film, WITHDRAWN) == (erased if verdict == erased else Refused(Reason.WITHDRAWN))


@pytest.mark.parametrize("state", RecordingState)
def test_which_films_may_be_erased(state: RecordingState) -> None:
    """Any that has ended, whatever was agreed to."""
    refusals = {
        RecordingState.OPEN: Refused(Reason.STILL_FILMING),
        RecordingState.ERASING: Refused(Reason.ERASED),
        RecordingState.ERASED: Refused(Reason.ERASED),
    }
    assert may_erase(replace(FILM, state=state)) == refusals.get(state)


def test_a_film_may_be_played_after_the_consent_has_ended() -> None:
    """The period is for filming; only a withdrawal ends the looking."""
    assert may_play(FILM, EXPIRED) == Allowed(EXPIRED)


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
    assert may_still(FILM, agreed) == Allowed(agreed)
    refused = replace(CONSENT, agreed=CONSENT.agreed - {Scope.STILLS})
    assert may_still(FILM, refused) == Refused(Reason.STILLS_REFUSED)
    assert may_still(FILM, replace(agreed, status=ConsentStatus.WITHDRAWN)) == Refused(Reason.WITHDRAWN)
    assert may_still(replace(FILM, state=RecordingState.DAMAGED), agreed) == Refused(Reason.DAMAGED)
