"""The table of a run: its rows, as plain text and in docs/performance.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BEGIN = "<!-- table: written by python -m benchmarks --write -->"
END = "<!-- end of the table -->"
HEADING = ("what", "measured", "limit, in the same run", "goal", "")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was measured, the limit beside it, and whether it meets its goal (None: it has none)."""

    what: str
    measured: str
    limit: str = ""
    goal: str = ""
    met: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as the table has it."""
        verdict = {None: "", True: "met", False: "missed"}[self.met]
        return self.what, self.measured, self.limit, self.goal, verdict


def plain(rows: Sequence[Row]) -> str:
    """The rows for a terminal, in columns."""
    lines = [HEADING, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADING))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def goals(rows: Sequence[Row]) -> str:
    """How many goals were met, in one sentence."""
    judged = [row.met for row in rows if row.met is not None]
    return f"{sum(judged)} of {len(judged)} goals met."


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a table of Markdown."""
    lines = [HEADING, ("---",) * len(HEADING), *(row.cells for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def inserted(page: str, machine: Sequence[str], rows: Sequence[Row]) -> str:
    """The page with a new table between its markers, and nothing else changed.

    ValueError when it has not exactly one pair of markers, in their order.
    """
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError("the page has no one place for the table")
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError("the page's table ends before it begins")
    lines = "\n".join(f"- {line}" for line in machine)
    return f"{before}{BEGIN}\n\n{lines}\n\n{markdown(rows)}\n\n{goals(rows)}\n\n{END}{after}"


def write(machine: Sequence[str], rows: Sequence[Row], page: Path = PAGE) -> None:
    """Put the table into the page."""
    page.write_text(inserted(page.read_text(encoding="utf-8"), machine, rows), encoding="utf-8")
