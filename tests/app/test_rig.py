"""What this tablet films with: kept sealed across unlocks, and only what the camera page may say."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.app.kit import Tablet, end, send, tablet, tree, unlocked, work_of
from vigfield.app import Picture
from vigfield.loopback import Choice, parse_choice

CHOICE = Choice("user", "Quokkacam 9 (0bda:5842)", "Wombat Mic")


def test_devices_and_picture_are_there_after_the_next_unlock(tmp_path: Path) -> None:
    async def choose() -> None:
        async with tablet(tmp_path / "vault") as one:
            assert await one.app.choose(await one.link(), CHOICE)
            await one.work.rig.take(Picture.FINE)

    async def look() -> None:
        async with unlocked(tmp_path / "vault") as app:
            assert work_of(app).rig.choice == CHOICE
            assert work_of(app).rig.picture is Picture.FINE

    asyncio.run(choose())
    held = b"".join(tree(tmp_path / "vault").values())
    assert b"Quokka" not in held
    assert b"Wombat" not in held
    asyncio.run(look())


def test_the_setup_gives_the_choice_and_the_picture(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            before = await setup(one)
            assert before["choice"] == {"facing": "", "camera": "", "microphone": ""}
            assert (before["width"], before["height"], before["bitrate"]) == (1280, 720, 2_500_000)
            await one.app.choose(await one.link(), CHOICE)
            await one.work.rig.take(Picture.FINE)
            after = await setup(one)
            assert after["choice"] == {
                "facing": "user",
                "camera": CHOICE.camera,
                "microphone": CHOICE.microphone,
            }
            assert (after["width"], after["height"], after["fps"]) == (1920, 1080, 25)
            assert after["bitrate"] == 7_000_000
            # A fine film takes 2.7 times the room.
            assert 2.6 < minutes(before) / minutes(after) < 2.8

    asyncio.run(run())


async def setup(one: Tablet) -> dict[str, object]:
    found = one.app.setup(await one.link())
    assert found is not None
    return dict(found)


def minutes(said: dict[str, object]) -> int:
    found = said["minutesLeft"]
    assert isinstance(found, int)
    return found


def test_nobody_chooses_without_a_link(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            assert not await one.app.choose("guessed", CHOICE)
            assert not await one.app.choose("", CHOICE)
            assert one.work.rig.choice == Choice()

    asyncio.run(run())


@pytest.mark.parametrize(
    "said",
    [
        "",
        "no",
        "[]",
        json.dumps({"facing": "user", "camera": "a"}),
        json.dumps({"facing": "up", "camera": "a", "microphone": "b"}),
        json.dumps({"facing": "user", "camera": 1, "microphone": "b"}),
        json.dumps({"facing": "user", "camera": "a\nb", "microphone": "b"}),
        json.dumps({"facing": "user", "camera": "a", "microphone": "b\x00"}),
        json.dumps({"facing": "user", "camera": "a", "microphone": "\u202eb"}),
        json.dumps({"facing": "user", "camera": "a" * 201, "microphone": "b"}),
        json.dumps({"facing": "user", "camera": "a", "microphone": "b", "more": "c"}),
        "[" * 100_000,
    ],
)
def test_what_is_no_choice_is_none(said: str) -> None:
    assert parse_choice(said) is None


def test_a_look_is_given_once_for_the_film_that_has_just_ended(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            part = await one.begin()
            await send(part)
            assert await one.app.look(part.next_token) is None
            await part.finish(end(part))
            assert await one.app.look("") is None
            assert await one.app.look("guessed") is None
            link = await one.app.look(part.next_token)
            assert link is not None
            assert one.app.claim(link) is not None
            assert await one.app.look(part.next_token) is None

    asyncio.run(run())


def test_no_look_under_cover_nor_after_a_withdrawal(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            part = await one.begin()
            await send(part)
            await part.finish(end(part))
            await one.app.withdraw(one.family.id)
            assert await one.app.look(part.next_token) is None
            await one.app.lock()
            assert await one.app.look(part.next_token) is None

    asyncio.run(run())
