"""Lock and withdrawal as a person meets them: a reload, wrong passphrases, filming, a change of mind."""

import pytest

from tests.film.kit import Source
from tests.journeys import vault
from tests.journeys.app import Tablet
from tests.journeys.browser import Screen
from tests.journeys.browser import chromium as start_chromium
from tests.journeys.walk import CAREGIVER, CODE, INFANT, Walk

pytestmark = [pytest.mark.browser, pytest.mark.films]

SECRETS = [CAREGIVER, INFANT, CODE]
WRONG = "seven calm otters eat maps"
# A busy machine: what the page wants to do soon, it does much later.
LATE = "const soon = window.setInterval; window.setInterval = (act, after) => soon(act, after + 4000)"


def _nothing_of_ours(text: str) -> bool:
    return not any(secret in text for secret in SECRETS)


def test_a_reload_finds_a_locked_app_that_wrong_passphrases_do_not_open(
    machine: Tablet, chromium: str
) -> None:
    app = machine.start()
    with start_chromium(chromium, machine.root / "profile", machine.environment) as context:
        context.add_init_script(LATE)
        screen = Screen(context.new_page())
        walk = Walk(screen)
        screen.open(app.url)
        walk.make_vault()
        walk.add_family()
        screen.page.reload()
        screen.see("unlock")
        screen.focused("passphrase")
        assert _nothing_of_ours(screen.dom())
        kept = screen.page.evaluate("() => JSON.stringify([{...sessionStorage}, {...localStorage}])")
        assert _nothing_of_ours(kept)
        screen.tap("unlock")
        screen.says("Please type your passphrase")
        screen.type("passphrase", WRONG)
        screen.tap("unlock")
        screen.says("9 tries left")
        walk.unlock()
        screen.tap("nav-families")
        screen.see(f"family-{CODE}")
    assert app.stop() == 0


def test_a_film_goes_on_when_the_page_around_it_is_gone(
    machine: Tablet, chromium: str, source: Source
) -> None:
    """A reload while filming: what was filmed is kept, and the app is locked."""
    app = machine.start()
    with start_chromium(chromium, machine.root / "profile", machine.environment, source) as context:
        screen = Screen(context.new_page())
        walk = Walk(screen)
        screen.page.on("dialog", lambda dialog: dialog.accept())
        screen.open(app.url)
        walk.make_vault()
        walk.add_family()
        walk.add_session()
        walk.sign_consent("film-interaction")
        camera = walk.open_camera()
        walk.film(camera, 4)
        screen.page.reload()
        screen.see("unlock")
        assert _nothing_of_ours(screen.dom())
    assert app.stop() == 0
    [film] = vault.films(machine.data)
    assert film.recording.state.value == "interrupted"
    assert film.recording.seconds > 3


def test_a_withdrawn_consent_refuses_filming_at_once(machine: Tablet, chromium: str) -> None:
    app = machine.start()
    with start_chromium(chromium, machine.root / "profile", machine.environment) as context:
        screen = Screen(context.new_page())
        walk = Walk(screen)
        screen.open(app.url)
        walk.make_vault()
        walk.add_family()
        walk.add_session()
        walk.sign_consent("film-interaction")
        screen.tap("withdraw-consent")
        screen.tap("withdraw-confirm")
        screen.see("film-refused")
        screen.tap("film")
        screen.says("The consent was withdrawn.")
    assert app.stop() == 0
    consents = machine.status()["consents"]
    assert [(one["version"], one["status"]) for one in consents] == [(1, "given"), (2, "withdrawn")]
