"""The benchmarks' own arithmetic and table, without measuring anything."""

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import machine, table
from benchmarks.figures import Figures, in_turn, ratios
from benchmarks.table import BEGIN, END, Row

ROWS = [Row("seal", "2.00 x AES-GCM", "100 MB/s", "at least 0.8 x", True), Row("open", "3 s", met=None)]
PAGE = f"# Speed\n\nBefore.\n\n{BEGIN}\nan older table\n{END}\n\nAfter.\n"


def test_every_measurement_can_be_asked_for() -> None:
    assert {"seal", "disk", "unlock", "seeks", "crashes", "filming"} <= set(benchmarks.MEASURES)
    with pytest.raises(SystemExit):
        benchmarks.main(["--only", "luck"])


def test_a_part_of_the_table_does_not_replace_the_whole() -> None:
    with pytest.raises(SystemExit):
        benchmarks.main(["--only", "disk", "--write"])


def test_a_new_table_leaves_the_prose_alone() -> None:
    page = table.inserted(PAGE, ["a machine"], ROWS)
    assert page.startswith("# Speed\n\nBefore.\n\n")
    assert page.endswith("\n\nAfter.\n")
    assert "an older table" not in page
    assert "- a machine\n" in page
    assert "| seal | 2.00 x AES-GCM | 100 MB/s | at least 0.8 x | met |" in page
    assert "| open | 3 s |  |  |  |" in page
    assert "1 of 1 goals met." in page
    assert table.inserted(page, ["a machine"], ROWS) == page


@pytest.mark.parametrize("page", ["no place", BEGIN, END + BEGIN, BEGIN + END + BEGIN + END])
def test_a_page_without_one_place_for_it_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="table"):
        table.inserted(page, [], ROWS)


def test_the_page_of_the_docs_has_its_place() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    assert "| what |" in table.inserted(page, ["a machine"], ROWS)


def test_columns_stand_under_their_headings() -> None:
    heading, first, second = table.plain(ROWS).splitlines()
    assert heading.index("goal") == first.index("at least")
    assert first.endswith("met")
    assert second.startswith("open  3 s")


def test_the_figures() -> None:
    figures = Figures(tuple(float(value) for value in range(1, 101)))
    assert (figures.median, figures.best, figures.worst) == (50.5, 1.0, 100.0)
    assert (figures.part(0.95), figures.part(0.99), figures.part(1.0)) == (95.0, 99.0, 100.0)
    assert ratios(Figures((2.0, 9.0)), Figures((1.0, 3.0))) == Figures((2.0, 3.0))


def test_contenders_take_turns_and_swap_places() -> None:
    turns: list[str] = []

    def turn(name: str) -> float:
        turns.append(name)
        return float(len(turns))

    found = in_turn({"a": lambda: turn("a"), "b": lambda: turn("b")}, 2)
    assert turns == ["a", "b", "b", "a"]
    assert found == {"a": Figures((1.0, 4.0)), "b": Figures((2.0, 3.0))}


@pytest.mark.browser
def test_the_machine_is_described_without_its_name_or_a_path() -> None:
    words = " ".join(machine.described())
    assert "cores" in words
    assert "Chromium" in words
    assert "/" not in words
