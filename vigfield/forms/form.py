"""What a consent form is: sections to read, a question for each scope, and every other word around them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vigfield.model import FormRef, Scope


class Direction(StrEnum):
    """Which way a language is written."""

    LTR = "ltr"
    RTL = "rtl"


class Label(StrEnum):
    """Every word of the caregiver's view that is not a section or a scope."""

    TITLE = "title"
    YES = "yes"
    NO = "no"
    ONE_AT_A_TIME = "one-at-a-time"
    ALL_AT_ONCE = "all-at-once"
    HOW = "how"
    NOT_ANSWERED = "not-answered"
    NEXT = "next"
    BACK = "back"
    STEP = "step"
    READ_BACK = "read-back"
    YES_TO = "yes-to"
    NO_TO = "no-to"
    NOTHING = "nothing"
    WHO_CONSENTS = "who-consents"
    FOOTING = "footing"
    PARENTAL_RESPONSIBILITY = "parental-responsibility"
    COURT_ORDER = "court-order"
    LOCAL_AUTHORITY = "local-authority"
    DELEGATED = "delegated"
    SELF = "self"
    ON_CAMERA = "on-camera"
    COVERS = "covers"
    THIS_SESSION = "this-session"
    ALL_SESSIONS = "all-sessions"
    UNTIL = "until"
    ALSO_PRESENT = "also-present"
    INTERPRETER = "interpreter"
    SIGNATURE = "signature"
    BY_HAND = "by-hand"
    TYPE_NAME = "type-name"
    NAME = "name"
    TICK = "tick"
    CLEAR = "clear"
    SIGN_AND_KEEP = "sign-and-keep"
    AGREED = "agreed"
    GIVEN_BY = "given-by"
    GIVEN_ON = "given-on"
    PRACTITIONER = "practitioner"
    TAKEN_BACK = "taken-back"


class Missing(StrEnum):
    """What may be missing when somebody signs; a form may say each in its own language."""

    ANYTHING = "look-above"
    YES = "nothing"
    STROKES = "no-strokes"
    TICK = "tick"
    NAME = "missing"
    PERSON = "person"
    FOOTING = "footing"
    ON_CAMERA = "nobody"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what is to be read under it."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class ScopeText:
    """One scope as the caregiver reads it: the question, and what a yes and a no mean."""

    scope: Scope
    question: str
    what: str


@dataclass(frozen=True, slots=True)
class Form:
    """One version of a form in one language; `reading_age` is in years."""

    ref: FormRef
    direction: Direction
    notice: str
    reading_age: int
    sections: tuple[Section, ...]
    scopes: tuple[ScopeText, ...]
    labels: Mapping[Label, str]
    missing: Mapping[Missing, str] = field(default_factory=dict)

    def text_of(self, scope: Scope) -> ScopeText:
        """How a scope is asked for."""
        return next(one for one in self.scopes if one.scope is scope)

    def say(self, label: Label, **values: object) -> str:
        """One of the other words; `{name}` in it is filled in."""
        text = self.labels[label]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text


def canonical(form: Form) -> bytes:
    """The form as JSON with sorted keys and no spaces; `load` makes the same form of it."""
    content: dict[str, object] = {
        "id": form.ref.id,
        "version": form.ref.version,
        "language": form.ref.language,
        "direction": form.direction.value,
        "notice": form.notice,
        "reading_age": form.reading_age,
        "sections": [{"heading": one.heading, "text": one.text} for one in form.sections],
        "scopes": [
            {"scope": one.scope.value, "question": one.question, "what": one.what} for one in form.scopes
        ],
        "labels": {label.value: text for label, text in form.labels.items()},
    }
    if form.missing:
        content["missing"] = {missing.value: text for missing, text in form.missing.items()}
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
