"""docs/sync.md shows the resources that the code makes, and lists their fields.

After a change of the mapping:  .venv-dev/bin/python -m tests.sync.test_docs  writes the examples anew.
"""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from tests.sync.examples import consent, family, resources, session
from vigfield.model import Ending, Ground, Kind, Relationship, Role, Scope, SessionKind
from vigfield.store.audit import Happening
from vigfield.sync import Resource, fhir
from vigfield.sync.plan import MOST_ENTRIES, Put, plan
from vigfield.sync.same import STAMP

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sync.md"
WIDTH = 136
COMMON = {"resourceType", "id", "meta"}
EXAMPLE = re.compile(r"```json\n(.*?)```", re.DOTALL)


def examples() -> dict[Kind, Resource]:
    """One resource of each kind, from fixed values; the consent is one for a single session."""
    limited = dataclasses.replace(consent, sessions=(session.id,))
    return {**resources(), Kind.CONSENT: fhir.consent(limited, family)}


def pretty(value: object, column: int = 0, used: int = 0) -> str:
    """JSON with everything on one line that fits there; `used` of the line is taken already."""
    flat, inner = json.dumps(value, ensure_ascii=False), column + 2
    match value:
        case dict() if used + len(flat) > WIDTH:
            named = [(f"{json.dumps(name)}: ", item) for name, item in value.items()]
            lines = [name + pretty(item, inner, inner + len(name)) for name, item in named]
            return _lines("{", lines, "}", column)
        case list() if used + len(flat) > WIDTH:
            return _lines("[", [pretty(item, inner, inner) for item in value], "]", column)
        case _:
            return flat


def _lines(first: str, lines: list[str], last: str, column: int) -> str:
    inner = "\n" + " " * (column + 2)
    return first + inner + f",{inner}".join(lines) + "\n" + " " * column + last


def written_anew(page: str) -> str:
    """The page with its examples in the order of `Kind`."""
    coming = iter(examples().values())
    return EXAMPLE.sub(lambda _: f"```json\n{pretty(next(coming))}\n```", page)


def section(page: str, kind: str) -> str:
    """What the page says of one resource."""
    return page.partition(f"\n### {kind}\n")[2].partition("\n#")[0]


def heading(resource: Resource) -> str:
    """What the page calls a resource."""
    kind = str(resource["resourceType"])
    return f"{kind}: a picture" if "partOf" in resource else kind


def fields(page: str, kind: str) -> set[str]:
    """The fields that the table of a resource lists."""
    rows = [line for line in section(page, kind).splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_the_examples_are_what_the_code_makes() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [json.loads(block) for block in EXAMPLE.findall(page)] == list(examples().values())
    assert len(EXAMPLE.findall(page)) == len(Kind)


def test_the_page_is_as_it_would_be_written_anew() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written_anew(page) == page


@pytest.mark.parametrize("resource", examples().values(), ids=lambda r: r["resourceType"])
def test_each_table_lists_every_field_and_no_other(resource: Resource) -> None:
    page, kind = PAGE.read_text(encoding="utf-8"), heading(resource)
    extensions = resource["extension"]
    assert isinstance(extensions, list)
    more_than_the_stamp = [one for one in extensions if one["url"] != STAMP]
    sent = set(resource) - COMMON - (set() if more_than_the_stamp else {"extension"})
    assert fields(page, kind) == sent
    assert json.loads(EXAMPLE.findall(section(page, kind))[0]) == resource


def test_every_code_of_ours_is_named() -> None:
    page = PAGE.read_text(encoding="utf-8")
    codes = [*Scope, *Relationship, *SessionKind, *Ground, *Ending, *Role, *Happening]
    assert [code for code in codes if f"`{code.value}`" not in page] == []


def test_the_order_and_the_size_of_a_batch_are_as_the_page_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    puts = [Put(kind, str(r["id"]), 1, r, "") for kind, r in reversed(examples().items())]
    order = ", ".join(put.address.split("/")[0] for batch in plan(puts) for put in batch)
    assert f"Order: {order}." in " ".join(page.split())
    assert f"1 to {MOST_ENTRIES} entries" in page


def test_no_line_of_the_page_is_too_long() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 140 and "valueBase64Binary" not in line] == []


if __name__ == "__main__":
    PAGE.write_text(written_anew(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
