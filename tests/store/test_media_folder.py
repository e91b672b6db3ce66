"""Film files are named by random ids alone, and what is on the disk is listed."""

from pathlib import Path

import pytest

from vigfield.model import RecordingId
from vigfield.store import Media, OnDisk

ID, OTHER = RecordingId("6f" * 16), RecordingId("0a" * 16)


def test_the_files_of_a_part_lie_side_by_side(tmp_path: Path) -> None:
    media = Media(tmp_path)
    part = media.part_path(ID, 2)
    assert part == tmp_path / f"{ID}-002.part"
    assert media.film_path(ID, 2) == part.with_suffix(".film")
    assert media.index_path(ID, 2) == part.with_suffix(".index")


@pytest.mark.parametrize("name", ["", "../x", "Morag", "6F" * 16, "6f" * 15, "6f" * 16 + "\n"])
def test_nothing_but_a_random_id_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="random id"):
        Media(tmp_path).film_path(RecordingId(name), 1)


def test_parts_are_numbered_from_one(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="number"):
        Media(tmp_path).part_path(ID, 0)


def test_what_is_on_the_disk_is_listed(tmp_path: Path) -> None:
    media = Media(tmp_path)
    for path in (media.film_path(ID, 1), media.index_path(ID, 1), media.part_path(ID, 1000)):
        path.touch()
    media.part_path(OTHER, 1).with_suffix(".tail").touch()
    (tmp_path / "lost+found").mkdir()
    (tmp_path / f"{ID}-1.film").touch()
    assert media.on_disk() == [
        OnDisk(OTHER, 1, frozenset({"tail"})),
        OnDisk(ID, 1, frozenset({"film", "index"})),
        OnDisk(ID, 1000, frozenset({"part"})),
    ]


def test_a_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert Media(tmp_path / "none").on_disk() == []
