"""Recovery: the vault key sealed to a public key, the request for it and the reply (FORMAT.md, "Recovery").

The holder's private key never comes to the tablet, and the vault key never leaves it unsealed.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from vigfield.errors import Damaged, NewerVault
from vigfield.seal.fields import check, checked_bytes, text
from vigfield.seal.key import KEY_BYTES, TAG_BYTES, Key

KIND = "recovery"
VERSION = 1
SEALED_BYTES = KEY_BYTES + KEY_BYTES + TAG_BYTES
LONGEST = 4096

_SLOT = b"vigfield recovery slot 1 "
_REPLY = b"vigfield recovery reply 1 "
_FIELDS = {"kind", "version", "recipient", "sealed", "check"}
_VAULT = re.compile(rb"[A-Za-z0-9-]{1,64}")
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An X25519 public key: 32 bytes that may be known to all."""

    data: bytes

    def __post_init__(self) -> None:
        """ValueError for bytes that nothing can be sealed to."""
        if len(self.data) != KEY_BYTES:
            raise ValueError("a public key has 32 bytes")
        _SUITE.encrypt(b"", self._key, b"")

    @classmethod
    def of(cls, private: Key) -> "PublicKey":
        """The public half of a private key."""
        return cls(_private(private).public_key().public_bytes_raw())

    @property
    def number(self) -> str:
        """Twenty digits to compare with another person."""
        return check_number(self.data)

    def seal(self, key: Key, info: bytes) -> bytes:
        """`key` for the holder of the private half alone, bound to `info`: 80 bytes, different every time."""
        return _SUITE.encrypt(key.reveal(), self._key, info)

    @property
    def _key(self) -> X25519PublicKey:
        return X25519PublicKey.from_public_bytes(self.data)


def unseal(private: Key, sealed: bytes, info: bytes) -> Key:
    """The key that was sealed; errors.Damaged when any of the three is not as it was."""
    try:
        return Key(_SUITE.decrypt(sealed, _private(private), info))
    except (InvalidTag, ValueError):
        raise Damaged("a sealed key does not open") from None


def make_recovery_slot(recipient: PublicKey, vault_key: Key, vault: str) -> dict[str, object]:
    """A slot that the holder of the recipient's private key can open; fit for JSON."""
    slot: dict[str, object] = {
        "kind": KIND,
        "version": VERSION,
        "recipient": text(recipient.data),
        "sealed": text(recipient.seal(vault_key, _SLOT + vault.encode("ascii"))),
    }
    return {**slot, "check": check(slot)}


def recipient_of(slot: Mapping[str, object]) -> PublicKey:
    """Whose slot this is; errors.NewerVault for another version, errors.Damaged for one that is not whole."""
    return _parsed(slot)[0]


@dataclass(frozen=True, slots=True)
class Request:
    """What a tablet asks of the holder: which vault, what is in its slot, and whom to seal the reply to."""

    vault: str
    recipient: PublicKey
    sealed: bytes
    reply_to: PublicKey

    @classmethod
    def of_slot(cls, vault: str, slot: Mapping[str, object], reply_to: PublicKey) -> "Request":
        """A request for the key in this slot; the errors of `recipient_of`."""
        recipient, sealed = _parsed(slot)
        return cls(vault, recipient, sealed, reply_to)

    @property
    def data(self) -> bytes:
        """The request as bytes."""
        return self.recipient.data + self.sealed + self.reply_to.data + self.vault.encode("ascii")

    @property
    def number(self) -> str:
        """Twenty digits to compare with another person."""
        return check_number(self.data)

    def encode(self) -> str:
        """The request as a line of text."""
        return encode("request", self.data)

    @classmethod
    def decode(cls, line: str) -> "Request":
        """The request in a text; errors.Damaged for anything else."""
        data = decode("request", line)
        fixed, vault = data[: 2 * KEY_BYTES + SEALED_BYTES], data[2 * KEY_BYTES + SEALED_BYTES :]
        if not _VAULT.fullmatch(vault):
            raise Damaged("a request without a vault")
        try:
            recipient = PublicKey(fixed[:KEY_BYTES])
            reply_to = PublicKey(fixed[-KEY_BYTES:])
        except ValueError:
            raise Damaged("a request with a key that is none") from None
        return cls(vault.decode("ascii"), recipient, fixed[KEY_BYTES:-KEY_BYTES], reply_to)


def answer(request: Request, private: Key) -> str:
    """The holder's reply, as a line of text; errors.Damaged when the request is not for this private key."""
    vault_key = unseal(private, request.sealed, _SLOT + request.vault.encode("ascii"))
    try:
        return encode("reply", request.reply_to.seal(vault_key, _REPLY + request.data))
    finally:
        vault_key.wipe()


def open_reply(line: str, request: Request, reply_key: Key) -> Key:
    """The vault key out of the reply to this request; errors.Damaged for any other text."""
    return unseal(reply_key, decode("reply", line), _REPLY + request.data)


def encode(kind: str, data: bytes) -> str:
    """Bytes as a line that can be copied and, if need be, typed: `vigfield-<kind>-1.<bytes>.<checksum>`."""
    body = base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
    return f"vigfield-{kind}-1.{body}.{_checksum(kind, data)}"


def decode(kind: str, line: str) -> bytes:
    """The bytes of such a line, wherever it was broken; errors.Damaged for anything else."""
    if len(line) > LONGEST:
        raise Damaged("a text that is too long")
    whole = "".join(line.split())
    body = (*whole.split("."), "", "")[1]
    try:
        data = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Damaged("a text that is torn") from None
    # Base64 has more than one text for the same bytes: only ours is taken.
    if whole != encode(kind, data):
        raise Damaged("a text that is torn, or of another kind")
    return data


def check_number(data: bytes) -> str:
    """Twenty digits that stand for these bytes, in groups of four."""
    digits = f"{int.from_bytes(hashlib.sha256(data).digest()) % 10**20:020d}"
    return " ".join(digits[place : place + 4] for place in range(0, 20, 4))


def _checksum(kind: str, data: bytes) -> str:
    return hashlib.sha256(kind.encode() + b" " + data).hexdigest()[:8]


def _private(key: Key) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(key.reveal())


def _parsed(slot: Mapping[str, object]) -> tuple[PublicKey, bytes]:
    kind, version = slot.get("kind"), slot.get("version")
    if kind == KIND and isinstance(version, int) and version != VERSION:
        raise NewerVault("a recovery slot is of a version that is not known here")
    if set(slot) != _FIELDS or (kind, version) != (KIND, VERSION) or slot["check"] != check(slot):
        raise Damaged("a recovery slot is not whole")
    try:
        recipient = PublicKey(checked_bytes(slot["recipient"], KEY_BYTES))
    except ValueError:
        raise Damaged("a recovery slot for a key that is none") from None
    return recipient, checked_bytes(slot["sealed"], SEALED_BYTES)
