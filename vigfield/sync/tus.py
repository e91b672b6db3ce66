"""A tus 1.0 server, request by request: what it can do, begin, ask how far, send, give back, remove."""

import base64
import hashlib
import re
from collections.abc import Mapping
from urllib.parse import urljoin

from vigfield.sync.address import Unsafe, checked, within
from vigfield.sync.line import Limits, Line
from vigfield.sync.login import TOKEN
from vigfield.sync.reply import Answer, Failure, Refusal
from vigfield.sync.tus_reply import (
    VERSION,
    Ability,
    CannotRemove,
    Created,
    Gone,
    Held,
    Moved,
    Removed,
    Stored,
    Unfit,
    Untold,
    to_create,
    to_digest,
    to_offset,
    to_options,
    to_remove,
    to_send,
)

LIMITS = Limits(silence=60.0, whole=600.0, reply=1_000_000)  # for a Line that carries chunks
MOST_CHUNK = 4 * 1024 * 1024  # bytes: no more of a film than this is in memory

_LONGEST_LOCATION = 2000
_KEY = re.compile(r"[!-+\--~]{1,100}")  # printable ASCII without a space or a comma


class Tus:
    """One tus server. `base` is where uploads are begun: https, or http on 127.0.0.1 and nowhere else.

    `token` stands behind `Authorization: Bearer` in every request; an empty one is not sent. Nothing is ever
    asked of another origin than that of `base`. Raises address.Unsafe for any other address, and for a
    token that cannot stand in a header. `line` stays the caller's to close.
    """

    def __init__(self, line: Line, base: str, token: str) -> None:
        if token and not TOKEN.fullmatch(token):
            raise Unsafe("the token holds characters that no token has")
        checked(base)
        self._line = line
        self._base = base  # with the slash at its end, if it has one: that is another address
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def options(self) -> Ability | Unfit | Failure:
        """What the server can do."""
        answer = await self._line.ask("OPTIONS", self._base, self._headers)
        return answer if isinstance(answer, Failure) else to_options(answer)

    async def create(self, size: int, metadata: Mapping[str, str]) -> Created | Refusal | Unfit | Failure:
        """Begin an upload of `size` bytes. If the reply is lost, an empty upload may be left at the server.

        ValueError for a name in `metadata` that cannot be one.
        """
        told = {"Upload-Length": str(size)} | _described(metadata)
        answer = await self._ask("POST", self._base, told, b"")
        if isinstance(answer, Failure):
            return answer
        return to_create(answer, self._placed(answer.headers.get("location", "")))

    async def offset(self, location: str) -> Held | Gone | Refusal | Unfit | Failure:
        """How much of an upload the server has. One of another origin is not asked about: gone."""
        if not self._is_own(location):
            return Gone()
        answer = await self._ask("HEAD", location, {})
        return answer if isinstance(answer, Failure) else to_offset(answer)

    async def send(
        self, location: str, offset: int, data: bytes, checksum: str = ""
    ) -> Moved | Gone | Refusal | Unfit | Failure:
        """Send bytes of an upload from `offset`; `checksum` is the algorithm that the server advertised."""
        if not self._is_own(location):
            return Gone()
        told = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        if checksum:
            told["Upload-Checksum"] = f"{checksum} {_base64(hashlib.new(checksum, data).digest())}"
        answer = await self._ask("PATCH", location, told, data)
        return answer if isinstance(answer, Failure) else to_send(answer, offset, len(data))

    async def digest(self, location: str, length: int) -> Stored | Untold | Failure:
        """Ask for what the server has of an upload of `length` bytes, and hash it as it comes."""
        if not self._is_own(location):
            return Untold()
        told = {**self._headers, "Tus-Resumable": VERSION}
        return to_digest(await self._line.hashed(location, told, length), length)

    async def remove(self, location: str) -> Removed | CannotRemove | Failure:
        """Remove an upload; only to be asked of a server that says that it can."""
        if not self._is_own(location):
            return CannotRemove()
        answer = await self._ask("DELETE", location, {})
        return answer if isinstance(answer, Failure) else to_remove(answer)

    async def _ask(
        self, method: str, url: str, told: Mapping[str, str], content: bytes | None = None
    ) -> Answer | Failure:
        headers = {**self._headers, "Tus-Resumable": VERSION, **told}
        return await self._line.ask(method, url, headers, content)

    def _placed(self, said: str) -> str | None:
        """Where an upload is, by a Location; None for anywhere but this server, and for the base itself."""
        if not said.isprintable() or not 0 < len(said) <= _LONGEST_LOCATION:
            return None
        try:
            whole = urljoin(self._base, said)
        except ValueError:
            return None
        return whole if whole != self._base and self._is_own(whole) else None

    def _is_own(self, location: str) -> bool:
        return bool(location) and within(self._base, location) == location


def _described(metadata: Mapping[str, str]) -> dict[str, str]:
    """The header for metadata; none at all when there is nothing to say, as an empty one is refused."""
    if not all(_KEY.fullmatch(name) for name in metadata):
        raise ValueError("this cannot be a name in Upload-Metadata")
    pairs = [f"{name} {_base64(text.encode())}".rstrip() for name, text in metadata.items()]
    return {"Upload-Metadata": ",".join(pairs)} if pairs else {}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
