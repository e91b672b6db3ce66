"""What is half filled in: kept sealed until it is signed or thrown away by a person."""

from datetime import datetime

from vigfield.store.columns import from_time
from vigfield.store.db import Tx


def keep(tx: Tx, subject: str, content: str, now: datetime) -> None:
    """Keep a draft in place of the one before of the same subject. `content` is the form's own encoding."""
    tx.execute(
        "INSERT OR REPLACE INTO draft (subject, content, changed) VALUES (?, ?, ?)",
        subject,
        content,
        from_time(now),
    )


def get(tx: Tx, subject: str) -> str | None:
    """The draft of this subject."""
    row = tx.one("SELECT content FROM draft WHERE subject = ?", subject)
    return None if row is None else str(row["content"])


def drop(tx: Tx, subject: str) -> None:
    """Throw a draft away; it was signed, or a person said so."""
    tx.execute("DELETE FROM draft WHERE subject = ?", subject)
