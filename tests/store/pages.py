"""A database as whoever has its key can read it: every page, and every frame of the journal, decrypted.

SQLCipher 4: pages of 4096 bytes; the last 80 are a nonce of 16 and an HMAC of 64. The first 16 bytes of the
file are a salt in place of SQLite's own first words. A raw key is the AES key itself.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE = 4096
RESERVED, NONCE, SALT = 80, 16, 16
WAL_HEADER, FRAME_HEADER = 32, 24


def everything(folder: Path, key: bytes) -> Iterator[bytes]:
    """Every file of a folder as it is; databases, their journals and their copies decrypted as well."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            yield data
            if path.name.endswith("-wal"):
                yield from journal(data, key)
            elif ".db" in path.name:
                yield from database(data, key)


def database(data: bytes, key: bytes) -> Iterator[bytes]:
    """The pages of a database, those of the freelist too."""
    for at in range(0, len(data) - PAGE + 1, PAGE):
        yield _page(data[at : at + PAGE], key, SALT if at == 0 else 0)


def journal(data: bytes, key: bytes) -> Iterator[bytes]:
    """The pages in a journal, valid still or left over."""
    step = FRAME_HEADER + PAGE
    for at in range(WAL_HEADER, len(data) - step + 1, step):
        first = int.from_bytes(data[at : at + 4], "big") == 1
        yield _page(data[at + FRAME_HEADER : at + step], key, SALT if first else 0)


def found(needles: Iterable[bytes], haystack: Iterable[bytes]) -> set[bytes]:
    """Which of the needles are anywhere, in bytes or as hexadecimal text."""
    wanted = [(needle, (needle, needle.hex().encode())) for needle in needles]
    return {needle for page in haystack for needle, forms in wanted if any(form in page for form in forms)}


def _page(page: bytes, key: bytes, salt: int) -> bytes:
    nonce = page[PAGE - RESERVED : PAGE - RESERVED + NONCE]
    return Cipher(algorithms.AES(key), modes.CBC(nonce)).decryptor().update(page[salt : PAGE - RESERVED])
