"""What a FHIR server says that it can do, and what of that we cannot do without. Pure."""

from dataclasses import dataclass

from vigfield.sync.same import Resource
from vigfield.sync.spelling import TYPES

NEEDED = tuple(dict.fromkeys(TYPES.values()))


@dataclass(frozen=True, slots=True)
class Capability:
    """What is missing: kinds that the server does not know, or lets nobody create under an id of ours."""

    fhir: str
    unknown: tuple[str, ...]
    no_update_create: tuple[str, ...]
    transactions: bool
    policy: bool

    @property
    def fit(self) -> bool:
        """Whether everything that is pushed can be taken."""
        r4 = self.fhir.startswith("4.0")
        return r4 and not self.unknown and not self.no_update_create and self.transactions


def capability(statement: Resource) -> Capability | None:
    """The meaning of a CapabilityStatement; None for anything else. What it does not say counts as no."""
    match statement:
        case {"resourceType": "CapabilityStatement", "fhirVersion": str(fhir), "rest": [dict(rest), *_]}:
            pass
        case _:
            return None
    known = {kind: one for one in _list(rest, "resource") if isinstance(kind := one.get("type"), str)}
    codes = {one.get("code") for one in _list(rest, "interaction")}
    here = [kind for kind in NEEDED if kind in known]
    return Capability(
        fhir=fhir[:20],
        unknown=tuple(kind for kind in NEEDED if kind not in known),
        no_update_create=tuple(kind for kind in here if known[kind].get("updateCreate") is not True),
        transactions="transaction" in codes,
        policy="Binary" in known,
    )


def _list(value: Resource, name: str) -> list[Resource]:
    found = value.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
