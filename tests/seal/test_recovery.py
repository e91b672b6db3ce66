"""Recovery: what a holder can open, and that nothing else opens or passes for a request or a reply."""

import base64
import json
from collections.abc import Callable

import pytest

from vigfield.errors import Damaged, NewerVault
from vigfield.seal import (
    Key,
    PublicKey,
    Request,
    answer,
    decode,
    encode,
    make_recovery_slot,
    open_reply,
    recipient_of,
)
from vigfield.seal.fields import check
from vigfield.seal.recovery import check_number, unseal

VAULT = "0123456789abcdef"
# RFC 9180, appendix A.1.1: the recipient's pair.
RECIPIENT = "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"
RECIPIENT_PUBLIC = "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"


class Meeting:
    """A holder, a vault with a slot for them, and a tablet that asks."""

    def __init__(self) -> None:
        self.holder, self.reply_key, self.secret = Key.random(), Key.random(), bytes(range(32))
        self.slot = make_recovery_slot(PublicKey.of(self.holder), Key(self.secret), VAULT)
        self.request = Request.of_slot(VAULT, self.slot, PublicKey.of(self.reply_key))
        self.reply = answer(self.request, self.holder)


@pytest.fixture
def meeting() -> Meeting:
    return Meeting()


def test_the_pair_of_keys_is_x25519() -> None:
    assert PublicKey.of(Key(bytes.fromhex(RECIPIENT))).data.hex() == RECIPIENT_PUBLIC


def test_the_key_comes_back_through_the_holder_alone(meeting: Meeting) -> None:
    request = Request.decode(json.loads(json.dumps(meeting.request.encode())))
    assert request == meeting.request
    assert recipient_of(json.loads(json.dumps(meeting.slot))) == PublicKey.of(meeting.holder)
    assert open_reply(meeting.reply, request, meeting.reply_key).reveal() == meeting.secret


def test_what_travels_holds_no_secret(meeting: Meeting) -> None:
    for line in (meeting.request.encode(), meeting.reply, json.dumps(meeting.slot)):
        for key in (meeting.secret, meeting.holder.reveal(), meeting.reply_key.reveal()):
            assert key.hex() not in line
            assert base64.b64encode(key).decode().rstrip("=") not in line
            assert base64.urlsafe_b64encode(key).decode().rstrip("=") not in line


def test_only_the_one_who_is_meant_opens_anything(meeting: Meeting) -> None:
    other = Meeting()
    with pytest.raises(Damaged):
        answer(meeting.request, other.holder)
    with pytest.raises(Damaged):
        open_reply(meeting.reply, meeting.request, other.reply_key)
    with pytest.raises(Damaged):  # an older reply, or another tablet's
        open_reply(meeting.reply, other.request, meeting.reply_key)
    again = Request.of_slot(VAULT, meeting.slot, PublicKey.of(other.reply_key))
    with pytest.raises(Damaged):
        open_reply(meeting.reply, again, meeting.reply_key)
    moved = Request(
        "another-vault", *[getattr(meeting.request, name) for name in ("recipient", "sealed", "reply_to")]
    )
    with pytest.raises(Damaged):
        answer(moved, meeting.holder)


def test_a_request_whose_reply_key_was_swapped_has_another_number(meeting: Meeting) -> None:
    swapped = Request.of_slot(VAULT, meeting.slot, PublicKey.of(Key.random()))
    assert swapped.number != meeting.request.number
    assert len(meeting.request.number.replace(" ", "")) == 20


def test_every_flipped_bit_of_what_is_sealed_is_refused(meeting: Meeting) -> None:
    public = PublicKey.of(meeting.holder)
    sealed = public.seal(Key(meeting.secret), b"here")
    refused = 0
    for bit in range(len(sealed) * 8):
        bad = bytearray(sealed)
        bad[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Damaged):
            unseal(meeting.holder, bytes(bad), b"here")
        refused += 1
    for count in range(len(sealed)):
        with pytest.raises(Damaged):
            unseal(meeting.holder, sealed[:count], b"here")
        refused += 1
    with pytest.raises(Damaged):
        unseal(meeting.holder, sealed + b"\0", b"here")
    with pytest.raises(Damaged):
        unseal(meeting.holder, sealed, b"there")
    assert refused == 80 * 8 + 80


