"""What items of the outbox are about: read for many of them with the same few questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self, assert_never

from vigfield.app.opened import known
from vigfield.model import (
    Consent,
    Family,
    FamilyId,
    Kind,
    OutboxItem,
    Recording,
    RecordingId,
    Session,
    StillId,
)
from vigfield.store import Tx, consents, families, recordings, sessions, stills


@dataclass(frozen=True, slots=True)
class Subjects:
    """Sessions, consents, films and families by id; `people` and `stills` are of which family each is."""

    people: Mapping[str, FamilyId]
    sessions: Mapping[str, Session]
    consents: Mapping[str, Consent]
    recordings: Mapping[str, Recording]
    stills: Mapping[str, FamilyId]
    families: Mapping[FamilyId, Family]

    @classmethod
    def of(cls, tx: Tx, items: Sequence[OutboxItem]) -> Self:
        """Read them."""
        ids = {kind: [item.id for item in items if item.kind is kind] for kind in Kind}
        people = families.of_people(tx, ids[Kind.INFANT] + ids[Kind.CAREGIVER] + ids[Kind.EPISODE])
        met = sessions.several(tx, ids[Kind.SESSION] + ids[Kind.VISIT])
        given = consents.several(tx, ids[Kind.CONSENT])
        filmed = [RecordingId(id_) for id_ in ids[Kind.RECORDING] + ids[Kind.COPY]]
        films: dict[str, Recording] = {one.id: one for one in recordings.several(tx, filmed)}
        kept = {id_: _whose(tx, StillId(id_)) for id_ in ids[Kind.STILL]}
        whose = {*people.values(), *kept.values(), *(one.family for one in given.values())}
        whose |= {one.family for one in films.values()}
        whose |= {one.family for one in met.values() if one.family is not None}
        return cls(people, met, given, films, kept, families.several(tx, whose))

    def family(self, item: OutboxItem) -> Family | None:
        """The family that an item is about; None where it is about none."""
        match item.kind:
            case Kind.PRACTITIONER | Kind.EVENT:
                return None
            case Kind.INFANT | Kind.CAREGIVER | Kind.EPISODE:
                found = self.people.get(item.id)
            case Kind.SESSION | Kind.VISIT:
                found = known(self.sessions.get(item.id)).family
                if found is None:
                    return None
            case Kind.CONSENT:
                found = known(self.consents.get(item.id)).family
            case Kind.RECORDING | Kind.COPY:
                found = known(self.recordings.get(item.id)).family
            case Kind.STILL:
                found = self.stills.get(item.id)
            case _:
                assert_never(item.kind)
        return known(None if found is None else self.families.get(found))


def _whose(tx: Tx, still: StillId) -> FamilyId:
    return known(recordings.get(tx, known(stills.get(tx, still)).recording)).family
