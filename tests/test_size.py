"""Nothing grows beyond what a person can take in: no function over 50 lines, no file over 400."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FUNCTION = 50
LONGEST_FILE = 400

# A file that is longer says why, here.
REASONS: dict[str, str] = {}


def sources() -> list[Path]:
    return sorted(path for folder in ("vigfield", "build") for path in (ROOT / folder).rglob("*.py"))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines, decorators and docstring counted, of each function in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield f"{path.relative_to(ROOT)}:{first} {node.name}", (node.end_lineno or first) - first + 1


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_there_is_something_to_measure() -> None:
    assert len(sources()) > 20


def test_no_function_is_too_long() -> None:
    long = [
        (name, length) for path in sources() for name, length in functions(path) if length > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_file_is_too_long() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines(path) for path in sources() if lines(path) > LONGEST_FILE
    }
    assert {name: length for name, length in long.items() if name not in REASONS} == {}


def test_every_reason_is_still_needed() -> None:
    assert [name for name in REASONS if lines(ROOT / name) <= LONGEST_FILE] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path for path in sources() if path.read_text() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []
