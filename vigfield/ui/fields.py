"""Text fields that keep what is typed in themselves, so that no letter and no note is lost."""

from collections.abc import Callable

import flet as ft

from vigfield.ui import refusals
from vigfield.ui.parts import notice, quiet, titled


@ft.component
def _Field(
    identifier: str,
    label: str,
    initial: str,
    on_value: Callable[[str], None],
    *,
    fault: str = "",
    hint: str = "",
    secret: bool = False,
    on_submit: Callable[[], None] | None = None,
    focus: bool = False,
) -> ft.Control:
    kept = ft.use_ref(initial)

    def changed(event: ft.Event[ft.TextField]) -> None:
        kept.current = event.control.value
        on_value(event.control.value)

    entry = ft.TextField(
        value=kept.current or "",
        password=secret,
        autocorrect=not secret,
        enable_suggestions=not secret,
        enable_ime_personalized_learning=False,
        autofocus=focus,
        expand=True,
        border=ft.OutlineInputBorder(border_radius=14),
        on_change=changed,
        on_submit=(lambda _: on_submit()) if on_submit else None,
    )
    line = titled(identifier, label, ft.Row([entry]))
    below = [quiet(hint)] if hint else []
    return ft.Column(
        [
            line,
            *below,
            notice(refusals.FAULTS.get(fault, fault), error=True, identifier=f"{identifier}-fault"),
        ],
        spacing=6,
        tight=True,
    )


Field = ft.memo(_Field)  # type: ignore[no-untyped-call]
