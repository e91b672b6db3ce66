"""Texts of people's own beside ours: their direction must not carry what stands around them away."""

from collections.abc import Iterable

_FROM, _LEFT, _TO = "\u2068", "\u2066", "\u2069"  # isolates: by the first letter, from the left; their end


def apart(text: str) -> str:
    """A name, place or note for use inside a sentence; it is read and ordered by itself."""
    return f"{_FROM}{text}{_TO}" if text and not text.isascii() else text


def ours(text: str) -> str:
    """A sentence of ours on a form that may be written from the right: its full stop stays at its end."""
    return f"{_LEFT}{text}{_TO}" if text else text


def listed(texts: Iterable[str]) -> str:
    """Names beside each other, in the order in which they are given."""
    return ", ".join(map(apart, texts))
