"""What follows when consent is taken back while a film is made: closed, held, and erased in the end."""

from pathlib import Path

from tests.journeys.browser import Screen
from tests.journeys.walk import CODE, Walk


def film_and_take_back(screen: Screen, walk: Walk) -> None:
    """The caregiver says so in mid-film: two touches stop the film and take this one scope back."""
    camera = walk.open_camera()
    walk.film(camera, 4)
    screen.tap("film-take-back")
    screen.tap("film-take-back-now")
    screen.says("1 film closed, and to be erased.")
    camera.wait_for_selector("#film-record[data-state=filming]", state="detached")
    screen.tap("film-back")
    screen.see("take-consent")
    screen.tap("nav-families")
    screen.tap(f"family-{CODE}")
    screen.says("partly taken back")
    screen.touch(screen.starting("withdraw-"))
    screen.see("withdraw-supervisor")
    assert screen.find("withdraw-film-interaction").count() == 0


def closed_and_due(screen: Screen) -> str:
    """On the session's page: not played, and until when it is to be erased; its id."""
    screen.tap("back")
    screen.touch(screen.starting("session-"))
    state = screen.starting("film-state-")
    state.wait_for(state="attached")
    film = str(state.get_attribute("flt-semantics-identifier")).removeprefix("film-state-")
    screen.see(f"due-{film}-film")
    screen.tap(f"play-{film}")
    screen.says("A caregiver said no to this")
    screen.tap("nav-today")
    screen.tap("soon-erase")
    screen.see("due-1")
    return film


def held(screen: Screen) -> None:
    """A hold stops the erasure, and is lifted."""
    screen.tap("nav-families")
    screen.tap(f"family-{CODE}")
    screen.tap("hold")
    screen.type("hold-reason", "A case at court")
    screen.tap("hold-save")
    screen.see("family-held")
    screen.tap("nav-settings")
    screen.tap("duties")
    screen.see("due-hold-1")
    assert screen.find("due-erase-1").count() == 0
    screen.tap("due-hold-1")
    screen.type("hold-reason", "The case is over")
    screen.tap("hold-lift")
    screen.see("plan-cycles")


def erased(screen: Screen, film: str) -> None:
    """Erased by hand, with its certificate."""
    screen.tap("nav-settings")
    screen.tap("duties")
    screen.tap("due-erase-1")
    screen.see("erase-asked")
    screen.tap("erase-ground-consent-withdrawn")
    screen.tap("erase-understood")
    screen.tap("erase-now")
    assert "no file of the film is left" in screen.see("certificate-state").inner_text()
    screen.tap("nav-settings")
    screen.tap("certificates")
    with screen.page.expect_download() as handed:
        screen.tap("certificates-export")
    text = Path(handed.value.path()).read_text("utf-8")
    assert film in text
    assert "Quillfeather" not in text
