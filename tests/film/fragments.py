"""Real init segments and fragments without a browser, for tests of what receives them."""

import io
import struct
from collections.abc import Iterator
from fractions import Fraction

import av

OPTIONS = {"movflags": "empty_moov+default_base_moof+frag_keyframe"}


def make_fragments(count: int, size: int = 64) -> tuple[bytes, list[bytes]]:
    """An init segment and `count` fragments of one frame each, in H.264."""
    film = io.BytesIO()
    with av.open(film, "w", format="mp4", options=OPTIONS) as container:
        stream = container.add_stream("h264", rate=25, options={"g": "1", "preset": "ultrafast"})
        stream.width = stream.height = size
        for number in range(count):
            frame = av.VideoFrame(size, size, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number * 9 % 256]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return split(film.getvalue())


def split(film: bytes) -> tuple[bytes, list[bytes]]:
    """A fragmented film as the init segment and its fragments; a trailer is left out."""
    head, fragments, moof = b"", [], b""
    for kind, box in _boxes(film):
        match kind:
            case b"ftyp" | b"moov":
                head += box
            case b"moof":
                moof = box
            case b"mdat":
                fragments.append(moof + box)
    return head, fragments


def _boxes(film: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(film):
        size, kind = struct.unpack_from(">I4s", film, at)
        yield kind, film[at : at + size]
        at += size
