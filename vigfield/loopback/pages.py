"""Pages and files of ours: the camera page, the player, what they import, and the fonts."""

import mimetypes
import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

NO_STORE = {"Cache-Control": "no-store"}
FOLDERS = ("capture", "player", "vendor", "fonts")


def page_routes(assets: Path) -> list[BaseRoute]:
    """Routes for the folders of `assets` that browsers may read, and for the app's fallback fonts."""
    fonts = assets / "fonts" / "fallback"

    async def fallback(request: Request) -> Response:
        return _fallback_font(fonts, request.path_params["family"], request.path_params["name"])

    for ending in (".js", ".mjs"):
        # Windows keeps these types in its registry, where other programs change them.
        mimetypes.add_type("text/javascript", ending)
    files = {name: _Files(directory=assets / name, html=True, check_dir=False) for name in FOLDERS}
    folders = [Mount(f"/{name}", app) for name, app in files.items()]
    return [Route("/assets/fonts/{family}/{version}/{name}", fallback, methods=["GET"]), *folders]


class _Files(StaticFiles):
    """Static files that no cache keeps."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        for name in ("etag", "last-modified"):
            if name in response.headers:
                del response.headers[name]
        response.headers.update(NO_STORE)
        return response


def _fallback_font(folder: Path, family: str, name: str) -> Response:
    """The engine asks for `<hash>.woff2` or `<hash>.<part>.woff2`; assets/fonts/README.md tells the rest."""
    if not re.fullmatch(r"[a-z0-9]{1,60}", family):
        raise HTTPException(404)
    part = re.fullmatch(r"[^.]+\.(\d{1,4})\.woff2", name, re.ASCII)
    whole = folder / f"{family}.woff2"
    kept = [folder / family / f"{part[1]}.woff2", whole] if part else [whole]
    for path in kept:
        if path.is_file():
            return FileResponse(path, media_type="font/woff2", headers=NO_STORE)
    raise HTTPException(404)
