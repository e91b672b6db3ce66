"""The browser's side, on 127.0.0.1 only: the guard, the film's way in and out, the pages, the window."""

from vigfield.loopback.intake import Film, FilmHost, NoFilm, Written
from vigfield.loopback.messages import End, Hello
from vigfield.loopback.playback import Media, MediaHost

__all__ = [
    "End",
    "Film",
    "FilmHost",
    "Hello",
    "Media",
    "MediaHost",
    "NoFilm",
    "Written",
]
