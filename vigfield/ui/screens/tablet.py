"""Settings: what there is to know of the tablet itself."""

import flet as ft

from vigfield.app import Finding, Health, Level, Said
from vigfield.ui import consentwords, doctorwords, filmwords, parts
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded

_ORDER = (Level.PROBLEM, Level.WARNING, Level.UNKNOWN)
_ICONS = {
    Level.PROBLEM: ft.Icons.ERROR_OUTLINE,
    Level.WARNING: ft.Icons.WARNING_AMBER_OUTLINED,
    Level.UNKNOWN: ft.Icons.HELP_OUTLINE,
}


@ft.component
@boundary
def TabletCard() -> ft.Control:
    """What needs attention, the worst first; or that all is well."""
    desk = use_desk()
    lines: list[ft.Control]
    match use_loaded(desk.work.checkup.look, "tablet"):
        case Loading():
            lines = [parts.quiet(doctorwords.LOOKING)]
        case Failed(sentence):
            lines = [parts.notice(sentence, error=True)]
        case Loaded(health):
            lines = _lines(health)
    return parts.card(parts.title(doctorwords.TITLE), *lines, identifier="tablet-health")


def _lines(health: Health) -> list[ft.Control]:
    found = [one for one in health.findings if one.said is not Said.OTHERS]  # the strangers, counted better
    wanting = [one for level in _ORDER for one in found if one.level is level]
    lines = [] if health.consents_hold else [_altered()]
    lines += [_line(one) for one in wanting]
    if health.strangers:
        lines.append(parts.tagged("tablet-strangers", parts.quiet(filmwords.strangers(health.strangers))))
    return lines or [parts.tagged("tablet-well", parts.quiet(doctorwords.ALL_WELL))]


def _altered() -> ft.Control:
    return parts.notice(consentwords.ONE_ALTERED, error=True, identifier="tablet-consents")


def _line(finding: Finding) -> ft.Control:
    level = finding.level
    colour = ft.Colors.ON_SURFACE if level is Level.PROBLEM else ft.Colors.ON_SURFACE_VARIANT
    text = f"{doctorwords.LEVELS[level].capitalize()}: {doctorwords.sentence(finding)}"
    row = ft.Row(
        [ft.Icon(_ICONS[level], size=24, color=colour), ft.Text(text, color=colour, expand=True)],
        spacing=12,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    return parts.tagged(f"tablet-{finding.said.value}", row)
