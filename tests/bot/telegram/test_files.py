"""Fetching photos: over HTTP from Telegram, from the disk with a Bot API server of one's own."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.telegram import files
from bot.telegram.client import Client, open_client
from bot.telegram.files import CLOUD_BYTES, reader
from bot.web.body import no_budget
from shop.errors import PhotoTooLarge
from shop.photos.decoding import MAX_BYTES
from tests.bot.telegram.conftest import TOKEN
from tests.botapi import BotApi, Failure, serving


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(files, "_PAUSES", (0.01, 0.02, 0.02))


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[BotApi]:
    """A Bot API server of one's own: it keeps files in a folder named after the bot's token."""
    async with serving(BotApi(TOKEN, local=tmp_path / TOKEN)) as api:
        yield api
    assert api.problems == []


@pytest.fixture
async def local(own: BotApi) -> AsyncIterator[Client]:
    async with open_client(TOKEN, own.url, local=True) as client:
        yield client


async def test_a_photo_comes_over_http(api, client):
    file_id = api.keep(b"photo", "photo")
    assert await reader(client, file_id, 5)(no_budget) == b"photo"


async def test_broken_downloads_and_calls_are_tried_again(api, client):
    file_id = api.keep(b"photo", "photo")
    api.store.broken = 2
    api.fail("getFile", Failure(502, "Bad Gateway"))
    assert await reader(client, file_id, None)(no_budget) == b"photo"
    assert len(api.made("getFile")) == 4  # each time the path is asked for anew


async def test_a_429_is_waited_out(api, client):
    file_id = api.keep(b"photo", "photo")
    api.fail("getFile", Failure(429, "Too Many Requests", retry_after=1))
    started = time.monotonic()
    assert await reader(client, file_id, None)(no_budget) == b"photo"
    assert time.monotonic() - started > 0.9


async def test_telegram_away_for_good_is_an_os_error(api, client):
    file_id = api.keep(b"photo", "photo")
    api.store.broken = 100
    with pytest.raises(OSError, match="did not hand out"):
        await reader(client, file_id, None)(no_budget)


async def test_a_file_that_is_gone_is_not_asked_for_again(api, client):
    with pytest.raises(OSError, match="no such file"):
        await reader(client, "AgACAgQAnothing", None)(no_budget)
    assert len(api.made("getFile")) == 1


async def test_what_is_too_large_is_said_from_the_update_alone(api, client):
    with pytest.raises(PhotoTooLarge) as refused:
        await reader(client, "any", CLOUD_BYTES + 1)(no_budget)
    assert refused.value.details == {"megabytes": 20}
    assert not api.made("getFile")


async def test_what_turns_out_to_be_too_large_is_said_too(api, client, monkeypatch):
    with pytest.raises(PhotoTooLarge):
        await reader(client, api.keep(bytes(CLOUD_BYTES + 1)), None)(no_budget)
    monkeypatch.setattr(files, "CLOUD_BYTES", 100)
    with pytest.raises(PhotoTooLarge):
        await reader(client, api.keep(bytes(101)), None)(no_budget)


async def test_a_server_of_ones_own_hands_out_paths_and_its_copy_goes(own, local, tmp_path):
    """Uploads are nobody's to keep, and the server would keep them for a day."""
    file_id = own.keep(b"photo", "photo")
    read = reader(local, file_id, 5)
    assert await read(no_budget) == b"photo"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert await read(no_budget) == b"photo"  # it fetches it again if asked to


async def test_a_server_of_ones_own_has_our_limit_alone(own, local):
    data = bytes(CLOUD_BYTES + 1)
    assert await reader(local, own.keep(data), len(data))(no_budget) == data
    with pytest.raises(PhotoTooLarge) as refused:
        await reader(local, own.keep(bytes(MAX_BYTES + 1)), None)(no_budget)
    assert refused.value.details == {"megabytes": MAX_BYTES // 2**20}


async def test_a_file_elsewhere_is_read_and_left_alone(own, local, tmp_path):
    own.store.local = tmp_path / "somewhere"
    assert await reader(local, own.keep(b"photo", "photo"), 5)(no_budget) == b"photo"
    assert [path.read_bytes() for path in tmp_path.rglob("*.jpg")] == [b"photo"]


async def test_a_path_that_is_not_there_is_an_os_error_that_names_none(
    own, local, monkeypatch, capsys
):
    monkeypatch.setattr(Client, "locate", _nowhere)
    with pytest.raises(OSError, match="did not hand out") as trouble:
        await reader(local, "any", 5)(no_budget)
    assert TOKEN not in repr(trouble.value)
    assert TOKEN not in capsys.readouterr().out


async def test_a_path_of_a_disk_is_not_read_unless_the_server_is_our_own(own, tmp_path):
    """Otherwise whoever plays Telegram could have any file of ours read."""
    file_id = own.keep(b"photo", "photo")
    async with open_client(TOKEN, own.url) as client:
        with pytest.raises(OSError, match="did not hand out"):
            await reader(client, file_id, 5)(no_budget)
    assert len(list(tmp_path.rglob("*.jpg"))) == 1


async def _nowhere(self: Client, file_id: str) -> str:
    return f"/var/lib/telegram-bot-api/{TOKEN}/photos/file_1.jpg"
