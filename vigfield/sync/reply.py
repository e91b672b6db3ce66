"""What a server's answer means; pure, and trusting nothing in it."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from vigfield.sync.outcome import Why
from vigfield.sync.plan import Batch, Put
from vigfield.sync.same import Resource

MOST_WORDS = 300

_DEEPEST = 64
_LONGEST_ETAG = 200
_REFUSALS = frozenset({400, 409, 412, 413, 422})  # about what was sent, whoever words the reply
_KEPT_OUT = frozenset({401, 407})
_NOT_NOW = frozenset({408, 425, 429})
_NOT_LIKE_THIS = frozenset({405, 406, 415})  # about how it was asked, never about an item


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP reply; `after` is for how many seconds it asks to be left alone.

    The names of `headers` are in lower case.
    """

    status: int
    etag: str
    body: bytes
    after: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hashed:
    """A reply whose body was not kept: how many bytes it had, and their SHA-256 in hexadecimal."""

    status: int
    bytes: int
    sha256: str
    after: float
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """The server wrote one entry; `etag` is empty when it did not say which version that made."""

    etag: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server understood, and refuses: an entry, or a whole transaction."""

    status: int
    words: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Nothing is known of what was sent; `after` is for how many seconds the server asks to be left alone."""

    why: Why
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the server holds."""

    etag: str
    resource: Resource


@dataclass(frozen=True, slots=True)
class Absent:
    """The server holds nothing there; `deleted` when it says that it once did."""

    deleted: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What a search found; `more` when the server says that there is more than it gave."""

    resources: tuple[Resource, ...]
    more: bool


Reply = Stored | Refusal | Failure


def to_push(answer: Answer, batch: Batch) -> tuple[Reply, ...] | Refusal | Failure:
    """The meaning of the answer to a transaction: one reply for each entry, or one for them all."""
    if answer.status != 200:
        return _refused(answer)
    match resource_of(answer.body):
        case {"resourceType": "Bundle", "entry": list(entries)} if len(entries) == len(batch):
            return tuple(_entry(entry, put) for entry, put in zip(entries, batch, strict=True))
        case _:
            return Failure(Why.RUBBISH)


def to_read(answer: Answer, put: Put) -> Found | Absent | Failure:
    """The meaning of the answer to reading back where `put` was written."""
    if answer.status in (404, 410):
        return Absent(deleted=answer.status == 410)
    if answer.status != 200:
        return failed(answer)
    resource = resource_of(answer.body)
    if f"{resource.get('resourceType')}/{resource.get('id')}" != put.address:
        return Failure(Why.RUBBISH)
    return Found(_etag(answer.etag) or _version(resource), resource)


def to_search(answer: Answer, kind: str) -> Page | Failure:
    """The meaning of the answer to a search for one kind; resources of any other are rubbish."""
    if answer.status != 200:
        return failed(answer)
    bundle = resource_of(answer.body)
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "searchset":
        return Failure(Why.RUBBISH)
    found = [entry for entry in _list(bundle.get("entry")) if _mode(entry) == "match"]
    resources = [_field(entry, "resource") for entry in found]
    if not all(isinstance(one, dict) and one.get("resourceType") == kind for one in resources):
        return Failure(Why.RUBBISH)
    total, links = bundle.get("total"), _list(bundle.get("link"))
    more = any(_field(link, "relation") == "next" for link in links)
    more = more or (isinstance(total, int) and total > len(resources))
    return Page(tuple(cast(Resource, one) for one in resources), more)


def failed(answer: Answer) -> Failure:
    """Why an answer that is no 200 does not give what was asked for."""
    refused = _refused(answer)
    return refused if isinstance(refused, Failure) else Failure(Why.NOT_ALLOWED)


def version_of(resource: Resource) -> str:
    """The etag of a resource that a search brought; empty when it has no version."""
    return _version(resource)


def _mode(entry: object) -> object:
    return _field(_field(entry, "search"), "mode") or "match"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _refused(answer: Answer) -> Refusal | Failure:
    spoken = resource_of(answer.body)
    if answer.status in _KEPT_OUT:
        return Failure(Why.NOT_ALLOWED)
    if answer.status in _NOT_NOW:
        return Failure(Why.SLOW, answer.after)
    if answer.status >= 500:
        return Failure(Why.SERVER_ERROR, answer.after)
    if answer.status in _NOT_LIKE_THIS:
        return Failure(Why.RUBBISH)
    if answer.status in _REFUSALS or (answer.status >= 400 and _is_outcome(spoken)):
        return Refusal(answer.status, _words(spoken) or f"HTTP {answer.status}")
    return Failure(Why.NOT_ALLOWED if answer.status == 403 else Why.RUBBISH)


def _entry(entry: object, put: Put) -> Reply:
    response = _field(entry, "response")
    status = _field(response, "status")
    if not isinstance(status, str) or not _is_about(_field(response, "location"), put):
        return Failure(Why.RUBBISH)
    if status[:3] in ("200", "201", "204"):
        return Stored(_etag(_field(response, "etag")) or _version(_field(entry, "resource")))
    return _not_stored(status[:3], _field(response, "outcome"))


def _not_stored(status: str, outcome: object) -> Refusal | Failure:
    if re.fullmatch("4[0-9][0-9]", status):
        return Refusal(int(status), _words(outcome) or f"HTTP {status}")
    return Failure(Why.SERVER_ERROR if status.startswith("5") else Why.RUBBISH)


def _is_about(location: object, put: Put) -> bool:
    if not isinstance(location, str) or not location:
        return True
    return f"/{location.partition('/_history')[0]}".endswith(f"/{put.address}")


def _field(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _version(resource: object) -> str:
    match resource:
        case {"meta": {"versionId": str(version)}}:
            return _etag(f'W/"{version}"')
        case _:
            return ""


def _etag(value: object) -> str:
    known = isinstance(value, str) and value.isprintable() and value.isascii() and len(value) <= _LONGEST_ETAG
    return str(value) if known else ""


def _is_outcome(resource: Resource) -> bool:
    return resource.get("resourceType") == "OperationOutcome"


def _words(outcome: object) -> str:
    match outcome:
        case {"resourceType": "OperationOutcome", "issue": list(issues)}:
            return clean("; ".join(filter(None, map(_said, issues))))
        case _:
            return ""


def _said(issue: object) -> str:
    match issue:
        case {"diagnostics": str(said)} | {"details": {"text": str(said)}}:
            return said
        case _:
            return ""


def clean(text: str) -> str:
    """A server's words, not too long, without control and format characters (which could reorder a line)."""
    spaced = " ".join(text.split())
    plain = "".join(c for c in spaced if not unicodedata.category(c).startswith("C"))
    return plain[:MOST_WORDS]


def resource_of(body: bytes) -> Resource:
    """The JSON object in a body; empty when there is none, or none that is safe to walk through."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast(Resource, value) if isinstance(value, dict) and _is_shallow(value, _DEEPEST) else {}


def _is_shallow(value: object, levels: int) -> bool:
    match value:
        case dict():
            return levels > 0 and all(_is_shallow(item, levels - 1) for item in value.values())
        case list():
            return levels > 0 and all(_is_shallow(item, levels - 1) for item in value)
        case _:
            return True
