"""The one way out of the tablet: HTTP with a limit on everything, and every surprise turned into a value."""

import asyncio
import hashlib
import logging
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self, TypeVar

import httpx

from vigfield import clock
from vigfield.sync.outcome import Why
from vigfield.sync.reply import Answer, Failure, Hashed

_T = TypeVar("_T")

_HEADERS = {
    "Accept-Encoding": "identity",  # a small reply cannot unfold into a large one
    "User-Agent": "vigfield",
}

_PIECE = 64 * 1024  # bytes of a request that are handed on at once: `silence` is about each of them
_OUT_OF_DATE = (9, 10)  # OpenSSL's numbers for a certificate that is not valid yet, or not any more

LONGEST_AFTER = 3600.0  # seconds; a service that asks for more is asked again after this


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds, and how much to read, in bytes.

    `connect` is for a connection, `silence` for a pause in the reply or in taking the request, `whole` for
    one request with its reply. A reply that is only hashed may be longer: every `reply` bytes of it have to
    come within `whole`.
    """

    connect: float = 5.0
    silence: float = 20.0
    whole: float = 60.0
    reply: int = 5_000_000


DEFAULT = Limits()


class Line:
    """Connections to a service. The addresses are checked (sync.address) by whoever asks.

    `trust` says whose certificates count; without it, the public authorities' list that comes with httpx.
    No redirects, no proxies, no compression, no cookies that live longer than this.
    """

    def __init__(self, limits: Limits = DEFAULT, trust: ssl.SSLContext | None = None) -> None:
        self._limits = limits
        for name in ("httpx", "httpcore"):  # they write addresses into their logs
            logging.getLogger(name).setLevel(logging.WARNING)
        self._http = httpx.AsyncClient(
            headers=_HEADERS,
            timeout=httpx.Timeout(limits.silence, connect=limits.connect),
            follow_redirects=False,
            trust_env=False,
            verify=True if trust is None else trust,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Answer | Failure:
        """One request; a complete reply, or why there is none."""
        return await self._limited(lambda deadline: self._exchange(method, url, headers, content))

    async def hashed(self, url: str, headers: Mapping[str, str], most: int) -> Hashed | Failure:
        """Get what may be too large to keep: it is hashed as it comes. More than `most` bytes is rubbish."""
        return await self._limited(lambda deadline: self._hash(url, headers, most, deadline))

    async def _limited(self, act: Callable[[asyncio.Timeout], Awaitable[_T | Failure]]) -> _T | Failure:
        """What became of an exchange, with every surprise turned into a Failure."""
        try:
            async with asyncio.timeout(self._limits.whole) as deadline:
                return await act(deadline)
        except (httpx.TimeoutException, TimeoutError):
            return Failure(Why.SLOW)
        except httpx.TransportError as error:
            return Failure(_why(error))
        except httpx.RequestError:
            return Failure(Why.RUBBISH)

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Answer | Failure:
        body = bytearray()
        async with self._stream(method, url, headers, content) as response:
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > self._limits.reply:
                    return Failure(Why.RUBBISH)
            said = response.headers
            return Answer(response.status_code, said.get("ETag", ""), bytes(body), _wait(said), dict(said))

    async def _hash(
        self, url: str, headers: Mapping[str, str], most: int, deadline: asyncio.Timeout
    ) -> Hashed | Failure:
        digest, length, due = hashlib.sha256(), 0, self._limits.reply
        async with self._stream("GET", url, headers, None) as response:
            async for piece in response.aiter_raw(_PIECE):
                digest.update(piece)
                length += len(piece)
                if length > most:
                    return Failure(Why.RUBBISH)
                if length >= due:
                    due += self._limits.reply
                    deadline.reschedule(asyncio.get_running_loop().time() + self._limits.whole)
            said = response.headers
            return Hashed(response.status_code, length, digest.hexdigest(), _wait(said), dict(said))

    def _stream(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> AbstractAsyncContextManager[httpx.Response]:
        if content is None or len(content) <= _PIECE:
            return self._http.stream(method, url, headers=dict(headers), content=content)
        told = {**headers, "Content-Length": str(len(content))}
        return self._http.stream(method, url, headers=told, content=_pieces(content))


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]


def _wait(headers: httpx.Headers) -> float:
    return seconds_after(headers.get("Retry-After", ""), clock.now())


def seconds_after(said: str, now: datetime) -> float:
    """How long a Retry-After asks for (RFC 9110, 10.2.3): seconds or a date; 0 for anything else, or past."""
    if re.fullmatch("[0-9]{1,9}", said):
        return min(float(said), LONGEST_AFTER)
    try:
        then = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    if then.tzinfo is None:
        return 0.0
    return min(max((then - now).total_seconds(), 0.0), LONGEST_AFTER)


def _why(error: BaseException | None) -> Why:
    """Why there is no connection: of a certificate, what it was that did not verify."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return Why.DATE if getattr(error, "verify_code", 0) in _OUT_OF_DATE else Why.UNTRUSTED
        error = error.__cause__ or error.__context__
    return Why.AWAY
