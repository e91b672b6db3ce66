"""The worked example of FORMAT.md, made again from its inputs."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.seal.disks import MemoryDisk
from vigfield import clock, seal
from vigfield.seal import Cost, Key, make_slot, wrap
from vigfield.seal.segments import Header, before, sealed_whole
from vigfield.seal.tail import Record, Tail

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
    lines = {
        "key": secret.hex(),
        "salt": header.salt.hex(),
        "nonce prefix": header.prefix.hex(),
        "associated data": associated.hex(),
        "file key": key.derive_salted(header.salt, associated).reveal().hex(),
        "film of 'look at me'": sealed_whole(key, header, associated, b"look at me").hex(),
        "sha256 of a film of 65480 zeros": _digest(key, header, associated, before(1)),
        "sha256 of a film of 65481 zeros": _digest(key, header, associated, before(1) + 1),
        "tail key": key.derive(b"vigfield tail 1").derive_salted(header.salt, associated).reveal().hex(),
        "nonce": nonce.hex(),
    }
    with_chance(nonce)
    lines["slot 1, record 3 (segment 0, 'look')"] = (
        Tail(key, header, associated).seal(1, Record(3, 0, b"look")).hex()
    )
    with_chance(nonce)
    lines["key wrapped under itself, context 'example'"] = wrap(key, key, associated).hex()
    with_chance(header.salt[:16], nonce)
    slot = make_slot("look at me", key, associated, Cost(memory_kib=64, passes=1, lanes=1))
    lines["slot of the key, passphrase 'look at me', context 'example'"] = json.dumps(
        slot, separators=(",", ":")
    )
    return lines


def _digest(key: Key, header: Header, associated: bytes, zeros: int) -> str:
    MemoryDisk.ledger_in_use.clear()  # an example under a public key: its three films share a header
    return sha256(sealed_whole(key, header, associated, bytes(zeros))).hexdigest()


def test_the_worked_example_is_what_the_code_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    block = PAGE.read_text(encoding="utf-8").split("```example\n")[1].split("```")[0]
    shown = dict(line.split(" = ", 1) for line in block.splitlines())
    assert shown == example(monkeypatch)
    assert len(shown) == 13
