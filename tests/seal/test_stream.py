"""Writer and reader on the real disk: files, modes, threads, memory, and a process that is killed."""

import hashlib
import os
import signal
import stat
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest

from tests.seal.films import ASSOCIATED, HISTORY, SECRET, content, interrupted, key, picture
from vigfield.errors import Broken, Damaged, DiskFull, UnreadableVault
from vigfield.seal import Key, Nothing, Reader, Recovered, TailUse, Writer, recover, seal_file
from vigfield.seal.disk import Disk, translated
from vigfield.seal.tail import tail_path


def finished(folder: Path, size: int) -> Path:
    writer = Writer.create(folder / "a.part", key(), ASSOCIATED)
    writer.append(picture(size))
    writer.finish(folder / "a.film")
    return folder / "a.film"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_what_finish_says_and_leaves(tmp_path: Path) -> None:
    writer = Writer.create(tmp_path / "a.part", key(), ASSOCIATED)
    writer.append(picture(100_000))
    writer.append(b"")
    assert writer.length == 100_000
    sealed = writer.finish(tmp_path / "a.film")
    data = (tmp_path / "a.film").read_bytes()
    assert (sealed.bytes, sealed.sealed_bytes) == (100_000, len(data))
    assert sealed.sha256 == hashlib.sha256(data).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == ["a.film"]


