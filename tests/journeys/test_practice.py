"""The whole work with a family, from its referral to an erased film, with the service down throughout.

Then it is told of it all.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Download

from tests.app.kit import CHEAP
from tests.film.kit import Source
from tests.journeys.after import closed_and_due, erased, film_and_take_back, held
from tests.journeys.app import Tablet
from tests.journeys.browser import Screen
from tests.journeys.browser import chromium as start_chromium
from tests.journeys.practice import FATHER, ROOM, Practice, free_port, send_all
from tests.journeys.service import listening
from tests.journeys.walk import CAREGIVER, CODE, INFANT
from vigfield.app import door
from vigfield.model import Scope
from vigfield.sync import fhir

pytestmark = [pytest.mark.browser, pytest.mark.films]

NAMES = (CAREGIVER, INFANT, FATHER, ROOM, "Quillfeather")
FILE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:team@example.org\r\n"
    "DTSTART:{day}T070000Z\r\nDTEND:{day}T080000Z\r\nSUMMARY:Team breakfast\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_from_a_referral_to_an_erased_film_with_the_service_down(
    machine: Tablet, chromium: str, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "calibrate", lambda: CHEAP)
    port = free_port()
    app = machine.start("--service", f"http://127.0.0.1:{port}/fhir", command="demo")
    with start_chromium(chromium, machine.root / "profile", machine.environment, source) as context:
        screen = Screen(context.new_page())
        practice = Practice(screen)
        screen.open(app.url)
        practice.walk.make_vault()
        practice.refer()
        practice.add_father()
        assert practice.plan_cycles() == 6
        practice.session_in_room(refused=False)
        practice.open_family()
        practice.session_in_room(refused=True)
        _calendar_files(screen)
        practice.open_session()
        _two_consents(practice)
        film_and_take_back(screen, practice.walk)
        film = closed_and_due(screen)
        held(screen)
        erased(screen, film)
        _told(screen, machine.root / "service.db", port, film)
        assert screen.outside == []
    assert app.stop() == 0
    status = machine.status()
    assert status["outbox"]["refused"] == 0
    assert [(one["state"], one["id"]) for one in status["films"]] == [("erased", film)]


def _two_consents(practice: Practice) -> None:
    """The mother says yes and the father no; he changes his mind, and the film may be made."""
    screen = practice.screen
    practice.consent(CAREGIVER, "parental-responsibility", "film-interaction", "supervisor")
    screen.says("has not agreed to it yet")
    practice.consent(FATHER, "self", "stills")
    screen.says("A caregiver said no to this")
    practice.consent(FATHER, "self", "film-interaction")
    screen.says("Consent given")


def _calendar_files(screen: Screen) -> None:
    """A file is taken in twice, and one is handed out without a name in it."""
    day = screen.page.evaluate(
        "() => new Date(Date.now() + 864e5).toISOString().slice(0, 10).replaceAll('-', '')"
    )
    for said in ("1 new", "1 as it was"):
        screen.tap("nav-calendar")
        screen.tap("calendar-files")
        with screen.page.expect_file_chooser() as chosen:
            screen.tap("files-pick")
        data = FILE.format(day=day).encode()
        chosen.value.set_files({"name": "team.ics", "mimeType": "text/calendar", "buffer": data})
        screen.says(said)
        screen.tap("files-take")
        screen.see("files-said")
    with screen.page.expect_download() as handed:
        screen.tap("files-export")
    _without_names(handed.value)


def _without_names(handed: Download) -> None:
    text = Path(handed.path()).read_text("utf-8").replace("\r\n ", "")
    assert text.count("BEGIN:VEVENT") >= 7
    assert f"SUMMARY:VIG session\\, {CODE}" in text
    assert [name for name in (*NAMES, "breakfast") if name in text] == []


def _told(screen: Screen, path: Path, port: int, film: str) -> None:
    """All of it waits while the service is down, and is told once it is back."""
    screen.tap("nav-sending")
    screen.tap("send-now")
    screen.says("The service could not be reached")
    with listening(path, port) as heard:
        send_all(screen)
        consents = {one["status"]: one["provision"]["provision"] for one in heard.resources("Consent")}
        supervisor = list(Scope).index(Scope.SUPERVISOR)
        assert {status: said[supervisor]["type"] for status, said in consents.items()} == {
            "active": "permit",  # the mother's, of which only the filming was taken back
            "inactive": "deny",
        }
        [media] = heard.resources("Media")
        assert media["id"] == film
        assert fhir.ERASED in str(media["extension"])
        assert len(heard.resources("Appointment")) == 3 + 6 + 1
        sent = b"".join(body for _, _, body in heard.requests).decode()
    assert [name for name in (*NAMES, "breakfast") if name in sent] == []
