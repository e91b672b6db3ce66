"""An open store for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.examples import opened
from vigfield.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path / "data.db") as store:
        yield store
