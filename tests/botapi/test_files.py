"""Files that the bot fetches."""

from pathlib import Path

import aiohttp
import pytest

from tests.botapi import BotApi, Customer
from tests.botapi.conftest import TOKEN


async def fetched(api, path):
    url = f"{api.url}/file/bot{TOKEN}/{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.read()


async def test_a_file_is_fetched_by_its_path(api, bot, customer):
    customer.send_heic(b"ftypheic")
    (update,) = await bot.updates()
    document = update["message"]["document"]
    file = await bot.call("getFile", file_id=document["file_id"])
    assert file["file_size"] == document["file_size"] == 8
    assert file["file_unique_id"] == document["file_unique_id"]
    assert await fetched(api, file["file_path"]) == (200, b"ftypheic")
    assert api.problems == []


async def test_a_download_may_break_and_the_file_be_gone(api, bot):
    file = await bot.call("getFile", file_id=api.keep(b"x"))
    api.broken_downloads = 1
    assert (await fetched(api, file["file_path"]))[0] == 502
    assert (await fetched(api, file["file_path"]))[0] == 200
    api.files.clear()
    assert (await fetched(api, file["file_path"]))[0] == 404
    assert "wrong file_id" in await bot.refused("getFile", file_id=file["file_id"])
    api.down = True
    assert (await fetched(api, file["file_path"]))[0] == 502


async def test_over_20_megabytes_a_bot_gets_none(api, bot):
    kept = api.keep(bytes(20 * 2**20 + 1))
    assert "file is too big" in await bot.refused("getFile", file_id=kept)
    assert await bot.call("getFile", file_id=api.keep(bytes(20 * 2**20)))


async def test_a_server_of_ones_own_gives_paths_and_takes_them(tmp_path):
    api = BotApi(TOKEN, local=tmp_path)
    customer = Customer(api, 1)
    large = bytes(20 * 2**20 + 1)
    file = await api.perform("getFile", {"file_id": api.keep(large)})
    path = Path(file["file_path"])
    assert path.is_absolute()
    assert path.read_bytes() == large
    own = tmp_path / "own.bin"
    own.write_bytes(b"own")
    await api.perform("sendDocument", {"chat_id": "1", "document": own.as_uri()})
    assert customer.chat.shown[0].document == ("own.bin", b"own")
    with pytest.raises(Exception, match="file not found"):
        await api.perform("sendDocument", {"chat_id": "1", "document": "file:///no/such"})
    assert api.problems == []
