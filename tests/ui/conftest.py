"""Passphrases that cost a millisecond here; their real cost is tested with the slots."""

import pytest

from tests.app import kit


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigfield.app.door.calibrate", lambda: kit.CHEAP)
