"""Films that can be counted: a camera and a microphone of known content, and a reader that finds it again.

Each frame of the camera file carries a 20-bit counter and 4 check bits as black and white cells over a moving
texture, so which frames are in a film is known, not inferred. The microphone file is one steady tone.
The browser plays both in a loop, so counters wrap around at `Source.frames`.
"""

from __future__ import annotations

import io
import math
import random
import wave
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av

COLUMNS = 12
ROWS = 2
BITS = 20
BLACK, WHITE = 24, 224
TONE_HZ = 440.0
TONE_AMPLITUDE = 0.25
SOUND_RATE = 48_000


@dataclass(frozen=True, slots=True)
class Source:
    """Files for the browser's fake camera and microphone."""

    video: Path
    sound: Path
    width: int
    height: int
    fps: int
    frames: int

    def flags(self) -> list[str]:
        """Chromium's command line that makes these the camera and the microphone, and grants both."""
        return [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={self.video}",
            f"--use-file-for-fake-audio-capture={self.sound}",
        ]


def make_source(
    folder: Path, width: int = 1280, height: int = 720, fps: int = 25, frames: int = 250, seed: int = 7
) -> Source:
    """Write a camera file and a microphone file; 250 frames of 720p take 346 MB. `seed` makes the texture."""
    source = Source(folder / "camera.y4m", folder / "sound.wav", width, height, fps, frames)
    with source.video.open("wb") as out:
        out.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420mpeg2\n".encode())
        for picture in _pictures(source, seed):
            out.write(b"FRAME\n")
            out.write(picture)
    _write_tone(source.sound, frames / fps)
    return source


def new_seed() -> int:
    """For a camera whose pictures no other program on the machine has."""
    return random.SystemRandom().getrandbits(64)


