"""The files of a page of ours: script, style, and the emblem and the way back to the chat, which
all pages share."""

from itertools import chain
from pathlib import Path
from typing import Final

from aiohttp import web

EMBLEM: Final = Path(__file__).with_name("eider.svg")
WAY_BACK: Final = Path(__file__).with_name("way_back.js")


def files_route(prefix: str, *folders: Path) -> web.RouteDef:
    """``GET prefix/NAME`` for each file that is in the folders now, and for the shared ones; 404
    for any other name: no path of anybody else's reaches the disk."""
    own = chain(*(folder.iterdir() for folder in folders))
    files = {path.name: path for path in (*own, EMBLEM, WAY_BACK)}

    async def serve(request: web.Request) -> web.FileResponse:
        path = files.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path)

    return web.get(f"{prefix}/{{name}}", serve)
