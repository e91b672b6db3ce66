"""A process that erases the one film of a vault, all on one thread; for tests that kill it on the way."""

import asyncio
import ctypes
import logging
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from vigfield.app import App, Door, Erasure, Open, PageWords
from vigfield.model import Ground
from vigfield.store import db

PR_SET_PTRACER, ANYBODY = 0x59616D61, -1


class Inline:
    """Does at once, on the caller's thread, what an executor would do later on its own."""

    def __init__(self, *_: object) -> None:
        """As ThreadPoolExecutor."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        done: Future[Any] = Future()
        try:
            done.set_result(work(*arguments))
        except BaseException as error:  # noqa: BLE001  it is handed on
            done.set_exception(error)
        return done

    def shutdown(self, wait: bool = True) -> None:
        """Nothing is left to do."""


async def inline(work: Callable[..., Any], *arguments: Any) -> Any:
    return work(*arguments)


def run(folder: Path, passphrase: str, parent: Connection) -> None:
    """Unlock, wait for a word, erase, say "erased" once the app does, lock."""
    logging.disable()
    db.ThreadPoolExecutor = Inline  # type: ignore[assignment,misc]
    asyncio.to_thread = inline  # type: ignore[assignment]
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)
    asyncio.run(_run(folder, passphrase, parent))


async def _run(folder: Path, passphrase: str, parent: Connection) -> None:
    app = App(Door(folder, demo=False), PageWords({}, {}), None)
    opened = await app.unlock(passphrase)
    assert isinstance(opened, Open)
    (film,) = (await opened.work.practice.everything())[0]
    parent.send("unlocked")
    parent.recv()
    erased = await opened.work.erasing.erase(film.id, Ground.CAREGIVER_ASKED)
    if isinstance(erased, Erasure) and erased.certificate.completed:
        parent.send("erased")
    await app.close()
