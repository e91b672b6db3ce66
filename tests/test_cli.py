"""The command line, in processes of its own: one sentence and exit 1, never a traceback."""

import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import command
from vigfield import __main__ as main
from vigfield import __version__
from vigfield.store.lock import Lock

ROOT = Path(__file__).resolve().parents[1]
PASSPHRASE = "seven calm otters read maps"
MAKE = """
import asyncio, sys
from pathlib import Path
from tests.app.kit import CHEAP, unlocked
from vigfield.app import door
door.calibrate = lambda: CHEAP
async def make():
    async with unlocked(Path(sys.argv[1])):
        pass
asyncio.run(make())
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault to copy from."""
    folder = tmp_path_factory.mktemp("made") / "vault"
    done = python("-c", MAKE, str(folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def vault(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "vault"))


def says_one_sentence(done: subprocess.CompletedProcess[str], part: str) -> None:
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    spoken = [line for line in done.stderr.splitlines() if line.startswith("vigfield: ")]
    assert len(spoken) == 1, done.stderr
    assert part in spoken[0]
    assert done.stdout == ""


def not_a_vault(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "letters.txt").write_text("dear")


def a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("x")


def newer(folder: Path) -> None:
    header = json.loads((folder / "vault.json").read_bytes())
    (folder / "vault.json").write_text(json.dumps({**header, "format": 99}))


def damaged(folder: Path) -> None:
    (folder / "vault.json").write_bytes(b"{")


@pytest.mark.parametrize(
    ("spoil", "part"),
    [
        (not_a_vault, "holds other things and no vault"),
        (a_file, "holds other things and no vault"),
        (newer, "newer vigfield"),
        (damaged, "does not verify"),
    ],
)
@pytest.mark.parametrize("name", ["run", "status"])
def test_a_folder_that_is_no_vault(vault: Path, name: str, spoil: Callable[[Path], None], part: str) -> None:
    spoil(vault)
    before = {path: path.read_bytes() for path in vault.rglob("*") if path.is_file()}
    more = ["--no-browser"] if name == "run" else ["--json"]
    says_one_sentence(command(name, "--data", str(vault), *more, typed=f"{PASSPHRASE}\n"), part)
    assert {path: path.read_bytes() for path in vault.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["run", "status"])
def test_a_vault_in_use(vault: Path, name: str) -> None:
    lock = Lock(vault / "vault.lock")
    more = ["--no-browser"] if name == "run" else ["--json"]
    says_one_sentence(command(name, "--data", str(vault), *more, typed=f"{PASSPHRASE}\n"), "another vigfield")
    lock.release()


def test_a_taken_port(vault: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = command("run", "--no-browser", "--data", str(vault), "--port", port)
    says_one_sentence(done, "Another program uses this port")


def test_a_demonstration_with_a_real_vault(vault: Path) -> None:
    done = command("demo", "--no-browser", "--data", str(vault))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "vigfield: " in done.stderr
    assert not list(vault.parent.glob("*-service.db"))


def test_something_unforeseen_is_one_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def failing(_: object) -> int:
        raise LookupError("Quillfeather")

    monkeypatch.setattr(main, "serve", failing)
    monkeypatch.setattr(main, "harden", lambda: None)
    monkeypatch.setattr(main, "log_discreetly", lambda: None)
    assert main.main(["run"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("vigfield: Something went wrong")
    assert "Quillfeather" not in said.err


def test_serving_until_a_signal_says_one_line_and_leaves_cleanly(vault: Path) -> None:
    line = [sys.executable, "-m", "vigfield", "run", "--no-browser", "--data", str(vault)]
    with subprocess.Popen(
        line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = json.loads(process.stdout.readline())
        assert set(said) == {"url"}
        assert said["url"].startswith("http://127.0.0.1:")
        second = command("run", "--no-browser", "--data", str(vault))
        says_one_sentence(second, "another vigfield")
        process.send_signal(signal.SIGTERM)
        rest, errors = process.stdout.read(), process.stderr.read()
    assert (process.returncode, rest) == (0, "")
    assert "Traceback" not in errors
    token = said["url"].rsplit("/", 1)[1]
    assert token not in errors


def test_status_over_the_command_line(vault: Path) -> None:
    done = command("status", "--json", "--data", str(vault), typed=f"{PASSPHRASE}\n")
    assert done.returncode == 0
    assert json.loads(done.stdout)["films"] == []
    assert len(done.stdout.splitlines()) == 1
    wrong = command("status", "--json", "--data", str(vault), typed="wrong\n")
    assert (wrong.returncode, json.loads(wrong.stdout)["error"]) == (1, "wrong-passphrase")
    none = command("status", "--json", "--data", str(vault.parent / "none"), typed="x\n")
    assert (none.returncode, json.loads(none.stdout)["error"]) == (1, "no-vault")
    assert not (vault.parent / "none").exists()


def test_help_and_version() -> None:
    assert python("-m", "vigfield", "--version").stdout.strip() == f"vigfield {__version__}"
    done = command("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("run", "demo", "status"))
    assert command("film").returncode == 2


@pytest.mark.parametrize("name", ["run", "doctor"])
def test_one_vault_and_several_at_once_are_refused(vault: Path, name: str) -> None:
    done = command(name, "--data", str(vault), "--vaults", str(vault.parent))
    says_one_sentence(done, "please use one of them")


def test_the_doctor_looks_at_every_vault_of_a_folder(vault: Path, tmp_path: Path) -> None:
    vaults = tmp_path / "several"
    shutil.copytree(vault, vaults / "vault-1")
    shutil.copytree(vault, vaults / "vault-2")
    whole = command("doctor", "--json", "--vaults", str(vaults))
    damaged(vaults / "vault-2")
    before = {path: path.read_bytes() for path in vaults.rglob("*") if path.is_file()}
    torn = command("doctor", "--json", "--vaults", str(vaults))
    first, second = (json.loads(done.stdout)["findings"] for done in (whole, torn))
    assert [one for one in second if one not in first], "the second vault's damage is not told"
    assert torn.returncode == 1
    assert {path: path.read_bytes() for path in vaults.rglob("*") if path.is_file()} == before
