"""A FHIR server, as a run needs it: to push, to read back, to say what it can do, to give a policy."""

import base64
import binascii
import logging
import ssl
import urllib.parse
from types import TracebackType
from typing import Self

from vigfield import clock
from vigfield.errors import AskPerson
from vigfield.sync.address import Unsafe, checked
from vigfield.sync.capability import Capability, capability
from vigfield.sync.line import DEFAULT, Limits, Line
from vigfield.sync.login import TOKEN, Fixed, Login
from vigfield.sync.outcome import Why
from vigfield.sync.plan import Batch, Put, bundle
from vigfield.sync.reply import (
    Absent,
    Answer,
    Failure,
    Found,
    Page,
    Refusal,
    Reply,
    failed,
    resource_of,
    to_push,
    to_read,
    to_search,
)

log = logging.getLogger(__name__)

_UNAUTHORIZED = 401
_HEADERS = {
    "Accept": "application/fhir+json",
    "Content-Type": "application/fhir+json",
    "Prefer": "return=minimal",
}


class UnsafeService(AskPerson):
    """The service's address or token must not be used; nothing was sent."""


class FhirClient:
    """One FHIR server. `base` is its address: https, or http on 127.0.0.1 and nowhere else.

    `login` knows how to be let in; `token` is for a service that gave one beforehand. Raises UnsafeService
    for any other address, and for a token that cannot stand in a header.
    """

    def __init__(
        self,
        base: str,
        token: str | None = None,
        limits: Limits = DEFAULT,
        trust: ssl.SSLContext | None = None,
        login: Login | None = None,
    ) -> None:
        if token is not None and not TOKEN.fullmatch(token):
            raise UnsafeService("the service's token holds characters that no token has")
        try:
            self._base = checked(base)
        except Unsafe as unsafe:
            raise UnsafeService(str(unsafe)) from None
        self._line = Line(limits, trust)
        self._login = login or Fixed(token or "")
        self._token: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def push(self, batch: Batch) -> tuple[Reply, ...] | Refusal | Failure:
        """Send a batch as one transaction: a reply for each of its puts, or one for them all."""
        started = clock.monotonic()
        content = bundle(self._base, batch).encode()
        answer = await self._ask("POST", self._base, content)
        reply = answer if isinstance(answer, Failure) else to_push(answer, batch)
        log.info("pushed %d in %.2f s: %s", len(batch), clock.monotonic() - started, _short(reply))
        return reply

    async def read(self, put: Put) -> Found | Absent | Failure:
        """What the server holds now where `put` was to be written."""
        answer = await self._ask("GET", f"{self._base}/{put.address}", None)
        return answer if isinstance(answer, Failure) else to_read(answer, put)

    async def changed(self, kind: str, since: str, count: int) -> Page | Failure:
        """What of a kind was written at or after `since`, the oldest first, `count` at most."""
        asked = {"_sort": "_lastUpdated", "_count": str(count)}
        if since:
            asked["_lastUpdated"] = f"ge{since}"
        answer = await self._ask("GET", f"{self._base}/{kind}?{urllib.parse.urlencode(asked)}", None)
        return answer if isinstance(answer, Failure) else to_search(answer, kind)

    async def capability(self) -> Capability | Failure:
        """What the server says that it can do."""
        answer = await self._ask("GET", f"{self._base}/metadata", None)
        if isinstance(answer, Failure):
            return answer
        if answer.status != 200:
            return failed(answer)
        found = capability(resource_of(answer.body))
        return Failure(Why.RUBBISH) if found is None else found

    async def binary(self, id_: str) -> str | Absent | Failure:
        """The text in a Binary; only the policy is one."""
        answer = await self._ask("GET", f"{self._base}/Binary/{id_}", None)
        if isinstance(answer, Failure):
            return answer
        if answer.status in (404, 410):
            return Absent(deleted=answer.status == 410)
        if answer.status != 200:
            return failed(answer)
        match resource_of(answer.body):
            case {"resourceType": "Binary", "data": str(data)}:
                return _text(data)
            case _:
                return Failure(Why.RUBBISH)

    async def _ask(self, method: str, url: str, content: bytes | None) -> Answer | Failure:
        """Ask, and once more with another token where the one in hand is not taken any more."""
        spent = self._token
        if spent is not None:
            answer = await self._asked(method, url, content, spent)
            if isinstance(answer, Failure) or answer.status != _UNAUTHORIZED:
                return answer
        token = await self._login.token(self._line)
        if isinstance(token, Failure):
            return token
        self._token = token
        return answer if spent == token else await self._asked(method, url, content, token)

    async def _asked(self, method: str, url: str, content: bytes | None, token: str) -> Answer | Failure:
        credential = {"Authorization": f"Bearer {token}"} if token else {}
        return await self._line.ask(method, url, _HEADERS | credential, content)


def _text(data: str) -> str | Failure:
    try:
        return base64.b64decode(data, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return Failure(Why.RUBBISH)


def _short(reply: tuple[Reply, ...] | Refusal | Failure) -> str:
    match reply:
        case Failure(why):
            return why.value
        case Refusal(status, _):
            return f"refused with {status}"
        case _:
            return "answered"
