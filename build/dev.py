"""The one command of a working copy: `run` starts the app, `test` runs every check, `bench` measures.

    python3 build/dev.py run   [--no-browser] [--data DIR] [--port N]
    python3 build/dev.py test  [--long] [arguments of pytest]
    python3 build/dev.py bench [--only NAME ...] [--quick] [--write]

Needs Python 3.11 or later and nothing else: what the app needs is installed into `.venv`, what the
checks need into `.venv-dev`, and other people's servers that they talk to into `.venv-servers` and, where
there is npm, into `tests/servers/tus/node_modules`; each from its lock file, with hashes, and again only
when the lock changes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
WINDOWS = os.name == "nt"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WITH_BROWSER = ("tests/journeys", "tests/loopback", "tests/test_benchmarks.py", "tests/test_secrets.py")
FRAMES = ("-m", "frames", *WITH_BROWSER[:2])
IN_FRONT = ("-m", "browser and not frames", "tests/loopback")
NEITHER = ("-m", "not browser")
SEALED = ("tests/crashes", "tests/seal", "tests/store", "tests/sync")
BESIDE = (  # what keeps the processor busy makes way for what films, and for what waits most of the time
    ("-m", "browser and not frames", "tests/journeys", *WITH_BROWSER[2:]),
    (*NEITHER, "tests/app"),
    (*NEITHER, *SEALED),
    (*NEITHER, "tests", *(f"--ignore={folder}" for folder in ("tests/app", "tests/journeys", *SEALED))),
)
SERVERS = ROOT / "tests" / "servers" / "requirements.lock"
NODE_SERVERS = ROOT / "tests" / "servers" / "tus"
CHECKS = (
    ("format", ("ruff", "format", "--check", ".")),
    ("lint", ("ruff", "check", ".")),
    ("types", ("mypy",)),
)


class Stop(Exception):
    """What a person has to know before this can go on."""


def main(arguments: list[str]) -> int:
    """Carry out `run`, `test` or `bench`; the answer is the exit code."""
    try:
        if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must get a sentence, not a traceback
            raise Stop("This needs Python 3.11 or later.")
        if arguments[:1] == ["run"]:
            return run(arguments[1:])
        if arguments[:1] == ["test"]:
            return test(arguments[1:])
        if arguments[:1] == ["bench"]:
            return bench(arguments[1:])
        raise Stop("Say what to do:  python3 build/dev.py run  (or  test,  or  bench)")
    except Stop as stop:
        say(str(stop))
        return 2


def run(arguments: list[str]) -> int:
    """Start the app with its demo families; this process becomes the app where the system can do that."""
    python = environment(ROOT / ".venv", ROOT / "requirements.lock")
    command = [str(python), "-m", "vigfield", "demo", *arguments, *unsandboxed(arguments)]
    return subprocess.call(command) if WINDOWS else become(command)


def unsandboxed(arguments: list[str]) -> list[str]:
    """Chromium does not start as root with its sandbox; the demo, and only the demo, then does without."""
    if WINDOWS or os.geteuid() != 0 or "--no-browser" in arguments:
        return []
    say("You are root: the demo's browser starts without its sandbox.")
    return ["--no-sandbox"]


def become(command: list[str]) -> NoReturn:
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def test(arguments: list[str]) -> int:
    """Run the checks in order, all of them whatever fails; pytest has the last word on the screen."""
    python = environment_to_test()
    failed = [name for name, command in CHECKS if not check(name, [str(python), "-m", *command])]
    if failed:
        say(f"FAILED before the tests: {', '.join(failed)}")
    say("tests")
    command = [str(python), "-m", "pytest", *arguments]
    tests = side_by_side(command) if arguments in ([], ["--long"]) else subprocess.call(command, cwd=ROOT)
    return tests or len(failed)


def side_by_side(command: list[str]) -> int:
    """First the tests that count frames, alone; then those that film, with all others in lanes beside."""
    failed = subprocess.call([*command, *FRAMES], cwd=ROOT)
    with ThreadPoolExecutor(len(BESIDE)) as lanes:
        others = [lanes.submit(beside, command, lane) for lane in BESIDE]
        failed = subprocess.call([*command, *IN_FRONT], cwd=ROOT) or failed
        for other in others:
            code, said = other.result()
            failed = code or failed
            sys.stdout.flush()
            sys.stdout.buffer.write(said)
    return failed


def beside(command: list[str], lane: tuple[str, ...]) -> tuple[int, bytes]:
    """Tests that run in the background; what they say is kept for the end."""
    way = ("nice", "-n", "10") if shutil.which("nice") and lane in BESIDE[2:] else ()
    line = [*way, *command, *lane]
    done = subprocess.run(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


def bench(arguments: list[str]) -> int:
    """Measure, and print the table of docs/performance.md."""
    return subprocess.call([str(environment_to_test()), "-m", "benchmarks", *arguments], cwd=ROOT)


def environment_to_test() -> Path:
    """The Python of the environment for tests; a browser and other people's servers are beside it."""
    with ThreadPoolExecutor(1) as beside:
        servers = beside.submit(environment, ROOT / ".venv-servers", SERVERS, ours=False)
        python = environment(ROOT / ".venv-dev", ROOT / "requirements-dev.lock")
        servers.result()
    node_packages(NODE_SERVERS)
    ensure_browser()
    return python


