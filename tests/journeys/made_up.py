"""A vault with a month of made-up work in it: long names, other scripts, films, refusals and a conflict."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from tests.app.kit import SIGNED, Tablet, consent_draft
from tests.app.test_calendar_files import calendar, event
from tests.app.test_enrolling import joined, publish
from tests.sync.servers import Proxy
from tests.sync.signed import policy_text
from vigfield import clock
from vigfield.app import (
    App,
    CaregiverDraft,
    FamilyDraft,
    FilePlan,
    Given,
    HoldDraft,
    OtherDraft,
    SessionDraft,
    Work,
)
from vigfield.forms import Form, canonical, shipped
from vigfield.loopback import Still
from vigfield.model import (
    Family,
    Ground,
    HoldKind,
    Kind,
    PersonId,
    Place,
    RecordingId,
    Referral,
    Relationship,
    Responsibility,
    Scope,
    Session,
    SessionKind,
    SessionStatus,
    TypedSignature,
    Upload,
    UploadPart,
    UploadState,
)
from vigfield.service import Served
from vigfield.store import Tx, outbox, uploads

DAY = timedelta(days=1)
LOCK = {"idle_seconds": 900, "tries_in_five_minutes": 5}
LONG = "Maria-Magdalena Wolkenstein-Trostburg von der Aue"
FAMILIES = (
    ("SE-014", "Morwenna Quillfeather", Relationship.MOTHER, "Tamsin Quillfeather"),
    ("SE-015", "ليلى عبد الرحمن", Relationship.MOTHER, "سامي"),
    ("SE-016", LONG, Relationship.FOSTER_CARER, "Ottokar-Ferdinand Wolkenstein-Trostburg"),
    ("SE-017", "שרה כהן", Relationship.MOTHER, "נועם"),
    ("SE-018", "王小明", Relationship.FATHER, "王安"),
    ("SE-019", "Олена Шевченко", Relationship.GRANDPARENT, "Тарас"),
)


@dataclass(slots=True)
class Made:
    """What there is to look at, by what it is good for."""

    families: list[Family]
    filmed: Session
    bare: Session
    cancelled: Session
    review: Session
    film: RecordingId
    erased: RecordingId
    arabic: Session
    conflict: tuple[Kind, str]


async def plan(work: Work, family: Family | None, day: int, hour: int, **more: object) -> Session:
    """A session so many days from today."""
    starts = datetime.combine(clock.today() + day * DAY, time(hour, 30)).astimezone()
    draft = SessionDraft(
        family=None if family is None else family.id,
        kind=SessionKind.FILMING,
        starts=starts,
        minutes=60,
        place=Place.HOME,
        room="",
        cycle=1,
        even_so=True,
    )
    made = await work.diary.add(replace(draft, **more))  # type: ignore[arg-type]
    assert isinstance(made, Session), made
    return made


async def _families(work: Work) -> list[Family]:
    found = []
    for place, (code, caregiver, relationship, infant) in enumerate(FAMILIES):
        referral = Referral(
            "Health visitor, Leith", clock.today() - 20 * DAY, "Low mood after the birth.", ""
        )
        born = f"{clock.today() - (90 + 40 * place) * DAY:%Y-%m}"
        family = await work.people.add(FamilyDraft(code, caregiver, relationship, infant, born, referral))
        assert isinstance(family, Family), family
        found.append(family)
    await _more_people(work, found)
    return [await work.people.get(one.id) for one in found]


async def _more_people(work: Work, found: list[Family]) -> None:
    first = found[0].id
    father = CaregiverDraft(
        "Callum Quillfeather", Relationship.FATHER, "0131 496 0000", Responsibility.BIRTH_REGISTER, "Gàidhlig"
    )
    await work.people.put_caregiver(first, father)
    await work.people.put_other(first, OtherDraft("Isla", "sister, 4", adult=False))
    await work.people.put_caregiver(
        found[1].id,
        CaregiverDraft("عمر عبد الرحمن", Relationship.FATHER, language="العربية", interpreter=True),
    )


async def _consents(app: App, work: Work, families: list[Family]) -> None:
    arabic = next(one for one in shipped() if one.ref.language == "ar")
    english = next(one for one in shipped() if one.ref.language == "en-GB")
    first, second, third = families[:3]
    some = (Scope.FILM_INTERACTION, Scope.SUPERVISOR, Scope.STILLS)
    await _give(app, first, english, *some)
    father = replace(
        consent_draft(first, None, *some),
        given_by=first.caregivers[1].id,
        on_camera=_everybody(first),
        signature=TypedSignature(first.caregivers[1].name),
        shown=canonical(english).decode(),
        form=english.ref,
    )
    assert isinstance(await app.give(father), Given)
    await _give(app, second, arabic, *some)
    await _give(app, third, english, *some)
    await app.withdraw(third.id, None, frozenset({Scope.STILLS}))


async def _give(app: App, family: Family, form: Form, *scopes: Scope) -> None:
    draft = consent_draft(family, None, *scopes)
    draft = replace(draft, shown=canonical(form).decode(), form=form.ref, also_present="Aunt Peregrine")
    draft = replace(draft, on_camera=_everybody(family))
    if form.ref.language == "en-GB":
        draft = replace(draft, signature=SIGNED)
    else:
        draft = replace(draft, signature=TypedSignature(family.caregivers[0].name), interpreter="Yusuf")
    given = await app.give(draft)
    assert isinstance(given, Given), given


def _everybody(family: Family) -> tuple[PersonId, ...]:
    return (family.infant.id, *(one.id for one in family.caregivers))


async def make(app: App, work: Work, between: Proxy, served: Served) -> Made:
    """Fill an open, empty vault; some of it is told to the service, and some waits."""
    await publish(served, policy_text(fields=["birth-date", "infant-name"], lock=LOCK))
    families = await _families(work)
    await _consents(app, work, families)
    filmed = await plan(work, families[0], 0, 9)
    review = await plan(work, families[0], 7, 9, kind=SessionKind.SHARED_REVIEW)
    long = await plan(work, families[2], 0, 11, place=Place.ROOM, room="The long room on the second floor")
    arabic = await plan(work, families[1], 0, 13, place=Place.ELSEWHERE, room="مركز الأسرة")
    bare = await plan(work, families[3], 0, 15, travel=20, note="Ring twice; the bell is weak.")
    await plan(work, None, 1, 16, kind=SessionKind.SUPERVISION, place=Place.ELSEWHERE, room="By video")
    cancelled = await plan(work, families[4], 2, 10)
    await work.diary.mark(cancelled.id, SessionStatus.CANCELLED, "The infant has a cold")
    await _rooms(work)
    one = Tablet(app, work, families[0], filmed, (await work.consenting.of_family(families[0].id))[0].consent)
    film = await one.filmed()
    opened = await one.play(film)
    assert isinstance(await opened.stills.keep(3, b"\x89PNG" + bytes(99)), Still)
    work.playing.close()
    erased = await one.filmed()
    await work.erasing.erase(erased, Ground.CAREGIVER_ASKED)
    due = await Tablet(app, work, families[2], long, one.consent).filmed()
    await app.withdraw(families[2].id, None, frozenset({Scope.FILM_INTERACTION}))
    await work.keeping.hold(families[3].id, HoldDraft(HoldKind.LEGAL, "A case at court"))
    await joined(one, between)
    await work.telling.run()
    await asyncio.gather(*app._tasks)
    conflict = await one.conflict()
    await _refused(app, due)
    going = await one.filmed()
    await _films_away(app, film, going, due)
    await plan(work, families[5], 3, 9)
    return Made(families, filmed, bare, cancelled, review, film, erased, arabic, conflict)


async def _films_away(app: App, whole: RecordingId, going: RecordingId, back: RecordingId) -> None:
    """One sealed film is at the service, one is on its way, and one was taken back."""
    opened = app._opened
    assert opened is not None
    base = "https://films.leith.example/files"

    def write(tx: Tx) -> None:
        for film in (whole, going, back):
            parts = (UploadPart(1),)
            sealed = b"k" * 80
            uploads.begin(
                tx,
                Upload(film, UploadState.GOING, 3, "video-1", sealed, base, clock.now(), parts=parts),
            )
        uploads.arrived(tx, whole, UploadPart(1, f"{base}/1", 1, arrived=True, verified=True))
        uploads.whole(tx, whole, clock.now())
        uploads.reached(tx, going, 1, 1000)
        uploads.take_back(tx, back, clock.now())
        uploads.taken_back(tx, back, removed=True, now=clock.now())

    await opened.store.run(write)


async def _rooms(work: Work) -> None:
    """Others have a room this week."""
    for days in (0, 1):
        found = await work.files.preview(calendar(event(f"them-{days}@x", days)), "Bluebell room")
        assert isinstance(found, FilePlan), found
        await work.files.take(found)


async def _refused(app: App, film: RecordingId) -> None:
    opened = app._opened
    assert opened is not None

    def write(tx: Tx) -> None:
        version = outbox.touch(tx, Kind.RECORDING, film, clock.now())
        outbox.refuse(tx, Kind.RECORDING, film, version, "Media.subject: this infant is not known here")

    await opened.store.run(write)
