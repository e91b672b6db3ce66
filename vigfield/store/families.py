"""Families with everybody in them, written and read as one; and finding one as its name is typed."""

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from vigfield.errors import Unknown
from vigfield.model import (
    Caregiver,
    Ending,
    Family,
    FamilyId,
    Infant,
    Intervention,
    Kind,
    OtherPerson,
    PersonId,
    Referral,
    Relationship,
    Responsibility,
)
from vigfield.store import audit, outbox
from vigfield.store.audit import Happening
from vigfield.store.columns import from_time
from vigfield.store.db import Row, Tx, Value

_SELECT = """
    SELECT family.*, infant.id AS infant, infant.name AS infant_name, infant.born
    FROM family JOIN infant ON infant.family = family.id
"""
_ESCAPE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


@dataclass(frozen=True, slots=True)
class Found:
    """One page of families, and how many there are in all."""

    families: tuple[Family, ...]
    count: int


def add(tx: Tx, family: Family, now: datetime) -> None:
    """Add a family. ValueError when its code or an id is taken, or when a person names another family."""
    _check(family)
    tx.insert("family", id=family.id, code=family.code, added=from_time(now), **_columns(family))
    infant = family.infant
    tx.insert("infant", id=infant.id, family=infant.family, name=infant.name, born=infant.born)
    outbox.touch(tx, Kind.INFANT, infant.id, now)
    _put_people(tx, family, now, {})
    outbox.touch(tx, Kind.EPISODE, infant.id, now)
    _put_words(tx, family)
    audit.append(tx, now, Happening.FAMILY_ADDED, family.id, caregivers=len(family.caregivers))


def change(tx: Tx, family: Family, now: datetime) -> None:
    """Write a family as it is now. Nobody in it ever leaves the record; ValueError when somebody is missing.

    The service is told anew of whom it knows something else of. Raises errors.Unknown.
    """
    _check(family)
    before = get(tx, family.id)
    if before is None:
        raise Unknown("no family has this id")
    if not set(before.names) <= set(family.names):
        raise ValueError("a person would be lost")
    _update(tx, "family", family.id, code=family.code, **_columns(family))
    _update(tx, "infant", family.infant.id, name=family.infant.name, born=family.infant.born)
    if (family.code, family.infant) != (before.code, before.infant):
        outbox.touch(tx, Kind.INFANT, family.infant.id, now)
    _put_people(tx, family, now, {one.id: one for one in before.caregivers})
    if _ended(family) != _ended(before):
        outbox.touch(tx, Kind.EPISODE, family.infant.id, now)
    _put_words(tx, family)
    audit.append(tx, now, Happening.FAMILY_CHANGED, family.id)


def all(tx: Tx) -> list[Family]:  # noqa: A001  read as families.all
    """Every family, ordered by code."""
    return _whole(tx, tx.all(_SELECT + "ORDER BY family.code"))


def get(tx: Tx, id_: FamilyId) -> Family | None:
    """The family with this id."""
    found = _whole(tx, tx.all(_SELECT + "WHERE family.id = ?", id_))
    return found[0] if found else None


def infant_of(tx: Tx, family: str) -> PersonId | None:
    """The infant of the family with this id, if it is a family's."""
    row = tx.one("SELECT id FROM infant WHERE family = ?", family)
    return None if row is None else PersonId(row["id"])


def several(tx: Tx, ids: Iterable[FamilyId]) -> dict[FamilyId, Family]:
    """The families with these ids, as far as there are any."""
    wanted = json.dumps(sorted(set(ids)))
    rows = tx.all(
        """SELECT family.*, infant.id AS infant, infant.name AS infant_name, infant.born
        FROM json_each(?) AS wanted CROSS JOIN family ON family.id = wanted.value
        CROSS JOIN infant ON infant.family = family.id""",
        wanted,
    )
    return {one.id: one for one in _whole(tx, rows)}


def codes(tx: Tx, ids: Iterable[FamilyId]) -> dict[FamilyId, str]:
    """The codes of these families, without anything else of them."""
    wanted = json.dumps(sorted(set(ids)))
    sql = "SELECT family.id, code FROM json_each(?) AS wanted CROSS JOIN family ON family.id = wanted.value"
    rows = tx.all(sql, wanted)
    return {FamilyId(row["id"]): row["code"] for row in rows}


