"""`vigfield status`: what it says, to whom, and that it changes nothing."""

import asyncio
import json
from pathlib import Path

from tests.app.kit import NAMES, PASSPHRASE, send, tablet, tree
from vigfield.model import RecordingState
from vigfield.status import status


def say(folder: Path, passphrase: str = PASSPHRASE) -> tuple[dict[str, object], bool]:
    found = asyncio.run(status(folder, passphrase))
    return found.value, found.opened


def test_a_vault_is_described_without_a_name(tmp_path: Path) -> None:
    async def run() -> dict[str, object]:
        async with tablet(tmp_path / "vault") as one:
            await one.filmed()
            begun = await one.begin()
            await send(begun, 0, 4)
            await begun.lost()
            await one.work.filming.close()
            whole, cut = (await one.work.practice.everything())[0]
            return {
                "films": [
                    {
                        "id": film.id,
                        "session": film.session,
                        "state": film.state.value,
                        "parts": 1,
                        "seconds": round(film.seconds, 3),
                        "frames": frames,
                        "bytes": film.bytes,
                        "digest": film.parts[0].sha256,
                        "digests": [film.parts[0].sha256],
                    }
                    for film, frames in ((whole, 12), (cut, 4))
                ],
                "consents": [
                    {
                        "id": one.consent.id,
                        "version": 1,
                        "status": "given",
                        "agreed": ["film-interaction"],
                        "from": one.consent.valid_from.isoformat(),
                        "until": one.consent.valid_until.isoformat(),
                    }
                ],
                "outbox": {"waiting": 9, "sent": 0, "refused": 0, "conflict": 0, "left": 0},
            }

    expected = asyncio.run(run())
    value, opened = say(tmp_path / "vault")
    assert opened
    assert value == expected
    told = json.dumps(value)
    assert [name for name in NAMES if name in told] == []


def test_it_recovers_nothing_and_changes_no_film(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            begun = await one.begin()
            await send(begun, 0, 4)
            begun._writer.abandon()
            one.work.filming._running = None

    asyncio.run(run())
    media = tree(tmp_path / "vault" / "media")
    for _ in range(2):
        value, _ = say(tmp_path / "vault")
        (film,) = value["films"]  # type: ignore[misc]
        assert film["state"] == RecordingState.OPEN.value  # type: ignore[index]
    assert tree(tmp_path / "vault" / "media") == media


def test_where_no_vault_is_none_is_begun(tmp_path: Path) -> None:
    assert say(tmp_path / "nothing") == ({"error": "no-vault"}, False)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty").mkdir()
    assert say(tmp_path / "empty") == ({"error": "no-vault"}, False)
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_wrong_passphrase_counts_as_a_try(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault"):
            pass

    asyncio.run(run())
    for left in range(9, -1, -1):
        assert say(tmp_path / "vault", "wrong") == ({"error": "wrong-passphrase", "left": left}, False)
    value, opened = say(tmp_path / "vault")
    assert not opened
    assert value["error"] == "throttled"
