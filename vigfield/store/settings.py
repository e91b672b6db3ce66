"""Small values that the vault remembers by a name."""

from vigfield.store.db import Tx


def get(tx: Tx, key: str) -> str | None:
    """What was last put under this key."""
    row = tx.one("SELECT value FROM setting WHERE key = ?", key)
    return None if row is None else str(row["value"])


def put(tx: Tx, key: str, value: str) -> None:
    """Remember a value in place of the one before."""
    tx.execute(
        """INSERT INTO setting (key, value) VALUES (?, ?)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value""",
        key,
        value,
    )
