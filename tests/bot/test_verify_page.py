"""The page /verify: a file in, a sentence out; whoever asks, and whatever they send."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.container import open_container
from handlers import limits
from shop.labels.authority import issue
from shop.labels.hidden import SourceType
from shop.labels.signing import PictureKind, UnsignedPicture
from shop.labels.verification import LARGEST
from shop.records import Photo, User
from shop.settings import Settings
from tests.labels import filmed, painted, unlabelled


@pytest.fixture
def env(env: dict[str, str], tmp_path_factory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("labels")
    issue(folder / "keys", folder / "root", "Eider", datetime.now(UTC))
    return env | {"EIDER_LABEL_KEYS": str(folder / "keys")}


async def asked(http: ClientSession, base: str, file: bytes, language: str = "en") -> str:
    async with http.post(
        f"{base}/verify", data=file, headers={"Accept-Language": language}
    ) as answer:
        assert answer.status == 200
        assert "no-store" in answer.headers["Cache-Control"]
        return await answer.text()


async def test_a_file_of_this_house_is_known_by_its_page(base, http, container) -> None:
    """Signed by what the container signs with, read in the sandbox; and nothing is stored."""
    picture = UnsignedPicture(painted(), PictureKind.PORTRAIT)
    ours = await container.labelling.signer.sign(picture)
    assert "Yes: this file is ours" in await asked(http, base, ours)
    assert "是的：这个文件是我们做的" in await asked(http, base, ours, "zh-CN,zh;q=0.9")
    assert "nothing is proven about what you see" in await asked(http, base, ours + b"x")
    clip = UnsignedPicture(filmed(SourceType.PAINTED).mp4, PictureKind.CLIP)
    told = await asked(http, base, await container.labelling.signer.sign(clip))
    assert "Yes: this file is ours" in told
    assert "· a clip from our studio\n· painted by Eider: made by AI, all of it" in told
    assert "No label that I can read. That proves nothing" in await asked(http, base, unlabelled())
    assert "can’t read that file" in await asked(http, base, b"GIF89a")
    assert "can’t read that file" in await asked(http, base, b"")
    async with container.database.begin() as tx:
        assert (await tx.count(User), await tx.count(Photo)) == (0, 0)
    assert [path async for path in container.blobs.walk("uploads")] == []


async def test_what_is_too_large_is_not_read_to_its_end(base, http) -> None:
    async def endless():
        for _ in range(LARGEST // 2**20 + 40):
            yield bytes(2**20)

    async with http.post(f"{base}/verify", data=endless()) as answer:
        assert answer.status == 413
        assert "20 MB" in await answer.text()


async def test_uploads_are_counted_by_address_as_photos_are(base, http, container) -> None:
    for _ in range(limits.ADDRESS_PHOTOS.most):
        await container.limiter.take(limits.ADDRESS_PHOTOS, "address:127.0.0.1")
    async with http.post(f"{base}/verify", data=unlabelled()) as answer:
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) > 0
        assert "Too many files for now" in await answer.text()


async def test_the_page_brings_its_own_files_and_speaks_the_browser_s_language(base, http) -> None:
    async with http.get(f"{base}/verify", headers={"Accept-Language": "fr"}) as answer:
        page = await answer.text()
    assert '<html lang="fr">' in page
    assert "Cette image ou cette vidéo vient-elle d’Eider" in page
    assert "$" not in page
    for path in re.findall(r'(?:href|src)="([^"]+)"', page):
        async with http.get(f"{base}{path}") as answer:
            assert answer.status == 200, path


async def test_a_house_without_keys_signs_nothing(env) -> None:
    async with open_container(Settings.from_env(env | {"EIDER_LABEL_KEYS": "none"})) as container:
        picture = UnsignedPicture(painted(), PictureKind.PORTRAIT)
        assert await container.labelling.signer.sign(picture) == picture.data
