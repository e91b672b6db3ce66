"""The app under test, as its own process: started, asked for its status, stopped or killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PASSPHRASE = "seven calm otters read maps"
TIMEOUT = 60


@dataclass(slots=True)
class Running:
    """A started app: its launch link and its process."""

    process: subprocess.Popen[str]
    url: str
    service: str
    log: Path

    @property
    def origin(self) -> str:
        """Where it serves."""
        return self.url.split("/launch")[0]

    def kill(self) -> None:
        """As a power cut would: no chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(TIMEOUT)

    def stop(self) -> int:
        """As a person would, by closing it; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT)


@dataclass(slots=True)
class Tablet:
    """A machine of its own for the app: its data folder, temp folder and home, all under one root."""

    root: Path
    started: list[Running] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """The vault's folder."""
        return self.root / "data" / "vault"

    @property
    def temp(self) -> Path:
        """Where the app and the browser put temporary files."""
        return self.root / "tmp"

    @property
    def environment(self) -> dict[str, str]:
        """An environment in which everything that is written lands under the root."""
        for folder in (self.temp, self.root / "home"):
            folder.mkdir(parents=True, exist_ok=True)
        places = {"TMPDIR": str(self.temp), "HOME": str(self.root / "home")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        return {**kept, **places, "PYTHONDONTWRITEBYTECODE": "1"}

    def start(self, *arguments: str, command: str = "run") -> Running:
        """Start the app without a browser and wait for its link."""
        log = self.root / f"log-{len(self.started)}.txt"
        place = [] if "--vaults" in arguments else ["--data", str(self.data)]
        line = [sys.executable, "-m", "vigfield", command, "--no-browser", *place]
        with log.open("w") as errors:
            process = subprocess.Popen(
                [*line, *arguments], stdout=subprocess.PIPE, stderr=errors, text=True, env=self.environment
            )
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, log.read_text()
        said = json.loads(first)
        running = Running(process, said["url"], said.get("service", ""), log)
        self.started.append(running)
        return running

    def status(self, passphrase: str = PASSPHRASE) -> dict[str, Any]:
        """What `vigfield status` says; the app must not be running."""
        line = [sys.executable, "-m", "vigfield", "status", "--json", "--data", str(self.data)]
        done = subprocess.run(
            line, input=passphrase + "\n", capture_output=True, text=True, env=self.environment, check=False
        )
        value: dict[str, Any] = json.loads(done.stdout)
        return value


@contextmanager
def tablet(root: Path) -> Iterator[Tablet]:
    """A tablet whose processes are ended with it."""
    made = Tablet(root)
    try:
        yield made
    finally:
        for running in made.started:
            if running.process.poll() is None:
                running.kill()
            if running.process.stdout is not None:
                running.process.stdout.close()
