"""Text stands out from what is behind it: at least 4.5 to 1 (WCAG 2.2 AA), in light and in dark.

Material 3 gives each of its colour roles a tone, which is the lightness L* of CIELAB whatever the seed
colour; contrast follows from the two tones alone. Where versions of Material differ, the weaker tone is here.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEAST = 4.5

TONES = {  # role: (light, dark)
    "SURFACE": (98, 6),
    "SURFACE_CONTAINER_LOW": (96, 10),
    "SURFACE_CONTAINER_LOWEST": (100, 4),
    "SURFACE_CONTAINER": (94, 12),
    "ON_SURFACE": (10, 90),
    "ON_SURFACE_VARIANT": (30, 80),
    "PRIMARY": (40, 80),
    "ON_PRIMARY": (100, 20),
    "INVERSE_SURFACE": (20, 90),
    "ON_INVERSE_SURFACE": (95, 20),
    "SECONDARY_CONTAINER": (90, 30),
    "ON_SECONDARY_CONTAINER": (30, 90),
    "TERTIARY_CONTAINER": (90, 30),
    "ON_TERTIARY_CONTAINER": (30, 90),
}
WITHOUT_TEXT = {"TERTIARY", "OUTLINE", "OUTLINE_VARIANT", "TRANSPARENT"}
TEXTS = [
    *((ink, ground) for ink in ("ON_SURFACE", "ON_SURFACE_VARIANT", "PRIMARY")
      for ground in ("SURFACE", "SURFACE_CONTAINER_LOW")),
    ("ON_SURFACE", "SURFACE_CONTAINER_LOWEST"),
    ("ON_SURFACE", "SURFACE_CONTAINER"),
    ("ON_SURFACE", "SECONDARY_CONTAINER"),
    ("ON_SURFACE_VARIANT", "SECONDARY_CONTAINER"),
    ("ON_PRIMARY", "PRIMARY"),
    ("ON_INVERSE_SURFACE", "INVERSE_SURFACE"),
    ("ON_SECONDARY_CONTAINER", "SECONDARY_CONTAINER"),
    ("ON_TERTIARY_CONTAINER", "TERTIARY_CONTAINER"),
]  # fmt: skip
PAGES = ["capture/capture.css", "player/player.css"]
PAGE_TEXTS = [
    ("ink", "surface"),
    ("soft", "surface"),
    ("accent", "surface"),
    ("amber", "surface"),
    ("red", "surface"),
    ("ok", "surface"),
    ("on-accent", "accent"),
    ("on-stage", "stage"),
]


def luminance_of_tone(tone: float) -> float:
    """Relative luminance of a CIELAB lightness."""
    return float(((tone + 16) / 116) ** 3 if tone > 8 else tone / 903.3)


def luminance_of_colour(colour: str) -> float:
    """Relative luminance of `#rrggbb`."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_the_arithmetic() -> None:
    assert contrast(luminance_of_tone(100), luminance_of_tone(0)) == pytest.approx(21)
    assert contrast(luminance_of_colour("#ffffff"), luminance_of_colour("#767676")) == pytest.approx(
        4.54, abs=0.01
    )


@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_text_on_the_screens(ink: str, ground: str) -> None:
    for light, dark in zip(TONES[ink], TONES[ground], strict=True):
        assert contrast(luminance_of_tone(light), luminance_of_tone(dark)) >= LEAST


def test_every_colour_on_the_screens_is_known_here() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "vigfield" / "ui").rglob("*.py"))
    used = set(re.findall(r"ft\.Colors\.([A-Z_]+)", source))
    assert used
    assert used - set(TONES) - WITHOUT_TEXT == set()


def palettes(page: str) -> list[dict[str, str]]:
    """The light and the dark colours of a page."""
    css = (ROOT / "assets" / page).read_text("utf-8")
    light, dark = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in _roots(css)]
    return [light, {**light, **dark}]


def _roots(css: str) -> list[str]:
    return re.findall(r":root \{(.*?)\}", css, re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_text_on_our_own_pages(page: str) -> None:
    for colours in palettes(page):
        weak = {
            (ink, ground): round(found, 2)
            for ink, ground in PAGE_TEXTS
            if ink in colours
            and (found := contrast(luminance_of_colour(colours[ink]), luminance_of_colour(colours[ground])))
            < LEAST
        }
        assert weak == {}
