"""Walks the whole main job once, with a service that listens, and keeps what the tests want to look at."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame

from tests.film.kit import Source
from tests.journeys import places, scan, vault
from tests.journeys.app import Tablet
from tests.journeys.browser import Screen, chromium
from tests.journeys.service import Heard, listening
from tests.journeys.walk import Walk

SECONDS = 20
SEEKS = 12


@dataclass(slots=True)
class Evidence:
    """What the main journey left behind."""

    root: Path
    source: Source
    began: float = 0.0
    outside: list[str] = field(default_factory=list)
    open_files: list[Path] = field(default_factory=list)
    copies: dict[str, bytes] = field(default_factory=dict)
    player: dict[str, Any] = field(default_factory=dict)
    seeks: list[tuple[int, float, float]] = field(default_factory=list)
    locked_dom: str = ""
    used_link: int = 0
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)
    resources: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    films: list[vault.Film] = field(default_factory=list)
    log: str = ""

    @property
    def folders(self) -> list[Path]:
        """Where the journey may have written."""
        return places.folders(self.root)


def gather(tablet: Tablet, executable: str, source: Source, pictures: Path | None) -> Evidence:
    """Do the main job and return what it left behind."""
    evidence = Evidence(tablet.root, source, began=time.time())
    with listening(tablet.root.parent / "service.db") as heard:
        app = tablet.start("--service", heard.base, command="demo")
        with chromium(executable, tablet.root / "profile", tablet.environment, source) as context:
            screen = Screen(context.new_page())
            walk = Walk(screen, _camera(screen, pictures))
            screen.open(app.url)
            _walk(walk, evidence, app.process.pid)
            evidence.outside = screen.outside
        evidence.requests = heard.requests
        _ask_service(heard, evidence)
        assert app.stop() == 0
        evidence.log = app.log.read_text()
    evidence.status = dict(tablet.status())
    evidence.films = vault.films(tablet.data)
    return evidence


def _walk(walk: Walk, evidence: Evidence, pid: int) -> None:
    screen = walk.screen
    walk.make_vault()
    walk.add_family()
    walk.add_session()
    walk.refused()
    walk.sign_consent("film-interaction", "supervisor")
    camera = walk.open_camera()
    walk.film(camera, SECONDS / 2)
    _look_at_disk(evidence, pid)
    walk.until(camera, SECONDS)
    walk.picture("film")
    walk.stop(camera)
    walk.leave_camera()
    player = walk.play()
    walk.picture("play")
    _look_at_player(player, evidence)
    screen.tap("play-back")
    screen.tap("nav-today")
    screen.see("today-foot")
    walk.picture("today")
    screen.tap("nav-sending")
    screen.tap("send-now")
    screen.says("nothing was waiting to be sent")
    walk.picture("service")
    screen.tap("lock")
    screen.see("unlock")
    evidence.locked_dom = screen.dom()


def _look_at_disk(evidence: Evidence, pid: int) -> None:
    """While filming: what is open now, deleted files too; copied, for they are gone later."""
    browsers = scan.family_of(pid) + scan.family_of(_own_pid())
    for path in scan.open_files(browsers):
        try:
            evidence.copies[str(path.resolve())] = path.read_bytes()
        except OSError:
            continue


def _own_pid() -> int:
    return int(Path("/proc/self").resolve().name)


def _look_at_player(player: Frame, evidence: Evidence) -> None:
    player.wait_for_function("() => window.vigPlayer.state().settled")
    evidence.player = player.evaluate(
        """() => ({
            ...window.vigPlayer.state(),
            src: document.querySelector('video').currentSrc,
            noPictures: document.getElementById('player-still').disabled,
            note: document.getElementById('player-still-note').textContent,
        })"""
    )
    frames = int(evidence.player["frames"])
    for number in range(SEEKS):
        frame = frames * (number * 7 % SEEKS) // SEEKS
        shown = player.evaluate(
            "async k => { await window.vigPlayer.goto(k); return window.vigPlayer.state() }", frame
        )
        evidence.seeks.append((frame, int(shown["frame"]), float(shown["time"])))
    link = str(player.frame_element().get_attribute("src")).split("#")[1]
    evidence.used_link = player.evaluate(
        "link => fetch('/media/claim', {method: 'POST', headers: {'X-Token': link}}).then(r => r.status)",
        link,
    )


def _ask_service(heard: Heard, evidence: Evidence) -> None:
    for kind in ("Patient", "RelatedPerson", "Appointment", "Encounter", "Consent", "Media"):
        evidence.resources[kind] = heard.resources(kind)


def _camera(screen: Screen, folder: Path | None) -> Any:
    def picture(name: str) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            screen.settle()
            screen.page.screenshot(path=folder / f"{name}.png")

    return picture
