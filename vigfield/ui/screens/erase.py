"""Erasing a film: what will be gone and why, the certificate, and the list of certificates."""

from dataclasses import dataclass
from typing import Any

import flet as ft

from vigfield.app import Erasable, Erasure, Kept
from vigfield.model import (
    GONE,
    Ground,
    Recording,
    RecordingId,
    RecordingState,
    SessionId,
)
from vigfield.rules import Reason, Refused
from vigfield.ui import dutywords, erasewords, parts, refusals, words
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_chosen, use_desk, use_loaded
from vigfield.ui.places import (
    CertificatePlace,
    Certificates,
    Duties,
    ErasePlace,
    HoldPlace,
    Place,
    SessionPlace,
    Settings,
)


def way_to_erase(desk: Desk, film: Recording) -> list[ft.Control]:
    """What a film's card offers of this: nothing while it is being made, a certificate once it is gone."""
    if film.state is RecordingState.OPEN:
        return []
    if film.state in GONE:
        place: Place = CertificatePlace(film.id, film.session)
        way = parts.link(f"certificate-{film.id}", erasewords.SEE_CERTIFICATE, lambda: desk.go(place))
        return [parts.row(way)]
    place = ErasePlace(film.id, film.session)
    way = parts.link(f"erase-{film.id}", erasewords.ERASE, lambda: desk.go(place))
    return [ft.Row([way], alignment=ft.MainAxisAlignment.END)]  # away from "Play"


@dataclass(frozen=True, slots=True)
class _Chosen:
    ground: str = ""
    understood: bool = False
    working: bool = False


@ft.component
@boundary
def EraseScreen(place: ErasePlace) -> ft.Control:
    """What will be gone; a reason, a tick and a button."""
    desk = use_desk()
    picked = use_chosen(_Chosen)
    chosen, choose = picked.value, picked.change

    async def read() -> tuple[Erasable | Refused, Kept]:
        kept = await desk.work.keeping.of(place.recording)
        return await desk.work.erasing.look(place.recording), kept

    loaded = use_loaded(read, place.recording)

    async def erase() -> None:
        choose(working=True)
        try:
            outcome = await desk.work.erasing.erase(place.recording, Ground(picked.value.ground))
        except BaseException:
            choose(working=False)
            raise
        _after(desk, place.session, outcome)

    header = [
        parts.back(lambda: desk.go(SessionPlace(place.session)), words.BACK_TO_SESSION),
        parts.heading(erasewords.ERASE),
    ]
    match loaded:
        case Loading():
            return parts.page(*header)
        case Failed(sentence):
            return parts.page(*header, parts.notice(sentence, error=True))
        case Loaded((found, kept)):
            if isinstance(found, Refused):
                return parts.page(*header, *_refusal(desk, found.reason, kept))
            last = _last_step(desk, place, chosen, lambda: desk.spawn(erase()))
            return parts.page(*header, _what(found, kept), *_why(chosen, choose), last)


def _after(desk: Desk, session: SessionId, outcome: Erasure | Refused) -> None:
    match outcome:
        case Refused(reason):
            desk.say(refusals.REASONS[reason])
        case Erasure(certificate):
            desk.go(CertificatePlace(certificate.recording, session))
    desk.app.announce()
    desk.app.tell_soon()


def _refusal(desk: Desk, reason: Reason, kept: Kept) -> list[ft.Control]:
    """Why it may not be erased; for a hold, what it says and the way to lift it."""
    refused = parts.notice(refusals.REASONS[reason])
    if reason is not Reason.HELD or kept.hold is None:
        return [refused]
    hold = kept.hold
    said = parts.tagged("erase-held", ft.Text(dutywords.held(hold)))
    way = parts.link("erase-hold", dutywords.SEE_HOLD, lambda: desk.go(HoldPlace(hold.family)))
    return [refused, parts.card(said, parts.row(way))]


def _what(film: Erasable, kept: Kept) -> ft.Control:
    asked = [parts.quiet(dutywords.asked_for(due)) for due in kept.queued]
    return parts.card(
        parts.strong(f"{film.family.code} · {words.film(film.recording)}"),
        *([parts.tagged("erase-asked", parts.stack(asked))] if asked else []),
        ft.Text(erasewords.subject(film)),
        ft.Text(erasewords.NO_WAY_BACK),
        parts.quiet(erasewords.STAYS),
    )


def _why(chosen: _Chosen, choose: Any) -> list[ft.Control]:
    grounds = {ground.value: text for ground, text in erasewords.GROUNDS.items()}
    reason = parts.choice(
        "erase-ground",
        erasewords.GROUND,
        grounds,
        chosen.ground,
        lambda value: choose(ground=value),
        width=None,
    )
    understood = parts.tick(
        "erase-understood",
        erasewords.UNDERSTOOD,
        chosen.understood,
        lambda value: choose(understood=value),
    )
    return [parts.card(reason), parts.card(understood)]


