"""What SQLite sorts and keeps for a while stays in memory: no temporary file, however large the sort."""

import os
import sys
from pathlib import Path

import pytest

from vigfield.seal import Key
from vigfield.store import cipher

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
ROWS = 20_000
SORT = """
WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < ?)
SELECT look(n) FROM (SELECT n, randomblob(200) AS big FROM many ORDER BY big)
"""


def files_of_a_large_sort(connection: cipher.Connection, own: Path) -> set[str]:
    """Every file that is open while rows come out of a sort of 4 MB, but for the database's own."""
    seen: set[str] = set()

    def look(number: int) -> int:
        if number % 1000 == 0:
            seen.update(open_files())
        return number

    before = open_files()
    connection.create_function("look", 1, look)
    rows = connection.execute(SORT, (ROWS,)).fetchall()
    assert len(rows) == ROWS
    return {name for name in seen - before if not name.startswith(str(own))}


def open_files() -> set[str]:
    found = set()
    for handle in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(handle.readlink()))
        except FileNotFoundError:
            continue
    return {name for name in found if name.startswith("/")}


def test_a_large_sort_makes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SQLITE_TMPDIR", str(tmp_path))
    path = tmp_path / "data.db"
    path.touch()
    connection = cipher.connect(path, Key.random())
    try:
        connection.execute("PRAGMA cache_size = 20")
        assert connection.execute("PRAGMA temp_store").fetchone()[0] == 2
        assert files_of_a_large_sort(connection, path) == set()
        connection.execute("PRAGMA temp_store = FILE")  # shows that the test would see one
        assert len(files_of_a_large_sort(connection, path)) > 0
    finally:
        connection.close()
