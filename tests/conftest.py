"""What every test may use: the --long switch, markers that skip with a reason, and the Chromium to drive."""

import os
import shutil
from collections import Counter
from pathlib import Path

import hypothesis
import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

# Where build/dev.py looks for tests that need a browser; in the first of them for nothing else.
WITH_BROWSER = ("tests/journeys", "tests/loopback", "tests/test_benchmarks.py", "tests/test_secrets.py")
ROOT = Path(__file__).resolve().parents[1]

TRIED = pytest.StashKey[Counter[str]]()

# A shared machine makes any deadline a matter of luck.
hypothesis.settings.register_profile("vigfield", deadline=None, print_blob=True)
hypothesis.settings.load_profile("vigfield")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the tests that take minutes")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if counts := config.stash.get(TRIED, None):
        terminalreporter.write_line(
            "tried: " + ", ".join(f"{count:,} {what}" for what, count in counts.items())
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    reasons = {
        "long": None if config.getoption("--long") else "takes minutes: run with --long",
        "root": None if is_root() else "needs root",
    }
    for item in items:
        place = item.path.relative_to(ROOT).as_posix()
        browser = any(map(item.get_closest_marker, ("browser", "films")))
        if not (place.startswith(WITH_BROWSER) if browser else not place.startswith(WITH_BROWSER[0])):
            raise pytest.UsageError(f"{item.nodeid} is in none of the lanes of build/dev.py")
        for marker, reason in reasons.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture(scope="session")
def tried(request: pytest.FixtureRequest) -> Counter[str]:
    """What is printed at the end: how many vectors and cases were tried, and how many went wrong."""
    return request.config.stash.setdefault(TRIED, Counter())


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the Chromium that browser tests drive; a missing one is a failure, never a skip."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    pytest.fail("no Chromium on this machine: build/dev.py test installs it where it can")
