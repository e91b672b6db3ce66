"""The service lives inside the app's own process and event loop, and leaves nothing behind."""

import asyncio
import signal
import socket
from pathlib import Path

import pytest

from tests.sync.examples import puts
from tests.sync.servers import batches
from vigfield.errors import Damaged
from vigfield.model import Kind
from vigfield.service import serve
from vigfield.sync import Accepted, FhirClient, push


def test_it_answers_in_the_same_loop_and_frees_its_port(tmp_path: Path) -> None:
    async def go() -> int:
        async with serve(tmp_path / "reference.db") as served, FhirClient(served.base) as client:
            said = [outcome async for outcome in push(client, batches(puts()))]
            assert [type(outcome) for outcome in said] == [Accepted] * len(Kind)
            return served.port

    port = asyncio.run(go())
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_leaves_the_signals_to_the_app(tmp_path: Path) -> None:
    async def go() -> None:
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        async with serve(tmp_path / "reference.db"):
            assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before

    asyncio.run(go())


def test_two_can_run_at_once(tmp_path: Path) -> None:
    async def go() -> None:
        async with serve(tmp_path / "one.db") as one, serve(tmp_path / "two.db") as two:
            assert one.port != two.port

    asyncio.run(go())


def test_a_file_that_is_no_database_stops_it_before_it_listens(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database " * 100)

    async def go() -> None:
        async with serve(file):
            pytest.fail("it must not serve")

    with pytest.raises(Damaged):
        asyncio.run(go())