def _pictures(source: Source, seed: int) -> Iterator[bytes]:
    width, height = source.width, source.height
    texture = _texture(width * (height + 1), seed)
    colour = bytes([118]) * (width * height // 4) + bytes([138]) * (width * height // 4)
    for counter in range(source.frames):
        cells = draw_cells(counter, width, height)
        shift = counter * 3 % width
        yield cells + texture[shift : shift + width * height - len(cells)] + colour


def _texture(size: int, seed: int) -> bytes:
    """Noise smooth enough to encode, busy enough to keep the encoder at work; the same for a seed."""
    chance = random.Random(seed)
    noise = bytearray()
    level = 128
    while len(noise) < size:
        level = max(40, min(200, level + chance.randint(-24, 24)))
        noise += bytes([level]) * chance.randint(2, 9)
    return bytes(noise[:size])


def cell_height(height: int) -> int:
    """The height of a row of cells, in pixels."""
    return height // 12


def draw_cells(counter: int, width: int, height: int) -> bytes:
    """The luma of the rows on top of a picture that carry its counter."""
    bits = _bits(counter)
    drawn = bytearray()
    for row in range(ROWS):
        cells = bits[row * COLUMNS : (row + 1) * COLUMNS]
        line = bytes(WHITE if cells[x * COLUMNS // width] else BLACK for x in range(width))
        drawn += line * cell_height(height)
    return bytes(drawn)


def _bits(counter: int) -> list[bool]:
    word = counter << 4 | _check(counter)
    return [bool(word >> (BITS + 3 - place) & 1) for place in range(BITS + 4)]


def _check(counter: int) -> int:
    check = 0b1010
    for shift in range(0, BITS, 4):
        check ^= counter >> shift & 0xF
    return check


def read_counter(luma: bytes, stride: int, width: int, height: int) -> int | None:
    """The counter in a decoded picture's luma; None where the cells cannot be told or the check fails."""
    word = 0
    for place in range(BITS + 4):
        level = _cell_level(luma, stride, width, height, *divmod(place, COLUMNS))
        if 90 < level < 160:
            return None
        word = word << 1 | (level > 128)
    counter = word >> 4
    return counter if word & 0xF == _check(counter) else None


def _cell_level(luma: bytes, stride: int, width: int, height: int, row: int, column: int) -> float:
    tall, wide = cell_height(height), width // COLUMNS
    middle_y, middle_x = row * tall + tall // 2, column * width // COLUMNS + wide // 2
    samples = [
        luma[y * stride + x]
        for y in range(middle_y - tall // 5, middle_y + tall // 5 + 1, 2)
        for x in range(middle_x - wide // 5, middle_x + wide // 5 + 1, 4)
    ]
    return sum(samples) / len(samples)


def _write_tone(path: Path, seconds: float) -> None:
    period = array(
        "h",
        (
            round(32767 * TONE_AMPLITUDE * math.sin(2 * math.pi * TONE_HZ * n / SOUND_RATE))
            for n in range(SOUND_RATE)
        ),
    )
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SOUND_RATE)
        out.writeframes(period.tobytes() * max(1, round(seconds)))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a film really holds: a counter and a time in seconds per frame, and its sound."""

    counters: tuple[int | None, ...]
    pts: tuple[float, ...]
    sound_seconds: float
    rms: float
    tone: float
    """The share of the sound's energy that is at TONE_HZ, 0 to 1."""


def read_film(film: bytes | Path) -> Reading:
    """Decode an MP4, fragmented or not, and read every frame's counter and the sound."""
    counters, pts = _read_frames(film)
    samples = _read_sound(film)
    energy = sum(sample * sample for sample in samples)
    rms = math.sqrt(energy / len(samples)) / 32768 if samples else 0.0
    return Reading(tuple(counters), tuple(pts), len(samples) / SOUND_RATE, rms, _tone_share(samples, energy))


def _open(film: bytes | Path) -> av.container.InputContainer:
    return av.open(io.BytesIO(film) if isinstance(film, bytes) else str(film))


def _read_frames(film: bytes | Path) -> tuple[list[int | None], list[float]]:
    counters: list[int | None] = []
    pts: list[float] = []
    with _open(film) as container:
        for frame in container.decode(video=0):
            plane = frame.planes[0]
            counters.append(read_counter(bytes(plane), plane.line_size, frame.width, frame.height))
            pts.append(float(frame.time or 0))
    return counters, pts


def _read_sound(film: bytes | Path) -> array[int]:
    samples: array[int] = array("h")
    with _open(film) as container:
        if not container.streams.audio:
            return samples
        resampler = av.AudioResampler(format="s16", layout="mono", rate=SOUND_RATE)
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                samples.frombytes(bytes(piece.planes[0])[: piece.samples * 2])
    return samples


def _tone_share(samples: Sequence[int], energy: float) -> float:
    """Goertzel's sum in blocks of a tenth of a second, so that a slip between blocks does no harm."""
    if not energy:
        return 0.0
    block = SOUND_RATE // 10
    found = sum(
        _goertzel(samples[start : start + block]) for start in range(0, len(samples) - block + 1, block)
    )
    return min(1.0, found * 2 / block / energy)


def _goertzel(samples: Sequence[int]) -> float:
    factor = 2 * math.cos(2 * math.pi * TONE_HZ / SOUND_RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    return last * last + before * before - factor * last * before


@dataclass(frozen=True, slots=True)
class Count:
    """How a film's frames compare with the camera's."""

    seen: int
    missing: int
    invented: int
    unreadable: int

    @property
    def missing_share(self) -> float:
        """Frames missing, of those that there should have been."""
        return self.missing / (self.seen + self.missing) if self.seen else 1.0


def count(counters: Sequence[int | None], total: int) -> Count:
    """Compare counters, in the film's order, with a camera that counts to `total` and begins again.

    A repeated frame, or one out of order, is invented; the camera itself repeats one frame as it begins
    again, and that one is let pass.
    """
    readable = [counter for counter in counters if counter is not None]
    missing = invented = 0
    for before, after in pairwise(readable):
        step = (after - before) % total
        if 0 < step <= total // 2:
            missing += step - 1
        elif step or after not in (0, total - 1):
            invented += 1
    return Count(len(readable), missing, invented, len(counters) - len(readable))
