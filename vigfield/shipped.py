"""Where the files are that come with vigfield."""

from pathlib import Path


def assets() -> Path:
    """The folder of pages, fonts and icons: inside an installed package, beside it in a checkout."""
    here = Path(__file__).parent
    inside = here / "assets"
    return inside if inside.is_dir() else here.parent / "assets"
