"""The vault's header `vault.json`: the only readable thing about a vault; holds no name and no key."""

import json
import re
from dataclasses import dataclass

from vigfield.errors import Damaged, NewerVault

FORMAT = 1
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Header:
    """Which vault this is, since when (ISO 8601), and the slots its key is sealed in."""

    format: int
    id: str
    demo: bool
    created: str
    slots: tuple[dict[str, object], ...]


def encode(header: Header) -> bytes:
    """The header as `vault.json` holds it; ValueError when it could not be read back."""
    data = json.dumps(
        {
            "format": header.format,
            "id": header.id,
            "demo": header.demo,
            "created": header.created,
            "slots": list(header.slots),
        },
        indent=1,
    ).encode()
    if decode(data) != header:
        raise ValueError("a header that would not be read back as it is")
    return data


def decode(data: bytes) -> Header:
    """The header in `data`; errors.NewerVault for a later format, errors.Damaged for anything else."""
    try:
        found: object = json.loads(data)
    except (ValueError, RecursionError):
        raise Damaged("vault.json is not JSON") from None
    match found:
        case {"format": bool()}:
            raise Damaged("vault.json has no format")
        case {"format": int() as number} if number > FORMAT:
            raise NewerVault("the vault has a later format")
        case {
            "format": int() as number,
            "id": str() as id_,
            "demo": bool() as demo,
            "created": str() as created,
            "slots": [_, *_] as slots,
        } if number == FORMAT and _ID.fullmatch(id_):
            return Header(number, id_, demo, created, tuple(_slot(slot) for slot in slots))
        case _:
            raise Damaged("vault.json lacks something")


def _slot(found: object) -> dict[str, object]:
    if not isinstance(found, dict):
        raise Damaged("a key slot in vault.json is not an object")
    return found
