"""Papers: what is on them can be read again, nothing runs off, nothing touches the disk."""

import builtins
import io
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from vigfield.paper import Choice, Heading, Ink, Line, Paper, Text, render

FONTS = Path(__file__).parents[2] / "assets" / "fonts"
STROKES = (((10.0, 20.0, 0), (300.0, 150.0, 20), (590.0, 20.0, 40)), ((5.0, 5.0, 60),))


def paper(*texts: str, rtl: bool = False) -> Paper:
    blocks = (
        Heading("Heading"),
        Line("Given by", "Morwenna Quillfeather"),
        Choice("Film us together", "A short film.", "Yes"),
        *map(Text, texts),
        Ink(STROKES, 600.0, 200.0),
    )
    return Paper("What I agreed to", "ar" if rtl else "en-GB", rtl, blocks, "SE-014 · 1")


def text_of(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_what_is_on_it_can_be_read_again() -> None:
    said = text_of(render(paper("Some words."), FONTS))
    for words in (
        "What I agreed to",
        "Heading",
        "Given by: Morwenna Quillfeather",
        "Yes · Film us together",
        "Some words.",
        "SE-014 · 1 · 1",
    ):
        assert words in said


def test_other_scripts_are_drawn_with_their_own_letters() -> None:
    data = render(paper("الموافقة ليلى", "田中花子", "Ана-Марија", "שלום", rtl=True), FONTS)
    fonts = {
        str(f["/BaseFont"])
        for p in PdfReader(io.BytesIO(data)).pages
        for f in (o.get_object() for o in p["/Resources"]["/Font"].values())
    }  # type: ignore[index]
    assert any("Arabic" in name for name in fonts)
    assert any("Hebrew" in name for name in fonts)
    said = text_of(data)
    assert "Ана-Марија" in said
    assert "田中花子" in said


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert render(paper("a"), FONTS) == render(paper("a"), FONTS)


def test_a_long_paper_has_several_pages_with_their_numbers() -> None:
    data = render(paper(*["word " * 400] * 6), FONTS)
    pages = PdfReader(io.BytesIO(data)).pages
    assert len(pages) > 2
    assert [f"SE-014 · 1 · {n}" in page.extract_text() for n, page in enumerate(pages, 1)] == [True] * len(
        pages
    )


def test_nothing_is_written_to_a_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.open

    def reading(file: object, mode: str = "r", *args: object, **kwargs: object) -> object:
        assert not set(mode) & set("wax+"), file
        return real(file, mode, *args, **kwargs)  # type: ignore[call-overload]

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file")

    monkeypatch.setattr(builtins, "open", reading)
    for name in ("NamedTemporaryFile", "TemporaryFile", "mkstemp", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, never)
    monkeypatch.setattr(os, "replace", never)
    assert render(paper("a", "ليلى"), FONTS).startswith(b"%PDF-")


def test_it_says_nothing_of_who_made_it_and_when() -> None:
    found = PdfReader(io.BytesIO(render(paper("a"), FONTS))).metadata
    assert found is not None
    assert set(found) <= {"/Producer", "/CreationDate", "/ModDate"}
    assert found.creation_date is not None
    assert found.creation_date.year == 2020


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=300), st.booleans())
def test_any_text_in_any_script_makes_a_paper(text: str, rtl: bool) -> None:
    assert render(paper(text, rtl=rtl), FONTS).startswith(b"%PDF-")
