"""The fragment parser, the index, and the film that is served, against a film as the camera page made it."""

import math
import zlib
from random import Random

from tests.fuzz.alter import EDGES, altering, any_bytes, value
from tests.fuzz.boxes import structured
from tests.fuzz.run import Target, Wrong
from tests.loopback.test_mp4 import FILM, FRAGMENTS, INIT, MESSAGES, indexed
from vigfield.errors import Damaged
from vigfield.loopback import mp4
from vigfield.loopback.mp4.boxes import Malformed

SILENT = b"\xe0\xe4\xf8\xfc"
TRUE = indexed(MESSAGES)
SHORT = INIT + b"".join(FRAGMENTS[:2])
MESSAGE_POOL = {
    "init": INIT, "first": FRAGMENTS[0], "fourth": FRAGMENTS[3], "last": FRAGMENTS[-1],
    "trailer": MESSAGES[-1],
}  # fmt: skip
FILM_POOL = {"film": FILM, "short": SHORT}
INDEX_POOL = {
    "film": indexed(MESSAGES).encode(),
    "short": indexed([INIT, *FRAGMENTS[:2]]).encode(),
    "empty": indexed([INIT]).encode(),
}


def judge_message(data: bytes) -> str:
    """A value; what it claims lies within the bytes; what is built of it can be kept and served."""
    match mp4.check_message(data):
        case mp4.Bad(why):
            return f"Bad: {why}"
        case mp4.Trailer():
            return "Trailer"
        case mp4.Init(tracks) as init:
            _served_with([(init, data), (mp4.check_message(FRAGMENTS[0]), FRAGMENTS[0])])
            return f"Init of {len(tracks)}"
        case mp4.Fragment(runs) as fragment:
            _inside(runs, len(data))
            _served_with([(mp4.check_message(INIT), INIT), (fragment, data)])
            return f"Fragment of {min(len(runs), 9)}"


def _inside(runs: tuple[mp4.Run, ...], size: int) -> None:
    for run in runs:
        counts = {len(column) for column in (run.sizes, run.durations, run.shifts, run.keys)}
        if counts != {len(run.sizes)} or not run.sizes or len(run.sizes) > 50_000:
            raise Wrong("columns of different lengths")
        if run.at < 16 or run.at + sum(run.sizes) > size:
            raise Wrong("samples outside the message")


def _served_with(taken: list[tuple[object, bytes]]) -> None:
    """Take messages in as they are filmed; keep and serve the film, alone and with a true fragment behind."""
    index, stored = mp4.Index(), b""
    for message, data in taken:
        stored += _took(index, message, data)
    _served(index, stored, joined=False)
    stored += _took(index, mp4.check_message(FRAGMENTS[1]), FRAGMENTS[1])
    _served(index, stored, joined=_now_and_then(stored))
    _kept(index)


def _took(index: mp4.Index, message: object, data: bytes) -> bytes:
    """The bytes, if the index takes them."""
    assert isinstance(message, mp4.Init | mp4.Fragment)
    try:
        index.take(message, len(data))
    except Malformed:
        return b""
    return data


def _kept(index: mp4.Index) -> None:
    again = mp4.Index.decode(index.encode())
    if again.encode() != index.encode() or again.frames != index.frames:
        raise Wrong("the index is another after it was kept")


def _served(index: mp4.Index, stored: bytes, *, joined: bool) -> None:
    def read(offset: int, count: int) -> bytes:
        return stored[offset : offset + count]

    ours, true = (index, read, stored[: index.length]), (TRUE, lambda at, count: FILM[at : at + count], FILM)
    for parts in ((ours,), (ours, ours), (true, ours), (ours, true)) if joined else ((ours,),):
        film = mp4.virtual([index for index, _, _ in parts], [read for _, read, _ in parts])
        data = film.read(0, film.size)
        if len(data) != film.size or not _ends_with(data, [body for _, _, body in parts]):
            raise Wrong("the film that is served has other bytes")
        if list(film.pts) != sorted(film.pts) or not math.isfinite(film.seconds) or film.seconds < 0:
            raise Wrong("the pictures are not in order")
        _head_fits(data)


def _ends_with(data: bytes, bodies: list[bytes]) -> bool:
    """Whether the parts end the film, in order, with nothing between them but frames of silence."""
    end = len(data)
    for number, body in reversed(list(enumerate(bodies))):
        if not data.endswith(body, 0, end):
            return False
        end -= len(body)
        while number and data[end - 2 : end] == b"\xff\xfe" and data[end - 3] in SILENT:
            end -= 3
    return True


def _now_and_then(data: bytes) -> bool:
    """Joining with other parts takes four times as long as all the rest: every eighth case is enough."""
    return zlib.crc32(data) % 8 == 0


def _head_fits(data: bytes) -> None:
    """The head says three boxes that fill the file."""
    at, kinds = 0, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        kinds.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at + 8 : at + 16]) if length == 1 else length
    if (kinds, at) != ([b"ftyp", b"moov", b"mdat"], len(data)):
        raise Wrong("the head does not say what follows")


def judge_scan(data: bytes) -> str:
    """The index of what is whole, the same as when each message is taken in by itself."""
    index = mp4.scan(lambda offset, count: data[offset : offset + count], len(data))
    if not 0 <= index.length <= len(data):
        raise Wrong("more than there is")
    _served(index, data, joined=_now_and_then(data))
    _kept(index)
    return f"{len(index.tables)} tracks of {min(index.frames, 200) // 10}0 frames"


def judge_index(data: bytes) -> str:
    """Damaged, or an index that can be served."""
    try:
        index = mp4.Index.decode(data)
    except Damaged as error:
        return f"Damaged: {error}"
    index.seconds  # noqa: B018 - it is asked for when a film is listed
    stored = FILM.ljust(index.length, b"\0") if index.length < 10_000_000 else b""
    try:
        _served(index, stored, joined=bool(stored))
    except Damaged as error:
        return f"served, Damaged: {error}"
    return f"index of {len(index.tables)}"


def _head(chance: Random, data: bytes) -> bytes:
    """Values in the words at the beginning of an index."""
    size = int.from_bytes(data[5:9])
    words = data[9 : 9 + size]
    for _ in range(chance.randint(1, 2)):
        words = value(chance, words)
    return data[:5] + len(words).to_bytes(4) + words + data[9 + size :]


def _columns(chance: Random, data: bytes) -> bytes:
    """Numbers in the columns of an index, packed again."""
    size = int.from_bytes(data[5:9])
    try:
        columns = bytearray(zlib.decompress(data[9 + size :]))
    except zlib.error:
        return data
    at = chance.randrange(len(columns) // 4 + 1) * 4
    width = chance.choice((4, 8))
    columns[at : at + width] = (chance.choice(EDGES) % (1 << 8 * width)).to_bytes(width, "little")
    return data[: 9 + size] + zlib.compress(bytes(columns), 1)


MESSAGE = Target(
    "message",
    (MESSAGE_POOL,),
    altering([*[structured(MESSAGE_POOL)] * 12, *any_bytes(MESSAGE_POOL, range(0, 1200, 4))]),
    judge_message,
)
SCAN = Target(
    "scan",
    (FILM_POOL,),
    altering([*[structured(FILM_POOL)] * 12, *any_bytes(FILM_POOL, range(0, 2000, 4))]),
    judge_scan,
)
INDEX = Target(
    "index",
    (INDEX_POOL,),
    altering([*[_head] * 10, *[_columns] * 10, *any_bytes(INDEX_POOL, (0, 5, 9))]),
    judge_index,
)
