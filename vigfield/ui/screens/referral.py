"""The part of a family's forms that is about its referral."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import flet as ft

from vigfield.model import Referral
from vigfield.ui import familywords, parts
from vigfield.ui.desk import Desk
from vigfield.ui.entry import Note, day_button
from vigfield.ui.fields import Field


@dataclass(slots=True)
class Told:
    """What is typed of a referral; kept out of the state so that typing redraws nothing."""

    source: str = ""
    reason: str = ""
    question: str = ""
    received: date | None = None

    @classmethod
    def of(cls, referral: Referral) -> "Told":
        """What is known already."""
        return cls(referral.source, referral.reason, referral.question, referral.received)

    @property
    def value(self) -> Referral:
        """The referral as it is filled in."""
        return Referral(self.source, self.received, self.reason, self.question)


def referral_card(desk: Desk, told: Told, redraw: parts.Click, faults: Mapping[str, str]) -> ft.Control:
    """Who referred the family, when and why, and the question they came with."""

    def source(value: str) -> None:
        told.source = value

    def reason(value: str) -> None:
        told.reason = value

    def question(value: str) -> None:
        told.question = value

    def received(day: date) -> None:
        told.received = day
        redraw()

    return parts.card(
        parts.title(familywords.REFERRAL),
        Field("referral-source", familywords.SOURCE, told.source, source, fault=faults.get("source", "")),
        parts.row(day_button(desk, "referral-date", familywords.RECEIVED, told.received, received)),
        parts.fault("received", faults),
        Note("referral-reason", familywords.REASON, told.reason, reason, fault=faults.get("reason", "")),
        Note(
            "referral-question",
            familywords.QUESTION,
            told.question,
            question,
            fault=faults.get("question", ""),
        ),
    )
