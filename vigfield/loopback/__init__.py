"""The browser's side, on 127.0.0.1 only: the guard, the film's way in and out, the pages, the window."""

from vigfield.loopback.choice import Choice, parse_choice
from vigfield.loopback.guard import Guard
from vigfield.loopback.intake import Film, FilmHost, NoFilm, Written
from vigfield.loopback.kiosk import Borrowed, Kiosk, NoBrowser, find_browser, open_kiosk
from vigfield.loopback.messages import End, Hello
from vigfield.loopback.playback import Media, MediaHost
from vigfield.loopback.profiles import remove_left_behind
from vigfield.loopback.server import Server, build
from vigfield.loopback.stills import NoStill, Still, Stills

__all__ = [
    "Borrowed",
    "Choice",
    "End",
    "Film",
    "FilmHost",
    "Guard",
    "Hello",
    "Kiosk",
    "Media",
    "MediaHost",
    "NoBrowser",
    "NoFilm",
    "NoStill",
    "Server",
    "Still",
    "Stills",
    "Written",
    "build",
    "find_browser",
    "open_kiosk",
    "parse_choice",
    "remove_left_behind",
]
