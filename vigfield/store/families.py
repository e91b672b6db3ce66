"""Families with their infant and caregivers, written and read as one."""

from collections import defaultdict
from datetime import datetime

from vigfield.model import Caregiver, Family, FamilyId, Infant, Kind, PersonId, Relationship
from vigfield.store import audit, outbox
from vigfield.store.audit import Happening
from vigfield.store.columns import from_time
from vigfield.store.db import Row, Tx

_SELECT = """
    SELECT family.id, family.code, infant.id AS infant, infant.name, infant.birth_month
    FROM family JOIN infant ON infant.family = family.id
"""


def add(tx: Tx, family: Family, now: datetime) -> None:
    """Add a family. ValueError when its code or an id is taken, or when a person names another family."""
    if {family.infant.family, *(caregiver.family for caregiver in family.caregivers)} != {family.id}:
        raise ValueError("a person of another family")
    tx.insert("family", id=family.id, code=family.code, added=from_time(now))
    _add_infant(tx, family.infant, now)
    for position, caregiver in enumerate(family.caregivers):
        _add_caregiver(tx, caregiver, position, now)
    audit.append(tx, now, Happening.FAMILY_ADDED, family.id, caregivers=len(family.caregivers))


def all(tx: Tx) -> list[Family]:  # noqa: A001  read as families.all
    """Every family, ordered by code."""
    caregivers = defaultdict(list)
    for row in tx.all("SELECT * FROM caregiver ORDER BY family, position"):
        caregivers[row["family"]].append(_caregiver(row))
    rows = tx.all(_SELECT + "ORDER BY family.code")
    return [_family(row, tuple(caregivers[row["id"]])) for row in rows]


def get(tx: Tx, id_: FamilyId) -> Family | None:
    """The family with this id."""
    row = tx.one(_SELECT + "WHERE family.id = ?", id_)
    if row is None:
        return None
    rows = tx.all("SELECT * FROM caregiver WHERE family = ? ORDER BY position", id_)
    return _family(row, tuple(_caregiver(row) for row in rows))


def of_person(tx: Tx, person: PersonId) -> Family | None:
    """The family that this infant or caregiver belongs to."""
    row = tx.one(
        """SELECT family FROM infant WHERE id = ?1
        UNION ALL SELECT family FROM caregiver WHERE id = ?1""",
        person,
    )
    return None if row is None else get(tx, FamilyId(row["family"]))


def code_taken(tx: Tx, code: str) -> bool:
    """Whether a family has this code already; capital and small letters count as the same."""
    return tx.one("SELECT 1 FROM family WHERE code = ?", code) is not None


def _add_infant(tx: Tx, infant: Infant, now: datetime) -> None:
    tx.insert("infant", id=infant.id, family=infant.family, name=infant.name, birth_month=infant.birth_month)
    outbox.touch(tx, Kind.INFANT, infant.id, now)


def _add_caregiver(tx: Tx, caregiver: Caregiver, position: int, now: datetime) -> None:
    tx.insert(
        "caregiver",
        id=caregiver.id,
        family=caregiver.family,
        position=position,
        name=caregiver.name,
        relationship=caregiver.relationship.value,
    )
    outbox.touch(tx, Kind.CAREGIVER, caregiver.id, now)


def _family(row: Row, caregivers: tuple[Caregiver, ...]) -> Family:
    infant = Infant(row["infant"], row["id"], row["name"], row["birth_month"])
    return Family(row["id"], row["code"], infant, caregivers)


def _caregiver(row: Row) -> Caregiver:
    return Caregiver(row["id"], row["family"], row["name"], Relationship(row["relationship"]))
