"""Films as mediabunny makes them, and the plain MP4 that they are served as; PyAV is the judge."""

import io
from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigfield.errors import Damaged
from vigfield.loopback import mp4
from vigfield.loopback.mp4.boxes import boxes, children

FILM = (Path(__file__).parent / "films" / "real.mp4").read_bytes()


def split(film: bytes) -> list[bytes]:
    """A film as the messages that it arrived in."""
    found = list(boxes(memoryview(film)))
    ends = [b"moov", b"mdat", b"mfra"]
    messages, start = [], 0
    for box in found:
        if box.kind in ends:
            messages.append(film[start : box.at + box.size])
            start = box.at + box.size
    assert start == len(film)
    return messages


MESSAGES = split(FILM)
INIT, FRAGMENTS = MESSAGES[0], [message for message in MESSAGES if message[4:8] == b"moof"]


def indexed(messages: Sequence[bytes]) -> mp4.Index:
    index = mp4.Index()
    for message in messages:
        index.add(message, index.length)
    return index


def served(*parts: bytes) -> tuple[mp4.Virtual, bytes]:
    """Parts as the virtual file, and all its bytes."""
    reads = [lambda offset, count, part=part: part[offset : offset + count] for part in parts]
    film = mp4.virtual([mp4.scan(read, len(part)) for read, part in zip(reads, parts, strict=True)], reads)
    return film, film.read(0, film.size)


def decoded(film: bytes, kind: str = "video") -> list[tuple[float, bytes]]:
    """When each frame shows, in seconds, and what it holds; decoded strictly."""
    with av.open(io.BytesIO(film)) as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        stream.codec_context.options = {"err_detect": "explode"}
        return [(frame.time, bytes(frame.planes[0])) for frame in container.decode(stream)]


def times(frames: list[tuple[float, bytes]]) -> list[float]:
    return [round(time, 4) for time, _ in frames]


def number(picture: bytes) -> int:
    """The number that the fake camera's picture carries."""
    row = 20 * (len(picture) // 180)
    return sum((picture[row + 40 * bit + 20] > 126) << bit for bit in range(8))


def test_the_messages_are_what_they_are() -> None:
    assert isinstance(mp4.check_message(INIT), mp4.Init)
    assert len(FRAGMENTS) >= 9
    assert all(isinstance(mp4.check_message(fragment), mp4.Fragment) for fragment in FRAGMENTS)
    assert isinstance(mp4.check_message(MESSAGES[-1]), mp4.Trailer)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"moof",
        INIT[:-1],
        INIT + INIT,
        INIT + FRAGMENTS[0],
        FRAGMENTS[0] + FRAGMENTS[1],
        FRAGMENTS[0][:-1],
        FRAGMENTS[0] + b"\0",
        FRAGMENTS[0][FRAGMENTS[0].index(b"mdat") - 4 :],
        b"\0\0\0\x08free",
        b"\0\0\0\0moof",
        b"\0\0\0\x01moof" + bytes(8),
        b"<html>not a film</html>",
    ],
)
def test_everything_else_is_bad(wrong: bytes) -> None:
    assert isinstance(mp4.check_message(wrong), mp4.Bad)


def test_a_message_over_the_limit_is_bad() -> None:
    padded = FRAGMENTS[0][: FRAGMENTS[0].index(b"mdat") - 4]
    size = mp4.MAX_MESSAGE + 1 - len(padded)
    assert mp4.check_message(padded + size.to_bytes(4) + b"mdat" + bytes(size - 8)) == mp4.Bad("oversized")


def test_what_is_built_while_filming_is_what_a_scan_finds() -> None:
    built = indexed(MESSAGES)
    scanned = mp4.scan(lambda offset, count: FILM[offset : offset + count], len(FILM))
    assert built.length == scanned.length == len(FILM)
    assert built.encode() == scanned.encode()
    assert built.frames == len(decoded(FILM))


