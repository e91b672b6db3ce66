"""Imports point one way, and every foreign library has one door (docs/architecture.md)."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "vigfield"

# What each part of vigfield may import from the others. "*" is everything.
MAY = {
    "model": {"clock"},
    "errors": set(),
    "clock": set(),
    "rules": {"model", "clock"},
    "forms": {"model"},
    "ical": {"clock"},
    "paper": set(),
    "seal": {"errors", "clock"},
    "store": {"model", "errors", "clock"},
    "loopback": {"errors", "clock"},
    "sync": {"model", "errors", "clock"},
    "service": {"errors", "clock"},
    "doctor": {"model", "errors", "clock", "rules", "store", "loopback"},
    "app": {
        "doctor",
        "model",
        "errors",
        "clock",
        "rules",
        "forms",
        "ical",
        "paper",
        "shipped",
        "seal",
        "store",
        "loopback",
        "sync",
    },
    "ui": {"app", "model", "errors", "clock", "rules", "forms", "ical"},
    "process": {"errors"},
    "shipped": set(),
    "keyholder": {"seal", "errors"},
    # The commands put the parts together.
    "serve": {"*"},
    "status": {"*"},
    "unseal": {"*"},
    "__main__": {"*"},
}
PARTS = {"seal", "store", "loopback", "sync"}

# Where each foreign library may be imported.
DOORS = {
    "flet": {"ui"},
    "flet_web": {"ui"},
    "flet_webview": {"ui"},
    "sqlcipher3": {"store"},
    "cryptography": {"seal"},
    "argon2": {"seal"},
    "httpx": {"sync"},
    "jwt": {"sync"},
    "certifi": {"sync"},
    "starlette": {"loopback", "service"},
    "uvicorn": {"loopback", "service"},
    "websockets": {"loopback", "service"},
    "sqlite3": {"service"},
    "zxcvbn": {"app"},
    "icalendar": {"ical"},
    "dateutil": {"ical"},
    "fpdf": {"paper"},
    "uharfbuzz": {"paper"},
    "fontTools": {"paper"},
}


class Import(NamedTuple):
    """One imported name: `from <module> import <name>`; the name is empty for `import <module>`."""

    file: str
    line: int
    module: str
    name: str

    def __repr__(self) -> str:
        return f"{self.file}:{self.line} {self.module} {self.name}"


def imports(path: Path) -> Iterator[Import]:
    file = path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} is a relative import"
            yield from (Import(file, node.lineno, node.module or "", alias.name) for alias in node.names)


def everything() -> list[Import]:
    return [found for path in sorted(PACKAGE.rglob("*.py")) for found in imports(path)]


def part_of(file: str) -> str:
    return Path(file).relative_to("vigfield").parts[0].removesuffix(".py")


def target_of(found: Import) -> str:
    """The part of vigfield that an import reaches into; empty for the package itself."""
    dotted = f"{found.module}.{found.name}".split(".")
    return dotted[1] if len(dotted) > 1 else ""


def is_the_key(found: Import) -> bool:
    return (found.module, found.name) == ("vigfield.seal", "Key")


def own() -> list[Import]:
    return [found for found in everything() if found.module.split(".")[0] == "vigfield"]


def refused(found: Import) -> bool:
    here, there = part_of(found.file), target_of(found)
    may = MAY.get(here, set())
    return not (there in {"", here, "__version__"} or "*" in may or there in may or is_the_key(found))


def test_there_is_something_to_check() -> None:
    assert len(everything()) > 100


def test_every_part_is_known() -> None:
    parts = {part_of(path.relative_to(ROOT).as_posix()) for path in PACKAGE.rglob("*.py")}
    assert parts - {"__init__"} <= set(MAY)


def test_imports_point_one_way() -> None:
    assert [found for found in own() if part_of(found.file) != "__init__" and refused(found)] == []


def test_the_four_parts_never_import_one_another() -> None:
    crossing = [
        found
        for found in own()
        if {part_of(found.file), target_of(found)} <= PARTS and part_of(found.file) != target_of(found)
    ]
    assert [found for found in crossing if not is_the_key(found)] == []


def test_every_foreign_library_has_one_door() -> None:
    foreign = [found for found in everything() if found.module.split(".")[0] in DOORS]
    assert [found for found in foreign if part_of(found.file) not in DOORS[found.module.split(".")[0]]] == []


def test_no_other_foreign_library_is_imported() -> None:
    known = set(DOORS) | set(sys.stdlib_module_names) | {"vigfield"}
    assert [found for found in everything() if found.module.split(".")[0] not in known] == []


@pytest.mark.parametrize("path", sorted((ROOT / "build").glob("*.py")), ids=lambda path: path.name)
def test_build_needs_only_python(path: Path) -> None:
    foreign = [found for found in imports(path) if found.module.split(".")[0] not in sys.stdlib_module_names]
    assert foreign == []


def test_one_module_goes_out() -> None:
    out = {found.file for found in everything() if found.module.split(".")[0] == "httpx"}
    assert out == {"vigfield/sync/line.py"}


def test_only_the_gate_spells_what_leaves() -> None:
    """Another module may know the names of systems and extensions, to understand what comes back."""
    spelling = ("vigfield.sync.fhir", "vigfield.sync.document")
    mapping = [found for found in own() if f"{found.module}.{found.name}".startswith(spelling)]
    verbs = {found.file for found in mapping if not found.name.isupper()}
    assert verbs == {"vigfield/sync/egress.py", "vigfield/sync/document.py"}
    names = {found.file for found in mapping} - verbs
    assert names == {"vigfield/sync/pulled.py", "vigfield/unseal.py"}


def test_only_what_asks_the_rules_goes_through_the_gate() -> None:
    names = ("egress.gate(", "from vigfield.sync.egress import gate")
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")
    }
    assert [path for path, text in texts.items() if any(name in text for name in names)] == [
        "vigfield/app/leaving.py"
    ]


def test_nothing_else_connects() -> None:
    """The standard library's ways out are imported nowhere, but for sockets that listen on 127.0.0.1."""
    ways = ("http.client", "urllib.request", "ftplib", "smtplib", "telnetlib", "xmlrpc", "imaplib", "poplib")
    assert [found for found in everything() if f"{found.module}.{found.name}".startswith(ways)] == []
    names = ("create_connection", "open_connection", "connect_ex", "sock_connect")
    texts = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert [path for path, text in texts.items() if any(f"{name}(" in text for name in names)] == []
