"""Every screen of the app, and how to come to it; each room stands alone, but the first opens the vault."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.app.kit import PASSPHRASE
from tests.journeys.browser import Screen
from tests.journeys.made_up import Made
from tests.journeys.walk import Walk
from vigfield.ui import places
from vigfield.ui.places import CalendarView, Place

if TYPE_CHECKING:
    from tests.journeys.gallery import Stage

Enter = Callable[["Stage", Screen, Made], None]


@dataclass(frozen=True, slots=True)
class Room:
    """One screen in one state."""

    name: str
    enter: Enter


def at(name: str, place: Callable[[Made], Place], mark: str, *taps: str) -> Room:
    """A place, what is on it once it is read, and what is tapped there."""

    def enter(stage: "Stage", screen: Screen, made: Made) -> None:
        stage.go(places.Settings() if name != "settings" else places.Today())
        screen.see("lock-now" if name != "settings" else "today-foot")
        stage.go(place(made))
        screen.starting(mark).wait_for(state="attached")
        for tap in taps:
            exact = screen.find(tap)
            screen.touch(exact if exact.count() else screen.starting(tap))
            screen.page.wait_for_timeout(500)

    return Room(name, enter)


def _unlocked(stage: "Stage", screen: Screen, made: Made) -> None:
    if screen.find("unlock").count():
        screen.type("passphrase", PASSPHRASE)
        screen.tap("unlock")
    screen.see("nav-today")
    stage.go(places.Today())
    screen.see("today-foot")


def _wrong(stage: "Stage", screen: Screen, made: Made) -> None:
    screen.type("passphrase", "seven calm otters eat maps")
    screen.tap("unlock")
    screen.says("tries left")


def _camera(stage: "Stage", screen: Screen, made: Made) -> None:
    stage.go(places.SessionPlace(made.filmed.id))
    screen.tap("film")
    frame = screen.frame("/capture/")
    frame.wait_for_selector("#film-record[data-state=idle]")


def _filming(stage: "Stage", screen: Screen, made: Made) -> None:
    frame = screen.frame("/capture/")
    frame.click("#film-record")
    frame.wait_for_selector("#film-record[data-state=filming]")
    screen.page.wait_for_timeout(6000)


def _asked(stage: "Stage", screen: Screen, made: Made) -> None:
    screen.tap("film-take-back")
    screen.see("film-go-on")


def _saved(stage: "Stage", screen: Screen, made: Made) -> None:
    if screen.find("film-go-on").count():
        screen.tap("film-go-on")
    frame = screen.frame("/capture/")
    frame.click("#film-record")
    frame.wait_for_selector("#film-record[data-state=saved]")


def _player(stage: "Stage", screen: Screen, made: Made) -> None:
    if screen.find("film-back").count():
        screen.tap("film-back")
    stage.go(places.SessionPlace(made.filmed.id))
    screen.see("take-consent")
    plays = screen.page.locator('[flt-semantics-identifier^="play-"]')
    screen.touch(plays.last)
    frame = screen.frame("/player/")
    frame.wait_for_function("() => window.vigPlayer && document.querySelector('video').readyState >= 2")
    frame.click("#player-still")
    screen.page.wait_for_timeout(1500)


def _picture(stage: "Stage", screen: Screen, made: Made) -> None:
    frame = screen.frame("/player/")
    frame.click("#player-still-1")
    screen.page.wait_for_timeout(1000)


def _today_again(stage: "Stage", screen: Screen, made: Made) -> None:
    for way in ("play-back", "film-back"):
        if screen.find(way).count():
            screen.tap(way)
    stage.go(places.Today())
    screen.see("today-foot")


def first(made: Made) -> Place:
    return places.FamilyPlace(made.families[0].id)


def agreed(which: int) -> Callable[["Stage", Screen, Made], None]:
    """A family's page, and from there what was agreed."""

    def enter(stage: "Stage", screen: Screen, made: Made) -> None:
        stage.go(places.FamilyPlace(made.families[which].id))
        screen.touch(screen.starting("agreed-"))
        screen.see("agreed-facts")

    return enter


def withdraw(stage: "Stage", screen: Screen, made: Made) -> None:
    agreed(0)(stage, screen, made)
    screen.tap("take-back")
    screen.see("withdraw-all")


def late(stage: "Stage", screen: Screen, made: Made) -> None:
    stage.go(places.Sending())
    screen.tap("send-now")
    screen.says("could not be reached")
    screen.settle()


def _weak(stage: "Stage", screen: Screen, made: Made) -> None:
    screen.type("passphrase", "password")
    screen.type("passphrase-again", "passwort")
    screen.tap("make-vault")
    screen.see("door-notice")


def _made(stage: "Stage", screen: Screen, made: Made) -> None:
    Walk(screen).make_vault(PASSPHRASE)


def _forgotten(stage: "Stage", screen: Screen, made: Made) -> None:
    stage.go(places.Settings())
    screen.tap("lock-now")
    screen.tap("forgotten")
    screen.see("door-notice")


FRESH: tuple[Room, ...] = (
    Room("start", lambda stage, screen, made: None),
    Room("start-weak", _weak),
    Room("none-today", _made),
    at("none-calendar", lambda m: places.Calendar(CalendarView.WEEK), "calendar-prev"),
    at("none-families", lambda m: places.Families(), "new-family"),
    at("none-session", lambda m: places.NewSession(), "session-save"),
    at("none-sending", lambda m: places.Sending(), "last-run"),
    at("none-join", lambda m: places.JoinPlace(), "join-key-out"),
    at("none-join-wrong", lambda m: places.JoinPlace(), "join-key-out", "join-read"),
    at("none-policy", lambda m: places.PolicyPlace(), "policy-standing"),
    at("none-leaving", lambda m: places.LeavingPlace(), "leaves-count"),
    at("none-gone", lambda m: places.GonePlace(), "gone-count"),
    at("none-duties", lambda m: places.Duties(), "duties-what"),
    at("none-certificates", lambda m: places.Certificates(), "certificates-what"),
    at("none-recovery-wrong", lambda m: places.RecoveryPlace(), "recovery-give", "recovery-give"),
    Room("none-forgotten", _forgotten),
)

