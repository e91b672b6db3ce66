"""What a person decides about an item that the service refused, or holds differently."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vigfield.app import leaving, pulling
from vigfield.app.inforce import InForce
from vigfield.app.opened import Opened, known
from vigfield.app.subjects import Subjects
from vigfield.model import Delivery, Kind, OutboxItem, SessionId
from vigfield.store import Tx, outbox
from vigfield.sync.egress import Withheld
from vigfield.sync.same import Resource, bare


@dataclass(frozen=True, slots=True)
class Line:
    """One field in which the two differ: its name, and what each says; empty where it says nothing."""

    field: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Two:
    """Ours and the service's of one item. `deleted` when the service does not have it any more.

    `code` is its family's, empty where it is of none.
    """

    item: OutboxItem
    code: str
    lines: tuple[Line, ...]
    deleted: bool


class Deciding:
    """The verbs on one item of the outbox; each is a person's, none happens by itself."""

    def __init__(self, opened: Opened, inforce: InForce, changed: Callable[[], None]) -> None:
        self._store = opened.store
        self._inforce = inforce
        self._changed = changed

    async def two(self, kind: Kind, id_: str) -> Two | None:
        """Both sides of a conflict; None when there is none any more."""
        policy = self._inforce.policy

        def read(tx: Tx) -> Two | None:
            item = known(outbox.item(tx, kind, id_))
            if item.delivery is not Delivery.CONFLICT:
                return None
            theirs = outbox.theirs(tx, kind, id_)
            ours = leaving.spelled(tx, item, policy)
            mine = {} if isinstance(ours, Withheld) else ours
            lines = differences(mine, json.loads(theirs.text or "{}"))
            family = Subjects.of(tx, [item]).family(item)
            return Two(item, "" if family is None else family.code, lines, not theirs.text)

        return await self._store.run(read)

    async def keep_ours(self, kind: Kind, id_: str) -> None:
        """Ours is to replace exactly what was shown; a change after that is a conflict again."""
        await self._write(lambda tx: outbox.keep_ours(tx, kind, id_))

    async def take_theirs(self, kind: Kind, id_: str) -> None:
        """A session becomes as it is at the service; of all else the service keeps what it has."""

        def write(tx: Tx) -> None:
            theirs = outbox.theirs(tx, kind, id_)
            taken = kind is Kind.SESSION and bool(theirs.text)
            if not (taken and pulling.take_theirs(tx, SessionId(id_), json.loads(theirs.text))):
                outbox.leave(tx, kind, id_)

        await self._write(write)

    async def leave(self, kind: Kind, id_: str) -> None:
        """The service keeps what it has; ours stays as it is on this tablet, and is not sent."""
        await self._write(lambda tx: outbox.leave(tx, kind, id_))

    async def retry(self, kind: Kind, id_: str) -> None:
        """Let a refused or left item wait again."""
        await self._write(lambda tx: outbox.retry(tx, kind, id_))

    async def _write(self, change: Callable[[Tx], None]) -> None:
        await self._store.run(change)
        self._changed()


def differences(ours: Resource, theirs: Resource) -> tuple[Line, ...]:
    """Where two resources differ, leaf by leaf; what a server sets itself and the stamp are left out."""
    mine, others = dict(_leaves(bare(ours))), dict(_leaves(bare(theirs)))
    fields = sorted(mine.keys() | others.keys())
    pairs = (Line(name, mine.get(name, ""), others.get(name, "")) for name in fields)
    return tuple(line for line in pairs if line.ours != line.theirs)


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for name, field in value.items():
                yield from _leaves(field, f"{path}.{name}" if path else name)
        case list():
            for place, item in enumerate(value, 1):
                yield from _leaves(item, f"{path}.{place}")
        case _:
            yield path, value if isinstance(value, str) else json.dumps(value)
