"""The quality record of a film in sentences: what is missing first, then what else happened."""

from collections import Counter
from collections.abc import Iterator
from itertools import takewhile

from vigfield.model import Recording, RecordingState
from vigfield.ui.pagewords import EVENTS

EVERY_FRAME = "Every frame was kept."
NO_SOUND = "It was filmed without sound, by choice."
_ENDS = ("picture-lost", "encoder-failed")
_SAID = (*_ENDS, "picture-found", "end-lost", "last-fragment-lost", "no-sound-chosen", "sound-lost",
         "link-lost", "link-back")  # fmt: skip


def sentences(film: Recording) -> list[str]:
    """What a person should know of how the film was made; nothing of a film that nothing was counted of."""
    quality = film.quality
    said = [*_away(film), *_lost(film), *_sound(film), *_link(film)]
    if quality.dropped:
        said.insert(0, _missing(quality.dropped, quality.encoded + quality.dropped))
    elif quality.encoded and film.state is RecordingState.WHOLE and is_unbroken(film):
        said.insert(0, EVERY_FRAME)
    return [*said, *_else(film)]


def is_unbroken(film: Recording) -> bool:
    """Whether nothing happened that may have cost a moment of the film."""
    names = {name for _, name in film.quality.events}
    return not names & {*_ENDS, "end-lost", "last-fragment-lost"}


def _missing(count: int, of: int) -> str:
    return f"{count:,} of {of:,} frames {'was' if count == 1 else 'were'} not filmed."


def _away(film: Recording) -> Iterator[str]:
    """Each time that the camera ended, with the next that it was found again."""
    events = film.quality.events
    for place, (at, name) in enumerate(events):
        if name not in _ENDS:
            continue
        later = takewhile(lambda event: event[1] not in _ENDS, events[place + 1 :])
        found = next((time for time, what in later if what == "picture-found"), None)
        if found is not None:
            yield f"The camera was away for {_long(found - at)} at {_clock(at)}."
        elif name == "picture-lost":
            yield f"The camera stopped at {_clock(at)}. The film ends there."
        else:
            yield f"The browser stopped encoding at {_clock(at)}. The film ends there."


def _lost(film: Recording) -> Iterator[str]:
    for at, name in film.quality.events:
        if name == "end-lost":
            yield f"A moment that had been saved may be missing at {_clock(at)}."
        elif name == "last-fragment-lost":
            yield f"The last moment before {_clock(at)} was lost."


def _sound(film: Recording) -> Iterator[str]:
    for at, name in film.quality.events:
        if name == "no-sound-chosen":
            yield NO_SOUND
        elif name == "sound-lost":
            yield f"The sound was lost at {_clock(at)}."


def _link(film: Recording) -> Iterator[str]:
    count = sum(name == "link-lost" for _, name in film.quality.events)
    if count:
        times = "once" if count == 1 else f"{count} times"
        cost = "; nothing was lost by it" if film.state is RecordingState.WHOLE else ""
        yield f"The link was lost {times}{cost}."


def _else(film: Recording) -> Iterator[str]:
    """What else happened, each thing once."""
    rest = [(at, name) for at, name in film.quality.events if name not in _SAID]
    counts = Counter(name for _, name in rest)
    for name, count in counts.items():
        first = next(at for at, what in rest if what == name)
        times = f", {count} times" if count > 1 else ""
        yield f"{EVENTS.get(name, name)} at {_clock(first)}{times}."


def _long(seconds: float) -> str:
    whole = max(1, round(seconds))
    return "1 second" if whole == 1 else f"{whole} seconds"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
