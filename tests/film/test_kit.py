"""The kit finds what it has put in, and notices what is missing, repeated or out of order."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.film import kit


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> kit.Source:
    return kit.make_source(tmp_path_factory.mktemp("source"), width=320, height=180, frames=50)


def encode(source: kit.Source, path: Path) -> Path:
    with (
        av.open(str(source.video)) as camera,
        av.open(str(source.sound)) as microphone,
        av.open(str(path), "w") as film,
    ):
        picture = film.add_stream("h264", rate=source.fps)
        picture.width, picture.height, picture.bit_rate = source.width, source.height, 400_000
        sound = film.add_stream("aac", rate=kit.SOUND_RATE, layout="mono")
        for number, frame in enumerate(camera.decode(video=0)):
            frame.pts, frame.time_base = number, Fraction(1, source.fps)
            film.mux(picture.encode(frame))
        for frame in microphone.decode(audio=0):
            film.mux(sound.encode(frame))
        film.mux([*picture.encode(), *sound.encode()])
    return path


@pytest.mark.parametrize("counter", [0, 1, 2, 249, 4095, 4096, 2**20 - 1])
def test_a_drawn_counter_is_read_back(counter: int) -> None:
    luma = kit.draw_cells(counter, 320, 180)
    assert kit.read_counter(luma, 320, 320, 180) == counter


def test_a_damaged_cell_is_not_taken_for_another_counter() -> None:
    luma = bytearray(kit.draw_cells(77, 320, 180))
    for row in range(kit.cell_height(180)):
        for x in range(320 // kit.COLUMNS):
            luma[row * 320 + x] = kit.WHITE
    assert kit.read_counter(bytes(luma), 320, 320, 180) is None


def test_every_frame_and_the_tone_survive_an_encoder(source: kit.Source, tmp_path: Path) -> None:
    reading = kit.read_film(encode(source, tmp_path / "film.mp4"))
    assert reading.counters == tuple(range(50))
    assert reading.pts == pytest.approx([n / 25 for n in range(50)])
    assert reading.sound_seconds == pytest.approx(2.0, abs=0.1)
    assert reading.rms == pytest.approx(kit.TONE_AMPLITUDE / 2**0.5, rel=0.05)
    assert reading.tone > 0.9


@pytest.mark.parametrize(
    ("counters", "missing", "invented", "unreadable"),
    [
        ([0, 1, 2, 3], 0, 0, 0),
        ([0, 1, 3, 4], 1, 0, 0),
        ([48, 49, 0, 1], 0, 0, 0),
        ([48, 49, 49, 0, 1], 0, 0, 0),
        ([48, 49, 0, 0, 1], 0, 0, 0),
        ([3, 4, 4, 5], 0, 1, 0),
        ([3, 4, 2, 3, 4], 0, 1, 0),
        ([3, None, 5], 1, 0, 1),
        ([], 0, 0, 0),
    ],
)
def test_the_count(counters: list[int | None], missing: int, invented: int, unreadable: int) -> None:
    found = kit.count(counters, 50)
    assert (found.missing, found.invented, found.unreadable) == (missing, invented, unreadable)
