"""A slot of a vault: the vault's key, wrapped under a passphrase (FORMAT.md, "Passphrase slots")."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from argon2.exceptions import HashingError
from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw

from vigfield import clock
from vigfield.errors import Damaged, NewerVault
from vigfield.seal.fields import check, checked_bytes, text
from vigfield.seal.key import KEY_BYTES, WRAPPED_BYTES, Key, unwrap, wrap

KIND = "passphrase"
VERSION = 1
SALT_BYTES = 16
TARGET_SECONDS = 0.5

_CONTEXT = b"vigfield slot 1 "
_FIELDS = {"kind", "version", "argon2id", "salt", "wrapped", "check"}


@dataclass(frozen=True, slots=True)
class Cost:
    """How much work one try of a passphrase is: memory in KiB, passes over it, lanes of it."""

    memory_kib: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        """ValueError for what Argon2id cannot do, or what would hold a tablet for minutes."""
        if not (1 <= self.lanes <= 64 and 1 <= self.passes <= 1000):
            raise ValueError("lanes or passes out of bounds")
        if not 8 * self.lanes <= self.memory_kib <= 4 * 1024 * 1024:
            raise ValueError("memory out of bounds")

    @property
    def enough(self) -> bool:
        """Whether a vault may be made with it: at least 64 MiB and 3 passes."""
        return self.memory_kib >= FLOOR.memory_kib and self.passes >= FLOOR.passes

    def scaled(self, seconds: float, target: float) -> Self:
        """The cost that takes about `target` seconds where this takes `seconds`; never less than this.

        Memory grows first, to four times at most: it costs an attacker more than time does.
        """
        memory, factor = self.memory_kib, target / seconds
        while factor >= 2 and memory < 4 * self.memory_kib:
            memory, factor = memory * 2, factor / 2
        return type(self)(memory, min(1000, max(self.passes, int(self.passes * factor))), self.lanes)


FLOOR = Cost(memory_kib=64 * 1024, passes=3, lanes=4)


@dataclass(frozen=True, slots=True)
class WrongPassphrase:
    """The slot is whole, and the passphrase is not its own."""


def calibrate() -> Cost:
    """A cost of about half a second on this machine, never below FLOOR; takes one try with FLOOR."""
    began = clock.monotonic()
    _slot_key("", bytes(SALT_BYTES), FLOOR).wipe()
    return FLOOR.scaled(max(clock.monotonic() - began, 0.001), TARGET_SECONDS)


def make_slot(passphrase: str, vault_key: Key, context: bytes, cost: Cost) -> dict[str, object]:
    """A slot that opens with this passphrase and context only; fit for JSON. Takes as long as `cost` says."""
    salt = clock.random_bytes(SALT_BYTES)
    slot_key = _slot_key(passphrase, salt, cost)
    wrapped = wrap(slot_key, vault_key, _CONTEXT + context)
    slot_key.wipe()
    slot: dict[str, object] = {
        "kind": KIND,
        "version": VERSION,
        "argon2id": {"memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes},
        "salt": text(salt),
        "wrapped": text(wrapped),
    }
    return {**slot, "check": check(slot)}


def open_slot(slot: Mapping[str, object], passphrase: str, context: bytes) -> Key | WrongPassphrase:
    """The vault key, or WrongPassphrase. Takes as long as the slot's cost says.

    errors.NewerVault for a kind or version that is not known here, errors.Damaged for a slot that is not
    whole, MemoryError when the tablet has not got the memory that the cost asks for.
    """
    cost, salt, wrapped = _parsed(slot)
    slot_key = _slot_key(passphrase, salt, cost)
    try:
        return unwrap(slot_key, wrapped, _CONTEXT + context)
    except Damaged:
        return WrongPassphrase()
    finally:
        slot_key.wipe()


def _slot_key(passphrase: str, salt: bytes, cost: Cost) -> Key:
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    try:
        hashed = hash_secret_raw(
            secret=secret,
            salt=salt,
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=KEY_BYTES,
            type=Type.ID,
            version=ARGON2_VERSION,
        )
    except HashingError:
        raise MemoryError("no memory for Argon2id") from None
    return Key(hashed)


def _parsed(slot: Mapping[str, object]) -> tuple[Cost, bytes, bytes]:
    kind, version = slot.get("kind"), slot.get("version")
    if isinstance(kind, str) and isinstance(version, int) and (kind, version) != (KIND, VERSION):
        raise NewerVault("a key slot is of a kind or version that is not known here")
    if set(slot) != _FIELDS or (kind, version) != (KIND, VERSION) or slot["check"] != check(slot):
        raise Damaged("a key slot is not whole")
    return (
        _cost(slot["argon2id"]),
        checked_bytes(slot["salt"], SALT_BYTES),
        checked_bytes(slot["wrapped"], WRAPPED_BYTES),
    )


def _cost(value: object) -> Cost:
    match value:
        case {"memory_kib": int() as memory, "passes": int() as passes, "lanes": int() as lanes}:
            try:
                return Cost(memory, passes, lanes)
            except ValueError:
                raise Damaged("a key slot asks for an impossible cost") from None
        case _:
            raise Damaged("a key slot does not say its cost")
