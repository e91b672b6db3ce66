"""Whether what a server holds is what we wrote, however the server spells it.

A server may write an instant with another offset, a number with more zeros, and sets three fields of `meta`
itself. None of that is a change. Each resource of ours carries a stamp, the SHA-256 of its own normal form:
while the stamp fits, nobody but vigfield has touched the resource since it was written. So our own earlier
write, whose acknowledgement was lost, is told apart from another person's edit without remembering it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

Resource = dict[str, object]

STAMP = "urn:vigfield:extension:stamp"

_SET_BY_SERVER = ("versionId", "lastUpdated", "source")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


def stamped(resource: Resource) -> Resource:
    """The resource with its stamp as the last extension."""
    stamp = {"url": STAMP, "valueString": _digest(resource)}
    return {**resource, "extension": [*_extensions(resource), stamp]}


def same(ours: Resource, theirs: Resource) -> bool:
    """Whether both say the same, leaving out what a server sets itself."""
    return _normal(_content(ours)) == _normal(_content(theirs))


def untouched(theirs: Resource) -> bool:
    """Whether the resource is exactly as some vigfield wrote it: its stamp fits."""
    stamps = [e for e in _extensions(theirs) if _is_stamp(e)]
    others = [e for e in _extensions(theirs) if not _is_stamp(e)]
    return stamps == [{"url": STAMP, "valueString": _digest({**theirs, "extension": others})}]


def bare(resource: Resource) -> Resource:
    """A resource without what a server sets, and without the stamp: for people to compare."""
    left = {name: field for name, field in resource.items() if name not in ("id", "meta", "extension")}
    others = [e for e in _extensions(resource) if not _is_stamp(e)]
    return {**left, "extension": others} if others else left


def _digest(resource: Resource) -> str:
    text = json.dumps(_normal(_content(resource)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _extensions(resource: Resource) -> list[object]:
    found = resource.get("extension", [])
    return found if isinstance(found, list) else []


def _is_stamp(extension: object) -> bool:
    return isinstance(extension, Mapping) and extension.get("url") == STAMP


def _content(resource: Resource) -> Resource:
    meta = resource.get("meta")
    if not isinstance(meta, Mapping):
        return resource
    return {**resource, "meta": {k: v for k, v in meta.items() if k not in _SET_BY_SERVER}}


def _normal(value: object) -> object:
    match value:
        case str():
            return _utc(value) if value[4:5] == "-" and _INSTANT.fullmatch(value) else value
        case dict():
            found = {name: _normal(field) for name, field in value.items()}
            return {name: field for name, field in found.items() if field or field not in (None, [], {})}
        case list():
            return [_normal(item) for item in value]
        case bool() | None:
            return value
        case int() | float():
            return ["number", str(Decimal(str(value)).normalize())]
        case _:
            return value


def _utc(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text
