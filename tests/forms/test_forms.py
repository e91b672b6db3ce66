"""Forms as data: the samples are whole, every fault has a name, and nothing that is written raises."""

import copy
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigfield.forms import (
    Direction,
    Fault,
    Faulty,
    Form,
    Label,
    Missing,
    What,
    canonical,
    load,
    shipped,
    spoken,
)
from vigfield.forms.load import LARGEST
from vigfield.model import Scope

Content = dict[str, Any]
ENGLISH, ARABIC = shipped()
GOOD: Content = json.loads(canonical(ENGLISH))


def but(change: Callable[[Content], object]) -> bytes:
    content = copy.deepcopy(GOOD)
    change(content)
    return json.dumps(content).encode()


def put(*path: Any, value: object) -> Callable[[Content], object]:
    def change(content: Any) -> None:
        for step in path[:-1]:
            content = content[step]
        content[path[-1]] = value

    return change


def drop(*path: Any) -> Callable[[Content], object]:
    def change(content: Any) -> None:
        for step in path[:-1]:
            content = content[step]
        del content[path[-1]]

    return change


FAULTS: list[tuple[str, bytes, Fault]] = [
    *((f"no {key}", but(drop(key)), Fault(key, What.MISSING)) for key in GOOD if key != "missing"),
    ("one key more", but(put("extra", value=1)), Fault("extra", What.UNKNOWN)),
    ("not JSON", b"{", Fault("", What.NOT_JSON)),
    ("a list", b"[]", Fault("", What.NOT_JSON)),
    ("not UTF-8", b"\xff\xfe{}", Fault("", What.NOT_JSON)),
    (
        "NaN",
        but(lambda c: None).replace(b'"reading_age": 10', b'"reading_age": NaN'),
        Fault("", What.NOT_JSON),
    ),
    ("deep", b"[" * 100_000, Fault("", What.NOT_JSON)),
    ("a key twice", canonical(ENGLISH)[:-1] + b',"id":"x"}', Fault("", What.TWICE)),
    ("50 MB", b" " * 50_000_000, Fault("", What.TOO_LARGE)),
    ("an id with a space", but(put("id", value="a b")), Fault("id", What.WRONG)),
    ("a version of none", but(put("version", value="")), Fault("version", What.WRONG)),
    ("a number as version", but(put("version", value=2)), Fault("version", What.WRONG)),
    ("a language by name", but(put("language", value="English!")), Fault("language", What.WRONG)),
    ("upwards", but(put("direction", value="up")), Fault("direction", What.WRONG)),
    ("an age in words", but(put("reading_age", value="ten")), Fault("reading_age", What.NOT_A_NUMBER)),
    ("an age of true", but(put("reading_age", value=True)), Fault("reading_age", What.NOT_A_NUMBER)),
    ("an age of 3", but(put("reading_age", value=3)), Fault("reading_age", What.NOT_A_NUMBER)),
    ("no sections", but(put("sections", value=[])), Fault("sections", What.NOT_A_LIST)),
    (
        "a heading of a number",
        but(put("sections", 0, "heading", value=1)),
        Fault("sections.0.heading", What.NOT_TEXT),
    ),
    ("an empty text", but(put("sections", 1, "text", value=" ")), Fault("sections.1.text", What.EMPTY)),
    (
        "a long text",
        but(put("sections", 1, "text", value="x" * 4001)),
        Fault("sections.1.text", What.TOO_LONG),
    ),
    (
        "a section with more",
        but(put("sections", 0, "html", value="x")),
        Fault("sections.0.html", What.UNKNOWN),
    ),
    ("a script", but(put("scopes", 0, "what", value="a <script>")), Fault("scopes.0.what", What.SCRIPT)),
    ("a link", but(put("scopes", 0, "what", value="JavaScript:x")), Fault("scopes.0.what", What.SCRIPT)),
    ("a handler", but(put("notice", value="onload = x")), Fault("notice", What.SCRIPT)),
    ("a template", but(put("notice", value="{{x}}")), Fault("notice", What.SCRIPT)),
    ("a control", but(put("notice", value="a\x07b")), Fault("notice", What.CONTROL)),
    ("a turn", but(put("labels", "yes", value="a\u202eb")), Fault("labels.yes", What.CONTROL)),
    ("no label for yes", but(drop("labels", "yes")), Fault("labels.yes", What.MISSING)),
    ("a label more", but(put("labels", "maybe", value="x")), Fault("labels.maybe", What.UNKNOWN)),
    ("a sentence missing", but(drop("missing", "tick")), Fault("missing.tick", What.MISSING)),
    ("a script in one", but(put("missing", "tick", value="<b>")), Fault("missing.tick", What.SCRIPT)),
    ("what is missing as text", but(put("missing", value="tick")), Fault("missing", What.NOT_JSON)),
    ("labels as a list", but(put("labels", value=[])), Fault("labels", What.NOT_JSON)),
    *(
        (f"no {scope.value}", but(drop("scopes", number)), Fault(f"scope {scope.value}", What.MISSING))
        for number, scope in enumerate(Scope)
    ),
    (
        "a scope twice",
        but(lambda c: c["scopes"].append(c["scopes"][0])),
        Fault("scope film-interaction", What.TWICE),
    ),
    ("a scope of ours", but(put("scopes", 0, "scope", value="fun")), Fault("scopes", What.UNKNOWN)),
]


