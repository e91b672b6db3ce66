"""The stable identifiers that the screens give to their controls, read from their source."""

import ast
from collections.abc import Iterator
from pathlib import Path

UI = Path(__file__).parents[2] / "vigfield" / "ui"
NAMING = {"tagged", "primary", "secondary", "link", "choice", "pick", "tick", "Field"}
GIVEN = "<"


def identifiers() -> set[str]:
    """Each identifier; where a part of it is computed that part is `<…>`, and it ends there."""
    return {name for path in UI.rglob("*.py") for name in _in_module(ast.parse(path.read_text("utf-8")))}


def _in_module(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Name(name) | ast.Attribute(attr=name), args=args, keywords=keywords):
                named = [word.value for word in keywords if word.arg == "identifier"]
                if name in NAMING:
                    named += [arg for arg in args if isinstance(arg, ast.Constant | ast.JoinedStr)][:1]
                yield from (text for value in named for text in _texts(value))
            case ast.Tuple(elts=[ast.Constant(str(name)), *_]) if name.startswith("nav-"):
                yield name


def _texts(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(str(text)) if text:
            yield text
        case ast.JoinedStr([ast.Constant(str(text)), *_]):
            yield text + GIVEN
        case _:
            return
