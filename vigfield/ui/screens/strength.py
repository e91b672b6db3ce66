"""A new passphrase, typed twice, and how hard it is to guess."""

from dataclasses import dataclass

import flet as ft

from vigfield.app import Strength, judge
from vigfield.ui import keywords, words
from vigfield.ui.fields import Field
from vigfield.ui.hooks import boundary

_NOTHING_TYPED: Strength | None = None


@dataclass(slots=True)
class Twice:
    """What has been typed so far."""

    first: str = ""
    second: str = ""

    @property
    def problem(self) -> str:
        """What is wrong with it, or nothing."""
        strength = judge(self.first)
        if not strength.accepted:
            return keywords.STRENGTH[strength.verdict]
        return "" if self.first == self.second else keywords.DIFFERENT


@ft.component
@boundary
def NewPassphrase(typed: Twice, label: str, again: str, focus: bool = False) -> ft.Control:
    """Both fields, kept in `typed`, with the meter between them."""
    strength, set_strength = ft.use_state(_NOTHING_TYPED)

    def first(value: str) -> None:
        typed.first = value
        set_strength(judge(value) if value else _NOTHING_TYPED)

    def second(value: str) -> None:
        typed.second = value

    return ft.Column(
        [
            Field(
                "passphrase",
                label,
                "",
                ft.use_callback(first, []),
                hint=words.PASSPHRASE_HINT,
                secret=True,
                focus=focus,
            ),
            _meter(strength),
            Field("passphrase-again", again, "", ft.use_callback(second, []), secret=True),
        ],
        spacing=18,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _meter(strength: Strength | None) -> ft.Control:
    said = keywords.STRENGTH[strength.verdict] if strength else keywords.STRENGTH_WHY
    good = strength is not None and strength.accepted
    bar = ft.ProgressBar(
        value=strength.score / 4 if strength else 0,
        bar_height=8,
        border_radius=4,
        color=ft.Colors.PRIMARY if good else ft.Colors.TERTIARY,
        semantics_label=said,
    )
    sentence = ft.Semantics(identifier="strength", container=True, live_region=True, content=ft.Text(said))
    return ft.Column([bar, sentence], spacing=8, tight=True)