def count(tx: Tx) -> int:
    """How many families there are."""
    row = tx.one("SELECT count(*) AS families FROM family")
    return 0 if row is None else int(row["families"])


def find(tx: Tx, text: str, *, limit: int, offset: int = 0) -> Found:
    """The families in whose code or names every word of `text` occurs, ordered by code, a page at a time."""
    terms = [f"%{word.translate(_ESCAPE)}%" for word in plain(text).split()]
    where = " AND ".join([r"words LIKE ? ESCAPE '\'"] * len(terms)) or "true"
    rows = tx.all(
        f"SELECT family FROM family_words WHERE {where} ORDER BY code, family LIMIT ? OFFSET ?",  # noqa: S608
        *terms,
        limit,
        offset,
    )
    counted = tx.one(f"SELECT count(*) AS families FROM family_words WHERE {where}", *terms)  # noqa: S608
    known = several(tx, [FamilyId(row["family"]) for row in rows])
    found = tuple(known[FamilyId(row["family"])] for row in rows)
    return Found(found, 0 if counted is None else counted["families"])


def learn_words(tx: Tx) -> None:
    """Make the families findable that were added before there was a search."""
    rows = tx.all(_SELECT + "WHERE family.id NOT IN (SELECT family FROM family_words)")  # noqa: S608  our words
    for family in _whole(tx, rows):
        _put_words(tx, family)


