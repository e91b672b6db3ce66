"""Laying a paper out: A4, from the side that its language is written from, with its fonts inside."""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

import uharfbuzz
from fpdf import FPDF, XPos, YPos
from fpdf.fonts import HarfBuzzFont, TTFFont

from vigfield.paper.fonts import STRONG, Face, drawn, face, needed

MARGIN = 18  # mm
WIDTH = 210 - 2 * MARGIN
INK_WIDTH = 90.0
_WHEN = datetime(2020, 1, 1, tzinfo=UTC)  # a paper says itself when it was signed
_FAMILY = "own"
_STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within the paper."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A fact: what it is, and its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A question, what it means, and how it was answered."""

    question: str
    what: str
    answer: str


@dataclass(frozen=True, slots=True)
class Ink:
    """A drawn signature: strokes of (x, y, milliseconds) on a pad of this width and height."""

    strokes: tuple[tuple[tuple[float, float, int], ...], ...]
    width: float
    height: float


Block = Heading | Text | Line | Choice | Ink


@dataclass(frozen=True, slots=True)
class Paper:
    """A title and blocks under each other; `foot` stands on every page, before its number."""

    title: str
    language: str
    rtl: bool
    blocks: tuple[Block, ...]
    foot: str


def render(paper: Paper, fonts: Path) -> bytes:
    """The paper as PDF. `fonts` is the folder with the app's fonts. The same paper gives the same bytes."""
    faces = needed(_texts(paper), fonts)
    pdf = _Sheet(paper, faces)
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(auto=True, margin=MARGIN + 6)
    pdf.set_creation_date(_WHEN)
    pdf.set_lang(paper.language)
    _add_fonts(pdf, faces, face(fonts / STRONG))
    pdf.add_page()
    pdf.put(paper.title, 20, strong=True, after=4)
    for block in paper.blocks:
        _lay(pdf, block)
    return bytes(pdf.output())


class _Sheet(FPDF):
    """fpdf2's sheet, with our foot and one way to put a text on it."""

    def __init__(self, paper: Paper, faces: list[Face]) -> None:
        super().__init__(format="A4")
        logging.getLogger("fontTools").setLevel(logging.ERROR)
        self._paper = paper
        self._faces = faces

    def footer(self) -> None:
        """fpdf2 calls this at the end of every page."""
        self.set_y(-MARGIN)
        self.set_font(_FAMILY, size=9)
        said = f"{drawn(self._paper.foot, self._faces)} · {self.page_no()}"
        self.cell(WIDTH, 5, said, align="C")

    def put(self, text: str, size: float, *, strong: bool = False, after: float = 2) -> None:
        """A text over the whole width, from the side that the language is written from."""
        self.set_font(_STRONG if strong else _FAMILY, size=size)
        self.set_text_shaping(use_shaping_engine=True, direction="rtl" if self._paper.rtl else "ltr")
        self.multi_cell(
            WIDTH,
            size * 0.5,
            drawn(text, self._faces),
            align="R" if self._paper.rtl else "L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
        self.ln(after)


def _texts(paper: Paper) -> Iterator[str]:
    yield from (paper.title, paper.foot)
    for block in paper.blocks:
        match block:
            case Heading(text) | Text(text):
                yield text
            case Line(label, value):
                yield from (label, value)
            case Choice(question, what, answer):
                yield from (question, what, answer)
            case Ink():
                pass
            case _:
                assert_never(block)


def _add_fonts(pdf: FPDF, faces: list[Face], strong: Face) -> None:
    own, *others = faces
    pdf.add_font(_FAMILY, fname=own.path)
    pdf.add_font(_STRONG, fname=strong.path)
    for one in others:
        pdf.add_font(one.name, fname=one.path)
    pdf.set_fallback_fonts([_FAMILY, *(one.name for one in others)], exact_match=False)
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont) and font.is_compressed:
            font._hbfont = _shaper(font)  # noqa: SLF001  fpdf2 itself would write a temporary file


def _shaper(font: TTFFont) -> HarfBuzzFont:
    """What shapes the letters of a compressed font, made in memory."""
    plain = io.BytesIO()
    font.ttfont.save(plain)
    return HarfBuzzFont(uharfbuzz.Face(uharfbuzz.Blob(plain.getvalue())))


def _lay(pdf: _Sheet, block: Block) -> None:
    match block:
        case Heading(text):
            pdf.put(text, 14, strong=True)
        case Text(text):
            pdf.put(text, 11)
        case Line(label, value):
            pdf.put(f"{label}: {value}", 11, after=1)
        case Choice(question, what, answer):
            pdf.put(f"{answer} · {question}", 12, strong=True, after=0.5)
            pdf.put(what, 10.5, after=3)
        case Ink():
            _draw(pdf, block)
        case _:
            assert_never(block)


def _draw(pdf: _Sheet, ink: Ink) -> None:
    """The strokes as lines, in a box as wide as a signature."""
    scale = INK_WIDTH / max(ink.width, 1.0)
    height = min(ink.height * scale, INK_WIDTH)
    if pdf.get_y() + height > pdf.h - MARGIN - 6:
        pdf.add_page()
    left, top = pdf.l_margin, pdf.get_y()
    pdf.set_line_width(0.5)
    for stroke in ink.strokes:
        points = [
            (left + min(max(x * scale, 0), INK_WIDTH), top + min(max(y * scale, 0), height))
            for x, y, _ in stroke
        ]
        if len(points) > 1:
            pdf.polyline(points)
        elif points:
            pdf.circle(*points[0], radius=0.3, style="F")
    pdf.set_y(top + height + 3)
