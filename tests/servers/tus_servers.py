"""Two tus servers that we did not write, in processes of their own that can be killed and started again."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.servers.sekmet import PYTHON

NODE = Path(__file__).resolve().parent / "tus"
OLDEST_NODE = (20, 19)
LONG_AGO = "2020-01-01T00:00:00.000Z"


@dataclass
class TusServer(ABC):
    """A server on a port and a folder that it keeps over its deaths."""

    folder: Path
    port: int = 0
    deaths: int = 0
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.uploads.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def uploads(self) -> Path:
        return self.folder / "uploads"

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/files"

    @abstractmethod
    def command(self) -> list[str]:
        """How it is started."""

    @abstractmethod
    def expire(self, location: str) -> None:
        """Make an upload look as if its time were over: the server says 410."""

    def start(self) -> None:
        """Start it, and return once it answers."""
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(self.command(), cwd=self.folder, stdout=said, stderr=said)
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "said").read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(20)

    def revive(self) -> None:
        """Start it again if it has died, by our hand or by its own."""
        if self.process is None or self.process.poll() is not None:
            self.deaths += 1
            self.start()

    def stored(self, location: str) -> bytes:
        """The bytes that it has on its own disk for an upload."""
        return self.file(location).read_bytes()

    def file(self, location: str) -> Path:
        return self.uploads / location.rpartition("/")[2]

    def forget(self, location: str) -> None:
        """Let somebody else remove the upload: the server says 404."""
        headers = {"Tus-Resumable": "1.0.0"}
        place = f"{self.base}/{location.rpartition('/')[2]}"
        httpx.delete(place, headers=headers, trust_env=False).raise_for_status()

    def _answers(self) -> bool:
        try:
            return httpx.options(self.base, trust_env=False).is_success
        except httpx.TransportError:
            return False


class Resumable(TusServer):
    """resumable-upload (PyPI): drops the part of a chunk that came, checks checksums, gives files back."""

    gives_back = True

    def command(self) -> list[str]:
        here = ["--host", "127.0.0.1", "--port", str(self.port), "--upload-dir", str(self.uploads)]
        more = ["--db-path", str(self.folder / "uploads.db"), "--checksum-algorithms", "sha1,sha256"]
        more += ["--upload-expiry", "86400", "--cleanup-interval", "86400", "--log-level", "WARNING"]
        more += ["--enable-downloads"] if self.gives_back else []
        return [str(PYTHON), "-m", "resumable_upload", "serve", *here, *more]

    def expire(self, location: str) -> None:
        with sqlite3.connect(self.folder / "uploads.db") as database:
            changed = database.execute(
                "UPDATE uploads SET expires_at = ? WHERE upload_id = ?",
                (LONG_AGO.replace("Z", "+00:00"), location.rpartition("/")[2]),
            )
            assert changed.rowcount == 1
        database.close()


class Silent(Resumable):
    """The same, as it is started by default: it gives nothing back."""

    gives_back = False


class Node(TusServer):
    """@tus/server (npm) on files: keeps the part of a chunk that came, has no checksums, gives files back."""

    def command(self) -> list[str]:
        return ["node", str(NODE / "server.mjs"), str(self.port), str(self.uploads)]

    def expire(self, location: str) -> None:
        about = self.file(location).with_suffix(".json")
        about.write_text(json.dumps(json.loads(about.read_text()) | {"creation_date": LONG_AGO}))


SERVERS: dict[str, type[TusServer]] = {"resumable-upload": Resumable, "@tus/server": Node}


def skip_without(kind: type[TusServer]) -> None:
    """Skip, and say what is missing, where a server cannot be started."""
    if issubclass(kind, Node):
        if (node := shutil.which("node")) is None:
            pytest.skip("the second tus server needs Node, and there is none")
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        if tuple(map(int, said.strip().lstrip("v").split(".")[:2])) < OLDEST_NODE:
            pytest.skip(f"the second tus server needs Node 20.19 or later, and this is {said.strip()}")
        if not (NODE / "node_modules" / "@tus" / "server").is_dir():
            pytest.skip("the second tus server is missing: python3 build/dev.py test installs it")
    elif not (PYTHON.is_file() and _has_resumable()):
        pytest.skip("the tus server is missing: python3 build/dev.py test installs it")


def _has_resumable() -> bool:
    folder = PYTHON.parent.parent
    return any(
        folder.glob(
            "Lib/site-packages/resumable_upload"
            if os.name == "nt"
            else "lib/*/site-packages/resumable_upload"
        )
    )
