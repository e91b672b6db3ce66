"""The frame of the screens that exist while the vault is locked: one narrow column in the middle."""

import flet as ft

_NARROW = 520


def frame(*controls: ft.Control) -> ft.Control:
    """The mark of the app, and these below it."""
    mark = ft.Image(src="/icons/mark.svg", width=64, height=64, exclude_from_semantics=True)
    column = ft.Column([mark, *controls], spacing=18, tight=True)
    scrolled = ft.Column(
        [ft.Container(column, width=_NARROW, padding=ft.Padding.symmetric(horizontal=24, vertical=40))],
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        alignment=ft.MainAxisAlignment.CENTER,
    )
    return ft.Container(scrolled, expand=True, alignment=ft.Alignment.CENTER)
