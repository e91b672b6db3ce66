"""Consents: versions that are only ever added."""

import json
from datetime import date, datetime
from typing import assert_never

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
from vigfield.store import audit, outbox
from vigfield.store.audit import Happening
from vigfield.store.columns import from_list, from_time, to_time
from vigfield.store.db import Row, Tx

_HAPPENING = {
    ConsentStatus.GIVEN: Happening.CONSENT_SIGNED,
    ConsentStatus.WITHDRAWN: Happening.CONSENT_WITHDRAWN,
}
_NEWEST = "version = (SELECT max(version) FROM consent AS other WHERE other.id = consent.id)"


def add(tx: Tx, consent: Consent, now: datetime) -> None:
    """Add a version of a consent. ValueError when this version of it is there already."""
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
    )
    audit.append(tx, now, _HAPPENING[consent.status], consent.id, version=consent.version)
    outbox.touch(tx, Kind.CONSENT, consent.id, now)


def get(tx: Tx, id_: ConsentId, version: int | None = None) -> Consent | None:
    """One version of a consent; the newest one unless a version is named."""
    row = tx.one(
        "SELECT * FROM consent WHERE id = ?1 AND version = coalesce(?2, version) ORDER BY version DESC",
        id_,
        version,
    )
    return None if row is None else _consent(row)


def newest_of_family(tx: Tx, family: FamilyId) -> list[Consent]:
    """The newest version of each of a family's consents, in the order in which they were added.

    Not by their times: a clock may have been turned back in between.
    """
    sql = f"SELECT * FROM consent WHERE family = ? AND {_NEWEST} ORDER BY rowid"  # noqa: S608
    return [_consent(row) for row in tx.all(sql, family)]


def all(tx: Tx) -> list[Consent]:  # noqa: A001  read as consents.all
    """Every version of every consent, in the order in which they were added."""
    return [_consent(row) for row in tx.all("SELECT * FROM consent ORDER BY rowid")]


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
    )


def _from_signature(signature: Signature) -> str:
    match signature:
        case DrawnSignature(strokes):
            return json.dumps({"strokes": strokes}, separators=(",", ":"))
        case TypedSignature(name):
            return json.dumps({"name": name}, ensure_ascii=False)
        case _:
            assert_never(signature)


def _to_signature(text: str) -> Signature:
    match json.loads(text):
        case {"name": str() as name}:
            return TypedSignature(name)
        case {"strokes": strokes}:
            return DrawnSignature(tuple(tuple((x, y, ms) for x, y, ms in stroke) for stroke in strokes))
        case _:
            raise ValueError("a signature of an unknown kind")
