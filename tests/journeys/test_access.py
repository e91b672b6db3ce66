"""The screens of the record for everybody: axe-core finds nothing serious; a keyboard alone is enough."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.app.kit import CAREGIVER, CHEAP, CODE, consent_draft, family_of, unlocked, work_of
from tests.journeys.app import Tablet
from tests.journeys.browser import Screen
from tests.journeys.browser import chromium as start_chromium
from tests.journeys.walk import Walk
from vigfield.app import HoldDraft, door
from vigfield.model import FamilyId, HoldKind

pytestmark = pytest.mark.browser

# What is tapped on the way to a screen, and what is on it.
SCREENS: list[tuple[list[str], str]] = [
    (["nav-today"], "today-foot"),
    (["nav-calendar"], "calendar-prev"),
    (["calendar-month"], "calendar-prev"),
    (["calendar-day"], "calendar-prev"),
    (["calendar-files"], "files-pick"),
    (["nav-families"], "families-count"),
    (["new-family"], "family-save"),
    (["family-cancel", f"family-{CODE}"], "plan-cycles"),
    (["add-caregiver"], "person-save"),
    (["person-cancel", "add-other"], "person-save"),
    (["person-cancel", "family-details"], "details-save"),
    (["details-cancel", "end-work"], "ending-save"),
    (["ending-cancel", "seen"], "seen-list"),
    (["back", "hold"], "hold-lift"),
    (["hold-cancel", "plan-cycles", "plan-propose"], "plan-line-1"),
    (["plan-cancel", "agreed-"], "agreed-versions"),
    (["take-back"], "withdraw-all"),
    (["back", "new-session"], "session-save"),
    (["session-cancel", "nav-today", "open-"], "session-state"),
    (["edit-session"], "session-save"),
    (["session-cancel", "take-consent"], "consent-sign"),
    (["consent-language-ar"], "consent-sign"),
    (["consent-mode-one"], "consent-step"),
    (["consent-cancel", "nav-settings", "duties"], "duties-what"),
]
SERIOUS = ("serious", "critical")


async def plant(folder: Path) -> FamilyId:
    """A vault with a family that has a session, a consent and a hold."""
    async with unlocked(folder) as app:
        work = work_of(app)
        family, session = await family_of(work)
        await work.consenting.give(consent_draft(family, session.id))
        await work.keeping.hold(family.id, HoldDraft(HoldKind.LEGAL, "A case"))
        return family.id


def with_screen(machine: Tablet, executable: str, act: Callable[[Screen], None]) -> None:
    asyncio.run(plant(machine.data))
    app = machine.start()
    with start_chromium(executable, machine.root / "profile", machine.environment) as context:
        screen = Screen(context.new_page())
        screen.open(app.url)
        Walk(screen).unlock()
        act(screen)
    assert app.stop() == 0


def serious(screen: Screen) -> list[str]:
    """What axe-core calls serious or critical on the screen as it is now."""
    found: dict[str, Any] = Axe().run(screen.page).response
    assert len(found["passes"]) > 5, "it has looked at nothing"
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]


def text_size(screen: Screen, percent: int) -> None:
    screen.page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{percent}%")


def test_axe_finds_nothing_serious_at_any_size_of_text(
    machine: Tablet, chromium: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "calibrate", lambda: CHEAP)
    found: dict[str, list[str]] = {}

    def act(screen: Screen) -> None:
        for taps, mark in SCREENS:
            for name in taps:
                screen.touch(screen.starting(name) if name.endswith("-") else screen.see(name))
            screen.see(mark)
            for percent in (100, 200):
                text_size(screen, percent)
                screen.see(mark)
                if faults := serious(screen):
                    found[f"{mark} at {percent} %"] = faults
            text_size(screen, 100)
            screen.see(mark)

    with_screen(machine, chromium, act)
    assert found == {}


class Keys:
    """A person with a keyboard alone."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.page = screen.page

    def to(self, identifier: str) -> None:
        """Tab until the control with this identifier has the focus."""
        inside = """name => {
            const here = document.activeElement;
            const named = e => (e.getAttribute('flt-semantics-identifier') || '');
            const fits = e => name.endsWith('-') ? named(e).startsWith(name) : named(e) === name;
            for (let e = here; e; e = e.parentElement) if (fits(e)) return true;
            const within = [...here.querySelectorAll('[flt-semantics-identifier]')];
            return within.length < 3 && within.some(fits);
        }"""
        self.screen.starting(identifier).wait_for(state="attached")
        for _ in range(160):
            if self.page.evaluate(inside, identifier):
                return
            self.page.keyboard.press("Tab")
            self.page.wait_for_timeout(40)
        raise AssertionError(f"the keyboard does not reach {identifier}")

    def press(self, identifier: str, key: str = "Enter") -> None:
        """Go to a control and press a key."""
        self.to(identifier)
        self.page.keyboard.press(key)

    def write(self, identifier: str, text: str) -> None:
        """Go to a field and type."""
        self.to(identifier)
        self.page.wait_for_function("() => ['INPUT', 'TEXTAREA'].includes(document.activeElement.tagName)")
        self.page.keyboard.type(text, delay=15)
        self.page.wait_for_function("text => document.activeElement.value === text", arg=text)


def test_a_session_is_planned_and_consent_given_by_keyboard_alone(
    machine: Tablet, chromium: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "calibrate", lambda: CHEAP)

    def act(screen: Screen) -> None:
        keys = Keys(screen)
        keys.press("nav-families")
        keys.press(f"family-{CODE}")
        keys.press("new-session")
        keys.press("session-save")
        screen.see("take-consent")
        keys.press("take-consent")
        keys.press("consent-film-interaction", "Space")
        keys.press("consent-footing-parental-responsibility", "Space")
        keys.press("consent-signature-drawn", "ArrowDown")  # as in every group of radio buttons
        keys.write("signature-name", CAREGIVER)
        keys.press("signature-tick", "Space")
        keys.press("consent-sign")
        screen.says("Consent given")

    with_screen(machine, chromium, act)
