"""The shared pieces that screens are made of: headings, cards, buttons, fields, notices."""

from collections.abc import Callable, Mapping, Sequence

import flet as ft

from vigfield.ui import bidi, refusals, theme

Click = Callable[[], object]

_QUESTION = 460  # pixels: some sixty letters


def tagged(identifier: str, control: ft.Control) -> ft.Control:
    """A control with a stable name for checks from outside."""
    return ft.Semantics(identifier=identifier, container=True, content=control)


def heading(text: str) -> ft.Control:
    """The one heading of a screen."""
    return ft.Semantics(
        header=True,
        heading_level=1,
        content=ft.Text(text, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM, color=ft.Colors.ON_SURFACE),
    )


def title(text: str) -> ft.Control:
    """A heading within a screen."""
    return ft.Semantics(
        header=True,
        heading_level=2,
        content=ft.Text(text, theme_style=ft.TextThemeStyle.TITLE_LARGE, color=ft.Colors.ON_SURFACE),
    )


def quiet(text: str) -> ft.Text:
    """A secondary line."""
    return ft.Text(text, color=ft.Colors.ON_SURFACE_VARIANT)


def strong(text: str) -> ft.Text:
    """A line that stands out."""
    return ft.Text(text, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, color=ft.Colors.ON_SURFACE)


def card(*controls: ft.Control, identifier: str = "") -> ft.Control:
    """A rounded surface that holds things belonging together."""
    surface = ft.Container(
        content=ft.Column(
            list(controls), spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        ),
        padding=20,
        border_radius=20,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
    )
    return tagged(identifier, surface) if identifier else surface


def primary(
    identifier: str, label: str, on_click: Click, *, icon: ft.IconData | None = None, off: bool = False
) -> ft.Control:
    """The one thing to do next."""
    return tagged(identifier, ft.FilledButton(label, icon=icon, disabled=off, on_click=lambda _: on_click()))


def secondary(
    identifier: str, label: str, on_click: Click, *, icon: ft.IconData | None = None, off: bool = False
) -> ft.Control:
    """Something else that can be done."""
    return tagged(
        identifier, ft.OutlinedButton(label, icon=icon, disabled=off, on_click=lambda _: on_click())
    )


def final(identifier: str, label: str, on_click: Click, *, off: bool = False) -> ft.Control:
    """What nobody can undo: unlike any other button, and not red, which is for recording alone."""
    button = ft.FilledButton(label, disabled=off, on_click=lambda _: on_click())
    if not off:
        button.bgcolor, button.color = ft.Colors.INVERSE_SURFACE, ft.Colors.ON_INVERSE_SURFACE
    return tagged(identifier, button)


def link(identifier: str, label: str, on_click: Click, *, icon: ft.IconData | None = None) -> ft.Control:
    """A way to somewhere else, without weight."""
    return tagged(identifier, ft.TextButton(label, icon=icon, on_click=lambda _: on_click()))


def row(*controls: ft.Control) -> ft.Control:
    """Things beside each other, on more lines when there is no room."""
    return ft.Row(list(controls), wrap=True, spacing=12, run_spacing=12)


