"""The consent table: docs/consent.md and the rules say the same, in every cell."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from tests.rules.examples import CONSENT, DAY, SESSION, TODAY, about, family_of
from vigfield.model import Consent, ConsentId, ConsentStatus, Scope, SessionKind
from vigfield.rules import (
    FILMED_UNDER,
    Allowed,
    Change,
    Refused,
    State,
    Use,
    allows,
    becomes,
    may,
    needed,
    permits,
    states,
)

PAGE = (Path(__file__).parents[2] / "docs" / "consent.md").read_text()
ALL = frozenset(Scope)
KINDS = tuple(FILMED_UNDER)
CELLS = list(product(State, Scope, Use, KINDS, (True, False)))


def table(first: str, second: str) -> list[dict[str, str]]:
    """The table of the page whose head begins with these two cells, a row each."""
    [block] = re.findall(rf"(?:^\|.*\n)*^\| {first} \| {second}.*\n(?:^\|.*\n)*", PAGE, re.MULTILINE)
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def written_scopes() -> dict[Use, tuple[bool, Scope | None]]:
    return {
        Use(row["use"]): (row["film"] == "yes", None if row["and"] == "-" else Scope(row["and"]))
        for row in table("use", "film")
    }


def written_grounds() -> dict[tuple[State, Use], bool]:
    rows = table("state", "record")
    return {(State(row["state"]), use): row[use.value] == "yes" for row in rows for use in Use}


def test_the_page_has_every_state_use_and_change() -> None:
    assert [row["state"] for row in table("state", "when")] == list(State)
    assert set(written_scopes()) == set(Use)
    assert len(written_grounds()) == len(State) * len(Use) == 88
    assert [row["state"] for row in table("state", "sign")] == [
        State.DRAFT,
        State.GIVEN,
        State.AMENDED,
        State.PARTLY_WITHDRAWN,
        State.WITHDRAWN,
    ]


def test_every_scope_but_those_of_filming_has_its_own_use() -> None:
    own = [scope for _, scope in written_scopes().values() if scope is not None]
    assert sorted([*own, *FILMED_UNDER.values()]) == sorted(Scope)


@pytest.mark.parametrize("kind", KINDS)
def test_what_each_use_needs(kind: SessionKind) -> None:
    for use, (film, scope) in written_scopes().items():
        wanted = ({FILMED_UNDER[kind]} if film else set()) | ({scope} if scope else set())
        assert needed(use, kind) == wanted, use


def test_in_which_state_it_is_a_ground() -> None:
    assert {pair: permits(*pair) for pair in written_grounds()} == written_grounds()


def test_what_can_be_done_with_it() -> None:
    status = {None if s is None else State(s.replace("-", " ")): s for s in (None, *ConsentStatus)}
    checked = 0
    for row in table("state", "sign"):
        before = None if row["state"] == State.DRAFT else status[State(row["state"])]
        for change in Change:
            after = becomes(before, change)
            assert (after.replace("-", " ") if after else "-") == row[change.value], (row["state"], change)
            checked += 1
    assert checked == 20


def expected(state: State, agreed: frozenset[Scope], use: Use, kind: SessionKind) -> bool:
    film, scope = written_scopes()[use]
    wanted = ({FILMED_UNDER[kind]} if film else set()) | ({scope} if scope else set())
    return written_grounds()[state, use] and wanted <= agreed


def test_there_are_as_many_cells_as_the_page_promises() -> None:
    assert len(CELLS) == 8 * 8 * 11 * 2 * 2 == 2816


def test_every_cell_of_one_consent() -> None:
    """Each state, with all scopes agreed to and with each one missing, for each use and kind of film."""
    for state, scope, use, kind, yes in CELLS:
        agreed = ALL if yes else ALL - {scope}
        allowed = allows(state, agreed, use, kind) is None
        assert allowed == expected(state, agreed, use, kind), (state, scope, use, kind, yes)


def in_state(state: State) -> Iterator[Consent]:
    """Signed consents after which the first of them stands so; a draft is none at all."""
    match state:
        case State.DRAFT:
            return
        case State.NOT_YET:
            yield replace(CONSENT, valid_from=TODAY + DAY, valid_until=TODAY + DAY)
        case State.EXPIRED:
            yield replace(CONSENT, valid_from=TODAY - DAY, valid_until=TODAY - DAY)
        case State.SUPERSEDED:
            yield CONSENT
            yield replace(CONSENT, id=ConsentId("newer"), agreed=ALL)
        case _:
            yield replace(CONSENT, status=ConsentStatus(state.replace(" ", "-")))


@pytest.mark.parametrize("state", [state for state in State if state is not State.DRAFT])
def test_the_examples_stand_as_they_are_called(state: State) -> None:
    found = states(about(SESSION), list(in_state(state)), TODAY)
    assert found[0][1] is state


def test_every_cell_of_a_family_with_one_consent() -> None:
    """The same through the whole rule: a family whose only word is a consent in this state."""
    checked = 0
    for state, scope, use, kind, yes in CELLS:
        if state in (State.DRAFT, State.SUPERSEDED):
            continue  # no word at all, and never the only word
        session = replace(SESSION, kind=kind)
        agreed = ALL if yes else ALL - {scope}
        said = [replace(one, agreed=agreed) for one in in_state(state)]
        verdict = may(use, about(session), said, TODAY)
        assert isinstance(verdict, Allowed) == expected(state, agreed, use, kind), (
            state,
            scope,
            use,
            kind,
            yes,
            verdict,
        )
        checked += 1
    assert checked == 2816 * 6 // 8


def test_a_draft_is_no_word_and_a_superseded_consent_is_no_ground() -> None:
    for use in Use:
        assert isinstance(may(use, about(SESSION), [], TODAY), Refused)
        newer_no = replace(CONSENT, id=ConsentId("newer"), agreed=frozenset())
        verdict = may(use, about(SESSION), [replace(CONSENT, agreed=ALL), newer_no], TODAY)
        assert isinstance(verdict, Allowed) == (use is Use.SYNC)


def test_children_are_those_of_the_family() -> None:
    assert about(SESSION).children == family_of().children
