"""Films of an hour, made of a few real seconds that are put end to end, each with decode times of its own."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import av

from tests.film.fragments import OPTIONS, split

RATE, GROUP, SOUND = 25, 12, 960
CODING = {
    "g": str(GROUP),
    "preset": "ultrafast",
    "tune": "zerolatency",
    "keyint_min": str(GROUP),
    "sc_threshold": "0",
}
LOOP_SECONDS = Fraction(GROUP * 5, RATE)
"""2.4 s: whole groups of pictures and whole packets of Opus, so that sound and picture never drift."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A few seconds of real H.264 (a key frame each 0.48 s) and Opus that can be put end to end."""

    init: bytes
    fragments: tuple[bytes, ...]
    seconds: Fraction


def make_loop(loops: int = 1, width: int = 1280, height: int = 720, bitrate: int = 2_500_000) -> Loop:
    """`loops` times 2.4 s of moving noise at about this bitrate (bits a second), with silence."""
    seconds, film = loops * LOOP_SECONDS, io.BytesIO()
    with av.open(film, "w", format="mp4", options=OPTIONS) as container:
        picture = container.add_stream(
            "h264", rate=RATE, options=CODING | {"maxrate": str(bitrate), "bufsize": str(bitrate // 2)}
        )
        picture.width, picture.height, picture.bit_rate = width, height, bitrate
        sound = container.add_stream("libopus", rate=48_000, layout="mono")
        packets = [*_pictures(picture, int(seconds * RATE)), *_sounds(sound, int(seconds * 50))]
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            container.mux(packet)
    init, fragments = split(film.getvalue())
    return Loop(init, tuple(fragments), seconds)


def messages(loop: Loop, seconds: float) -> Iterator[bytes]:
    """The init segment, then fragments whose decode times go on and on, until `seconds` are full."""
    yield loop.init
    places = [_clocks(fragment) for fragment in loop.fragments]
    scales = _timescales(loop.init)
    for number in range(int(seconds * len(loop.fragments) / loop.seconds)):
        turn, which = divmod(number, len(loop.fragments))
        again = bytearray(loop.fragments[which])
        for track, at in places[which]:
            (time,) = struct.unpack_from(">Q", again, at)
            struct.pack_into(">Q", again, at, time + int(turn * loop.seconds * scales[track]))
        yield bytes(again)


def _pictures(stream: av.VideoStream, count: int) -> Iterator[av.Packet]:
    chance = Random(1)
    noise = bytes(120 + byte % 16 for byte in chance.randbytes(stream.width * 64))
    for number in range(count):
        frame = av.VideoFrame(stream.width, stream.height, "yuv420p")
        for plane in frame.planes:
            begin = chance.randrange(plane.line_size)
            row = noise[begin : begin + plane.line_size * 16]
            plane.update((row * (plane.buffer_size // len(row) + 1))[: plane.buffer_size])
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        yield from stream.encode(frame)
    yield from stream.encode()


def _sounds(stream: av.AudioStream, count: int) -> list[av.Packet]:
    made: list[av.Packet] = []
    for number in range(count + 2):
        frame = av.AudioFrame(format="s16", layout="mono", samples=SOUND)
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * SOUND, Fraction(1, 48_000)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        made += stream.encode(frame)
    for number, packet in enumerate(made[:count]):
        packet.pts = packet.dts = number * SOUND
    return made[:count]


def _clocks(fragment: bytes) -> list[tuple[int, int]]:
    """Each track's number in a fragment, and where its 64-bit decode time lies."""
    found, at = [], 0
    while (at := fragment.find(b"tfhd", at + 1)) >= 0:
        (track,) = struct.unpack_from(">I", fragment, at + 8)
        clock = fragment.index(b"tfdt", at) + 4
        assert fragment[clock] == 1, "a decode time of 32 bits"
        found.append((track, clock + 4))
    return found


def _timescales(init: bytes) -> dict[int, int]:
    """Ticks a second of each track."""
    scales, at = {}, 0
    while (at := init.find(b"mdhd", at + 1)) >= 0:
        scales[len(scales) + 1] = struct.unpack_from(">I", init, at + 16)[0]
    return scales
