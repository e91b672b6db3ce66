"""Whatever bytes arrive: a value comes back, soon, and what is built from it can be served."""

import contextlib
import json
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loopback.test_mp4 import FILM, FRAGMENTS, INIT, indexed
from vigfield.errors import Damaged
from vigfield.loopback import mp4
from vigfield.loopback.mp4.boxes import box, full

KINDS = (mp4.Init, mp4.Fragment, mp4.Trailer, mp4.Bad)
NUMBERS = st.sampled_from(
    [0, 1, 7, 8, 0xFF, 0x7FFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
) | st.integers(0, 0xFFFFFFFF)


@st.composite
def changed(draw: st.DrawFn, original: bytes, reach: int) -> bytes:
    """A message with some of its first `reach` bytes overwritten, or cut."""
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, min(reach, len(data)) - 1))
        width = draw(st.sampled_from([1, 4]))
        value = draw(NUMBERS) % (1 << 8 * width)
        data[at : at + width] = value.to_bytes(width)
    return bytes(data[: draw(st.sampled_from([len(data)]) | st.integers(0, len(data)))])


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    assert isinstance(mp4.check_message(data), KINDS)


@given(st.binary(max_size=300))
def test_any_bytes_in_the_right_boxes(data: bytes) -> None:
    for tables in (
        box(b"moof", data) + box(b"mdat"),
        box(b"moof", box(b"traf", data)) + box(b"mdat"),
        box(b"ftyp") + box(b"moov", data),
        box(b"ftyp") + box(b"moov", full(b"mvhd", 0, 0, bytes(96)), box(b"trak", data)),
    ):
        assert isinstance(mp4.check_message(tables), KINDS)


@settings(max_examples=300)
@given(changed(INIT, len(INIT)), changed(FRAGMENTS[0], 1200))
def test_changed_messages_never_break_an_index(init: bytes, fragment: bytes) -> None:
    index = mp4.Index()
    with contextlib.suppress(Damaged):
        index.add(init, 0)
        index.add(fragment, index.length)
        index.add(FRAGMENTS[1], index.length)
    stored = init + fragment + FRAGMENTS[1]
    film = mp4.virtual([index], [lambda offset, count: stored[offset : offset + count]])
    assert len(film.read(0, film.size)) == film.size
    assert list(film.pts) == sorted(film.pts)
    assert mp4.Index.decode(index.encode()).encode() == index.encode()


@settings(max_examples=200)
@given(changed(FILM, len(FILM)))
def test_a_changed_film_is_scanned_up_to_the_change(film: bytes) -> None:
    index = mp4.scan(lambda offset, count: film[offset : offset + count], len(film))
    assert index.length <= len(film)
    served = mp4.virtual([index], [lambda offset, count: film[offset : offset + count]])
    assert len(served.read(0, served.size)) == served.size


@given(changed(indexed([INIT, *FRAGMENTS]).encode(), 2000))
def test_a_changed_index_is_read_or_damaged(data: bytes) -> None:
    with contextlib.suppress(Damaged):
        mp4.Index.decode(data)


def claiming(count: int, runs: int) -> bytes:
    """A fragment whose samples all have the default size, of 0: no byte stands behind any of them."""
    tfhd = full(b"tfhd", 0, 0x20038, bytes([0, 0, 0, 1]), bytes(12))
    tfdt = full(b"tfdt", 0, 0, bytes(4))
    trun = full(b"trun", 0, 1, count.to_bytes(4), bytes(4))
    return box(b"moof", box(b"traf", tfhd, tfdt, *[trun] * runs)) + box(b"mdat")


def test_runs_may_not_claim_more_samples_than_a_message_has() -> None:
    many = mp4.Bad("too many samples")
    assert mp4.check_message(claiming(0xFFFFFFFF, 1)) == many
    tracemalloc.start()
    assert mp4.check_message(claiming(50_000, 40_000)) == many
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50_000_000, "the claim is refused before anything is made of it"


def test_an_index_may_not_unpack_to_more_than_a_film_could_need() -> None:
    data = indexed([INIT]).encode()
    size = int.from_bytes(data[5:9])
    head = json.loads(data[9 : 9 + size])
    head["tracks"][0] |= {"runs": 1_000_000, "samples": 10_000_000}
    words, columns = json.dumps(head).encode(), zlib.compress(bytes(20 * 1_000_000 + 13 * 10_000_000), 1)
    tracemalloc.start()
    with pytest.raises(Damaged):
        mp4.Index.decode(data[:5] + len(words).to_bytes(4) + words + columns)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000, "150 MB in 0.7 MB: refused before it is unpacked"
