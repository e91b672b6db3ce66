"""What a person chose to film with: pure parsing of the one message that names devices."""

import json
from dataclasses import dataclass

MAX_NAME = 200
FACINGS = ("", "user", "environment")


@dataclass(frozen=True, slots=True)
class Choice:
    """A camera and a microphone by name, because their numbers change with each start of the browser.

    `facing` is "user" (front), "environment" (back) or ""; an empty name leaves the choice to the tablet.
    """

    facing: str = ""
    camera: str = ""
    microphone: str = ""


def parse_choice(text: str) -> Choice | None:
    """A choice from JSON with these three short texts and nothing else; None for anything else."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match said:
        case {"facing": str(facing), "camera": str(camera), "microphone": str(microphone), **rest}:
            named = all(len(name) <= MAX_NAME and name.isprintable() for name in (camera, microphone))
            return Choice(facing, camera, microphone) if named and facing in FACINGS and not rest else None
        case _:
            return None