ROOMS: tuple[Room, ...] = (
    Room("unlock", lambda stage, screen, made: None),
    Room("unlock-wrong", _wrong),
    Room("today", _unlocked),
    at("calendar-week", lambda m: places.Calendar(CalendarView.WEEK), "calendar-prev"),
    at("calendar-month", lambda m: places.Calendar(CalendarView.MONTH), "calendar-prev"),
    at("calendar-day", lambda m: places.Calendar(CalendarView.DAY), "calendar-prev"),
    at("calendar-files", lambda m: places.CalendarFiles(), "files-pick"),
    at("families", lambda m: places.Families(), "families-count"),
    at("family", first, "plan-cycles"),
    at("family-arabic", lambda m: places.FamilyPlace(m.families[1].id), "plan-cycles"),
    at("family-long", lambda m: places.FamilyPlace(m.families[2].id), "plan-cycles"),
    at("family-held", lambda m: places.FamilyPlace(m.families[3].id), "plan-cycles"),
    at("new-family", lambda m: places.NewFamily(), "family-save"),
    at("new-family-faults", lambda m: places.NewFamily(), "family-save", "family-save"),
    at("family-details", lambda m: places.FamilyDetails(m.families[0].id), "details-save"),
    at("caregiver", lambda m: places.CaregiverPlace(m.families[0].id), "person-save", "person-save"),
    at("other", lambda m: places.OtherPlace(m.families[0].id), "person-save"),
    at("ending", lambda m: places.EndingPlace(m.families[0].id), "ending-save"),
    at("seen", lambda m: places.SeenPlace(m.families[0].id), "seen-list"),
    at("hold", lambda m: places.HoldPlace(m.families[0].id), "hold-save"),
    at("hold-now", lambda m: places.HoldPlace(m.families[3].id), "hold-lift"),
    at("plan", lambda m: places.PlanCycles(m.families[0].id), "plan-propose", "plan-propose"),
    at("new-session", lambda m: places.NewSession(), "session-save"),
    at(
        "new-session-family",
        lambda m: places.NewSession(m.families[1].id),
        "session-save",
        "session-place-room",
    ),
    at("new-session-clash", lambda m: places.NewSession(m.families[0].id), "session-save", "session-save"),
    at("edit-session", lambda m: places.EditSession(m.bare.id), "session-save"),
    at("session-filmed", lambda m: places.SessionPlace(m.filmed.id), "session-state"),
    at("session-bare", lambda m: places.SessionPlace(m.bare.id), "session-state"),
    at("session-cancelled", lambda m: places.SessionPlace(m.cancelled.id), "session-state"),
    at("session-arabic", lambda m: places.SessionPlace(m.arabic.id), "session-state"),
    at("cancel-dialog", lambda m: places.SessionPlace(m.bare.id), "session-state", "session-cancelled"),
    at("undo-dialog", lambda m: places.SessionPlace(m.cancelled.id), "session-state", "session-undo"),
    at("withdraw-dialog", lambda m: places.SessionPlace(m.filmed.id), "session-state", "withdraw-consent"),
    at("consent", lambda m: places.ConsentPlace(m.bare.id), "consent-sign"),
    at("consent-faults", lambda m: places.ConsentPlace(m.bare.id), "consent-sign", "consent-sign"),
    at("consent-one", lambda m: places.ConsentPlace(m.review.id), "consent-sign", "consent-mode-one"),
    at("consent-arabic", lambda m: places.ConsentPlace(m.arabic.id), "consent-sign", "consent-language-ar"),
    at(
        "consent-arabic-one",
        lambda m: places.ConsentPlace(m.arabic.id),
        "consent-sign",
        "consent-language-ar",
        "consent-mode-one",
    ),
    at(
        "consent-arabic-faults",
        lambda m: places.ConsentPlace(m.arabic.id),
        "consent-sign",
        "consent-language-ar",
        "consent-sign",
    ),
    Room("agreed", agreed(0)),
    Room("agreed-arabic", agreed(1)),
    Room("withdraw", withdraw),
    at("duties", lambda m: places.Duties(), "duties-what"),
    at("erase", lambda m: places.ErasePlace(m.film, m.filmed.id), "erase-now"),
    at("certificate", lambda m: places.CertificatePlace(m.erased, m.filmed.id), "certificate"),
    at("certificates", lambda m: places.Certificates(), "certificates-what"),
    at("sending", lambda m: places.Sending(), "last-run"),
    Room("sending-away", late),
    at("settings", lambda m: places.Settings(), "lock-now"),
    at("passphrase", lambda m: places.PassphrasePlace(), "change-now"),
    at("recovery", lambda m: places.RecoveryPlace(), "recovery-give"),
    at("join", lambda m: places.JoinPlace(), "join-read"),
    at("policy", lambda m: places.PolicyPlace(), "policy-standing"),
    at("leaving", lambda m: places.LeavingPlace(), "leaves-count"),
    at("gone", lambda m: places.GonePlace(), "gone-count"),
    at("conflict", lambda m: places.ConflictPlace(*m.conflict), "conflict-ours"),
    Room("film", _camera),
    Room("film-filming", _filming),
    Room("film-asked", _asked),
    Room("film-saved", _saved),
    Room("play", _player),
    Room("play-picture", _picture),
    Room("today-later", _today_again),
)
