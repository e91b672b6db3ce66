"""Loading a form: strict, with every fault named, and never an exception for what somebody wrote."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from vigfield.forms.form import Direction, Form, Label, Missing, ScopeText, Section
from vigfield.model import FormRef, Scope

LARGEST = 200_000
LONGEST = {"heading": 200, "text": 4000, "question": 200, "what": 1000, "notice": 500, "label": 200}
SHIPPED = ("sample.en-GB.json", "sample.ar.json")
_KEYS = {
    "id",
    "version",
    "language",
    "direction",
    "notice",
    "reading_age",
    "sections",
    "scopes",
    "labels",
}
_MORE = "missing"  # forms from before it have none
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,31}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_SCRIPT = re.compile(r"<\s*[A-Za-z/!?]|javascript:|\{\{|&#|on[a-z]+\s*=", re.IGNORECASE)
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class What(StrEnum):
    """What is wrong with a form."""

    TOO_LARGE = "too-large"
    NOT_JSON = "not-json"
    NOT_TEXT = "not-text"
    NOT_A_NUMBER = "not-a-number"
    NOT_A_LIST = "not-a-list"
    MISSING = "missing"
    UNKNOWN = "unknown"
    EMPTY = "empty"
    TOO_LONG = "too-long"
    SCRIPT = "script"
    CONTROL = "control"
    TWICE = "twice"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where: `scopes.3.what`."""

    where: str
    what: What


@dataclass(frozen=True, slots=True)
class Faulty:
    """What was given is no form, and why."""

    faults: tuple[Fault, ...]


class _Twice(ValueError):
    """A key that occurs twice: which of them counts is anybody's guess."""


def load(data: bytes) -> Form | Faulty:
    """A form from its JSON, or everything that is wrong with it."""
    if len(data) > LARGEST:
        return Faulty((Fault("", What.TOO_LARGE),))
    try:
        content = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_never)
    except _Twice:
        return Faulty((Fault("", What.TWICE),))
    except (ValueError, RecursionError):
        return Faulty((Fault("", What.NOT_JSON),))
    faults = tuple(_faults(content))
    return Faulty(faults) if faults else _form(content)


@cache
def shipped() -> tuple[Form, ...]:
    """The sample forms that come with vigfield; English first."""
    folder = resources.files("vigfield.forms")
    found = [load((folder / name).read_bytes()) for name in SHIPPED]
    return tuple(form for form in found if isinstance(form, Form))


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise _Twice
    return dict(pairs)


def _never(_: str) -> object:
    raise ValueError("no number")


def _faults(content: object) -> Iterator[Fault]:
    if not isinstance(content, dict):
        yield Fault("", What.NOT_JSON)
        return
    yield from _keys("", content, _KEYS | ({_MORE} & set(content)))
    if _KEYS - set(content):
        return
    for key, pattern in (("id", _ID), ("version", _VERSION), ("language", _LANGUAGE)):
        if not isinstance(content[key], str) or not pattern.fullmatch(content[key]):
            yield Fault(key, What.WRONG)
    if content["direction"] not in list(Direction):
        yield Fault("direction", What.WRONG)
    yield from _text("notice", content["notice"], "notice")
    age = content["reading_age"]
    if type(age) is not int or not 5 <= age <= 25:
        yield Fault("reading_age", What.NOT_A_NUMBER)
    yield from _list("sections", content["sections"], {"heading", "text"})
    yield from _list("scopes", content["scopes"], {"scope", "question", "what"})
    yield from _every_scope(content["scopes"])
    yield from _labels("labels", content["labels"], set(Label))
    if _MORE in content:
        yield from _labels(_MORE, content[_MORE], set(Missing))


def _keys(where: str, content: Mapping[str, object], wanted: set[str]) -> Iterator[Fault]:
    yield from (Fault(f"{where}{key}", What.MISSING) for key in sorted(wanted - set(content)))
    yield from (Fault(f"{where}{key}"[:80], What.UNKNOWN) for key in sorted(set(content) - wanted))


def _list(where: str, found: object, keys: set[str]) -> Iterator[Fault]:
    if not isinstance(found, list) or not 1 <= len(found) <= 40:
        yield Fault(where, What.NOT_A_LIST)
        return
    for number, one in enumerate(found):
        if not isinstance(one, dict):
            yield Fault(f"{where}.{number}", What.NOT_JSON)
            continue
        yield from _keys(f"{where}.{number}.", one, keys)
        for key in sorted(keys & set(one) - {"scope"}):
            yield from _text(f"{where}.{number}.{key}", one[key], key)


def _every_scope(found: object) -> Iterator[Fault]:
    """Each scope is asked for exactly once."""
    named = [one.get("scope") for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    for scope in Scope:
        if scope.value not in named:
            yield Fault(f"scope {scope.value}", What.MISSING)
        elif named.count(scope.value) > 1:
            yield Fault(f"scope {scope.value}", What.TWICE)
    if any(not isinstance(one, str) or one not in set(Scope) for one in named):
        yield Fault("scopes", What.UNKNOWN)


def _labels(where: str, found: object, wanted: set[Label] | set[Missing]) -> Iterator[Fault]:
    if not isinstance(found, dict):
        yield Fault(where, What.NOT_JSON)
        return
    yield from _keys(f"{where}.", found, {str(one) for one in wanted})
    for key in sorted({str(one) for one in wanted} & set(found)):
        yield from _text(f"{where}.{key}", found[key], "label")


def _text(where: str, text: object, kind: str) -> Iterator[Fault]:
    if not isinstance(text, str):
        yield Fault(where, What.NOT_TEXT)
    elif not text.strip():
        yield Fault(where, What.EMPTY)
    elif len(text) > LONGEST[kind]:
        yield Fault(where, What.TOO_LONG)
    elif _SCRIPT.search(text):
        yield Fault(where, What.SCRIPT)
    elif any(_controls(letter) for letter in text):
        yield Fault(where, What.CONTROL)


def _controls(letter: str) -> bool:
    return letter in _TURNING or (letter != "\n" and unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn"))


def _form(content: dict[str, object]) -> Form:
    match content:
        case {"id": str(id_), "version": str(version), "language": str(language), "notice": str(notice)}:
            pass
        case _:
            raise AssertionError("checked before")
    sections, scopes, labels = content["sections"], content["scopes"], content["labels"]
    missing = content.get(_MORE, {})
    assert isinstance(missing, dict)
    assert isinstance(sections, list)
    assert isinstance(scopes, list)
    assert isinstance(labels, dict)
    asked = {
        Scope(one["scope"]): ScopeText(Scope(one["scope"]), one["question"], one["what"]) for one in scopes
    }
    return Form(
        ref=FormRef(id_, version, language),
        direction=Direction(str(content["direction"])),
        notice=notice,
        reading_age=int(str(content["reading_age"])),
        sections=tuple(Section(one["heading"], one["text"]) for one in sections),
        scopes=tuple(asked[scope] for scope in Scope),
        labels={label: labels[label.value] for label in Label},
        missing={one: missing[one.value] for one in Missing if one.value in missing},
    )
