"""What several screens can start: the camera, and a film."""

from vigfield.app import FilmLink, PlayLink
from vigfield.model import Recording, SessionId
from vigfield.rules import Refused
from vigfield.ui import refusals
from vigfield.ui.desk import Desk
from vigfield.ui.places import FilmPlace, PlayPlace


def open_camera(desk: Desk, session: SessionId) -> None:
    """Go to the camera, or say why this session may not be filmed."""
    desk.spawn(_open_camera(desk, session))


def open_film(desk: Desk, recording: Recording) -> None:
    """Go to the player, or say why this film may not be played."""
    desk.spawn(_open_film(desk, recording))


async def _open_camera(desk: Desk, session: SessionId) -> None:
    match await desk.work.filming.link(session):
        case Refused(reason):
            desk.say(refusals.REASONS[reason])
        case FilmLink(token):
            desk.go(FilmPlace(session, token))


async def _open_film(desk: Desk, recording: Recording) -> None:
    match await desk.work.playing.link(recording.id):
        case Refused(reason):
            desk.say(refusals.REASONS[reason])
        case PlayLink(token):
            desk.go(PlayPlace(recording.id, recording.session, token))