def test_both_samples_are_whole_and_say_that_they_are_samples() -> None:
    assert [form.ref.language for form in shipped()] == ["en-GB", "ar"]
    assert [form.direction for form in shipped()] == [Direction.LTR, Direction.RTL]
    for form in shipped():
        assert [one.scope for one in form.scopes] == list(Scope)
        assert set(form.labels) == set(Label)
        assert set(form.missing) == set(Missing)
        assert form.ref.version in form.notice
    assert "sample" in ENGLISH.notice.casefold()
    assert "نموذج تجريبي" in ARABIC.notice


def test_a_form_comes_back_from_its_canonical_encoding() -> None:
    for form in shipped():
        assert load(canonical(form)) == form
        assert canonical(form) == canonical(load(canonical(form)))  # type: ignore[arg-type]


def test_a_form_from_before_these_sentences_is_as_good() -> None:
    """What was shown when somebody signed can be shown again, whatever was added since."""
    older = but(drop("missing"))
    form = load(older)
    assert isinstance(form, Form)
    assert form.missing == {}
    assert json.loads(canonical(form)) == json.loads(older)


def test_there_are_as_many_faults_as_were_written() -> None:
    assert len(FAULTS) == 52


@pytest.mark.parametrize(("data", "fault"), [pytest.param(d, f, id=name) for name, d, f in FAULTS])
def test_every_fault_has_its_name(data: bytes, fault: Fault) -> None:
    found = load(data)
    assert isinstance(found, Faulty)
    assert fault in found.faults


def test_what_is_too_large_is_not_read() -> None:
    assert load(b"{" * (LARGEST + 1)) == Faulty((Fault("", What.TOO_LARGE),))


@given(st.integers(0, len(canonical(ENGLISH)) - 1), st.binary(max_size=4))
def test_altered_bytes_never_raise(at: int, more: bytes) -> None:
    data = canonical(ENGLISH)
    found = load(data[:at] + more + data[at + len(more) :])
    assert isinstance(found, Form | Faulty)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.sampled_from(sorted(GOOD)), x),
    )
)
def test_any_json_is_no_form_and_raises_nothing(content: object) -> None:
    assert isinstance(load(json.dumps(content).encode()), Faulty)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en-GB", "30 May 2027"), ("en", "30 May 2027"), ("ar", "30 مايو 2027"), ("gd", "2027-05-30")],
)
def test_a_day_is_written_as_in_the_language_of_the_form(language: str, said: str) -> None:
    assert spoken(date(2027, 5, 30), language) == said


@pytest.mark.parametrize("form", [ENGLISH, ARABIC], ids=lambda form: str(form.ref.language))
def test_each_month_of_a_form_that_ships_has_its_name(form: Form) -> None:
    said = [spoken(date(2027, month, 1), form.ref.language) for month in range(1, 13)]
    assert len(set(said)) == 12
    assert "2027-01-01" not in said
