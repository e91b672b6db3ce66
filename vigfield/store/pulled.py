"""Up to when the service's changes were taken in, kind by kind; in the service's own time."""

from vigfield.store.db import Tx


def until(tx: Tx, kind: str) -> str:
    """The moment up to which everything of a kind was taken in; empty before the first time."""
    row = tx.one("SELECT until FROM pulled WHERE kind = ?", kind)
    return "" if row is None else str(row["until"])


def reached(tx: Tx, kind: str, moment: str) -> None:
    """Everything of a kind up to this moment was taken in."""
    tx.execute("INSERT OR REPLACE INTO pulled (kind, until) VALUES (?, ?)", kind, moment)
