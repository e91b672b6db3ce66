"""Every state has its words, every fault its sentence, and every identifier its line in docs/testing.md."""

import ast
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest

from tests.ui.identifiers import UI, identifiers
from vigfield import errors
from vigfield.app import Ended, NeverRun, NoService, Progress, PutOff, Step, Verdict, Withheld, telling
from vigfield.app import drafts as drafts_module
from vigfield.loopback import intake
from vigfield.model import (
    Delivery,
    Footing,
    Ground,
    Kind,
    Network,
    Networks,
    Place,
    RecordingState,
    Relationship,
    Scope,
    SessionKind,
)
from vigfield.rules import Reason
from vigfield.sync import Why
from vigfield.ui import erasewords, keywords, pagewords, refusals, scopewords, servicewords, words

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TABLES: list[tuple[type[StrEnum], dict[object, object]]] = [
    (Reason, refusals.REASONS),
    (Step, words.STEPS),
    (Scope, scopewords.SCOPES),
    (Footing, words.FOOTINGS),
    (Relationship, words.RELATIONSHIPS),
    (Delivery, words.DELIVERIES),
    (Kind, words.ITEMS),
    (Verdict, keywords.STRENGTH),
    (RecordingState, words.FILM_STATES),
    (SessionKind, words.KINDS),
    (Place, words.PLACES),
    (Ground, erasewords.GROUNDS),
    (Networks, servicewords.NETWORKS),
    (Networks, servicewords.FILM_NETWORKS),
    (Network, servicewords.NETWORK),
    (Withheld, servicewords.HELD),
]  # type: ignore[list-item]


@pytest.mark.parametrize(("members", "table"), TABLES, ids=[enum.__name__ for enum, _ in TABLES])
def test_every_member_has_words_of_its_own(members: type[StrEnum], table: dict[object, object]) -> None:
    assert set(table) == set(members)
    said = [text for value in table.values() for text in _strings(value)]
    assert all(text.strip() == text and text for text in said)
    assert len(set(map(str, table.values()))) == len(table)


def _strings(value: object) -> Iterable[str]:
    return value if isinstance(value, tuple) else [str(value)]


def test_every_reason_to_wait_has_its_sentence() -> None:
    ours = {telling.LOCKED, telling.TOO_OLD, telling.NO_NETWORK, telling.OTHER_NETWORK}
    assert {why.value for why in Why} | ours == set(words.WHY_LATER)
    for why in Why:
        assert words.WHY_LATER[why] in words.last_run(PutOff(NOW, why))


def test_every_fault_of_a_draft_has_its_sentence() -> None:
    source = ast.parse(Path(drafts_module.__file__).read_text("utf-8"))
    faults = {text for node in ast.walk(source) for text in _faults(node)}
    assert len(faults) > 8
    assert faults - set(refusals.FAULTS) == set()


def _faults(node: ast.AST) -> list[str]:
    match node:
        case ast.Assign(targets=[ast.Subscript()], value=ast.Constant(str(text))):
            return [text]
        case ast.Return(value=ast.IfExp() as chosen):
            return [
                c.value
                for c in ast.walk(chosen)
                if isinstance(c, ast.Constant) and c.value in refusals.FAULTS
            ]
        case ast.Return(value=ast.Constant(str(text))) if text:
            return [text]
        case _:
            return []


def test_every_error_has_a_sentence_and_says_what_is_safe() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert len(kinds) > 10
    general = words.sorry(RuntimeError("Quillfeather"))
    for kind in kinds:
        sentence = words.sorry(kind("Quillfeather"))
        assert "Quillfeather" not in sentence
        assert sentence.endswith(".")
        assert sentence != general or kind in (errors.VigfieldError, errors.AskPerson), kind


def test_the_sentences_for_tries_and_waits_are_grammatical() -> None:
    assert "2 tries left" in words.wrong(2)
    assert "1 try left" in words.wrong(1)
    assert "last try" in words.wrong(0)
    assert "1 minute," in words.throttled(59)
    assert "5 minutes," in words.throttled(299)
    assert words.duration(125.4) == "2:05"


