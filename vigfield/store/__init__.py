"""Everything at rest: the vault folder, the sealed database with its records and outbox, the media folder."""

from vigfield.store import (
    audit,
    chain,
    consents,
    drafts,
    erasure,
    families,
    handed,
    outbox,
    practitioner,
    pulled,
    recordings,
    respelling,
    retention,
    reviews,
    rooms,
    sessions,
    settings,
    stills,
    uploads,
)
from vigfield.store.db import Store, Tx
from vigfield.store.header import FORMAT, Header
from vigfield.store.media import Media, OnDisk
from vigfield.store.throttle import Go, Throttle, Wait
from vigfield.store.vault import Empty, Present, VaultFolder, look, vault_folders

__all__ = [
    "FORMAT",
    "Empty",
    "Go",
    "Header",
    "Media",
    "OnDisk",
    "Present",
    "Store",
    "Throttle",
    "Tx",
    "VaultFolder",
    "Wait",
    "audit",
    "chain",
    "consents",
    "drafts",
    "erasure",
    "families",
    "handed",
    "look",
    "outbox",
    "practitioner",
    "pulled",
    "recordings",
    "respelling",
    "retention",
    "reviews",
    "rooms",
    "sessions",
    "settings",
    "stills",
    "uploads",
    "vault_folders",
]
