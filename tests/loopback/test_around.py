"""What the camera page asks around a film, knocked at from outside: strict, guarded, and never in a log."""

import asyncio
import json
import logging

import pytest

from tests.loopback.site import Site, running

CHOICE = json.dumps({"facing": "user", "camera": "Quokkacam", "microphone": ""})


async def post(site: Site, path: str, body: str = "", **headers: str) -> int:
    answer = await site.post(path, body, **headers)
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code


def test_a_choice_is_short_and_comes_from_our_page(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with running() as site:
            ours = {"Cookie": await site.cookie(), "Origin": site.origin}
            assert await post(site, "/capture/choice", CHOICE, **ours) == 403
            assert await post(site, "/capture/choice", "", **ours) == 400
            assert await post(site, "/capture/choice", CHOICE + " " * 5000, **ours) == 400
            assert await post(site, "/capture/choice", CHOICE, Cookie=ours["Cookie"]) == 403
            assert await post(site, "/capture/choice", CHOICE, Origin=site.origin) == 403
            assert await post(site, "/capture/look", **ours) == 204

    with caplog.at_level(logging.DEBUG):
        asyncio.run(run())
    assert "Quokka" not in caplog.text
