"""Being let in: a token that the service gave, or one that SMART Backend Services gives for an assertion."""

import json
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import jwt

from vigfield import clock
from vigfield.sync.enrolment import Smart
from vigfield.sync.line import Line
from vigfield.sync.outcome import Why
from vigfield.sync.reply import Failure, failed

TOKEN = re.compile(r"[!-~]{1,8192}")
LIFE = 240  # seconds of an assertion; SMART allows 300

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_HEADERS = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


class Login(Protocol):
    """Something that knows how to be let in."""

    async def token(self, line: Line) -> str | Failure:
        """What stands behind `Authorization: Bearer`; empty where nothing is asked for."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Fixed:
    """A token that was given beforehand; its repr does not show it."""

    given: str = ""

    async def token(self, line: Line) -> str | Failure:
        """The token."""
        return self.given

    def __repr__(self) -> str:
        return "Fixed(...)"


@dataclass(frozen=True, slots=True, repr=False)
class Backend:
    """SMART Backend Services (HL7 SMART App Launch 2.2): `pem` is the tablet's P-384 key, `kid` its name."""

    smart: Smart
    pem: str
    kid: str
    jti: Callable[[], str]

    async def token(self, line: Line) -> str | Failure:
        """A fresh token, in return for an assertion that is good for one use."""
        form = {
            "grant_type": "client_credentials",
            "scope": self.smart.scope,
            "client_assertion_type": _ASSERTION,
            "client_assertion": self._assertion(),
        }
        content = urllib.parse.urlencode(form).encode()
        answer = await line.ask("POST", self.smart.token_endpoint, _HEADERS, content)
        if isinstance(answer, Failure):
            return answer
        if answer.status == 200:
            return _token(answer.body)
        failure = failed(answer)
        return failure if failure.why in (Why.SLOW, Why.SERVER_ERROR) else Failure(Why.NOT_ALLOWED)

    def _assertion(self) -> str:
        now = int(clock.now().timestamp())
        claims = {
            "iss": self.smart.client_id,
            "sub": self.smart.client_id,
            "aud": self.smart.token_endpoint,
            "iat": now,
            "exp": now + LIFE,
            "jti": self.jti(),
        }
        return jwt.encode(claims, self.pem, algorithm="ES384", headers={"kid": self.kid})

    def __repr__(self) -> str:
        return "Backend(...)"


def _token(body: bytes) -> str | Failure:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return Failure(Why.RUBBISH)
    match said:
        case {"access_token": str(token), "token_type": str(kind)} if kind.lower() == "bearer":
            return token if TOKEN.fullmatch(token) else Failure(Why.RUBBISH)
        case _:
            return Failure(Why.RUBBISH)
