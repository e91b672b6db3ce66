"""Which font has which letters: the app's own, and the fallback for every other script."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

OWN = "NunitoSans-Regular.ttf"
STRONG = "NunitoSans-SemiBold.ttf"
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Face:
    """A font file, and the letters that it can draw."""

    name: str
    path: Path
    letters: frozenset[int]


@cache
def face(path: Path) -> Face:
    """One font file; its letters are read once."""
    with TTFont(path, lazy=True) as font:
        return Face(path.stem, path, frozenset(font.getBestCmap()))


def needed(texts: Iterable[str], folder: Path) -> list[Face]:
    """The own font and as many fallbacks as it takes to draw these texts, the largest families last."""
    faces = [face(folder / OWN)]
    missing = {ord(letter) for text in texts for letter in text if _shows(letter)} - faces[0].letters
    for path in _fallbacks(folder):
        if not missing:
            break
        found = face(path)
        if missing & found.letters:
            faces.append(found)
            missing -= found.letters
    return faces


@cache
def _fallbacks(folder: Path) -> tuple[Path, ...]:
    whole = sorted((folder / "fallback").glob("*.woff2"))
    parts = sorted((folder / "fallback").glob("*/*.woff2"))
    plain = [path for path in whole if "emoji" not in path.name]
    return (*plain, *parts)


def drawn(text: str, faces: Iterable[Face]) -> str:
    """A text in which letters that no font has are their numbers; what controls or breaks it is left out."""
    known = frozenset[int]().union(*(one.letters for one in faces))
    return "".join(_letter(letter, known) for letter in text)


def _letter(letter: str, known: frozenset[int]) -> str:
    if letter in ("\n", " ") or letter in _JOINERS:
        return letter
    if letter.isspace():
        return " "
    if not _shows(letter):
        return ""
    return letter if ord(letter) in known else f"[{ord(letter):04X}]"


def _shows(letter: str) -> bool:
    """Whether a character is drawn: not one that controls or turns what stands around it, and no space."""
    return letter.isprintable() and not letter.isspace()
