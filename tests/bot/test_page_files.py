"""The pages' own files, and the emblem that they share."""

import pytest

from bot.pages.album import ALBUM
from bot.pages.document import STATIC as SHARED
from bot.playground.routes import STATIC as PLAYGROUND
from bot.web.page_files import EMBLEM


@pytest.mark.parametrize(
    ("prefix", "folders"),
    [
        ("/playground/static", [PLAYGROUND]),
        ("/album/static", [SHARED, ALBUM.static]),
    ],
)
async def test_a_page_has_its_files_and_the_emblem_and_no_others(http, base, prefix, folders):
    for path in (*(path for folder in folders for path in folder.iterdir()), EMBLEM):
        async with http.get(f"{base}{prefix}/{path.name}") as answer:
            assert (answer.status, await answer.read()) == (200, path.read_bytes()), path.name
    assert EMBLEM.read_text().startswith("<svg")
    for name in ("page_files.py", "..%2fpage_files.py", "none.js", "%00"):
        async with http.get(f"{base}{prefix}/{name}") as answer:
            assert answer.status == 404, name