def notice(text: str, *, error: bool = False, identifier: str = "notice") -> ft.Control:
    """A message that is read out when it appears; nothing when it is empty."""
    if not text:
        return ft.Semantics(identifier=identifier, live_region=True, content=ft.Container())
    colour = ft.Colors.ON_TERTIARY_CONTAINER if error else ft.Colors.ON_SURFACE_VARIANT
    icon = ft.Icons.ERROR_OUTLINE if error else ft.Icons.INFO_OUTLINE
    said = ft.Row(
        [ft.Icon(icon, color=colour), ft.Text(text, color=colour, expand=True)],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    # What is wrong stands on a ground of its own; red is for recording and stop.
    ground = ft.Container(said, padding=12, border_radius=14, bgcolor=ft.Colors.TERTIARY_CONTAINER)
    return ft.Semantics(
        identifier=identifier, container=True, live_region=True, content=ground if error else said
    )


def fault(name: str, faults: Mapping[str, str]) -> ft.Control:
    """What is wrong with one field of a form, in our words or in the form's; nothing when nothing is."""
    found = faults.get(name, "")
    text = bidi.ours(refusals.FAULTS[found]) if found in refusals.FAULTS else found
    return notice(text, error=True, identifier=f"fault-{name.replace('_', '-')}")


def look_above(faults: Mapping[str, str], said: str = "") -> ft.Control:
    """Beside the button that kept nothing: the reason stands further up, and may be out of sight."""
    text = said or bidi.ours(refusals.LOOK_ABOVE)
    return notice(text if faults else "", error=True, identifier="look-above")


def chip(text: str, icon: ft.IconData, *, good: bool) -> ft.Control:
    """A state in words, with a sign: never by colour alone."""
    ink = ft.Colors.ON_SECONDARY_CONTAINER if good else ft.Colors.ON_TERTIARY_CONTAINER
    ground = ft.Colors.SECONDARY_CONTAINER if good else ft.Colors.TERTIARY_CONTAINER
    pill = ft.Container(
        content=ft.Row([ft.Icon(icon, size=20, color=ink), ft.Text(text, color=ink)], spacing=8, tight=True),
        padding=ft.Padding.symmetric(horizontal=14, vertical=8),
        border_radius=20,
        bgcolor=ground,
    )
    return ft.Row([pill], tight=True)


def empty(text: str, what: str, *actions: ft.Control) -> ft.Control:
    """An empty list: says what to do first."""
    return card(strong(text), quiet(what), *([row(*actions)] if actions else []))


def busy(text: str) -> ft.Control:
    """Long work going on."""
    return ft.Row(
        [
            ft.ProgressRing(width=28, height=28, semantics_label=text),
            ft.Semantics(live_region=True, container=True, content=ft.Text(text)),
        ],
        spacing=16,
    )


def titled(identifier: str, label: str, control: ft.Control) -> ft.Control:
    """A field under its label, in letters as large as all others; the label is the field's name."""
    named = ft.MergeSemantics(ft.Semantics(identifier=identifier, label=label, content=control))
    return ft.Column([_label(label), named], spacing=4, tight=True)


def _label(text: str) -> ft.Control:
    return ft.Semantics(exclude_semantics=True, content=quiet(text))


def choice(
    identifier: str,
    label: str,
    options: Mapping[str, str],
    value: str,
    on_change: Callable[[str], None],
    *,
    width: int | None = 220,
) -> ft.Control:
    """One of a few, all of them in sight; each `width` pixels wide, or on a line of its own."""

    def line(key: str, text: str) -> ft.Control:
        option = _labelled(f"{identifier}-{key}", ft.Radio(value=key), text, lambda: on_change(key))
        return ft.Container(option, width=width)

    lines = [line(key, text) for key, text in options.items()]
    group = ft.RadioGroup(
        value=value or None,
        content=ft.Column(lines, spacing=0, tight=True) if width is None else row(*lines),
        on_change=lambda e: on_change(str(e.control.value)),
    )
    return ft.Column([strong(label), group], spacing=4, tight=True)


def pick(
    identifier: str,
    label: str,
    options: Mapping[str, str],
    value: str,
    on_change: Callable[[str], None],
    *,
    width: int = 260,
) -> ft.Control:
    """One of many, from a list that opens."""
    chosen = options.get(value, "")
    dropdown = ft.Dropdown(
        value=value or None,
        width=width,
        border=ft.OutlineInputBorder(border_radius=14),
        options=[ft.DropdownOption(key=key, text=text) for key, text in options.items()],
        on_select=lambda e: on_change(str(e.control.value)),
    )
    named = ft.Semantics(identifier=identifier, label=f"{label}: {chosen}", container=True, content=dropdown)
    return ft.Column([_label(label), named], spacing=4, tight=True)


def tick(
    identifier: str, label: str, value: bool, on_change: Callable[[bool], None], what: str = ""
) -> ft.Control:
    """A box to tick, with a line of explanation."""
    box = ft.Checkbox(value=value, on_change=lambda e: on_change(bool(e.control.value)))
    lines = [_labelled(identifier, box, label, lambda: on_change(not value))]
    if what:
        lines.append(ft.Container(quiet(what), padding=ft.Padding.only(left=44)))
    return ft.Column(lines, spacing=0, tight=True)


def _labelled(identifier: str, control: ft.Control, text: str, touched: Click) -> ft.Control:
    """A box or a dot with its words: the words wrap, answer to a touch, and are its name."""
    said = ft.GestureDetector(
        content=ft.Container(ft.Text(text), padding=ft.Padding.symmetric(vertical=12)),
        on_tap=lambda _: touched(),
        exclude_from_semantics=True,
        expand=True,
    )
    line = ft.Row([control, said], spacing=4)
    return ft.MergeSemantics(ft.Semantics(identifier=identifier, content=line))


def code(identifier: str, text: str) -> ft.Control:
    """A text as machines write it, letter by letter."""
    return tagged(identifier, ft.Text(text, selectable=True))


def question(*, title: str, content: ft.Control, actions: Sequence[ft.Control]) -> ft.AlertDialog:
    """A dialog, never so wide that its sentences are hard to read."""
    wide = ft.Container(content, width=_QUESTION)
    return ft.AlertDialog(title=title, content=wide, actions=list(actions), actions_overflow_button_spacing=8)


def page(*controls: ft.Control) -> ft.Control:
    """A screen that scrolls, in a column that is never too wide to read."""
    return ft.Column(
        [
            ft.Container(
                content=ft.Column(
                    list(controls),
                    spacing=20,
                    tight=True,
                    horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                ),
                padding=ft.Padding.symmetric(horizontal=24, vertical=28),
                width=theme.WIDEST,
            )
        ],
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )


def back(on_click: Click, label: str) -> ft.Control:
    """The way back."""
    return row(link("back", label, on_click, icon=ft.Icons.ARROW_BACK))


def stack(controls: Sequence[ft.Control]) -> ft.Control:
    """Things under each other."""
    return ft.Column(list(controls), spacing=12, tight=True)
