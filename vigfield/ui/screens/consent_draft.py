"""What is chosen on a consent form: begun, kept while it is not signed, and made into a draft to sign."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from vigfield import clock
from vigfield.app import ConsentDraft, Invalid, Standing, Visit
from vigfield.forms import Form, canonical
from vigfield.model import (
    ConsentId,
    ConsentStatus,
    DrawnSignature,
    Family,
    Footing,
    PersonId,
    Scope,
    SessionId,
    Signature,
    TypedSignature,
)
from vigfield.ui.signature import Stroke

PERIOD = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Choices:
    """What is ticked and chosen; nothing is agreed to beforehand. `answered` was asked one by one."""

    language: str = "en-GB"
    one_by_one: bool = False
    step: int = 0
    agreed: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    given_by: str = ""
    footing: str = ""
    on_camera: frozenset[str] = frozenset()
    covers: str = "session"
    sign: str = "drawn"
    ticked: bool = False
    pad: int = 0


@dataclass(slots=True)
class Hand:
    """What is drawn and typed; kept out of the state so that typing redraws nothing."""

    practitioner: str = ""
    strokes: tuple[Stroke, ...] = field(default=())
    name: str = ""
    present: str = ""
    interpreter: str = ""
    signing: bool = False


def begun(draft: str | None, visit: Visit, family: Family) -> Choices:
    """What was half filled in, or a new form: who will be on camera is known, and who there is to ask."""
    only = family.caregivers[0].id if len(adults(family)) == 1 else ""
    fresh = Choices(given_by=only, on_camera=frozenset(visit.session.on_camera))
    if draft is None:
        return fresh
    try:
        kept: dict[str, Any] = {
            name: frozenset(value) if isinstance(value, list) else value
            for name, value in json.loads(draft).items()
        }
        return Choices(**kept)
    except (ValueError, TypeError, KeyError):
        return fresh


def kept_draft(choices: Choices) -> str:
    """What is chosen so far, without a signature, as `begun` takes it up again."""
    kept = asdict(choices) | {"pad": 0, "ticked": False}
    return json.dumps({name: sorted(v) if isinstance(v, frozenset) else v for name, v in kept.items()})


def adults(family: Family) -> dict[PersonId, str]:
    """Everybody who can consent, caregivers first."""
    return {person: name for person, name in family.names.items() if person not in family.children}


def draft_of(
    visit: Visit, form: Form, choices: Choices, hand: Hand, given: Sequence[Standing]
) -> ConsentDraft | Invalid:
    """What is to be signed, or what is missing."""
    if missing := _missing(choices):
        return Invalid(missing)
    only_this = choices.covers == "session"
    session = visit.session.id if only_this else None
    day = max(clock.today(), clock.local(visit.session.starts).date()) if only_this else clock.today()
    return ConsentDraft(
        family=known_family(visit).id,
        session=session,
        given_by=PersonId(choices.given_by),
        footing=Footing(choices.footing),
        agreed=frozenset(Scope(scope) for scope in choices.agreed),
        on_camera=tuple(sorted(PersonId(person) for person in choices.on_camera)),
        also_present=hand.present,
        valid_until=day + PERIOD,
        form=form.ref,
        signature=_signed(choices, hand),
        interpreter=hand.interpreter,
        practitioner=hand.practitioner,
        shown=canonical(form).decode(),
        amends=_before(choices, session, given),
    )


def known_family(visit: Visit) -> Family:
    """The family of a session that consent is taken for; without one there is no form."""
    assert visit.family is not None
    return visit.family


def _before(choices: Choices, session: SessionId | None, given: Sequence[Standing]) -> ConsentId | None:
    """The consent of the same person for the same sessions: signing again is the next version of it."""
    covered = (session,) if session else ()
    for one in given:
        same = one.consent.given_by == choices.given_by and one.consent.sessions == covered
        if same and one.consent.status is not ConsentStatus.WITHDRAWN:
            return one.consent.id
    return None


def _missing(choices: Choices) -> dict[str, str]:
    found = {}
    if not choices.given_by:
        found["given_by"] = "person"
    if not choices.footing:
        found["footing"] = "footing"
    if choices.sign == "typed" and not choices.ticked:
        found["signature"] = "tick"
    return found


def _signed(choices: Choices, hand: Hand) -> Signature:
    return DrawnSignature(hand.strokes) if choices.sign == "drawn" else TypedSignature(hand.name.strip())
