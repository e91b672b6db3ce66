"""The passphrase slot: right, wrong, damaged and newer are four outcomes."""

import base64
import json

import pytest

from vigfield.errors import Damaged, NewerVault
from vigfield.seal import Cost, Key, WrongPassphrase, calibrate, fields, make_slot, open_slot, slots

PASSPHRASE = "a cart of quiet lemons"
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
SECRET = bytes(range(32))


def slot(passphrase: str = PASSPHRASE) -> dict[str, object]:
    return make_slot(passphrase, Key(SECRET), b"vault 1", CHEAP)


def opened(
    candidate: dict[str, object], passphrase: str = PASSPHRASE, context: bytes = b"vault 1"
) -> bytes | None:
    match open_slot(candidate, passphrase, context):
        case Key() as key:
            return key.reveal()
        case WrongPassphrase():
            return None


def signed(candidate: dict[str, object], **changes: object) -> dict[str, object]:
    """The slot with other fields, and with the check that belongs to them."""
    changed = {**candidate, **changes}
    return {**changed, "check": fields.check(changed)}


def test_the_right_passphrase_opens_it_also_after_a_trip_through_json() -> None:
    assert opened(json.loads(json.dumps(slot()))) == SECRET


def test_nothing_secret_is_in_it() -> None:
    text = json.dumps(slot())
    assert PASSPHRASE not in text
    assert base64.b64encode(SECRET).decode()[:20] not in text


@pytest.mark.parametrize(
    "wrong", ["", " ", PASSPHRASE + " ", PASSPHRASE.title(), PASSPHRASE[:-1], "\ud800", "\0"]
)
def test_a_wrong_passphrase_is_an_outcome(wrong: str) -> None:
    assert opened(slot(), wrong) is None


def test_a_slot_of_another_vault_does_not_open() -> None:
    assert opened(slot(), context=b"vault 2") is None


def test_one_passphrase_typed_on_two_keyboards() -> None:
    composed, decomposed = "Gr\u00fc\u00dfe aus K\u00f6ln", "Gru\u0308\u00dfe aus Ko\u0308ln"
    assert opened(slot(composed), decomposed) == SECRET


def test_the_same_passphrase_makes_another_slot_every_time() -> None:
    assert slot()["salt"] != slot()["salt"]


ARGON = {"memory_kib": 64, "passes": 1, "lanes": 1}
MALFORMED: dict[str, dict[str, object]] = {
    "salt too short": {"salt": base64.b64encode(bytes(15)).decode()},
    "salt not base64": {"salt": "*" * 24},
    "salt not ascii": {"salt": "ü" * 24},
    "salt a number": {"salt": 5},
    "wrapped too short": {"wrapped": base64.b64encode(bytes(59)).decode()},
    "wrapped missing": {"wrapped": None},
    "no cost": {"argon2id": None},
    "cost a list": {"argon2id": [64, 1, 1]},
    "cost a text": {"argon2id": {**ARGON, "passes": "1"}},
    "no passes": {"argon2id": {**ARGON, "passes": 0}},
    "passes for hours": {"argon2id": {**ARGON, "passes": 2**31}},
    "memory for nobody": {"argon2id": {**ARGON, "memory_kib": 2**32}},
    "less memory than lanes": {"argon2id": {**ARGON, "lanes": 9}},
    "negative lanes": {"argon2id": {**ARGON, "lanes": -1}},
    "one field more": {"hint": "lemons"},
    "kind a number": {"kind": 1},
    "version a text": {"version": "1"},
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_malformed_slot_is_damaged(fault: str) -> None:
    with pytest.raises(Damaged):
        opened(signed(slot(), **MALFORMED[fault]))


@pytest.mark.parametrize("name", ["kind", "version", "argon2id", "salt", "wrapped", "check"])
def test_a_missing_field_is_damage(name: str) -> None:
    whole = slot()
    del whole[name]
    with pytest.raises(Damaged):
        opened(whole)


def test_a_damaged_slot_is_not_taken_for_a_wrong_passphrase() -> None:
    whole = slot()
    other = slot()
    for name in ("salt", "wrapped", "check"):
        with pytest.raises(Damaged):
            opened({**whole, name: other[name]})
    with pytest.raises(Damaged):
        opened({**whole, "argon2id": {**ARGON, "passes": 2}})


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"version": 0}, {"kind": "recovery"}, {"kind": "os-keystore", "x": 1}]
)
def test_a_slot_of_a_later_version_says_so(change: dict[str, object]) -> None:
    with pytest.raises(NewerVault):
        opened({**slot(), **change})


def test_an_empty_slot_is_damaged() -> None:
    with pytest.raises(Damaged):
        opened({})


@pytest.mark.parametrize(
    "numbers", [(7, 1, 1), (64, 0, 1), (64, 1, 0), (64, 1001, 1), (2**23, 1, 1), (64, 1, 65)]
)
def test_impossible_costs_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="bounds"):
        Cost(*numbers)


def test_a_tablet_without_the_memory_is_told_apart_from_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> bytes:
        raise slots.HashingError("Memory allocation error")

    whole = slot()
    monkeypatch.setattr(slots, "hash_secret_raw", refuse)
    with pytest.raises(MemoryError):
        opened(whole)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.001, Cost(4 * 65536, 375, 4)),
        (0.05, Cost(4 * 65536, 7, 4)),
        (0.125, Cost(4 * 65536, 3, 4)),
        (0.25, Cost(2 * 65536, 3, 4)),
        (0.3, Cost(65536, 5, 4)),
        (0.5, slots.FLOOR),
        (60.0, slots.FLOOR),
    ],
)
def test_the_cost_grows_to_the_time_and_never_falls_below_the_floor(seconds: float, expected: Cost) -> None:
    assert slots.FLOOR.scaled(seconds, 0.5) == expected
    assert expected.enough


def test_a_calibrated_cost_is_enough_and_a_cheap_one_is_not() -> None:
    assert calibrate().enough
    assert not CHEAP.enough
    assert not Cost(65536, 2, 4).enough
    assert not Cost(65535, 3, 4).enough
