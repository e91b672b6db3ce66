"""What this tablet films with, kept in the vault: camera and microphone by name, how fine the picture is."""

import json
from dataclasses import asdict, replace
from enum import StrEnum
from typing import Self, assert_never

from vigfield.app.opened import Opened
from vigfield.loopback import Choice, parse_choice
from vigfield.model import Policy
from vigfield.store import Tx, settings

DEVICES = "filming.devices"
PICTURE = "filming.picture"
FINE_BITRATE = 7_000_000


class Picture(StrEnum):
    """How fine the picture of a film is."""

    STANDARD = "standard"
    FINE = "fine"


class Rig:
    """The last choice of devices and of picture; `load` makes one."""

    def __init__(self, opened: Opened, choice: Choice, picture: Picture) -> None:
        self._opened = opened
        self.choice = choice
        self.picture = picture

    @classmethod
    async def load(cls, opened: Opened) -> Self:
        """What was chosen last; the tablet's own camera and the standard picture where nothing was."""

        def ask(tx: Tx) -> tuple[str | None, str | None]:
            return settings.get(tx, DEVICES), settings.get(tx, PICTURE)

        devices, picture = await opened.store.run(ask)
        fine = picture == Picture.FINE
        return cls(
            opened, parse_choice(devices or "") or Choice(), Picture.FINE if fine else Picture.STANDARD
        )

    async def choose(self, choice: Choice) -> None:
        """Remember these devices."""
        await self._opened.store.run(lambda tx: settings.put(tx, DEVICES, json.dumps(asdict(choice))))
        self.choice = choice

    async def take(self, picture: Picture) -> None:
        """Film with this picture from the next film on."""
        await self._opened.store.run(lambda tx: settings.put(tx, PICTURE, picture.value))
        self.picture = picture

    def sized(self, policy: Policy) -> Policy:
        """The policy with the chosen picture; a service's policy has the last word on its size."""
        match self.picture:
            case _ if policy.version:
                return policy
            case Picture.STANDARD:
                return policy
            case Picture.FINE:
                return replace(policy, width=1920, height=1080, bitrate=FINE_BITRATE)
            case _:
                assert_never(self.picture)
