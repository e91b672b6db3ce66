"""How the app looks: one seed colour, calm surfaces, and targets that a thumb finds."""

import flet as ft

SEED = "#2E6F6A"
FONT = "Nunito Sans"
STRONG = "Nunito Sans SemiBold"
FONTS = {FONT: "/fonts/NunitoSans-Regular.ttf", STRONG: "/fonts/NunitoSans-SemiBold.ttf"}
WIDEST = 920

_PADDING = ft.Padding.symmetric(horizontal=24, vertical=16)
_NARROW = ft.Padding.symmetric(horizontal=8, vertical=16)  # its words begin near the edge that all else has
_SHAPE = ft.RoundedRectangleBorder(radius=14)


def theme() -> ft.Theme:
    """The theme; Flet derives the light and the dark palette from the seed."""
    return ft.Theme(
        color_scheme_seed=SEED,
        font_family=FONT,
        visual_density=ft.VisualDensity.STANDARD,
        focus_color=ft.Colors.with_opacity(0.28, ft.Colors.TERTIARY),
        text_theme=_texts(),
        filled_button_theme=ft.FilledButtonTheme(style=_button()),
        outlined_button_theme=ft.OutlinedButtonTheme(style=_button()),
        text_button_theme=ft.TextButtonTheme(style=_button(_NARROW)),
        icon_button_theme=ft.IconButtonTheme(style=ft.ButtonStyle(padding=12)),
        card_theme=ft.CardTheme(elevation=0, margin=0, shape=ft.RoundedRectangleBorder(radius=20)),
    )


def _texts() -> ft.TextTheme:
    return ft.TextTheme(
        headline_medium=_text(28, STRONG, 1.25),
        title_large=_text(20, STRONG, 1.3),
        title_medium=_text(17, STRONG, 1.35),
        body_large=_text(17, FONT, 1.45),
        body_medium=_text(16, FONT, 1.45),
        body_small=_text(16, FONT, 1.4),
        label_large=_text(16, STRONG, 1.25),
        label_medium=_text(16, FONT, 1.25),
    )


def _text(size: int, family: str, height: float) -> ft.TextStyle:
    # Without a colour of its own a style is black, in the dark too.
    return ft.TextStyle(size=size, font_family=family, height=height, color=ft.Colors.ON_SURFACE)


def _button(padding: ft.Padding = _PADDING) -> ft.ButtonStyle:
    focused = ft.BorderSide(3, ft.Colors.TERTIARY)
    return ft.ButtonStyle(
        padding=padding,
        shape=_SHAPE,
        side={ft.ControlState.FOCUSED: focused},
        text_style=ft.TextStyle(size=16, font_family=STRONG),
    )
