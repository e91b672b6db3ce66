"""The one door to the service: HTTP with a limit on everything, and every surprise turned into a value."""

import asyncio
import json
import logging
import re
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from vigfield import clock
from vigfield.errors import AskPerson
from vigfield.sync.outcome import Why
from vigfield.sync.plan import Batch, Put, bundle
from vigfield.sync.reply import Absent, Answer, Failure, Found, Refusal, Reply, to_push, to_read

log = logging.getLogger(__name__)

_TOKEN = re.compile(r"[!-~]{1,8192}")
_HEADERS = {
    "Accept": "application/fhir+json",
    "Accept-Encoding": "identity",  # a small reply cannot unfold into a large one
    "Content-Type": "application/fhir+json",
    "Prefer": "return=minimal",
    "User-Agent": "vigfield",
}


class UnsafeService(AskPerson):
    """The service's address or token must not be used; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds, and how much to read, in bytes.

    `connect` is for a connection, `silence` for a pause in the reply or in taking the request, `whole` for
    one request with its reply.
    """

    connect: float = 5.0
    silence: float = 20.0
    whole: float = 60.0
    reply: int = 5_000_000


_DEFAULT = Limits()


class FhirClient:
    """One FHIR server. `base` is its address: https, or http on 127.0.0.1 and nowhere else.

    Raises UnsafeService for any other address, and for a token that cannot stand in a header.
    """

    def __init__(self, base: str, token: str | None = None, limits: Limits = _DEFAULT) -> None:
        self._base = _checked(base)
        self._limits = limits
        _keep_addresses_out_of_logs()
        self._http = httpx.AsyncClient(
            headers=_HEADERS | _credential(token),
            timeout=httpx.Timeout(limits.silence, connect=limits.connect),
            follow_redirects=False,
            trust_env=False,
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

    async def push(self, batch: Batch) -> tuple[Reply, ...] | Refusal | Failure:
        """Send a batch as one transaction: a reply for each of its puts, or one for them all."""
        started = clock.monotonic()
        content = json.dumps(bundle(self._base, batch), allow_nan=False).encode()
        answer = await self._ask("POST", self._base, content)
        reply = answer if isinstance(answer, Failure) else to_push(answer, batch)
        log.info("pushed %d in %.2f s: %s", len(batch), clock.monotonic() - started, _short(reply))
        return reply

    async def read(self, put: Put) -> Found | Absent | Failure:
        """What the server holds now where `put` was to be written."""
        answer = await self._ask("GET", f"{self._base}/{put.address}", None)
        return answer if isinstance(answer, Failure) else to_read(answer, put)

    async def _ask(self, method: str, url: str, content: bytes | None) -> Answer | Failure:
        try:
            async with asyncio.timeout(self._limits.whole):
                return await self._exchange(method, url, content)
        except (httpx.TimeoutException, TimeoutError):
            return Failure(Why.SLOW)
        except httpx.TransportError as error:
            return Failure(Why.UNTRUSTED if _is_untrusted(error) else Why.AWAY)
        except httpx.RequestError:
            return Failure(Why.RUBBISH)

    async def _exchange(self, method: str, url: str, content: bytes | None) -> Answer | Failure:
        body = bytearray()
        async with self._http.stream(method, url, content=content) as response:
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > self._limits.reply:
                    return Failure(Why.RUBBISH)
            return Answer(response.status_code, response.headers.get("ETag", ""), bytes(body))


def _checked(base: str) -> str:
    try:
        url = httpx.URL(base)
        url.host.encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        raise UnsafeService("the service's address is not one") from None
    if not (url.scheme == "https" or (url.scheme == "http" and url.host == "127.0.0.1")):
        raise UnsafeService("the service's address must begin with https")
    if url.port is not None and not 0 < url.port < 65536:
        raise UnsafeService("the service's address has a port that does not exist")
    if not url.host or url.userinfo or url.query or url.fragment:
        raise UnsafeService("the service's address must have a host, and no user, query or fragment")
    return str(url).rstrip("/")


def _credential(token: str | None) -> dict[str, str]:
    if token is None:
        return {}
    if not _TOKEN.fullmatch(token):
        raise UnsafeService("the service's token holds characters that no token has")
    return {"Authorization": f"Bearer {token}"}


def _keep_addresses_out_of_logs() -> None:
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _short(reply: tuple[Reply, ...] | Refusal | Failure) -> str:
    match reply:
        case Failure(why):
            return why.value
        case Refusal(status, _):
            return f"refused with {status}"
        case _:
            return "answered"
