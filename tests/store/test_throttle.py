"""At most 10 tries in any 5 minutes, whatever happens to the process, the clock and the file."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.examples import NOW, make_vault
from vigfield.store import Go, Throttle, VaultFolder, Wait
from vigfield.store.vault import THROTTLE


@pytest.fixture
def folder(tmp_path: Path) -> VaultFolder:
    make_vault(tmp_path)
    return VaultFolder.hold(tmp_path)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def use_up(folder: VaultFolder, now: datetime = NOW) -> None:
    while isinstance(Throttle(folder).begin(now), Go):
        pass


def test_ten_tries_and_then_a_wait(folder: VaultFolder) -> None:
    throttle = Throttle(folder)
    assert [throttle.begin(at(second)) for second in range(10)] == [Go(left) for left in range(9, -1, -1)]
    assert throttle.begin(at(10)) == Wait(290)
    assert throttle.begin(at(299.9)) == Wait(pytest.approx(0.1))
    assert throttle.begin(at(300)) == Go(0)
    assert throttle.begin(at(300)) == Wait(1)
    assert throttle.begin(at(900)) == Go(9)


def test_the_right_passphrase_clears_it(folder: VaultFolder) -> None:
    use_up(folder)
    Throttle(folder).succeeded()
    assert Throttle(folder).begin(NOW) == Go(9)


def test_a_restart_does_not_open_it(folder: VaultFolder) -> None:
    use_up(folder)
    folder.release()
    again = VaultFolder.hold(folder.path)
    assert Throttle(again).begin(at(1)) == Wait(299)
    again.release()


def test_a_try_is_on_the_disk_before_it_is_made(folder: VaultFolder) -> None:
    Throttle(folder).begin(NOW)
    assert str(int(NOW.timestamp() * 1000)) in (folder.path / THROTTLE).read_text()


def test_turning_the_clock_back_does_not_open_it_and_does_not_close_it_for_long(folder: VaultFolder) -> None:
    use_up(folder)
    last_week = -7 * 86_400.0
    assert Throttle(folder).begin(at(last_week)) == Wait(300)
    assert Throttle(folder).begin(at(last_week + 299)) == Wait(1)
    assert Throttle(folder).begin(at(last_week + 300)) == Go(9)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b'{"tried": 3}',
        b'{"tried": ["a"]}',
        b'{"tried": [1.5]}',
        b'{"tried": [true]}',
        b"\xff",
    ],
)
def test_a_garbled_file_counts_as_ten_tries_made_now(folder: VaultFolder, data: bytes) -> None:
    (folder.path / THROTTLE).write_bytes(data)
    assert Throttle(folder).begin(NOW) == Wait(300)
    assert Throttle(folder).begin(at(200)) == Wait(100)
    assert Throttle(folder).begin(at(300)) == Go(9)


def test_a_file_that_is_gone_counts_as_ten_tries_made_now(folder: VaultFolder) -> None:
    (folder.path / THROTTLE).unlink()
    assert Throttle(folder).begin(NOW) == Wait(300)
    assert Throttle(folder).begin(at(300)) == Go(9)


def test_a_huge_number_is_a_moment_in_the_future(folder: VaultFolder) -> None:
    (folder.path / THROTTLE).write_text(json.dumps({"tried": [10**400] * 20}))
    assert Throttle(folder).begin(NOW) == Wait(300)


def test_something_else_in_its_place_is_never_a_free_try(folder: VaultFolder) -> None:
    (folder.path / THROTTLE).unlink()
    (folder.path / THROTTLE).symlink_to("/dev/null")
    assert Throttle(folder).begin(NOW) == Wait(300)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(0, 60), st.sampled_from([0, 0, 1, 299, 86_400])), min_size=12, max_size=40)
)
def test_no_turning_back_of_the_clock_gives_an_eleventh_try_in_five_minutes(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[float, int]]
) -> None:
    folder = VaultFolder.hold(tmp_path_factory.mktemp("vault"))
    real = turned_back = 0.0
    tries: list[float] = []
    for passed, turned in steps:
        real, turned_back = real + passed, turned_back + turned
        if isinstance(Throttle(folder).begin(at(real - turned_back)), Go):
            tries.append(real)
    folder.release()
    assert all(later - earlier > 299.9 for earlier, later in zip(tries, tries[10:], strict=False))
