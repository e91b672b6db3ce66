"""The secret type; deriving and wrapping one secret under another (FORMAT.md, "Wrapped keys")."""

from typing import NoReturn, Self, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vigfield import clock
from vigfield.errors import Broken, Damaged

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES


@final
class Key:
    """32 secret bytes. Cannot be printed, formatted, compared, hashed, copied or pickled.

    `wipe()` overwrites the one copy held here. Python and the cipher library may hold copies made from
    `reveal()` until they are collected: wiping shortens the life of a secret, it does not prove its end.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError("a key has 32 bytes")
        self._secret = bytearray(secret)

    @classmethod
    def random(cls) -> Self:
        """A new key from the operating system's generator."""
        return cls(clock.random_bytes(KEY_BYTES))

    def reveal(self) -> bytes:
        """The secret bytes; for the cipher and the database only. errors.Broken after `wipe()`."""
        if not self._secret:
            raise Broken("this key was wiped")
        return bytes(self._secret)

    def derive(self, purpose: bytes) -> "Key":
        """Another key for one purpose, from which this one cannot be found. errors.Broken after `wipe()`."""
        return self.derive_salted(b"", purpose)

    def derive_salted(self, salt: bytes, purpose: bytes) -> "Key":
        """As `derive`, and different for every salt."""
        hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=purpose)
        return Key(hkdf.derive(self.reveal()))

    def wipe(self) -> None:
        """Overwrite the secret; every later use raises errors.Broken. May be called again."""
        self._secret[:] = bytes(len(self._secret))
        self._secret.clear()

    def __repr__(self) -> str:
        return "<Key>"

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("a key cannot be formatted")

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("a key cannot be compared")

    def __hash__(self) -> NoReturn:
        raise TypeError("a key cannot be hashed")

    def __copy__(self) -> NoReturn:
        raise TypeError("a key cannot be copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a key cannot be copied")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key cannot be pickled")


def cipher(key: Key) -> AESGCM:
    """AES-256-GCM under this key; lives on when the key is wiped."""
    return AESGCM(key.reveal())


def wrap(wrapping: Key, key: Key, context: bytes) -> bytes:
    """`key` sealed under `wrapping` and bound to `context`: 60 bytes, different every time."""
    nonce = clock.random_bytes(NONCE_BYTES)
    return nonce + cipher(wrapping).encrypt(nonce, key.reveal(), context)


def unwrap(wrapping: Key, wrapped: bytes, context: bytes) -> Key:
    """The key that `wrap` sealed; errors.Damaged when any of the three is not as it was."""
    if len(wrapped) != WRAPPED_BYTES:
        raise Damaged("a wrapped key has the wrong length")
    try:
        return Key(cipher(wrapping).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context))
    except InvalidTag:
        raise Damaged("a wrapped key does not open") from None
