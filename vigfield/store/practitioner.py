"""Whose vault it is: one practitioner, with an id that was made with the database."""

from datetime import datetime

from vigfield.model import Kind, Practitioner, PractitionerId
from vigfield.store import outbox, settings
from vigfield.store.db import Tx

_ID = "practitioner.id"
_NAME = "practitioner.name"


def get(tx: Tx) -> Practitioner:
    """The practitioner; the name is empty until it was said."""
    id_ = settings.get(tx, _ID)
    assert id_ is not None
    return Practitioner(PractitionerId(id_), settings.get(tx, _NAME) or "")


def call(tx: Tx, name: str, now: datetime) -> None:
    """Remember the practitioner's name."""
    before = get(tx)
    settings.put(tx, _NAME, name)
    if name != before.name:
        outbox.touch(tx, Kind.PRACTITIONER, before.id, now)
