"""Made-up families to try the app with; planted once, in a demonstration vault only."""

from datetime import datetime, time, timedelta

from vigfield import clock
from vigfield.app.diary import Diary
from vigfield.app.drafts import FamilyDraft, Invalid, SessionDraft
from vigfield.app.people import People
from vigfield.model import FamilyId, Place, Relationship, SessionKind

FAMILIES = (
    ("DEMO-01", "Rowan Example", Relationship.MOTHER, "Wren Example", 5),
    ("DEMO-02", "Layla Muster (ليلى)", Relationship.MOTHER, "Sami Muster (سامي)", 9),
    ("DEMO-03", "Jan Specimen", Relationship.FATHER, "Ola Specimen", 2),
)


async def plant(people: People, diary: Diary) -> None:
    """Add the demonstration families, each with a session today."""
    for place, (code, caregiver, relationship, infant, months) in enumerate(FAMILIES):
        family = await people.add(FamilyDraft(code, caregiver, relationship, infant, _month_ago(months)))
        if isinstance(family, Invalid):
            continue
        await diary.add(_session(family.id, place))


def _session(family: FamilyId, place: int) -> SessionDraft:
    starts = datetime.combine(clock.today(), time(9 + 2 * place, 30)).astimezone()
    home = place % 2 == 0
    return SessionDraft(
        family=family,
        kind=SessionKind.FILMING,
        starts=starts,
        minutes=60,
        place=Place.HOME if home else Place.ROOM,
        room="" if home else "Room 2",
        cycle=1 + place,
    )


def _month_ago(months: int) -> str:
    return f"{clock.today() - timedelta(days=30 * months):%Y-%m}"
