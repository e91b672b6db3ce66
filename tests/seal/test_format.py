"""The worked example of FORMAT.md, made again from its inputs."""

import json
import re
import zlib
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.seal.disks import MemoryDisk
from vigfield import clock, seal
from vigfield.app.opened import film_context, index_context
from vigfield.app.stills import still_context
from vigfield.loopback.mp4 import Fragment, Index, Run, Track
from vigfield.loopback.mp4.table import Table
from vigfield.model import RecordingId
from vigfield.seal import Cost, Key, make_slot, wrap
from vigfield.seal.segments import Header, before, sealed_whole
from vigfield.seal.tail import Record, Tail
from vigfield.store.media import Media

PAGE = Path(seal.__file__).with_name("FORMAT.md")


def example(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Every line of the example. Chance is replaced by a given nonce or salt."""
    secret, header, associated = (
        bytes(range(32)),
        Header(bytes(range(32, 64)), bytes(range(64, 71))),
        b"example",
    )
    key = Key(secret)

    def with_chance(*given: bytes) -> None:
        coming = iter(given)
        monkeypatch.setattr(clock, "random_bytes", lambda count: next(coming))

    nonce = bytes(range(80, 92))
    nonce_of = lambda last: header.prefix + (0).to_bytes(4) + bytes([last])
    record, file_key = Record(3, 0, b"look"), key.derive_salted(header.salt, associated).reveal()
    lines = {
        "key": secret.hex(),
        "salt": header.salt.hex(),
        "nonce prefix": header.prefix.hex(),
        "associated data": associated.hex(),
        "file key": file_key.hex(),
        "header": header.encode().hex(),
        "nonce of segment 0, not the last": nonce_of(0).hex(),
        "nonce of segment 0, the last": nonce_of(1).hex(),
        "segment 0, the last, of 'look at me'": AESGCM(file_key)
        .encrypt(nonce_of(1), b"look at me", None)
        .hex(),
        "film of 'look at me'": sealed_whole(key, header, associated, b"look at me").hex(),
        "sha256 of a film of 65480 zeros": _digest(key, header, associated, before(1)),
        "sha256 of a film of 65481 zeros": _digest(key, header, associated, before(1) + 1),
        "tail root": key.derive(b"vigfield tail 1").reveal().hex(),
        "tail key": key.derive(b"vigfield tail 1").derive_salted(header.salt, associated).reveal().hex(),
        "nonce": nonce.hex(),
        "record 3 (segment 0, 'look')": record.encode().hex(),
    }
    with_chance(nonce)
    lines["slot 1, record 3 (segment 0, 'look')"] = Tail(key, header, associated).seal(1, record).hex()
    with_chance(nonce)
    lines["key wrapped under itself, context 'example'"] = wrap(key, key, associated).hex()
    with_chance(header.salt[:16], nonce)
    slot = make_slot("look at me", key, associated, Cost(memory_kib=64, passes=1, lanes=1))
    lines["slot of the key, passphrase 'look at me', context 'example'"] = json.dumps(
        slot, separators=(",", ":")
    )
    return lines | index_lines()


def index_lines() -> dict[str, str]:
    """An index of one track with two samples: its head, and its columns before they are packed."""
    track = Track(1, "vide", 25, 0, bytes(44), bytes.fromhex("0000000000000001"))
    index = Index([Table(track)], 100)
    index.take(Fragment((Run(1, 7, 60, (5, 6), (1, 2), (0, -1), (True, False)),)), 200)
    data = index.encode()
    size = int.from_bytes(data[5:9])
    assert Index.decode(data).encode() == data
    return {
        "index, beginning": data[:9].hex(),
        "index, head": data[9 : 9 + size].decode(),
        "index, columns": zlib.decompress(data[9 + size :]).hex(),
    }


def _digest(key: Key, header: Header, associated: bytes, zeros: int) -> str:
    MemoryDisk.ledger_in_use.clear()  # an example under a public key: its three films share a header
    return sha256(sealed_whole(key, header, associated, bytes(zeros))).hexdigest()


def test_the_worked_example_is_what_the_code_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    block = PAGE.read_text(encoding="utf-8").split("```example\n")[1].split("```")[0]
    shown = dict(line.split(" = ", 1) for line in block.splitlines())
    assert shown == example(monkeypatch)
    assert len(shown) == 22


def test_the_names_and_associated_data_are_those_of_the_page(tmp_path: Path) -> None:
    media, film, number = Media(tmp_path), RecordingId("0" * 32), 7
    named = {
        media.part_path(film, number): film_context(film, number),
        media.index_path(film, number): index_context(film, number),
        media.still_path(film, number): still_context(film, number),
    }
    page = PAGE.read_text(encoding="utf-8")
    for path, context in named.items():
        shown = re.search(rf"\| `RRR-NNN{path.suffix}`.*\| `(.+)` \|\n", page)
        assert shown
        assert shown[1].replace("RRR", film).replace("N", "7").encode() == context
    assert media.film_path(film, number).name == "0" * 32 + "-007.film"
