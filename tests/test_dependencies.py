"""Every dependency is explained, and the locks hold every one of them with hashes and no address."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME: list[str] = PROJECT["dependencies"]
DEV: list[str] = PROJECT["optional-dependencies"]["dev"]
SERVERS = (ROOT / "tests" / "servers" / "requirements.in").read_text().split()
NODE = ROOT / "tests" / "servers" / "tus"
NODE_SERVERS = list(json.loads((NODE / "package.json").read_text())["dependencies"])
OURS = {"requirements.lock": RUNTIME, "requirements-dev.lock": RUNTIME + DEV}
LOCKS = OURS | {"tests/servers/requirements.lock": SERVERS}


def name(requirement: str) -> str:
    """`fhir.resources>=8,<9; marker` is `fhir-resources`, as the locks spell it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\s\[]", requirement, maxsplit=1)[0]).lower()


def locked(lock: str) -> dict[str, int]:
    """Name of each locked package, and how many hashes it has."""
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text())
    return {name(entry): entry.count("--hash=sha256:") for entry in entries if "==" in entry}


@pytest.mark.parametrize("requirement", RUNTIME + DEV + SERVERS, ids=name)
def test_every_dependency_has_a_line_that_says_why(requirement: str) -> None:
    rows = (ROOT / "docs" / "dependencies.md").read_text().splitlines()
    mine = [row for row in rows if row.startswith(f"| {name(requirement)} |")]
    assert len(mine) == 1
    assert all(len(cell.strip()) > 1 for cell in mine[0].strip("|").split("|"))


@pytest.mark.parametrize("package", NODE_SERVERS)
def test_every_package_of_node_has_a_line_that_says_why(package: str) -> None:
    rows = (ROOT / "docs" / "dependencies.md").read_text().splitlines()
    assert len([row for row in rows if row.startswith(f"| {package} (npm) |")]) == 1


def test_the_lock_of_node_has_a_hash_for_everything_and_names_no_address() -> None:
    lock = json.loads((NODE / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert {f"node_modules/{name}" for name in NODE_SERVERS} <= set(packages)
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if not one["integrity"].startswith("sha512-")] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_covers_the_project(lock: str) -> None:
    assert {name(requirement) for requirement in LOCKS[lock]} - set(locked(lock)) == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes(lock: str) -> None:
    assert [package for package, hashes in locked(lock).items() if not hashes] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_address(lock: str) -> None:
    assert re.findall(r"://|--(?:extra-)?index|--find-links|@ ", (ROOT / lock).read_text()) == []


def test_both_locks_agree() -> None:
    pins = [set(re.findall(r"^([\w.-]+==\S+)", (ROOT / lock).read_text(), re.MULTILINE)) for lock in OURS]
    assert pins[0] <= pins[1]