def test_an_index_survives_being_kept() -> None:
    built = indexed(MESSAGES)
    kept = mp4.Index.decode(built.encode())
    assert (kept.length, kept.frames, kept.seconds, kept.encode()) == (
        built.length, built.frames, built.seconds, built.encode(),
    )  # fmt: skip
    assert len(built.encode()) < len(FILM) / 10


@pytest.mark.parametrize("cut", [0, 1, 4, 5, 8, 9, 40, 200, -1])
def test_a_broken_index_is_damaged(cut: int) -> None:
    with pytest.raises(Damaged):
        mp4.Index.decode(indexed(MESSAGES).encode()[:cut])


def test_an_index_refuses_what_does_not_follow() -> None:
    index = indexed(MESSAGES[:2])
    before = index.encode()
    for message, position in [(FRAGMENTS[1], 0), (INIT, index.length), (b"rubbish", index.length)]:
        with pytest.raises(Damaged):
            index.add(message, position)
    assert index.encode() == before
    with pytest.raises(Damaged):
        mp4.Index().add(FRAGMENTS[0], 0)


def test_every_frame_of_the_virtual_film_decodes_in_order() -> None:
    film, data = served(FILM)
    assert len(data) == film.size
    assert data.endswith(FILM)
    assert decoded(data) == decoded(FILM)
    assert times(decoded(data)) == [round(pts, 4) for pts in film.pts]
    assert [len(sound) for _, sound in decoded(data, "audio")] == [len(s) for _, s in decoded(FILM, "audio")]


def test_the_pictures_are_the_cameras_own() -> None:
    numbers = [number(picture) for _, picture in decoded(served(FILM)[1])]
    assert len(set(numbers)) == len(numbers)


def test_the_length_is_right_to_a_tenth() -> None:
    film, data = served(FILM)
    last, _ = decoded(FILM)[-1]
    assert last < film.seconds < last + 0.1
    with av.open(io.BytesIO(data)) as container:
        assert container.duration is not None
        assert abs(container.duration / 1e6 - film.seconds) < 0.001
    assert abs(indexed(MESSAGES).seconds - film.seconds) < 0.001


def test_pieces_read_apart_are_the_whole() -> None:
    film, data = served(FILM, FILM)
    for step in (1, 777, 65536):
        span = range(0, film.size, step) if step > 1 else range(film.size - 60000, film.size - 59900)
        assert all(film.read(at, step) == data[at : at + step] for at in span)
    assert film.read(film.size, 10) == b""


def test_a_part_that_is_shorter_than_its_index_is_damaged() -> None:
    film = mp4.virtual(
        [indexed(MESSAGES)], [lambda offset, count: FILM[: len(FILM) - 1][offset : offset + count]]
    )
    with pytest.raises(Damaged):
        film.read(0, film.size)


def test_a_torn_end_is_left_out() -> None:
    last = sum(len(message) for message in [INIT, *FRAGMENTS[:-1]])
    whole = decoded(FILM[:last])
    for cut in [*range(last + 1, last + 40), *range(last + 40, last + len(FRAGMENTS[-1]), 211)]:
        film, data = served(FILM[:cut])
        assert data.endswith(FILM[:last])
        assert len(film.pts) == len(whole)
    assert decoded(data) == whole


def test_a_film_torn_before_its_first_fragment_is_nothing_at_all() -> None:
    for cut in (0, 7, len(INIT) - 1, len(INIT), len(INIT) + 100):
        film, data = served(FILM[:cut])
        assert (film.seconds, film.pts) == (0.0, ())
        assert len(data) == film.size


def test_parts_of_one_clock_make_one_film() -> None:
    first, second = INIT + b"".join(FRAGMENTS[:4]), INIT + b"".join(FRAGMENTS[4:])
    film, data = served(first, second)
    assert decoded(data) == decoded(FILM)
    assert film.pts == served(FILM)[0].pts


