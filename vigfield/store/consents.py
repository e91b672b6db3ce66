"""Consents: versions that are only ever added."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from vigfield.model import (
    Consent,
    ConsentId,
    ConsentStatus,
    DrawnSignature,
    FamilyId,
    Footing,
    FormRef,
    Kind,
    Scope,
    Signature,
    TypedSignature,
)
from vigfield.store import audit, chain, outbox
from vigfield.store.audit import Happening
from vigfield.store.columns import from_list, from_time, to_time
from vigfield.store.db import Row, Tx

_HAPPENING = {
    ConsentStatus.GIVEN: Happening.CONSENT_SIGNED,
    ConsentStatus.AMENDED: Happening.CONSENT_AMENDED,
    ConsentStatus.PARTLY_WITHDRAWN: Happening.CONSENT_PARTLY_WITHDRAWN,
    ConsentStatus.WITHDRAWN: Happening.CONSENT_WITHDRAWN,
}
_NEWEST = "version = (SELECT max(version) FROM consent AS other WHERE other.id = consent.id)"


def add(tx: Tx, consent: Consent, now: datetime) -> Consent:
    """Add a version of a consent, chained to the one written before it; the version as it is kept.

    ValueError when this version of it is there already.
    """
    previous = _last_digest(tx)
    consent = replace(consent, previous=previous, digest=chain.digest(consent, previous))
    _insert(tx, consent)
    audit.append(tx, now, _HAPPENING[consent.status], consent.id, version=consent.version)
    outbox.touch(tx, Kind.CONSENT, consent.id, now)
    return consent


def _insert(tx: Tx, consent: Consent) -> None:
    tx.insert(
        "consent",
        id=consent.id,
        version=consent.version,
        family=consent.family,
        given_by=consent.given_by,
        footing=consent.footing.value,
        agreed=from_list(sorted(consent.agreed)),
        on_camera=from_list(consent.on_camera),
        also_present=consent.also_present,
        sessions=from_list(consent.sessions),
        valid_from=consent.valid_from.isoformat(),
        valid_until=consent.valid_until.isoformat(),
        form=consent.form.id,
        form_version=consent.form.version,
        form_language=consent.form.language,
        signature=_from_signature(consent.signature),
        signed_at=from_time(consent.signed_at),
        status=consent.status.value,
        interpreter=consent.interpreter,
        practitioner=consent.practitioner,
        shown=consent.shown,
        previous=consent.previous,
        digest=consent.digest,
    )


def get(tx: Tx, id_: ConsentId, version: int | None = None) -> Consent | None:
    """One version of a consent; the newest one unless a version is named."""
    row = tx.one(
        "SELECT * FROM consent WHERE id = ?1 AND version = coalesce(?2, version) ORDER BY version DESC",
        id_,
        version,
    )
    return None if row is None else _consent(row)


def several(tx: Tx, ids: Iterable[str]) -> dict[str, Consent]:
    """The newest version of each of these consents, as far as there are any."""
    rows = tx.all(
        """SELECT consent.* FROM json_each(?) AS wanted CROSS JOIN consent ON consent.id = wanted.value
        ORDER BY consent.id, version""",
        json.dumps(sorted(set(ids))),
    )
    return {row["id"]: _consent(row) for row in rows}


def newest_of_family(tx: Tx, family: FamilyId) -> list[Consent]:
    """The newest version of each of a family's consents, in the order in which they were added.

    Not by their times: a clock may have been turned back in between.
    """
    sql = f"SELECT * FROM consent WHERE family = ? AND {_NEWEST} ORDER BY rowid"  # noqa: S608
    return [_consent(row) for row in tx.all(sql, family)]


def all(tx: Tx) -> list[Consent]:  # noqa: A001  read as consents.all
    """Every version of every consent, in the order in which they were added."""
    return [_consent(row) for row in tx.all("SELECT * FROM consent ORDER BY rowid")]


def versions(tx: Tx, id_: ConsentId) -> list[Consent]:
    """Every version of one consent, oldest first."""
    return [_consent(row) for row in tx.all("SELECT * FROM consent WHERE id = ? ORDER BY version", id_)]


@dataclass(frozen=True, slots=True)
class Link:
    """How far the chain was followed: to the row of this version, and its digest."""

    row: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first version that does not fit the one written before it."""

    consent: ConsentId
    version: int


def follow(tx: Tx, link: Link, most: int) -> Link | Broken | None:
    """The chain from `link` on, `most` versions of it; None at its end.

    Versions from before there was a chain have no digest; once it has begun, every version has one.
    """
    rows = tx.all("SELECT rowid, * FROM consent WHERE rowid > ? ORDER BY rowid LIMIT ?", link.row, most)
    for row in rows:
        one = _consent(row)
        before_the_chain = not one.digest and not link.digest
        if not before_the_chain and not (one.previous == link.digest and _fits(one)):
            return Broken(one.id, one.version)
        link = Link(row["rowid"], one.digest)
    return link if rows else None


def as_signed(tx: Tx, consent: Consent) -> bool:
    """Whether a version is what was signed, and what was written before it is there still."""
    row = tx.one(
        """SELECT digest FROM consent
        WHERE rowid < (SELECT rowid FROM consent WHERE id = ? AND version = ?) ORDER BY rowid DESC LIMIT 1""",
        consent.id,
        consent.version,
    )
    return _fits(consent) and consent.previous == ("" if row is None else row["digest"])


def _fits(consent: Consent) -> bool:
    return consent.digest == chain.digest(consent, consent.previous)


def ending(tx: Tx, start: date, end: date) -> list[Consent]:
    """The newest versions, not withdrawn, whose last day is from `start` until and including `end`."""
    sql = f"""SELECT * FROM consent WHERE valid_until BETWEEN ? AND ? AND status <> 'withdrawn' AND {_NEWEST}
        ORDER BY valid_until, rowid"""  # noqa: S608  our words
    return [_consent(row) for row in tx.all(sql, start.isoformat(), end.isoformat())]


def _last_digest(tx: Tx) -> str:
    row = tx.one("SELECT digest FROM consent ORDER BY rowid DESC LIMIT 1")
    return "" if row is None else str(row["digest"])


def _consent(row: Row) -> Consent:
    return Consent(
        id=row["id"],
        version=row["version"],
        family=row["family"],
        given_by=row["given_by"],
        footing=Footing(row["footing"]),
        agreed=frozenset(Scope(scope) for scope in json.loads(row["agreed"])),
        on_camera=tuple(json.loads(row["on_camera"])),
        also_present=row["also_present"],
        sessions=tuple(json.loads(row["sessions"])),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_until=date.fromisoformat(row["valid_until"]),
        form=FormRef(row["form"], row["form_version"], row["form_language"]),
        signature=_to_signature(row["signature"]),
        signed_at=to_time(row["signed_at"]),
        status=ConsentStatus(row["status"]),
        interpreter=row["interpreter"],
        practitioner=row["practitioner"],
        shown=row["shown"],
        previous=row["previous"],
        digest=row["digest"],
    )


def _from_signature(signature: Signature) -> str:
    return json.dumps(chain.signature_value(signature), ensure_ascii=False, separators=(",", ":"))


def _to_signature(text: str) -> Signature:
    match json.loads(text):
        case {"name": str() as name}:
            return TypedSignature(name)
        case {"strokes": strokes}:
            return DrawnSignature(tuple(tuple((x, y, ms) for x, y, ms in stroke) for stroke in strokes))
        case _:
            raise ValueError("a signature of an unknown kind")