def plain(text: str) -> str:
    """A text as it is compared: no capitals, no accents, single spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).split())


def of_person(tx: Tx, person: PersonId) -> Family | None:
    """The family that this person belongs to."""
    row = tx.one(
        """SELECT family FROM infant WHERE id = ?1
        UNION ALL SELECT family FROM caregiver WHERE id = ?1
        UNION ALL SELECT family FROM other_person WHERE id = ?1""",
        person,
    )
    return None if row is None else get(tx, FamilyId(row["family"]))


def of_people(tx: Tx, people: Iterable[str]) -> dict[str, FamilyId]:
    """The families that these people belong to: infants and caregivers."""
    rows = tx.all(
        """SELECT infant.id, family FROM json_each(?1) AS wanted CROSS JOIN infant ON infant.id = wanted.value
        UNION ALL SELECT caregiver.id, family FROM json_each(?1) AS wanted
        CROSS JOIN caregiver ON caregiver.id = wanted.value""",
        json.dumps(sorted(set(people))),
    )
    return {row["id"]: FamilyId(row["family"]) for row in rows}


def code_taken(tx: Tx, code: str, by_other_than: FamilyId | None = None) -> bool:
    """Whether another family has this code already; capital and small letters count as the same."""
    row = tx.one("SELECT id FROM family WHERE code = ?", code)
    return row is not None and row["id"] != by_other_than


def alike(tx: Tx, infant: str, born: str) -> Family | None:
    """A family with an infant of this name, born in this month: perhaps the same family once more."""
    rows = tx.all(_SELECT + "WHERE substr(infant.born, 1, 7) = substr(?, 1, 7)", born)
    same = [row for row in rows if plain(row["infant_name"]) == plain(infant)]
    return _whole(tx, same[:1])[0] if same else None


def _check(family: Family) -> None:
    people: tuple[Infant | Caregiver | OtherPerson, ...] = (
        family.infant,
        *family.caregivers,
        *family.others,
    )
    if {person.family for person in people} != {family.id}:
        raise ValueError("a person of another family")
    if len(family.names) != len(people):
        raise ValueError("two people with one id")


def _columns(family: Family) -> dict[str, Value]:
    work, referral = family.intervention, family.referral
    return {
        "referral_source": referral.source,
        "referral_date": _from_day(referral.received),
        "referral_reason": referral.reason,
        "helping_question": referral.question,
        "planned_cycles": work.planned_cycles,
        "ended": _from_day(work.ended),
        "ending": None if work.ending is None else work.ending.value,
        "ending_note": work.ending_note,
        "court_order": family.court_order,
        "local_authority": family.local_authority,
    }


def _put_people(tx: Tx, family: Family, now: datetime, before: dict[PersonId, Caregiver]) -> None:
    for position, one in enumerate(family.caregivers):
        known = before.get(one.id)
        if not _update(tx, "caregiver", one.id, **_caregiver_columns(one)):
            tx.insert("caregiver", id=one.id, family=family.id, position=position, **_caregiver_columns(one))
        if known is None or _told(known) != _told(one):
            outbox.touch(tx, Kind.CAREGIVER, one.id, now)
    for position, other in enumerate(family.others):
        columns: dict[str, Value] = {"name": other.name, "who": other.who, "adult": other.adult}
        if not _update(tx, "other_person", other.id, **columns):
            tx.insert("other_person", id=other.id, family=family.id, position=position, **columns)


def _told(one: Caregiver) -> tuple[object, ...]:
    """What the service may know of a caregiver, whatever the policy."""
    return one.relationship, one.name, one.contact


def _ended(family: Family) -> tuple[object, ...]:
    return family.intervention.ended, family.intervention.ending


def _caregiver_columns(one: Caregiver) -> dict[str, Value]:
    return {
        "name": one.name,
        "relationship": one.relationship.value,
        "contact": one.contact,
        "responsibility": one.responsibility.value,
        "language": one.language,
        "interpreter": one.interpreter,
        "under_16": one.under_16,
    }


def _update(tx: Tx, table: str, id_: str, **columns: Value) -> int:
    names = ", ".join(f"{name} = ?" for name in columns)
    return tx.execute(f"UPDATE {table} SET {names} WHERE id = ?", *columns.values(), id_)  # noqa: S608  our words


def _put_words(tx: Tx, family: Family) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO family_words (family, code, words) VALUES (?, ?, ?)",
        family.id,
        plain(family.code),
        plain(" ".join([family.code, *family.names.values()])),
    )


def _whole(tx: Tx, rows: list[Row]) -> list[Family]:
    """Families from their rows, with everybody in them: two questions for however many."""
    ids = [row["id"] for row in rows]
    caregivers, others = _people(tx, "caregiver", ids), _people(tx, "other_person", ids)
    return [
        _family(
            row,
            tuple(_caregiver(one) for one in caregivers[row["id"]]),
            tuple(_other(one) for one in others[row["id"]]),
        )
        for row in rows
    ]


def _people(tx: Tx, table: str, families: list[str]) -> defaultdict[str, list[Row]]:
    sql = f"""SELECT {table}.* FROM json_each(?) AS wanted
        CROSS JOIN {table} ON {table}.family = wanted.value ORDER BY {table}.family, position"""  # noqa: S608
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in tx.all(sql, json.dumps(families)):
        found[row["family"]].append(row)
    return found


def _family(row: Row, caregivers: tuple[Caregiver, ...], others: tuple[OtherPerson, ...]) -> Family:
    return Family(
        id=row["id"],
        code=row["code"],
        infant=Infant(row["infant"], row["id"], row["infant_name"], row["born"]),
        caregivers=caregivers,
        others=others,
        referral=Referral(
            row["referral_source"],
            _to_day(row["referral_date"]),
            row["referral_reason"],
            row["helping_question"],
        ),
        intervention=Intervention(
            row["planned_cycles"],
            _to_day(row["ended"]),
            None if row["ending"] is None else Ending(row["ending"]),
            row["ending_note"],
        ),
        court_order=row["court_order"],
        local_authority=row["local_authority"],
    )


def _caregiver(row: Row) -> Caregiver:
    return Caregiver(
        id=row["id"],
        family=row["family"],
        name=row["name"],
        relationship=Relationship(row["relationship"]),
        contact=row["contact"],
        responsibility=Responsibility(row["responsibility"]),
        language=row["language"],
        interpreter=bool(row["interpreter"]),
        under_16=bool(row["under_16"]),
    )


def _other(row: Row) -> OtherPerson:
    return OtherPerson(row["id"], row["family"], row["name"], row["who"], bool(row["adult"]))


def _from_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _to_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