def _last_step(desk: Desk, place: ErasePlace, chosen: _Chosen, erase: parts.Click) -> ft.Control:
    if chosen.working:
        return parts.busy(erasewords.ERASING_NOW)
    ready = bool(chosen.ground) and chosen.understood
    return parts.stack(
        [
            parts.notice("" if ready else erasewords.FIRST, identifier="erase-first"),
            parts.row(
                parts.final("erase-now", erasewords.ERASE_NOW, erase, off=not ready),
                parts.link("erase-cancel", erasewords.KEEP, lambda: desk.go(SessionPlace(place.session))),
            ),
        ]
    )


@ft.component
@boundary
def CertificateScreen(place: CertificatePlace) -> ft.Control:
    """One film's certificate in words."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.erasing.of(place.recording), place.recording)
    header = [
        parts.back(lambda: _leave(desk, place), words.BACK),
        parts.heading(erasewords.CERTIFICATE),
    ]
    match loaded:
        case Loading():
            return parts.page(*header)
        case Failed(sentence):
            return parts.page(*header, parts.notice(sentence, error=True))
        case Loaded(erasure):
            return parts.page(*header, *_certificate(desk, erasure))


def _leave(desk: Desk, place: CertificatePlace) -> None:
    desk.go(Certificates() if place.session is None else SessionPlace(place.session))


def _certificate(desk: Desk, erasure: Erasure) -> list[ft.Control]:
    done = erasure.certificate.completed is not None
    lines = [parts.tagged("certificate-state", ft.Text(erasewords.status(erasure)))]
    if not done:
        again = parts.primary(
            "erase-again",
            erasewords.TRY_AGAIN,
            lambda: desk.spawn(_again(desk, erasure.certificate.recording)),
        )
        lines.append(parts.row(again))
    facts = parts.stack([ft.Text(text) for text in erasewords.facts(erasure)])
    of_parts = [
        parts.tagged("certificate-part", ft.Text(erasewords.part(one))) for one in erasure.certificate.parts
    ]
    return [
        parts.card(_chip(done), *lines),
        parts.card(parts.title(erasewords.WHICH_FILM), parts.tagged("certificate", facts), *of_parts),
        parts.card(parts.title(erasewords.NOT_COVERED), parts.quiet(erasewords.NOT_COVERED_WHAT)),
    ]


def _chip(done: bool) -> ft.Control:
    if done:
        return parts.chip(erasewords.ERASED_CHIP, ft.Icons.CHECK_CIRCLE_OUTLINE, good=True)
    return parts.chip(erasewords.ERASING_CHIP, ft.Icons.SCHEDULE, good=False)


async def _again(desk: Desk, recording: RecordingId) -> None:
    erasure = await desk.work.erasing.finish(recording)
    desk.app.announce()
    desk.say(erasewords.status(erasure))


@ft.component
@boundary
def CertificatesScreen() -> ft.Control:
    """Every certificate, the newest first."""
    desk = use_desk()
    loaded = use_loaded(desk.work.erasing.all, None)
    header = [
        parts.back(lambda: desk.go(Settings()), words.BACK),
        parts.heading(erasewords.CERTIFICATES),
        parts.tagged("certificates-what", parts.quiet(erasewords.CERTIFICATES_WHAT)),
    ]
    match loaded:
        case Loading():
            return parts.page(*header)
        case Failed(sentence):
            return parts.page(*header, parts.notice(sentence, error=True))
        case Loaded([]):
            return parts.page(*header, parts.card(parts.quiet(erasewords.NO_CERTIFICATES)))
        case Loaded(erasures):
            export = parts.secondary(
                "certificates-export",
                dutywords.EXPORT,
                lambda: desk.spawn(_hand_out(desk)),
                icon=ft.Icons.DOWNLOAD,
            )
            return parts.page(*header, parts.row(export), *(_line(desk, erasure) for erasure in erasures))


async def _hand_out(desk: Desk) -> None:
    """Ids, digests, times and grounds: nothing of what was filmed, and no name."""
    await desk.hand_out("vigfield-certificates.json", await desk.work.keeping.certificates())


def _line(desk: Desk, erasure: Erasure) -> ft.Control:
    certificate = erasure.certificate
    place = CertificatePlace(certificate.recording)
    return parts.card(
        parts.strong(erasewords.line(erasure)),
        parts.quiet(erasewords.status(erasure)),
        parts.row(
            parts.link(
                f"certificate-{certificate.recording}",
                erasewords.SEE_CERTIFICATE,
                lambda: desk.go(place),
            )
        ),
    )


def way_to_certificates(desk: Desk) -> ft.Control:
    """For the settings: to the list of certificates."""
    return parts.row(
        parts.link("duties", dutywords.DUTIES, lambda: desk.go(Duties())),
        parts.link("certificates", erasewords.CERTIFICATES, lambda: desk.go(Certificates())),
    )
