"""Whether a sealed film may go: every combination of what has to agree; what a run does, as the page says."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from tests.sync.examples import consent, family, recording, session
from vigfield.model import (
    ConsentStatus,
    Footing,
    Ground,
    Network,
    Networks,
    Policy,
    RecordingState,
    Scope,
    UploadState,
    Video,
)
from vigfield.rules import (
    Allowed,
    Reason,
    Refused,
    Step,
    may_send,
    network_fits,
    subject,
    upload_step,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "film-upload.md"
TODAY = consent.valid_from + timedelta(days=2)
AGREED = replace(
    consent,
    agreed=frozenset({Scope.FILM_INTERACTION, Scope.SEND_VIDEO}),
    footing=Footing.PARENTAL_RESPONSIBILITY,
)
ONLY_FILMED = replace(AGREED, agreed=frozenset({Scope.FILM_INTERACTION}))
WITHDRAWN = replace(AGREED, status=ConsentStatus.WITHDRAWN, version=2)
OF_THE_FATHER = replace(
    AGREED, id="7a" * 16, given_by=family.caregivers[1].id, agreed=frozenset({Scope.FILM_INTERACTION})
)
ABOUT = subject(session, family, recording)

CONSENTS = {
    "agreed": ([AGREED], None),
    "not to this": ([ONLY_FILMED], Reason.SCOPE_REFUSED),
    "taken back": ([WITHDRAWN], Reason.WITHDRAWN),
    "the other says no": ([AGREED, OF_THE_FATHER], Reason.SCOPE_REFUSED),
    "none": ([], Reason.NO_CONSENT),
    "over": ([replace(AGREED, valid_until=TODAY - timedelta(days=1))], Reason.EXPIRED),
    "not begun": ([replace(AGREED, valid_from=TODAY + timedelta(days=1))], Reason.NOT_YET),
}
STATES = {
    RecordingState.WHOLE: None,
    RecordingState.INTERRUPTED: None,
    RecordingState.OPEN: Reason.STILL_FILMING,
    RecordingState.EMPTY: Reason.NOTHING_FILMED,
    RecordingState.DAMAGED: Reason.DAMAGED,
    RecordingState.ERASING: Reason.ERASED,
    RecordingState.ERASED: Reason.ERASED,
}
EVERY = list(product(Video, CONSENTS, STATES, Networks, Network))


def test_every_combination_is_there() -> None:
    assert set(STATES) == set(RecordingState)
    assert len(EVERY) == 2 * 7 * 7 * 3 * 4


def test_a_film_may_go_only_where_everything_agrees() -> None:
    allowed = 0
    for video, said, state, networks, network in EVERY:
        consents, against = CONSENTS[said]
        policy = Policy(video=video, video_networks=networks)
        verdict = may_send(
            replace(recording, state=state), ABOUT, consents, TODAY, policy=policy, network=network
        )
        agree = video is Video.WITH_CONSENT and against is None and STATES[state] is None
        allowed += isinstance(verdict, Allowed)
        assert isinstance(verdict, Allowed) == (agree and network_fits(networks, network))
        if against in (Reason.WITHDRAWN, Reason.SCOPE_REFUSED):
            assert verdict == Refused(against)  # whatever else stands in the way: this calls back
        elif video is Video.NEVER:
            assert verdict == Refused(Reason.NOT_BY_POLICY)
        elif agree and isinstance(verdict, Refused):
            assert verdict.reason is Reason.NETWORK
        elif isinstance(verdict, Refused):
            assert verdict.reason in (against, STATES[state])
    assert allowed == 2 * (3 + 2 + 1)


def test_the_strict_default_sends_no_film() -> None:
    for network in Network:
        verdict = may_send(recording, ABOUT, [AGREED], TODAY, policy=Policy(), network=network)
        assert verdict == Refused(Reason.NOT_BY_POLICY)


def rows() -> Iterator[tuple[str, list[str]]]:
    """The page's table of what a run does: a row for each state of an upload."""
    lines = PAGE.read_text().split("| upload |")[1].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            return
        state, *cells = (cell.strip().replace("*", "") for cell in line.strip("|").split("|"))
        yield state, cells


WORDS = {
    "begin": Step.BEGIN,
    "begin anew": Step.BEGIN,
    "send on": Step.SEND,
    "wait": Step.PAUSE,
    "take back": Step.TAKE_BACK,
    "nothing": Step.NOTHING,
}
NAMED = {"none yet": None, **{state.value.replace("-", " "): state for state in UploadState}}
AGAINST = [reason for reason in Reason if reason is not Reason.NETWORK]


def test_the_page_has_every_state() -> None:
    assert sorted(state for state, _ in rows()) == sorted(NAMED)


@pytest.mark.parametrize(("state", "cells"), list(rows()))
def test_a_run_does_what_the_page_says(state: str, cells: list[str]) -> None:
    at = NAMED[state]
    allowed, network, against = (WORDS[re.split(",| if ", cell)[0]] for cell in cells)
    assert upload_step(at, Allowed(AGREED)) is allowed
    assert upload_step(at, Refused(Reason.NETWORK)) is network
    for reason in AGAINST:
        if at is UploadState.WHOLE:
            words = reason in (Reason.WITHDRAWN, Reason.SCOPE_REFUSED)
            assert upload_step(at, Refused(reason)) is (against if words else Step.NOTHING)
        else:
            assert upload_step(at, Refused(reason)) is against


@pytest.mark.parametrize("ground", Ground)
def test_an_erased_film_is_called_back_where_a_person_did_not_want_it(ground: Ground) -> None:
    unwanted = ground in (Ground.CAREGIVER_ASKED, Ground.CONSENT_WITHDRAWN, Ground.BY_MISTAKE)
    step = upload_step(UploadState.WHOLE, Refused(Reason.ERASED), ground)
    assert step is (Step.TAKE_BACK if unwanted else Step.NOTHING)
    assert upload_step(UploadState.TAKEN_BACK, Refused(Reason.ERASED), ground) is Step.NOTHING
