"""The ledger: no test may make the cipher use a nonce for two different plaintexts."""

import pytest

from tests.seal.disks import MemoryDisk
from vigfield.seal.segments import Segments


@pytest.fixture(autouse=True)
def ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Note every segment that is sealed in the ledger of the disk that was opened last."""
    seal = Segments.seal

    def noted(self: Segments, number: int, plaintext: bytes | bytearray, *, last: bool) -> bytes:
        used = MemoryDisk.ledger_in_use
        earlier = used.setdefault((self._prefix, number, last), bytes(plaintext))
        assert earlier == plaintext, "a nonce was used for two plaintexts"
        return seal(self, number, plaintext, last=last)

    monkeypatch.setattr(MemoryDisk, "ledger_in_use", {})
    monkeypatch.setattr(Segments, "seal", noted)
