"""The sealed-file format: keys, slots, and files that are sealed while they are written (see FORMAT.md)."""

from vigfield.seal.device import DeviceKey, public_key_digest
from vigfield.seal.key import Key, unwrap, wrap
from vigfield.seal.recover import Nothing, Recovered, TailUse, recover
from vigfield.seal.recovery import (
    PublicKey,
    Request,
    answer,
    decode,
    encode,
    make_recovery_slot,
    open_reply,
    recipient_of,
    unseal,
)
from vigfield.seal.slots import Cost, WrongPassphrase, calibrate, make_slot, open_slot
from vigfield.seal.stream import Reader, Sealed, Writer, seal_file

__all__ = [
    "Cost",
    "DeviceKey",
    "Key",
    "Nothing",
    "PublicKey",
    "Reader",
    "Recovered",
    "Request",
    "Sealed",
    "TailUse",
    "Writer",
    "WrongPassphrase",
    "answer",
    "calibrate",
    "decode",
    "encode",
    "make_recovery_slot",
    "make_slot",
    "open_reply",
    "open_slot",
    "public_key_digest",
    "recipient_of",
    "recover",
    "seal_file",
    "unseal",
    "unwrap",
    "wrap",
]
