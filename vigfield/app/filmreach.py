"""How to get through to where a service takes sealed films, and whom their keys are sealed to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from vigfield.app.enrolling import Enrolling
from vigfield.seal import PublicKey
from vigfield.sync.address import origin
from vigfield.sync.line import Line
from vigfield.sync.reply import Failure
from vigfield.sync.tus import LIMITS, Tus


@dataclass(frozen=True, slots=True)
class FilmReach:
    """The tus server's address, and the public key, by its name, that films' keys are sealed to."""

    base: str
    recipient: PublicKey
    kid: str


def film_reach(enrolling: Enrolling) -> FilmReach | None:
    """Where films go; None where the service takes none."""
    video = None if enrolling.enrolment is None else enrolling.enrolment.video
    return None if video is None else FilmReach(video.tus, PublicKey(video.recipient), video.kid)


@asynccontextmanager
async def tus_at(enrolling: Enrolling, base: str) -> AsyncIterator[Tus | Failure]:
    """A connection to the tus server at `base`, or why there is none.

    A credential goes to its own origin only: the enrolment's for films, or what lets this tablet in at the
    FHIR server where films go there too.
    """
    reach = enrolling.reach
    async with Line(LIMITS, None if reach is None else reach.trust) as line:
        token = await _token(enrolling, line, base)
        yield token if isinstance(token, Failure) else Tus(line, base, token)


async def _token(enrolling: Enrolling, line: Line, base: str) -> str | Failure:
    enrolment, reach = enrolling.enrolment, enrolling.reach
    if enrolment is None or reach is None:
        return ""
    video = enrolment.video
    if video is not None and video.token and origin(base) == origin(video.tus):
        return video.token
    if reach.login is not None and origin(base) == origin(enrolment.fhir):
        return await reach.login.token(line)
    return ""