def test_what_was_sent_twice_is_shown_once() -> None:
    first, second = INIT + b"".join(FRAGMENTS[:6]), INIT + b"".join(FRAGMENTS[4:])
    third = INIT + b"".join(FRAGMENTS[5:])
    film, data = served(first, second, third)
    assert decoded(data) == decoded(FILM)
    assert len(decoded(data, "audio")) == len(decoded(FILM, "audio"))
    assert film.pts == served(FILM)[0].pts


def test_a_gap_makes_the_frame_before_it_longer() -> None:
    first, second = INIT + b"".join(FRAGMENTS[:4]), INIT + b"".join(FRAGMENTS[6:])
    film, data = served(first, second)
    assert times(decoded(data)) == [round(pts, 4) for pts in film.pts]
    assert film.seconds == pytest.approx(served(FILM)[0].seconds, abs=0.01)
    before = len(decoded(first))
    assert film.pts[before] - film.pts[before - 1] > 0.5


def later(fragment: bytes, seconds: float) -> bytes:
    """The fragment with all its times moved, as the camera page moves them."""
    scales = {table.track.id: table.track.timescale for table in indexed(MESSAGES).tables}
    data, at = bytearray(fragment), 0
    while (at := data.find(b"tfdt", at) + 4) >= 4:
        track = data.rfind(b"tfhd", 0, at) + 8
        ticks = round(seconds * scales[int.from_bytes(data[track : track + 4])])
        data[at + 4 : at + 12] = (int.from_bytes(data[at + 4 : at + 12]) + ticks).to_bytes(8)
    return bytes(data)


def loudness(film: bytes) -> list[tuple[float, float]]:
    """When each piece of sound plays, and its mean square."""
    return [(time, _square(array("f", samples))) for time, samples in decoded(film, "audio")]


def _square(samples: "array[float]") -> float:
    return sum(sample * sample for sample in samples) / len(samples)


def test_a_gap_is_told_and_silent() -> None:
    first, second = INIT + b"".join(FRAGMENTS[:4]), INIT + b"".join(later(f, 3) for f in FRAGMENTS[4:])
    film, data = served(first, second)
    whole = served(FILM)[0]
    [(at, seconds)] = film.gaps
    before = len(decoded(first))
    assert film.pts[before - 1] < at < film.pts[before - 1] + 0.1
    assert at + seconds == pytest.approx(film.pts[before], abs=0.1)
    assert seconds == pytest.approx(3, abs=0.05)
    assert film.seconds == pytest.approx(whole.seconds + 3, abs=0.01)
    assert [picture for _, picture in decoded(data)] == [picture for _, picture in decoded(FILM)]
    sound = loudness(data)
    assert all(square < 1e-4 for time, square in sound if at + 0.05 < time < at + seconds - 0.1)
    assert all(square > 1e-4 for time, square in sound if at + seconds + 0.2 < time < film.seconds - 0.1)
    steps = {round(later - time, 4) for (time, _), (later, _) in pairwise(sound)}
    assert max(steps) <= 0.0226  # nothing that a player would have to wait for


def test_every_gap_is_told_and_what_was_sent_twice_is_none() -> None:
    runs = [(0, 2, 0.0), (1, 2, 0.0), (3, 2, 2.0), (4, 1, 2.0), (5, 5, 9.0)]
    films = [
        INIT + b"".join(later(f, seconds) for f in FRAGMENTS[start : start + count])
        for start, count, seconds in runs
    ]
    film, data = served(*films)
    assert [round(seconds) for _, seconds in film.gaps] == [2, 7]
    assert times(decoded(data)) == pytest.approx(film.pts, abs=0.001)
    assert len(film.pts) == len(decoded(FILM))
    assert film.frame_list()["gaps"] == film.gaps
    assert served(FILM)[0].gaps == ()


