"""Starting, stopping, and what is served beside the app."""

import asyncio
import socket
from pathlib import Path

import pytest

from tests.loopback.site import Kept, NoFilms, Shelf, Ui, running
from vigfield.errors import PortTaken
from vigfield.loopback.server import Server, build


def app() -> object:
    ui = Ui()
    return build(ui.socket, ui.static, NoFilms(), Shelf(Kept(b"")), Path())


def test_a_taken_port_is_said_to_be_taken() -> None:
    async def go() -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            with pytest.raises(PortTaken):
                await Server.start(app(), other.getsockname()[1])  # type: ignore[arg-type]

    asyncio.run(go())


def test_two_servers_do_not_share_a_port() -> None:
    async def go() -> None:
        async with running() as site:
            with pytest.raises(PortTaken):
                await Server.start(app(), site.server.port)  # type: ignore[arg-type]
            assert (await site.get("/launch")).status_code == 200

    asyncio.run(go())


def test_a_stopped_server_gives_its_port_back() -> None:
    async def go() -> None:
        async with running() as site:
            port = site.server.port
            cookie = await site.cookie()
            await site.get("/", cookie)
        again = await Server.start(app(), port)  # type: ignore[arg-type]
        assert again.port == port
        await again.stop()
        await again.wait()

    asyncio.run(go())


def test_only_this_machine_is_listened_to() -> None:
    async def go() -> None:
        async with running() as site:
            with socket.socket() as elsewhere, pytest.raises(ConnectionRefusedError):
                elsewhere.connect(("127.0.0.2", site.server.port))

    asyncio.run(go())


def test_fonts_are_answered_by_family(tmp_path: Path) -> None:
    folder = tmp_path / "fonts" / "fallback"
    (folder / "notosanssc").mkdir(parents=True)
    (folder / "notosansarabic.woff2").write_bytes(b"arabic")
    (folder / "notosanssc" / "29.woff2").write_bytes(b"chinese")
    (tmp_path / "secret.woff2").write_bytes(b"secret")

    async def go() -> None:
        async with running(assets=tmp_path) as site:
            cookie = await site.cookie()

            async def font(path: str) -> bytes | int:
                answer = await site.get(f"/assets/fonts/{path}", cookie)
                return answer.content if answer.status_code == 200 else answer.status_code

            assert await font("notosansarabic/v28/abc.woff2") == b"arabic"
            assert await font("notosansarabic/v28/abc.3.woff2") == b"arabic"
            assert await font("notosanssc/v36/abc-_d.29.woff2") == b"chinese"
            for missing in (
                "notosanssc/v36/abc.30.woff2",
                "notosansthai/v1/a.woff2",
                "NOTOSANSARABIC/v1/a.woff2",
            ):
                assert await font(missing) == 404
            for outside in (
                "..%2f..%2fsecret/v1/a.woff2",
                "..%2fsecret/v1/a.woff2",
                "notosanssc/v1/a...%2f29.woff2",
            ):
                assert await font(outside) in (404, b"a file")

    asyncio.run(go())


def test_our_pages_are_served_and_nothing_beside_them(tmp_path: Path) -> None:
    for name in ("capture", "player", "private"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(f"<p>{name}</p>")
    (tmp_path / "player" / "player.js").write_text("export const one = 1;")

    async def go() -> None:
        async with running(assets=tmp_path) as site:
            cookie = await site.cookie()
            assert (await site.get("/capture/", cookie)).text == "<p>capture</p>"
            assert (await site.get("/player/", cookie)).text == "<p>player</p>"
            script = await site.get("/player/player.js", cookie)
            assert script.headers["content-type"].startswith("text/javascript")
            assert (await site.get("/private/", cookie)).text == "a file"
            assert (await site.get("/player/../private/index.html", cookie)).text == "a file"
            for outside in (
                "/player/%2e%2e/private/index.html",
                "/player/..%2fprivate/index.html",
                "/vendor/none.js",
            ):
                assert "private" not in (await site.get(outside, cookie)).text

    asyncio.run(go())
