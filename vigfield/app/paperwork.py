"""A consent as a paper: made in memory, from what was on the screen when it was signed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from vigfield import clock
from vigfield.forms import Direction, Form, Label, load, shipped, spoken
from vigfield.model import Consent, ConsentStatus, DrawnSignature, Family, Footing, PersonId, Scope
from vigfield.paper import Block, Choice, Heading, Ink, Line, Paper, Text, render

PAD = (600.0, 200.0)
FOOTINGS: Mapping[Footing, Label] = {
    Footing.PARENTAL_RESPONSIBILITY: Label.PARENTAL_RESPONSIBILITY,
    Footing.COURT_ORDER: Label.COURT_ORDER,
    Footing.LOCAL_AUTHORITY: Label.LOCAL_AUTHORITY,
    Footing.DELEGATED: Label.DELEGATED,
    Footing.SELF: Label.SELF,
}


def form_of(consent: Consent) -> Form:
    """The form as it was shown; the sample in English where that was not kept."""
    form = load(consent.shown.encode()) if consent.shown else None
    return form if isinstance(form, Form) else shipped()[0]


def facts(form: Form, consent: Consent, names: Mapping[PersonId, str]) -> list[tuple[str, str]]:
    """Who gave a consent, when, to whom and for what: label and value, in the language of the form."""
    seen = ", ".join(names.get(person, "") for person in consent.on_camera)
    by = f"{names.get(consent.given_by, '')} ({form.say(FOOTINGS[consent.footing])})"
    covers = form.say(Label.THIS_SESSION if consent.sessions else Label.ALL_SESSIONS)
    until = form.say(Label.UNTIL, day=spoken(consent.valid_until, form.ref.language))
    signed = clock.local(consent.signed_at)
    found = [
        (Label.GIVEN_BY, by),
        (Label.GIVEN_ON, f"{spoken(signed.date(), form.ref.language)}, {signed:%H:%M}"),
        (Label.PRACTITIONER, consent.practitioner),
        (Label.ON_CAMERA, seen),
        (Label.COVERS, f"{covers}. {until}"),
        (Label.ALSO_PRESENT, consent.also_present),
        (Label.INTERPRETER, consent.interpreter),
    ]
    return [(form.say(label), value) for label, value in found if value]


def agrees(consent: Consent, scope: Scope) -> bool:
    """Whether a version says yes to a scope now."""
    return scope in consent.agreed and consent.status is not ConsentStatus.WITHDRAWN


def paper_of(family: Family, versions: Sequence[Consent], fonts: Path) -> bytes:
    """The newest version of a consent as PDF; blocking, in memory only."""
    consent = versions[-1]
    form = form_of(consent)
    taken_back = [Text(form.say(Label.TAKEN_BACK))] if consent.status is ConsentStatus.WITHDRAWN else []
    blocks: list[Block] = [
        *taken_back,
        *(Line(label, value) for label, value in facts(form, consent, family.names)),
        *(_choice(form, consent, scope) for scope in Scope),
        *(block for section in form.sections for block in (Heading(section.heading), Text(section.text))),
        Heading(form.say(Label.SIGNATURE)),
        _signature(consent),
        Text(form.notice),
    ]
    foot = f"{family.code} · {consent.id[:8]} · {consent.version} · {consent.digest[:16]}"
    title, rtl = form.say(Label.AGREED), form.direction is Direction.RTL
    return render(Paper(title, form.ref.language, rtl, tuple(blocks), foot), fonts)


def _choice(form: Form, consent: Consent, scope: Scope) -> Choice:
    text = form.text_of(scope)
    answer = form.say(Label.YES if agrees(consent, scope) else Label.NO)
    return Choice(text.question, text.what, answer)


def _signature(consent: Consent) -> Block:
    match consent.signature:
        case DrawnSignature(strokes):
            return Ink(strokes, *PAD)
        case typed:
            return Text(typed.name)
