"""The course of one upload: where it stands, what comes next, and what an answer makes of it. Pure."""

from dataclasses import dataclass, replace
from typing import assert_never

from vigfield.sync.outcome import Why
from vigfield.sync.reply import Failure, Refusal
from vigfield.sync.tus_reply import Ability, Created, Gone, Held, Moved, Stored, Unfit, Untold

MOST_BEGUN = 3  # uploads that are begun in one run
LEAST_CHUNK = 64 * 1024  # bytes; smaller ones help nobody
FIRST_CHUNK = 256 * 1024  # bytes; doubled with each that is taken, so that a poor line gets on as well

_TOO_LARGE = 413
_AFTER_ALL = 400  # may be about the moment: a cut connection on one server


@dataclass(frozen=True, slots=True)
class Arrived:
    """The server has the whole file at `location`.

    `verified` when it was read back and its SHA-256 is the file's. Otherwise the server does not give it
    back, and says that it has every byte.
    """

    location: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """The journal did not let it go on; nothing more was sent."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """This server cannot take the file."""

    why: Unfit


@dataclass(frozen=True, slots=True)
class Altered:
    """The file on the tablet is not what was recorded. Its upload is removed, if the server can."""


@dataclass(frozen=True, slots=True)
class Declined:
    """The server refuses, and will go on refusing; `words` are its own, cut to 300 characters."""

    status: int
    words: str


@dataclass(frozen=True, slots=True)
class PutOff:
    """To be tried again later, from where it is; `after` is for how many seconds the server asks, or 0."""

    why: Why
    after: float


Outcome = Arrived | Stopped | Unusable | Altered | Declined | PutOff


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask what the server can do."""


@dataclass(frozen=True, slots=True)
class Create:
    """Begin an upload."""


@dataclass(frozen=True, slots=True)
class Look:
    """Ask how much the server has."""


@dataclass(frozen=True, slots=True)
class Prove:
    """Hash the file on the tablet, before the last bytes of it go."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send so many bytes from an offset."""

    offset: int
    count: int


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Hash what the server has."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove an upload that is not the file, if the server can, and go on with a new one."""


Step = Ask | Create | Look | Prove | Send | ReadBack | Drop
Trouble = Gone | Refusal | Unfit | Failure


@dataclass(frozen=True, slots=True)
class Course:
    """Where an upload stands. `offset` is None while it has to be asked for.

    The next chunk has up to `chunk` bytes, and none has more than `most_chunk`. `furthest` is the most that
    the server ever had of it, `begun` counts uploads and `carried` bytes that were sent, `tries` how often it
    failed since the last progress; all of it in this run.
    """

    size: int
    chunk: int
    most_chunk: int
    location: str
    most_tries: int
    ability: Ability | None = None
    offset: int | None = None
    furthest: int = 0
    proved: bool = False
    untold: bool = False
    spoilt: bool = False
    begun: int = 0
    carried: int = 0
    tries: int = 0

    @property
    def most_carried(self) -> int:
        """More bytes than this are not sent in one run: a server that loses what it has is left alone."""
        return (MOST_BEGUN + 1) * (self.size + self.most_chunk)


def begun(size: int, most_chunk: int, location: str, most_tries: int) -> Course:
    """The beginning of a run: nothing is known of the server yet."""
    return Course(size, min(FIRST_CHUNK, most_chunk), most_chunk, location, most_tries)


def step(course: Course) -> Step:
    """What comes next."""
    if course.ability is None:
        return Ask()
    if course.spoilt:
        return Drop()
    if not course.location:
        return Create()
    if course.offset is None:
        return Look()
    left = course.size - course.offset
    if left <= course.chunk and not course.proved:
        return Prove()
    return Send(course.offset, min(left, course.chunk)) if left else ReadBack()


def asked(course: Course, said: Ability | Trouble) -> Course | Outcome:
    """After OPTIONS."""
    if not isinstance(said, Ability):
        return troubled(course, said)
    if not said.creation:
        return Unusable(Unfit.CREATION)
    if said.most is not None and course.size > said.most:
        return Unusable(Unfit.SIZE)
    return replace(course, ability=said)


