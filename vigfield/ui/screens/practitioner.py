"""For the settings: the practitioner's name, as it stands on consents."""

import flet as ft

from vigfield.app import name_fault
from vigfield.ui import consentwords, parts, words
from vigfield.ui.fields import Field
from vigfield.ui.hooks import Loaded, boundary, use_desk, use_kept, use_loaded


class _Typed:
    name = ""


@ft.component
@boundary
def PractitionerCard() -> ft.Control:
    """The name, and a button to keep it."""
    desk = use_desk()
    typed = use_kept(_Typed)
    fault, set_fault = ft.use_state("")
    loaded = use_loaded(desk.work.consenting.practitioner, "name")

    def keep(value: str) -> None:
        typed.name = value

    async def save() -> None:
        found = name_fault(typed.name)
        set_fault(found)
        if not found:
            await desk.work.consenting.call_practitioner(typed.name)
            desk.say(consentwords.PRACTITIONER_SAVED)

    if not isinstance(loaded, Loaded):
        return ft.Container()
    return parts.card(
        Field(
            "practitioner-name",
            consentwords.PRACTITIONER,
            loaded.value,
            keep,
            hint=consentwords.PRACTITIONER_WHAT,
            fault=fault,
        ),
        parts.row(parts.secondary("practitioner-save", words.SAVE, lambda: desk.spawn(save()))),
    )
