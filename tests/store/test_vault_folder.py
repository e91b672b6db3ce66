"""A folder is empty, a vault, or neither, and says which; making one can be cut short anywhere."""

import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.examples import header, make_vault, opened
from vigfield.errors import Damaged, NewerVault, NotAVault, VaultInUse, VigfieldError
from vigfield.store import Empty, Present, VaultFolder, look
from vigfield.store.vault import HEADER, MAKING


def test_a_vault_is_made_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "a" / "vault"
    assert look(path) == Empty()
    assert not path.exists()
    made = make_vault(path)
    assert look(path) == Present(made)
    folder = VaultFolder.hold(path)
    assert folder.header() == made
    assert folder.database(made).exists()
    assert folder.media.is_dir()
    assert folder.held
    folder.release()
    assert not folder.held


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "vault"
    path.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        made, folder = header(), VaultFolder.hold(path)
        with opened(folder.database(made)) as store:
            store.run_sync(lambda tx: tx.execute("INSERT INTO setting VALUES ('a', 'b')"))
            folder.write(made)
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.rglob("*")}
    finally:
        os.umask(before)
        folder.release()
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert modes.pop("media") == 0o700
    assert set(modes.values()) == {0o600}
    assert len(modes) >= 5


def test_a_second_instance_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    make_vault(tmp_path / "vault")
    first = VaultFolder.hold(tmp_path / "vault")
    with pytest.raises(VaultInUse):
        VaultFolder.hold(tmp_path / "vault")
    assert _hold_elsewhere(tmp_path / "vault") == "VaultInUse"
    first.release()
    assert _hold_elsewhere(tmp_path / "vault") == "held"
    VaultFolder.hold(tmp_path / "vault").release()


HOLD = """
import sys
from pathlib import Path
from vigfield.errors import VigfieldError
from vigfield.store import VaultFolder
try:
    VaultFolder.hold(Path(sys.argv[1]))
    print("held")
except VigfieldError as error:
    print(type(error).__name__)
"""


def _hold_elsewhere(path: Path, *before: str) -> str:
    command = [*before, sys.executable, "-c", HOLD, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("precious")
    (tmp_path / "vault.lock").touch()
    before = sorted(tmp_path.iterdir()), tmp_path.stat().st_mode
    with pytest.raises(NotAVault):
        VaultFolder.hold(tmp_path)
    assert before == (sorted(tmp_path.iterdir()), tmp_path.stat().st_mode)


def test_a_file_is_no_vault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotAVault):
        VaultFolder.hold(tmp_path / "file")


def _changed(**fields: object) -> bytes:
    whole = {"format": 1, "id": "ab", "demo": False, "created": "", "slots": [{}]}
    return json.dumps(whole | fields).encode()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (_changed(format=2), NewerVault),
        (b'{"format": 7, "everything": "else"}', NewerVault),
        (_changed(format=0), Damaged),
        (_changed(format=True), Damaged),
        (_changed(format="1"), Damaged),
        (_changed(format=1.0), Damaged),
        (_changed(id="../../etc"), Damaged),
        (_changed(id=""), Damaged),
        (_changed(id=7), Damaged),
        (_changed(demo=0), Damaged),
        (_changed(created=None), Damaged),
        (_changed(slots={}), Damaged),
        (_changed(slots="abc"), Damaged),
        (_changed(slots=[1]), Damaged),
        (b'{"format": 1}', Damaged),
        (b"[]", Damaged),
        (b"", Damaged),
        (b"\xff\xfe", Damaged),
        (b"[" * 100_000, Damaged),
        (b" " * 2_000_000, Damaged),
    ],
)
def test_a_header_that_is_not_ours_is_told_apart_and_kept(
    tmp_path: Path, data: bytes, error: type[VigfieldError]
) -> None:
    make_vault(tmp_path)
    (tmp_path / HEADER).write_bytes(data)
    with pytest.raises(error):
        VaultFolder.hold(tmp_path)
    assert (tmp_path / HEADER).read_bytes() == data


