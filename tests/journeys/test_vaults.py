"""Two practitioners share a tablet: each has a vault, and opens no other."""

import pytest

from tests.journeys.app import PASSPHRASE, Tablet
from tests.journeys.browser import Screen
from tests.journeys.browser import chromium as start_chromium
from tests.journeys.walk import CODE, Walk

pytestmark = pytest.mark.browser

OTHER = "nine quiet foxes paint bridges"


def test_two_practitioners_share_a_tablet(machine: Tablet, chromium: str) -> None:
    app = machine.start("--vaults", str(machine.root / "vaults"))
    with start_chromium(chromium, machine.root / "profile", machine.environment) as context:
        screen = Screen(context.new_page())
        walk = Walk(screen)
        screen.open(app.url)
        walk.make_vault()
        walk.add_family()
        screen.tap("lock")
        screen.tap("another-vault")
        screen.see("passphrase-again")
        walk.make_vault(OTHER)
        screen.tap("nav-families")
        assert CODE not in screen.dom()
        screen.tap("lock")
        screen.tap("vault-1")
        screen.type("passphrase", OTHER)
        screen.tap("unlock")
        screen.says("This passphrase is wrong")
        screen.tap("choose-vault")
        screen.tap("vault-2")
        walk.unlock(OTHER)
        screen.tap("lock")
        screen.tap("vault-1")
        walk.unlock(PASSPHRASE)
        screen.tap("nav-families")
        screen.see(f"family-{CODE}")
    assert app.stop() == 0
