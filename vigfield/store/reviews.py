"""Films that nobody has looked at with their family yet."""

from datetime import datetime

from vigfield.model import FamilyId
from vigfield.store.columns import from_time, to_time
from vigfield.store.db import Tx

Missing = tuple[FamilyId, int, datetime]


def missing(tx: Tx, start: datetime, end: datetime, limit: int) -> list[Missing]:
    """Family, cycle and time of filmings that took place in between, with no shared review done or booked."""
    rows = tx.all(
        """SELECT family, cycle, min(starts) AS starts FROM session AS filming INDEXED BY session_by_start
        WHERE ? <= starts AND starts < ? AND kind = 'filming' AND status = 'took-place' AND NOT EXISTS (
            SELECT 1 FROM session AS review
            WHERE review.family = filming.family AND review.cycle = filming.cycle
                AND review.kind = 'shared-review' AND review.status IN ('booked', 'arrived', 'took-place'))
        GROUP BY family, cycle ORDER BY starts LIMIT ?""",
        from_time(start),
        from_time(end),
        limit,
    )
    return [(FamilyId(row["family"]), row["cycle"], to_time(row["starts"])) for row in rows]
