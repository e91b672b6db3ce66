"""build/dev.py: installs once for each lock, and never shows where packages come from."""

import importlib.util
import sys
from pathlib import Path

import pytest

from tests import conftest

# By its path: a package named "build" may be installed, and would be found first.
_SPEC = importlib.util.spec_from_file_location("dev", Path(__file__).parent.parent / "build" / "dev.py")
assert _SPEC is not None
assert _SPEC.loader is not None
dev = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(dev)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was installed, lock by lock; the environment is made by hand, without pip."""
    seen: list[str] = []

    def make(folder: Path) -> None:
        packages = folder / "lib" / "python3.11" / "site-packages"
        packages.mkdir(parents=True, exist_ok=True)
        (folder / "bin").mkdir(exist_ok=True)
        (folder / "bin" / "python").touch()

    monkeypatch.setattr(dev, "WINDOWS", False)
    monkeypatch.setattr(dev, "make_environment", make)
    monkeypatch.setattr(dev, "install", lambda python, lock: seen.append(lock.read_text()))
    return seen


def test_installs_once_and_again_only_when_the_lock_changes(tmp_path: Path, installed: list[str]) -> None:
    lock = tmp_path / "requirements.lock"
    for content in ("one", "one", "two", "two"):
        lock.write_text(content)
        assert dev.environment(tmp_path / ".venv", lock).is_file()
    assert installed == ["one", "two"]


def test_an_install_that_failed_is_tried_again(
    tmp_path: Path, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("one")
    with monkeypatch.context() as broken:
        broken.setattr(
            dev, "install", lambda python, lock: dev.quiet([sys.executable, "-c", "exit(1)"], "no")
        )
        with pytest.raises(dev.Stop):
            dev.environment(tmp_path / ".venv", lock)
    dev.environment(tmp_path / ".venv", lock)
    assert installed == ["one"]


def test_the_working_copy_can_be_imported(tmp_path: Path, installed: list[str]) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("one")
    dev.environment(tmp_path / ".venv", lock)
    (path,) = (tmp_path / ".venv").rglob("*.pth")
    assert (Path(path.read_text().strip()) / "vigfield" / "__init__.py").is_file()


def test_packages_of_node_are_installed_once_for_each_lock_where_there_is_npm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def npm(command: list[str], trouble: str) -> None:
        assert {"ci", "--ignore-scripts"} < set(command)
        (tmp_path / "node_modules").mkdir(exist_ok=True)
        ran.append((tmp_path / "package-lock.json").read_text())

    monkeypatch.setattr(dev, "quiet", npm)
    for found, content in ((None, "one"), ("npm", "one"), ("npm", "one"), ("npm", "two"), (None, "three")):
        (tmp_path / "package-lock.json").write_text(content)
        monkeypatch.setattr(dev.shutil, "which", lambda name, found=found: found)
        dev.node_packages(tmp_path)
    assert ran == ["one", "two"]


def test_trouble_is_told_without_addresses() -> None:
    script = "print('cannot reach https://packages.example/simple/x, nor file:///srv/wheels'); exit(3)"
    with pytest.raises(dev.Stop) as told:
        dev.quiet([sys.executable, "-c", script], "The packages could not be installed.")
    assert "The packages could not be installed." in str(told.value)
    assert "example" not in str(told.value)
    assert "/srv" not in str(told.value)


@pytest.mark.parametrize("arguments", [[], ["walk"], ["--help"]])
def test_anything_else_gets_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(arguments) == 2
    assert "python3 build/dev.py run" in capsys.readouterr().err


def test_every_test_is_in_a_lane() -> None:
    """conftest.py refuses a test that is elsewhere than where the lanes look."""
    assert dev.WITH_BROWSER == conftest.WITH_BROWSER
    elsewhere = {line.removeprefix("--ignore=") for line in dev.BESIDE[-1] if line.startswith("--ignore=")}
    assert elsewhere == {"tests/app", "tests/journeys", *dev.SEALED}
    assert {lane[2:] for lane in dev.BESIDE[1:3]} == {("tests/app",), dev.SEALED}