def check(name: str, command: list[str]) -> bool:
    """Run one check, say how long it took, and tell whether it passed."""
    began = time.monotonic()
    passed = subprocess.call(command, cwd=ROOT) == 0
    say(f"{name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - began:.1f} s")
    return passed


def environment(folder: Path, lock: Path, *, ours: bool = True) -> Path:
    """The Python of an environment that holds exactly the lock, made anew if the lock has changed.

    `ours` when it is to find this working copy too.
    """
    python = folder / ("Scripts/python.exe" if WINDOWS else "bin/python")
    marker = folder / "installed-lock"
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if marker.is_file() and python.is_file() and marker.read_text() == wanted:
        return python
    began = time.monotonic()
    say(f"Installing what {lock.name} lists into {folder.name}; this is done once.")
    make_environment(folder)
    install(python, lock)
    if ours:
        reach_sources(folder)
    marker.write_text(wanted)
    say(f"Installed in {time.monotonic() - began:.0f} s.")
    return python


def node_packages(folder: Path) -> None:
    """Install exactly what `package-lock.json` lists, where there is npm; the tests say what is missing."""
    npm = shutil.which("npm")
    marker = folder / "node_modules" / "installed-lock"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if npm is None or (marker.is_file() and marker.read_text() == wanted):
        return
    say(f"Installing what {folder.name}/package-lock.json lists; this is done once.")
    command = [npm, "ci", "--prefix", str(folder), "--ignore-scripts", "--omit=optional"]
    quiet([*command, "--no-audit", "--no-fund"], "The packages of Node could not be installed.")
    marker.write_text(wanted)


def make_environment(folder: Path) -> None:
    if find_spec("ensurepip") is None:
        raise Stop(
            "This Python comes without ensurepip, so it cannot make an environment."
            " On Debian and Ubuntu: apt-get install python3-venv"
        )
    quiet([sys.executable, "-m", "venv", "--clear", str(folder)], "The environment could not be made.")


def install(python: Path, lock: Path) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    quiet([*command, "--require-hashes", "--requirement", str(lock)], "The packages could not be installed.")


def reach_sources(folder: Path) -> None:
    """Make `import vigfield` find this working copy, from wherever it is started."""
    pattern = "Lib/site-packages" if WINDOWS else "lib/python3*/site-packages"
    packages = next(folder.glob(pattern))
    (packages / "vigfield-working-copy.pth").write_text(f"{ROOT}\n", encoding="utf-8")


def quiet(command: list[str], trouble: str) -> None:
    """Run a command and show what it said only if it failed, without any address in it."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        raise Stop(f"{trouble}\n{without_addresses(tail)}")


def without_addresses(text: str) -> str:
    return re.sub(r"\b(?:https?|file)://[^\s'\"),]+|host='[^']*'", "(address)", text)


def ensure_browser() -> None:
    """Find the browser that the journeys drive; where this machine lets us, install it."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise Stop(
            "The tests drive Chromium, and none is here. Install it (Debian: apt-get install chromium)."
        )
    say("Installing Chromium for the browser tests; this is done once.")
    quiet(["apt-get", "update", "-q"], "The list of system packages could not be read.")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    quiet(
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
        "Chromium could not be installed.",
    )


def say(sentence: str) -> None:
    """To standard error: standard output belongs to the app and to pytest."""
    print(f"vigfield: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
