"""The main job, step by step, as a practitioner does it; what each step needs is on the screen before it."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Frame

from tests.journeys.app import PASSPHRASE
from tests.journeys.browser import Screen

CODE = "SE-014"
CAREGIVER = "Morwenna Quillfeather"
INFANT = "Tamsin Quillfeather"
PRESENT = "Aunt Peregrine Quillfeather, visiting"
Picture = Callable[[str], None]


@dataclass(slots=True)
class Walk:
    """One practitioner at one screen; `picture` is called with a name where a picture is wanted."""

    screen: Screen
    picture: Picture = lambda _: None

    def make_vault(self, passphrase: str = PASSPHRASE) -> None:
        """First start."""
        self.screen.type("passphrase", passphrase)
        self.screen.type("passphrase-again", passphrase)
        self.screen.tap("make-vault")
        self.screen.see("new-family")

    def unlock(self, passphrase: str = PASSPHRASE) -> None:
        """A later start."""
        self.screen.see("unlock")
        self.screen.type("passphrase", passphrase)
        self.screen.tap("unlock")
        self.screen.see("new-family")

    def add_family(self) -> None:
        """A family with a caregiver and an infant."""
        screen = self.screen
        screen.tap("new-family")
        screen.type("family-code", CODE)
        screen.type("family-caregiver", CAREGIVER)
        screen.mark("family-relationship-mother")
        screen.type("family-infant", INFANT)
        screen.choose("family-birth-month", "January")
        screen.choose("family-birth-year", "2026")
        screen.tap("family-save")
        screen.see("new-session")

    def add_session(self) -> None:
        """A session today, at home; from the family's page."""
        self.screen.tap("new-session")
        self.save_session()

    def save_session(self) -> None:
        """Save the session that was filled in, even when the demo's own sessions are at that time."""
        self.screen.tap("session-save")
        self.screen.either("take-consent", "session-even-so")
        if self.screen.find("session-even-so").count():
            self.screen.tap("session-even-so")
        self.screen.see("take-consent")

    def refused(self) -> None:
        """Filming without a consent is refused, in words."""
        self.screen.see("film-refused")
        self.screen.tap("film")
        self.screen.says("There is no consent yet.")

    def sign_consent(self, *scopes: str, picture: str = "consent") -> None:
        """A consent with a drawn signature, from the session's page."""
        screen = self.screen
        screen.tap("take-consent")
        for scope in scopes:
            screen.tap(f"consent-{scope}")
        self.picture(picture)
        screen.tap("consent-footing-parental-responsibility")
        screen.type("consent-present", PRESENT)
        self._draw()
        screen.tap("consent-sign")
        screen.see("film")

    def _draw(self) -> None:
        screen = self.screen
        screen.touch(screen.see("signature-pad"))
        box = screen.see("signature-pad").bounding_box()
        assert box is not None
        left, middle = box["x"] + 60, box["y"] + box["height"] / 2
        mouse = screen.page.mouse
        mouse.move(left, middle)
        mouse.down()
        for step in range(60):
            mouse.move(left + step * 5, middle + (step % 12 - 6) * 4)
        mouse.up()

    def open_camera(self) -> Frame:
        """The camera page, ready to film."""
        self.screen.tap("film")
        frame = self.screen.frame("/capture/")
        frame.wait_for_selector("#film-record[data-state=idle]")
        return frame

    def film(self, frame: Frame, seconds: float) -> None:
        """Start filming and go on until the page's own clock says so."""
        frame.click("#film-record")
        frame.wait_for_selector("#film-record[data-state=filming]")
        self.until(frame, seconds)

    @staticmethod
    def until(frame: Frame, seconds: float) -> None:
        """Wait until the film is this long, by the clock on the camera page."""
        frame.wait_for_function(
            """least => {
                const [m, s] = document.getElementById('film-time').textContent.match(/\\d+/g).map(Number);
                return m * 60 + s >= least;
            }""",
            arg=seconds,
            timeout=(seconds + 60) * 1000,
        )

    def stop(self, frame: Frame) -> None:
        """One tap; "saved" is waited for."""
        frame.click("#film-record")
        frame.wait_for_selector("#film-record[data-state=saved]")

    def leave_camera(self) -> None:
        """From the camera back to the session's page."""
        self.screen.tap("film-back")
        self.screen.see("take-consent")

    def play(self) -> Frame:
        """From the session's page to the player, with a picture on it."""
        screen = self.screen
        screen.touch(screen.starting("play-"))
        frame = screen.frame("/player/")
        frame.wait_for_function("() => window.vigPlayer && document.querySelector('video').readyState >= 2")
        return frame
