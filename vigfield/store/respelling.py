"""What a changed policy spells otherwise waits again: what was spelled so far, and which items have it.

An item that may be at the service is spelled anew; one that never left will be anyway. A conflict, and what a
person left to the service, stay as they are until a person decides.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from vigfield.model import Field, Identifier, Kind
from vigfield.store import settings
from vigfield.store.columns import from_time
from vigfield.store.db import Tx

_SPELLED = "service-spelled"
_HAVING: Mapping[Field | Identifier, tuple[Kind, str]] = {
    Identifier.FAMILY_CODE: (Kind.INFANT, "SELECT id FROM infant"),
    Field.INFANT_NAME: (Kind.INFANT, "SELECT id FROM infant WHERE name <> ''"),
    Field.BIRTH_DATE: (Kind.INFANT, "SELECT id FROM infant WHERE born <> ''"),
    Field.CAREGIVER_NAME: (Kind.CAREGIVER, "SELECT id FROM caregiver WHERE name <> ''"),
    Field.CAREGIVER_CONTACT: (Kind.CAREGIVER, "SELECT id FROM caregiver WHERE contact <> ''"),
    Field.PRACTITIONER_NAME: (
        Kind.PRACTITIONER,
        """SELECT value FROM setting WHERE key = 'practitioner.id'
            AND EXISTS (SELECT 1 FROM setting WHERE key = 'practitioner.name' AND value <> '')""",
    ),
    Field.ROOM: (Kind.SESSION, "SELECT id FROM session WHERE place = 'room' AND room <> ''"),
    Field.CANCEL_REASON: (
        Kind.SESSION,
        "SELECT id FROM session WHERE status = 'cancelled' AND reason <> ''",
    ),
    Field.ENDING_REASON: (
        Kind.EPISODE,
        "SELECT infant.id FROM infant JOIN family ON family.id = infant.family WHERE ending IS NOT NULL",
    ),
}
"""Of each that a policy may list: of which kind it is a part, and which items have it at all."""


def under(tx: Tx, listed: Iterable[Field | Identifier], now: datetime) -> int:
    """From now on a policy that lists these is in force; how many items wait again for it."""
    before, after = settings.get(tx, _SPELLED), json.dumps(sorted(listed))
    if before == after:
        return 0
    settings.put(tx, _SPELLED, after)
    # Nobody wrote it down for what an earlier vigfield sent: all of it may be spelled otherwise.
    changed = set(_HAVING) if before is None else set(json.loads(before)) ^ set(json.loads(after))
    return sum(
        _wait_again(
            tx, kind, [sql for one, (of, sql) in _HAVING.items() if of is kind and one in changed], now
        )
        for kind in Kind
    )


def _wait_again(tx: Tx, kind: Kind, having: list[str], now: datetime) -> int:
    if not having:
        return 0
    return tx.execute(
        f"""UPDATE outbox SET version = version + 1, delivery = 'waiting', words = '', changed = ?
        WHERE kind = ? AND (tried > 0 OR etag <> '') AND delivery IN ('waiting', 'sent', 'refused')
            AND id IN ({" UNION ".join(having)})""",  # noqa: S608  our words
        from_time(now),
        kind.value,
    )