def created(course: Course, said: Created | Trouble) -> Course | Outcome:
    """After POST."""
    match said:
        case Created(location):
            return replace(course, location=location, offset=0, begun=course.begun + 1, tries=0)
        case Refusal(status, _) if status == _TOO_LARGE:
            return Unusable(Unfit.SIZE)
        case _:
            return troubled(course, said)


def looked(course: Course, said: Held | Trouble) -> Course | Outcome:
    """After HEAD. The server's offset counts, forwards and backwards; what cannot be ours is left alone."""
    match said:
        case Held() if not is_of(course, said):
            return anew(course)
        case Held(offset, _) if course.untold and offset == course.size:
            return Arrived(course.location, verified=False)
        case Held(offset, _):
            return _progressed(course, offset)
        case _:
            return troubled(course, said)


def is_of(course: Course, held: Held) -> bool:
    """Whether what the server has can be this upload at all."""
    return held.length == course.size and held.offset <= course.size


def proved(course: Course) -> Course:
    """After the file on the tablet was found to be what was recorded."""
    return replace(course, proved=True)


def sent(course: Course, count: int, said: Moved | Trouble) -> Course | Outcome:
    """After PATCH with `count` bytes."""
    course = replace(course, carried=course.carried + count)
    match said:
        case Moved(offset):
            larger = min(2 * course.chunk, course.most_chunk)
            return _progressed(replace(course, chunk=larger), offset)
        case Refusal(status, _) if status == _TOO_LARGE and course.chunk > LEAST_CHUNK:
            smaller = _half(course.chunk)
            return replace(course, chunk=smaller, most_chunk=smaller, offset=None)
        case Failure(Why.SLOW | Why.AWAY, _):
            return troubled(replace(course, chunk=_half(course.chunk)), said)
        case Failure(Why.NOT_ALLOWED, _) if course.tries + 1 < course.most_tries:
            return _again(course)  # one server says so of an upload that an earlier request completed
        case Refusal(status, _) if status == _AFTER_ALL and course.tries + 1 < course.most_tries:
            return _again(course)
        case _:
            return troubled(course, said)


def read_back(course: Course, sha256: str, said: Stored | Untold | Failure) -> Course | Outcome:
    """After GET: the digest decides, not the offset."""
    match said:
        case Stored(found) if found == sha256:
            return Arrived(course.location, verified=True)
        case Stored():
            return replace(course, spoilt=True)
        case Untold():
            return replace(course, untold=True, offset=None)
        case Failure():
            return troubled(course, said)
        case _:
            assert_never(said)


def anew(course: Course) -> Course | Outcome:
    """Begin another upload, if not too many were begun."""
    if course.begun >= MOST_BEGUN or course.carried > course.most_carried:
        return PutOff(Why.RUBBISH, 0.0)
    return replace(course, location="", offset=None, furthest=0, proved=False, untold=False, spoilt=False)


def troubled(course: Course, trouble: Trouble) -> Course | Outcome:
    """After anything that did not go as it should: another look, another upload, or an end."""
    match trouble:
        case Gone():
            return anew(course)
        case Unfit():
            return Unusable(trouble)
        case Refusal(status, words):
            return Declined(status, words)
        case Failure(Why.UNTRUSTED | Why.DATE | Why.NOT_ALLOWED, after):
            return PutOff(trouble.why, after)
        case Failure(why, after) if after or course.tries + 1 >= course.most_tries:
            return PutOff(why, after)
        case Failure():
            return _again(course)
        case _:
            assert_never(trouble)


def _again(course: Course) -> Course:
    return replace(course, offset=None, tries=course.tries + 1)


def _progressed(course: Course, offset: int) -> Course | Outcome:
    if course.carried > course.most_carried:
        return PutOff(Why.RUBBISH, 0.0)
    tries = 0 if offset > course.furthest else course.tries
    return replace(course, offset=offset, furthest=max(offset, course.furthest), tries=tries)


def _half(chunk: int) -> int:
    return max(chunk // 2, min(chunk, LEAST_CHUNK))