def test_how_a_run_ended_is_said() -> None:
    for run in (NeverRun(), NoService(), PutOff(NOW, "away"), Ended(NOW, 0, 0, 0), Ended(NOW, 3, 1, 1)):
        assert words.last_run(run).endswith(".")
    assert "2 need a look" in words.last_run(Ended(NOW, 3, 1, 1))


def test_how_far_a_run_is_counts_what_is_stored_and_says_how_the_last_one_ended() -> None:
    assert servicewords.sent_so_far(None, NeverRun()) == "Nothing sent so far."
    assert servicewords.sent_so_far(Progress(150, 10_000), NeverRun()) == "150 of 10000 sent so far."
    said = servicewords.sent_so_far(Progress(0, 4), PutOff(NOW, "away"))
    assert said.startswith("0 of 4 sent so far. Last time, ")
    assert words.WHY_LATER["away"] in said
    assert servicewords.after_run(NoService()) == ""


# The pages of our own


def test_the_camera_page_has_exactly_its_words_and_those_for_refusals() -> None:
    more = {"refused.locked", *(f"refused.{reason.value}" for reason in _refusals())}
    assert set(intake.WORDS) <= set(pagewords.CAPTURE)
    assert set(pagewords.CAPTURE) - set(intake.WORDS) <= more
    for reason in _refusals():
        assert f"refused.{reason.value}" in pagewords.CAPTURE, reason


def _refusals() -> set[Reason]:
    """What a camera page may be told when it begins."""
    of_films = {
        Reason.NOTHING_FILMED,
        Reason.DAMAGED,
        Reason.STILL_FILMING,
        Reason.STILLS_REFUSED,
        Reason.ERASED,
        Reason.HELD,
        Reason.NOT_BY_POLICY,
        Reason.NETWORK,
        Reason.SUPERSEDED,
        Reason.UNSIGNED,
        Reason.WAITING,
        Reason.MISSING,
        Reason.NO_FILE,
        Reason.UNREADABLE,
        Reason.DISK_FAILED,
    }
    return set(Reason) - of_films


def test_the_player_page_has_exactly_its_words() -> None:
    readme = (ROOT / "assets" / "player" / "README.md").read_text("utf-8")
    assert set(pagewords.PLAYER) == set(re.findall(r"^\| `([a-z]+)` \|", readme, re.MULTILINE))


def test_every_event_of_a_film_has_its_words() -> None:
    readme = (ROOT / "assets" / "capture" / "README.md").read_text("utf-8")
    section = readme.split("## Events in the quality record")[1].split("##")[0]
    assert set(pagewords.EVENTS) == set(re.findall(r"`([a-z-]+)`", section))


# docs/testing.md


def documented(heading: str) -> set[str]:
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    section = page.split(f"## {heading}")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def test_every_identifier_is_documented() -> None:
    listed = documented("Identifiers")
    assert len(listed) > 50
    assert {name for name in identifiers() if not _listed(name, listed)} == set()


def _listed(name: str, listed: set[str]) -> bool:
    return name in listed or any(entry.startswith((name, f"{name}-<")) for entry in listed if "<" in entry)


def test_every_documented_identifier_is_on_a_screen() -> None:
    source = "\n".join(path.read_text("utf-8") for path in UI.rglob("*.py"))
    fixed = {entry.split("<")[0].rstrip("-") for entry in documented("Identifiers")} - {""}
    assert {name for name in fixed if f'"{name}' not in source} == set()


def test_every_documented_id_is_on_a_page_of_ours() -> None:
    pages = "".join(
        (ROOT / "assets" / page / "index.html").read_text("utf-8") for page in ("capture", "player")
    )
    listed = documented("The camera page and the player page")
    assert len(listed) > 15
    assert {name for name in listed if f'id="{name}"' not in pages} == set()
