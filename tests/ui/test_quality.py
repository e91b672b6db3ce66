"""The quality record in sentences: what each history is said to have been."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigfield.model import (
    ConsentId,
    FamilyId,
    Quality,
    Recording,
    RecordingId,
    RecordingState,
    SessionId,
    SessionKind,
)
from vigfield.ui.pagewords import EVENTS
from vigfield.ui.qualitywords import EVERY_FRAME, sentences

FILM = Recording(
    RecordingId("r"), SessionId("s"), FamilyId("f"), ConsentId("c"), 1, SessionKind.FILMING,
    datetime(2026, 3, 3, tzinfo=UTC), RecordingState.WHOLE, 1280, 720, "video/mp4", (),
    Quality(7500, 7500, 0),
)  # fmt: skip


def film(*events: tuple[float, str], dropped: int = 0, encoded: int = 7500) -> Recording:
    return replace(FILM, quality=Quality(encoded + dropped, encoded, dropped, events))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (film(), [EVERY_FRAME]),
        (film(dropped=12, encoded=7488), ["12 of 7,500 frames were not filmed."]),
        (film(dropped=1), ["1 of 7,501 frames was not filmed."]),
        (
            film((80.2, "picture-lost"), (92.4, "picture-found")),
            ["The camera was away for 12 seconds at 1:20."],
        ),
        (film((5, "encoder-failed"), (5.2, "picture-found")), ["The camera was away for 1 second at 0:05."]),
        (
            film((5, "picture-lost"), (9, "picture-found"), (60, "picture-lost")),
            [
                "The camera was away for 4 seconds at 0:05.",
                "The camera stopped at 1:00. The film ends there.",
            ],
        ),
        (film((65, "sound-lost")), [EVERY_FRAME, "The sound was lost at 1:05."]),
        (film((0, "no-sound-chosen")), [EVERY_FRAME, "It was filmed without sound, by choice."]),
        (
            film((3, "link-lost"), (4, "link-back"), (7, "link-lost"), (8, "link-back")),
            [EVERY_FRAME, "The link was lost 2 times; nothing was lost by it."],
        ),
        (film((3, "last-fragment-lost")), ["The last moment before 0:03 was lost."]),
        (film((3, "end-lost")), ["A moment that had been saved may be missing at 0:03."]),
        (
            film((3, "page-hidden"), (4, "page-shown"), (9, "page-hidden")),
            [
                EVERY_FRAME,
                "The screen was covered at 0:03, 2 times.",
                "The screen was back at 0:04.",
            ],
        ),
        (replace(film((3, "link-lost")), state=RecordingState.INTERRUPTED), ["The link was lost once."]),
        (replace(FILM, quality=Quality()), []),
    ],
)
def test_what_happened_is_said(made: Recording, said: list[str]) -> None:
    assert sentences(made) == said


HISTORIES = st.lists(st.tuples(st.floats(0, 3600), st.sampled_from([*sorted(EVENTS), "unknown"])), max_size=8)


@given(HISTORIES, st.integers(0, 3), st.integers(0, 9000), st.sampled_from(RecordingState))
def test_every_frame_is_never_said_when_one_may_be_missing(
    events: list[tuple[float, str]], dropped: int, encoded: int, state: RecordingState
) -> None:
    made = replace(film(*sorted(events), dropped=dropped, encoded=encoded), state=state)
    said = sentences(made)
    broken = {"picture-lost", "encoder-failed", "end-lost", "last-fragment-lost"}
    if dropped or not encoded or state is not RecordingState.WHOLE or broken & {name for _, name in events}:
        assert EVERY_FRAME not in said
    else:
        assert said[0] == EVERY_FRAME
    assert all(line.endswith(".") for line in said)
