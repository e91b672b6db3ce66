"""What the journeys share: a camera of counted frames, and one full walk whose traces many tests look at."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.film.kit import Source, make_source, new_seed
from tests.journeys.app import Tablet, tablet
from tests.journeys.evidence import Evidence, gather

FRAMES = 250


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", type=Path, help="a folder for the pictures that the main journey takes")


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Ten seconds of counted 360p25 and a tone, played in a loop by the browser's fake devices."""
    return make_source(tmp_path_factory.mktemp("source"), 640, 360, frames=FRAMES, seed=new_seed())


@pytest.fixture(scope="session")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The same in 720p, for the walk whose frames are counted."""
    return make_source(tmp_path_factory.mktemp("counted"), frames=FRAMES, seed=new_seed())


@pytest.fixture
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tablet]:
    """A tablet of its own for one test; its name is short, for the browser puts a socket in it."""
    with tablet(tmp_path_factory.mktemp("m")) as made:
        yield made


@pytest.fixture
def walk_again(
    tmp_path_factory: pytest.TempPathFactory, chromium: str, counted: Source
) -> Callable[[], Evidence]:
    """The main job once more, on another tablet; for a test that a busy machine has spoiled."""

    def walk() -> Evidence:
        with tablet(tmp_path_factory.mktemp("again")) as made:
            return gather(made, chromium, counted, None)

    return walk


@pytest.fixture(scope="session")
def evidence(
    tmp_path_factory: pytest.TempPathFactory, chromium: str, counted: Source, request: pytest.FixtureRequest
) -> Evidence:
    """The main job done once, from an empty machine to "sent", and everything it left behind."""
    with tablet(tmp_path_factory.mktemp("evidence")) as made:
        return gather(made, chromium, counted, request.config.getoption("--pictures"))