def test_the_files_are_for_their_owner_only(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        path = interrupted(tmp_path, HISTORY)
        seal_file(tmp_path / "a.index", key(), ASSOCIATED, b"index")
    finally:
        os.umask(mask)
    for each in (path, tail_path(path), tmp_path / "a.index"):
        assert stat.S_IMODE(each.stat().st_mode) == 0o600


def test_no_plaintext_is_in_the_files(tmp_path: Path) -> None:
    path = interrupted(tmp_path, HISTORY)
    for each in (path, tail_path(path)):
        sealed = each.read_bytes()
        assert not any(picture(8, at) in sealed for at in range(0, 250_000, 997))


@pytest.mark.parametrize("there", ["a.part", "a.tail"])
def test_a_name_that_is_taken_is_not_written_to(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_bytes(b"evidence")
    with pytest.raises(Damaged):
        Writer.create(tmp_path / "a.part", key(), ASSOCIATED)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(there, b"evidence")]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.part").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Damaged):
        Writer.create(tmp_path / "a.part", key(), ASSOCIATED)
    assert not (tmp_path / "elsewhere").exists()
    (tmp_path / "a.part").unlink()
    (tmp_path / "link").symlink_to(finished(tmp_path, 10))
    with pytest.raises(Damaged):
        Reader.open(tmp_path / "link", key(), ASSOCIATED)


def test_finish_does_not_replace_a_film(tmp_path: Path) -> None:
    (tmp_path / "a.film").write_bytes(b"evidence")
    writer = Writer.create(tmp_path / "a.part", key(), ASSOCIATED)
    with pytest.raises(Damaged):
        writer.finish(tmp_path / "a.film")
    assert (tmp_path / "a.film").read_bytes() == b"evidence"
    with pytest.raises(Broken):
        writer.append(b"x")


def test_after_finish_and_after_abandon_every_call_fails(tmp_path: Path) -> None:
    done, left = (Writer.create(tmp_path / name, key(), ASSOCIATED) for name in ("a.part", "b.part"))
    done.finish(tmp_path / "a.film")
    left.abandon()
    for writer in (done, left):
        writer.abandon()
        for call in (
            lambda w=writer: w.append(b""),
            writer.sync,
            lambda w=writer: w.finish(tmp_path / "c.film"),
        ):
            with pytest.raises(Broken):
                call()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.film", "b.part", "b.tail"]


def test_a_writer_that_is_forgotten_does_not_finish(tmp_path: Path) -> None:
    writer = Writer.create(tmp_path / "a.part", key(), ASSOCIATED)
    writer.append(picture(70_000))
    writer.sync()
    before = open_files()
    del writer
    assert open_files() == before - 2
    with pytest.raises(Damaged):
        Reader.open(tmp_path / "a.part", key(), ASSOCIATED)
    outcome = recover(tmp_path / "a.part", tmp_path / "a.film", key(), ASSOCIATED)
    assert isinstance(outcome, Recovered)
    assert (outcome.sealed.bytes, outcome.tail) == (70_000, TailUse.USED)


def test_a_wiped_key_begins_nothing_and_stops_nothing(tmp_path: Path) -> None:
    own = Key(SECRET)
    writer = Writer.create(tmp_path / "a.part", own, ASSOCIATED)
    own.wipe()
    writer.append(b"look")
    writer.finish(tmp_path / "a.film")
    assert content(tmp_path / "a.film") == b"look"
    with pytest.raises(Broken):
        Writer.create(tmp_path / "b.part", own, ASSOCIATED)
    assert not (tmp_path / "b.part").exists()


def test_reading_beyond_the_end_and_before_the_beginning(tmp_path: Path) -> None:
    with Reader.open(finished(tmp_path, 70_000), key(), ASSOCIATED) as reader:
        assert reader.read(69_990, 100) == picture(10, 69_990)
        assert reader.read(70_000, 1) == reader.read(2**70, 1) == reader.read(5, 0) == b""
        assert reader.read(0, 2**70) == picture(70_000)
        for offset, count in ((-1, 1), (0, -1)):
            with pytest.raises(ValueError, match="negative"):
                reader.read(offset, count)


def test_a_closed_reader_reads_nothing(tmp_path: Path) -> None:
    reader = Reader.open(finished(tmp_path, 10), key(), ASSOCIATED)
    reader.close()
    reader.close()
    with pytest.raises(Broken):
        reader.read(0, 1)


def test_a_film_that_shrinks_while_it_is_read_is_damage(tmp_path: Path) -> None:
    path = finished(tmp_path, 200_000)
    with Reader.open(path, key(), ASSOCIATED) as reader:
        os.truncate(path, 100_000)
        with pytest.raises(Damaged):
            reader.read(0, 200_000)


def test_threads_read_at_the_same_time(tmp_path: Path) -> None:
    data, wrong = picture(400_000), []
    with Reader.open(finished(tmp_path, len(data)), key(), ASSOCIATED) as reader:

        def read(step: int) -> None:
            for offset in range(0, len(data), step):
                if reader.read(offset, step) != data[offset : offset + step]:
                    wrong.append(offset)

        threads = [threading.Thread(target=read, args=(step,)) for step in (4_999, 65_536, 70_001, 150_000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_refusals_leave_no_file_open(tmp_path: Path) -> None:
    path = finished(tmp_path, 100_000)
    before = open_files()
    for secret, associated in ((bytes(32), ASSOCIATED), (SECRET, b"other")):
        with pytest.raises(Damaged):
            Reader.open(path, Key(secret), associated)
    os.mkfifo(tmp_path / "pipe")
    for other in (tmp_path, tmp_path / "missing", tmp_path / "pipe"):
        with pytest.raises(Damaged):
            Reader.open(other, key(), ASSOCIATED)
    assert open_files() == before


def test_a_refusal_does_not_name_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "Jane Doe"
    with pytest.raises(Damaged) as caught:
        Reader.open(folder / "a.film", key(), ASSOCIATED)
    assert "Jane" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (28, DiskFull),
        (122, DiskFull),
        (13, UnreadableVault),
        (30, UnreadableVault),
        (5, Damaged),
        (None, Damaged),
    ],
)
def test_errors_of_the_system_become_ours(number: int | None, expected: type[Exception]) -> None:
    with pytest.raises(expected), translated():
        raise OSError(number, "said") if number else OSError("said")


class ShortDisk(Disk):
    """Notes the largest read."""

    largest = 0

    def read(self, handle: int, offset: int, count: int) -> bytes:
        self.largest = max(self.largest, count)
        return super().read(handle, offset, count)


def test_recovery_does_not_hold_the_film(tmp_path: Path) -> None:
    path = interrupted(tmp_path, [1_000_000, "sync"] * 16)
    disk = ShortDisk()
    tracemalloc.start()
    try:
        outcome = recover(path, tmp_path / "a.film", key(), ASSOCIATED, disk=disk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(outcome, Recovered)
    assert outcome.sealed.bytes == 16_000_000
    assert peak < 1_000_000
    assert disk.largest < 100_000


def test_recovery_says_what_the_file_is(tmp_path: Path) -> None:
    path, final = interrupted(tmp_path, HISTORY), tmp_path / "a.film"
    assert recover(tmp_path / "none.part", tmp_path / "none.film", key(), ASSOCIATED) == Nothing()
    outcome = recover(path, final, key(), ASSOCIATED)
    assert isinstance(outcome, Recovered)
    assert outcome.sealed.sha256 == hashlib.sha256(final.read_bytes()).hexdigest()
    assert outcome.sealed.sealed_bytes == final.stat().st_size
    assert content(final) == picture(outcome.sealed.bytes)
    assert [each.name for each in tmp_path.iterdir()] == ["a.film"]


CHILD = """
import sys
from pathlib import Path
from tests.seal.films import ASSOCIATED, key, picture
from vigfield.seal import Writer
writer = Writer.create(Path(sys.argv[1]), key(), ASSOCIATED)
while True:
    writer.append(picture(7_001, writer.length))
    writer.sync()
    print(writer.length, flush=True)
"""


def test_a_process_that_is_killed_loses_nothing_acknowledged(tmp_path: Path) -> None:
    path, final = tmp_path / "a.part", tmp_path / "a.film"
    command = [sys.executable, "-c", CHILD, str(path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) > 300_000:
                child.send_signal(signal.SIGKILL)
                break
        acknowledged = max([int(line), *(int(rest) for rest in child.stdout if rest.endswith("\n"))])
    outcome = recover(path, final, key(), ASSOCIATED)
    assert isinstance(outcome, Recovered)
    assert acknowledged <= outcome.sealed.bytes <= acknowledged + 7_001
    assert outcome.sealed.bytes % 7_001 == 0
    assert content(final) == picture(outcome.sealed.bytes)