def test_a_part_goes_on_in_the_films_time_whatever_its_ticks() -> None:
    first = INIT + b"".join(FRAGMENTS[:4])
    other = INIT.replace((57600).to_bytes(4), (28800).to_bytes(4))
    film, _ = served(first, other + b"".join(later(f, 60) for f in FRAGMENTS[4:]))
    [(at, seconds)] = film.gaps
    shown = film.pts[len(decoded(first))]
    assert shown > 100  # half the ticks a second: all of the part comes twice as late
    # The sound keeps its own ticks, and ends the gap before the first picture shows.
    assert at + seconds == pytest.approx(62, abs=0.1)


def test_key_frames_bring_what_their_description_does_not_say() -> None:
    other = INIT.replace(b"avcC\x01", b"avcC\x02")
    film, data = served(INIT + FRAGMENTS[0], other + later(FRAGMENTS[1], 5))
    head = data[: data.find(b"mdat")]
    assert (head.count(b"avcC\x01"), head.count(b"avcC\x02")) == (1, 0)
    assert len(decoded(data)) == len(film.pts)


@given(st.lists(st.floats(0, 40), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_gaps_and_what_plays_make_up_the_whole(pauses: list[float]) -> None:
    films, late = [INIT + FRAGMENTS[0]], 0.0
    for number, pause in enumerate(pauses, 1):
        late += pause
        films.append(INIT + later(FRAGMENTS[number], late))
    film, data = served(*films)
    assert len(data) == film.size
    assert len(film.gaps) == sum(pause > 0.3 for pause in pauses) or any(0.2 < p <= 0.3 for p in pauses)
    played = served(INIT + b"".join(FRAGMENTS[: len(films)]))[0].seconds
    assert film.seconds == pytest.approx(played + late, abs=0.01)
    assert sum(seconds for _, seconds in film.gaps) == pytest.approx(late, abs=0.35 * len(pauses))
    places = sample_places(data)
    assert places == sorted(places)


def sample_places(data: bytes) -> list[int]:
    """Where each sample of sound lies: players pass over those that lie before the ones they have read."""
    with av.open(io.BytesIO(data)) as container:
        stream = next(stream for stream in container.streams if stream.type == "audio")
        return [packet.pos for packet in container.demux(stream) if packet.pos is not None]


def test_a_part_with_a_new_clock_follows_the_end() -> None:
    one, (film, data) = served(FILM)[0], served(FILM, FILM[: -len(MESSAGES[-1])])
    assert film.pts == one.pts  # the same bytes again are what was sent twice
    other = INIT + b"".join(FRAGMENTS[2:])
    shorter = INIT + b"".join(FRAGMENTS[:3])
    film, data = served(other, shorter)
    count = len(decoded(other))
    assert [picture for _, picture in decoded(data)] == [
        picture for _, picture in decoded(other) + decoded(shorter)
    ]
    assert times(decoded(data)) == [round(pts, 4) for pts in film.pts]
    assert abs(film.pts[count] - served(other)[0].seconds) < 0.05
    assert abs(film.seconds - served(other)[0].seconds - served(shorter)[0].seconds) < 0.001


def test_sound_and_picture_move_together() -> None:
    late = INIT + b"".join(FRAGMENTS[3:])
    shift = {
        times(decoded(late, kind))[0] - times(decoded(served(late)[1], kind))[0]
        for kind in ("video", "audio")
    }
    assert max(shift) - min(shift) < 0.001
    assert min(served(late)[0].pts) < 0.1


def test_empty_parts_add_nothing() -> None:
    film, data = served(INIT, FILM, b"", INIT)
    assert decoded(data) == decoded(FILM)
    assert film.pts == served(FILM)[0].pts


def test_the_tables_of_the_moov_agree() -> None:
    _, data = served(FILM)
    moov = next(box for box in boxes(memoryview(data)) if box.kind == b"moov")
    assert [box.kind for box in boxes(memoryview(data))] == [b"ftyp", b"moov", b"mdat"]
    assert len(children(moov.body, b"trak")) == 2
