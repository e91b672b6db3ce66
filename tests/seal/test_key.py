"""The secret type: it cannot be shown, compared, copied or stored by accident."""

import copy
import pickle
import traceback
from collections.abc import Callable

import pytest

from vigfield.errors import Broken, Damaged
from vigfield.seal import Key, unwrap, wrap

SECRET = bytes(range(32))

REFUSED: dict[str, Callable[[Key], object]] = {
    "format": lambda key: f"{key}",
    "format with a spec": lambda key: f"{key:>40}",
    "pickle": pickle.dumps,
    "old pickle": lambda key: pickle.dumps(key, 0),
    "copy": copy.copy,
    "deep copy": copy.deepcopy,
    "equal": lambda key: key == Key(SECRET),
    "equal to itself": lambda key: key == key,
    "not equal": lambda key: key != Key(SECRET),
    "hash": hash,
    "in a set": lambda key: {key},
    "bytes": bytes,  # type: ignore[dict-item]
    "iterate": list,  # type: ignore[dict-item]
    "new attribute": lambda key: setattr(key, "note", 1),
}


@pytest.mark.parametrize("way", REFUSED)
def test_is_refused(way: str) -> None:
    with pytest.raises((TypeError, AttributeError)) as caught:
        REFUSED[way](Key(SECRET))
    assert "\\x01" not in "".join(traceback.format_exception(caught.value))


def test_shows_nothing() -> None:
    assert repr(Key(SECRET)) == str(Key(SECRET)) == "<Key>"
    assert repr([Key(SECRET)]) == "[<Key>]"


@pytest.mark.parametrize("count", [0, 31, 33, 64])
def test_has_32_bytes(count: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Key(bytes(count))


def test_random_keys_differ() -> None:
    assert len({Key.random().reveal() for _ in range(100)}) == 100


def test_after_wiping_every_use_fails() -> None:
    key, other = Key(SECRET), Key.random()
    held = key._secret
    key.wipe()
    key.wipe()
    assert SECRET not in held
    for use in (
        key.reveal,
        lambda: key.derive(b"x"),
        lambda: wrap(other, key, b""),
        lambda: wrap(key, other, b""),
    ):
        with pytest.raises(Broken):
            use()
    assert repr(key) == "<Key>"


def test_wiping_overwrites_the_bytes() -> None:
    key = Key(SECRET)
    view = memoryview(key._secret)
    with pytest.raises(
        BufferError
    ):  # the buffer is held, so that it cannot be emptied after it was overwritten
        key.wipe()
    assert bytes(view) == bytes(32)


def test_wiping_does_not_touch_what_it_was_made_from_or_what_was_derived() -> None:
    key = Key(SECRET)
    derived = key.derive(b"database")
    key.wipe()
    assert bytes(range(32)) == SECRET
    assert derived.reveal() == Key(SECRET).derive(b"database").reveal()


def test_derived_keys_differ_by_purpose() -> None:
    key = Key(SECRET)
    purposes = [b"", b"database", b"audit", b"audit "]
    assert len({key.derive(purpose).reveal() for purpose in purposes} | {SECRET}) == 5


def test_a_wrapped_key_opens_with_the_same_key_and_context_only() -> None:
    wrapping = Key.random()
    wrapped = wrap(wrapping, Key(SECRET), b"recording 1")
    assert unwrap(wrapping, wrapped, b"recording 1").reveal() == SECRET
    assert wrap(wrapping, Key(SECRET), b"recording 1") != wrapped
    for other_key, other_context in (
        (Key.random(), b"recording 1"),
        (wrapping, b"recording 2"),
        (wrapping, b""),
    ):
        with pytest.raises(Damaged):
            unwrap(other_key, wrapped, other_context)


def test_every_altered_bit_and_length_of_a_wrapped_key_is_refused() -> None:
    wrapping = Key.random()
    wrapped = wrap(wrapping, Key(SECRET), b"context")
    flipped = [
        wrapped[:at] + bytes([wrapped[at] ^ 1 << bit]) + wrapped[at + 1 :]
        for at in range(60)
        for bit in range(8)
    ]
    cut = [wrapped[:count] for count in range(60)] + [wrapped + b"\0", b"\0" + wrapped]
    assert len(flipped) + len(cut) == 480 + 62
    for bad in flipped + cut:
        with pytest.raises(Damaged):
            unwrap(wrapping, bad, b"context")
