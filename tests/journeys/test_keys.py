"""Another passphrase, and a forgotten one: as a practitioner and a key holder go through it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.app import PASSPHRASE, Tablet
from tests.journeys.browser import Screen
from tests.journeys.browser import chromium as start_chromium
from tests.journeys.walk import CODE, Walk

pytestmark = pytest.mark.browser

NEW = "eleven brave herons knit slowly"
NEWER = "nine quiet foxes paint bridges"


def vigfield(machine: Tablet, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vigfield", *arguments],
        input=said,
        capture_output=True,
        text=True,
        env=machine.environment,
        check=False,
    )


def test_a_passphrase_is_changed_forgotten_and_replaced_with_help(machine: Tablet, chromium: str) -> None:
    key = machine.root / "holder.key"
    made = vigfield(machine, "recovery-key", "--out", str(key))
    public, number = made.stdout.split()[0], made.stdout.splitlines()[3]
    app = machine.start()
    with start_chromium(chromium, machine.root / "profile", machine.environment) as context:
        screen = Screen(context.new_page())
        walk = Walk(screen)
        screen.open(app.url)
        walk.make_vault()
        walk.add_family()
        _change(screen)
        _set_up(screen, public, number)
        screen.tap("lock")
        screen.see("unlock")
        screen.type("passphrase", PASSPHRASE)
        screen.tap("unlock")
        screen.says("This passphrase is wrong")
        _forget(screen, machine, key)
        screen.tap("nav-families")
        screen.see(f"family-{CODE}")
        screen.tap("lock")
        walk.unlock(NEWER)
    assert app.stop() == 0
    assert machine.status(NEWER)["films"] == []
    _nothing_written(machine, key)


def _change(screen: Screen) -> None:
    screen.tap("nav-settings")
    screen.tap("change-passphrase")
    screen.type("passphrase-old", "not my passphrase")
    screen.type("passphrase", NEW)
    screen.type("passphrase-again", NEW)
    screen.tap("change-now")
    screen.says("This passphrase is wrong")
    screen.type("passphrase-old", PASSPHRASE)
    screen.tap("change-now")
    screen.says("Your passphrase is changed")


def _set_up(screen: Screen, public: str, number: str) -> None:
    screen.tap("recovery")
    screen.says("Nobody can help")
    screen.type("recovery-key", public[:-1])
    screen.type("recovery-passphrase", NEW)
    screen.tap("recovery-give")
    screen.says("This is no recovery key")
    screen.type("recovery-key", public)
    screen.says(number)
    screen.tap("recovery-give")
    screen.says("can help you from now on")


def _forget(screen: Screen, machine: Tablet, key: Path) -> None:
    screen.tap("forgotten")
    request = screen.see("request").inner_text().strip()
    number = screen.see("request-number").inner_text().strip()
    first = vigfield(machine, "recover", "--key", str(key), said=request)
    assert first.returncode == 1
    assert number in first.stderr
    assert first.stdout == ""
    answered = vigfield(machine, "recover", "--key", str(key), "--check", number, said=request)
    assert answered.returncode == 0, answered.stderr
    screen.type("reply", request)
    screen.type("passphrase", NEWER)
    screen.type("passphrase-again", NEWER)
    screen.tap("recover")
    screen.says("This is not the reply to this request")
    screen.type("reply", answered.stdout.strip())
    screen.tap("recover")
    screen.see("new-family")


def _nothing_written(machine: Tablet, key: Path) -> None:
    """No passphrase and no private key is in any file but the holder's own."""
    private = key.read_text().split(".")[1]
    for path in machine.root.rglob("*"):
        if path.is_file() and path != key:
            data = path.read_bytes()
            for secret in (PASSPHRASE, NEW, NEWER, private):
                assert secret.encode() not in data, path.name
