"""The sealed-file format: keys, slots, and files that are sealed while they are written (see FORMAT.md)."""

from vigfield.seal.key import Key, unwrap, wrap
from vigfield.seal.recover import Nothing, Recovered, TailUse, recover
from vigfield.seal.slots import Cost, WrongPassphrase, calibrate, make_slot, open_slot
from vigfield.seal.stream import Reader, Sealed, Writer, seal_file

__all__ = [
    "Cost",
    "Key",
    "Nothing",
    "Reader",
    "Recovered",
    "Sealed",
    "TailUse",
    "Writer",
    "WrongPassphrase",
    "calibrate",
    "make_slot",
    "open_slot",
    "recover",
    "seal_file",
    "unwrap",
    "wrap",
]