def test_a_text_that_was_broken_into_lines_is_whole(meeting: Meeting) -> None:
    line = meeting.request.encode()
    broken = "  " + "\r\n".join(line[place : place + 20] for place in range(0, len(line), 20)) + "\n"
    assert Request.decode(broken) == meeting.request


def test_every_torn_text_is_refused(meeting: Meeting) -> None:
    for line, read in ((meeting.request.encode(), "request"), (meeting.reply, "reply")):
        for place in range(len(line)):
            with pytest.raises(Damaged):
                decode(read, line[:place])
            with pytest.raises(Damaged):
                decode(read, line[:place] + ("A" if line[place] != "A" else "B") + line[place + 1 :])


def test_bits_that_stand_for_nothing_are_refused() -> None:
    """32 bytes are 43 characters of base64: two bits of the last one are left over."""
    line = encode("recovery-key", bytes(32))
    head, body, check = line.split(".")
    assert body.endswith("A")
    for other in "BCD":
        with pytest.raises(Damaged):
            decode("recovery-key", f"{head}.{body[:-1]}{other}.{check}")


@pytest.mark.parametrize(
    "line", ["", ".", "..", "novel " * 2000, "\0", "vigfield-request-1..", "ü.ü.ü", "\ud800"]
)
def test_no_other_text_passes(line: str) -> None:
    for kind in ("request", "reply", "recovery-key"):
        with pytest.raises(Damaged):
            decode(kind, line)


def test_a_kind_of_text_is_not_taken_for_another(meeting: Meeting) -> None:
    with pytest.raises(Damaged):
        Request.decode(meeting.reply)
    with pytest.raises(Damaged):
        decode("reply", meeting.request.encode())


@pytest.mark.parametrize(
    "data", [b"", bytes(32), b"a" * 144, bytes(144) + b"vault", bytes(range(256))], ids=len
)
def test_a_request_that_nobody_made_is_refused(data: bytes) -> None:
    with pytest.raises(Damaged):
        Request.decode(encode("request", data))


@pytest.mark.parametrize(
    "data", [b"", bytes(32), b"a" * 31, b"a" * 33], ids=["none", "zero", "short", "long"]
)
def test_nothing_is_sealed_to_a_key_that_is_none(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        PublicKey(data)


FAULTS: list[tuple[str, Callable[[dict[str, object]], dict[str, object]]]] = [
    ("another recipient", lambda slot: {**slot, "recipient": base64.b64encode(bytes(31) + b"a").decode()}),
    ("a short key", lambda slot: {**slot, "recipient": "AAAA"}),
    ("a key that is none", lambda slot: {**slot, "recipient": base64.b64encode(bytes(32)).decode()}),
    ("sealed cut short", lambda slot: {**slot, "sealed": str(slot["sealed"])[:-4]}),
    ("sealed a number", lambda slot: {**slot, "sealed": 7}),
    ("one field more", lambda slot: {**slot, "hint": "x"}),
    ("one field less", lambda slot: {name: value for name, value in slot.items() if name != "sealed"}),
    ("version a text", lambda slot: {**slot, "version": "1"}),
    ("another kind", lambda slot: {**slot, "kind": "passphrase"}),
]


@pytest.mark.parametrize(("name", "spoil"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_slot_that_is_not_whole_is_damaged(
    meeting: Meeting, name: str, spoil: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    spoilt = spoil(meeting.slot)
    with pytest.raises(Damaged):
        recipient_of(spoilt)
    if name not in {"another recipient"}:
        with pytest.raises(Damaged):
            recipient_of({**spoilt, "check": check(spoilt)})


def test_a_later_version_is_told_apart_from_damage(meeting: Meeting) -> None:
    later = {**meeting.slot, "version": 2}
    with pytest.raises(NewerVault):
        recipient_of(later)


def test_the_check_number_is_as_specified() -> None:
    """SHA-256, big-endian, modulo 10^20, in groups of four."""
    assert check_number(b"abc") == "6298 5829 7168 1708 9965"
