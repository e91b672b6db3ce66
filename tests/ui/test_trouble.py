"""What a person is told of files that are away, of files that are nobody's, and of the tablet itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.kit import Tablet, work_of
from tests.ui.test_screens import on, tab, to_today
from vigfield import clock
from vigfield.rules import Reason
from vigfield.ui import filmwords, places, refusals
from vigfield.ui.host import Host


def test_a_session_says_which_film_is_away_and_does_not_offer_to_play_it(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        media = tmp_path / "vault" / "media"
        (path,) = media.glob("*.film")
        gone = path.name.removesuffix("-001.film")
        (media / f"{'a' * 32}-001.film").write_bytes(b"of another vault")
        async with tab(one, host) as first:
            await to_today(first)
            one.work = work_of(one.app)
            await one.filmed()
            path.unlink()
            first.desk.go(places.SessionPlace(one.session.id))
            await first.until(f"film-trouble-{gone}")
            assert refusals.REASONS[Reason.MISSING] in first.texts()
            assert f"play-{gone}" not in first.identifiers()
            assert sum(name.startswith("play-") for name in first.identifiers()) == 1
            first.desk.go(places.Settings())
            await first.until("tablet-strangers")
            assert filmwords.strangers(1) in first.texts()

    on(tmp_path, act)


def test_today_says_that_the_clock_is_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(one: Tablet, host: Host) -> None:
        real = clock.now
        async with tab(one, host) as first:
            await to_today(first)
            assert "clock-notice" not in first.identifiers()
            monkeypatch.setattr(clock, "now", lambda: real() - timedelta(hours=1))
            one.app.announce()
            await first.until("clock-notice")

    on(tmp_path, act)