def test_a_folder_in_place_of_the_header_is_damage(tmp_path: Path) -> None:
    (tmp_path / HEADER).mkdir()
    with pytest.raises(Damaged):
        look(tmp_path)


@pytest.mark.parametrize("what", [HEADER, "."])
def test_what_may_not_be_read_is_unreadable(tmp_path: Path, what: str) -> None:
    make_vault(tmp_path / "vault")
    (tmp_path / "vault" / what).chmod(0)
    outcome = _hold_elsewhere(tmp_path / "vault", *_without_roots_powers())
    (tmp_path / "vault" / what).chmod(0o700)
    assert outcome == "UnreadableVault"


def _without_roots_powers() -> list[str]:
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root reads everything, and setpriv is missing")
    powers = "-dac_override,-dac_read_search,-fowner"
    return ["setpriv", "--bounding-set", powers, "--inh-caps", powers]


def test_every_missing_piece_of_a_vault_is_damage_but_for_an_empty_media_folder(tmp_path: Path) -> None:
    made = make_vault(tmp_path)
    (tmp_path / "media").rmdir()
    folder = VaultFolder.hold(tmp_path)
    assert folder.media.is_dir()
    folder.database(made).unlink()
    with pytest.raises(Damaged, match="database is missing"):
        folder.database(made)
    folder.release()


def test_a_vault_that_lost_its_header_is_not_taken_for_an_empty_folder(tmp_path: Path) -> None:
    make_vault(tmp_path)
    (tmp_path / HEADER).unlink()
    with pytest.raises(Damaged, match=r"vault\.json is missing"):
        VaultFolder.hold(tmp_path)


def test_films_without_a_header_are_not_taken_for_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "x.film").touch()
    with pytest.raises(Damaged):
        look(tmp_path)


def test_a_making_that_was_cut_short_leaves_an_empty_folder_and_its_files(tmp_path: Path) -> None:
    first, folder = header(), VaultFolder.hold(tmp_path)
    with opened(folder.database(first)):
        folder.release()  # as a killed process would, before the header is written
    assert look(tmp_path) == Empty()
    second = make_vault(tmp_path)
    assert look(tmp_path) == Present(second)
    assert (tmp_path / f"data-{first.id}.db").exists()


def test_a_making_cut_short_between_header_and_marker_is_whole(tmp_path: Path) -> None:
    made = make_vault(tmp_path)
    (tmp_path / MAKING).touch()
    VaultFolder.hold(tmp_path).release()
    assert look(tmp_path) == Present(made)
    assert not (tmp_path / MAKING).exists()


def test_a_leftover_of_an_interrupted_write_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "vault.json.tmp").write_bytes(b'{"form')
    (tmp_path / "vault.lock").touch()
    assert look(tmp_path) == Empty()
    make_vault(tmp_path)


def test_a_header_is_renewed_but_never_another_vaults(tmp_path: Path) -> None:
    made = make_vault(tmp_path)
    folder = VaultFolder.hold(tmp_path)
    folder.write(replace(made, slots=({"kind": "passphrase", "salt": "new"},)))
    assert folder.header().slots[0]["salt"] == "new"
    with pytest.raises(Damaged, match="another vault"):
        folder.write(header())
    folder.release()


def test_a_header_comes_after_its_database(tmp_path: Path) -> None:
    folder = VaultFolder.hold(tmp_path)
    with pytest.raises(Damaged, match="without a database"):
        folder.write(header())
    with pytest.raises(NotAVault):
        folder.header()
    folder.release()


def test_a_header_that_could_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    made = make_vault(tmp_path)
    folder = VaultFolder.hold(tmp_path)
    with pytest.raises(ValueError, match="read back"):
        folder.write(replace(made, slots=({"pair": (1, 2)},)))
    assert folder.header() == made
    folder.release()
