"""A practitioner's day beside the filming: families, the calendar, consents by two people, duties."""

import re
import socket
from dataclasses import dataclass

from tests.journeys.browser import Screen
from tests.journeys.walk import CAREGIVER, CODE, INFANT, Walk

FATHER = "Callum Quillfeather"
ROOM = "Bluebell room"
REFERRED = "Health visitor, Leith"


def free_port() -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def send_all(screen: Screen) -> None:
    """Tell the service by hand, and wait until it has answered."""
    screen.tap("nav-sending")
    screen.tap("send-now")
    told = re.compile(r"\d+ sent\.|nothing was waiting")  # a run may have begun by itself just before
    screen.find("last-run").filter(has_text=told).wait_for(state="attached")


@dataclass(slots=True)
class Practice:
    """One practitioner at one screen."""

    screen: Screen

    @property
    def walk(self) -> Walk:
        """The steps that the main job has too."""
        return Walk(self.screen)

    def refer(self) -> None:
        """A new family with its referral, from the list of families."""
        screen = self.screen
        screen.tap("nav-families")
        screen.tap("new-family")
        screen.type("family-code", CODE)
        screen.type("family-caregiver", CAREGIVER)
        screen.mark("family-relationship-mother")
        screen.type("family-infant", INFANT)
        screen.choose("family-birth-month", "January")
        screen.choose("family-birth-year", "2026")
        screen.type("referral-source", REFERRED)
        screen.tap("family-save")
        screen.see("plan-cycles")

    def add_father(self) -> None:
        """A second caregiver, from the family's page."""
        screen = self.screen
        screen.tap("add-caregiver")
        screen.type("person-name", FATHER)
        screen.mark("person-relationship-father")
        screen.tap("person-save")
        screen.see("caregiver-2")

    def plan_cycles(self) -> int:
        """The next cycles, as they are proposed; how many sessions that is."""
        screen = self.screen
        screen.tap("plan-cycles")
        screen.tap("plan-propose")
        screen.see("plan-line-1")
        count = screen.page.locator('[flt-semantics-identifier^="plan-line-"]').count()
        screen.tap("plan-save")
        screen.see("plan-cycles")
        return count

    def open_family(self) -> None:
        """From anywhere to the family's page, found by a part of a name."""
        screen = self.screen
        screen.tap("nav-families")
        screen.type("family-search", "tams")
        screen.see("families-count")
        screen.tap(f"family-{CODE}")
        screen.see("plan-cycles")

    def open_session(self) -> None:
        """From anywhere to the family's first session."""
        self.open_family()
        self.screen.touch(self.screen.starting("session-"))
        self.screen.see("take-consent")

    def session_in_room(self, refused: bool) -> None:
        """A session today in one room, from the family's page; refused when the room is taken."""
        screen = self.screen
        screen.tap("new-session")
        screen.tap("session-place-room")
        screen.type("session-room", ROOM)
        if refused:
            screen.tap("session-save")
            said = screen.says(f"{ROOM} is taken")
            assert said.count() == 1
            screen.tap("session-cancel")
            screen.see("plan-cycles")
        else:
            self.walk.save_session()

    def consent(self, by: str, footing: str, *scopes: str) -> None:
        """A typed consent of one person, from the session's page."""
        screen = self.screen
        screen.tap("take-consent")
        screen.see("consent-sign")
        for scope in scopes:
            screen.tap(f"consent-{scope}")
        screen.touch(screen.page.get_by_role("radio", name=by, exact=True).first)
        screen.tap(f"consent-footing-{footing}")
        screen.tap("consent-signature-typed")
        screen.type("signature-name", by)
        screen.tap("signature-tick")
        screen.tap("consent-sign")
        screen.see("film")
