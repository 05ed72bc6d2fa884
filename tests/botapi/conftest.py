"""The double on loopback, and a bot that is nothing but calls."""

import json
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from PIL import Image

from tests.botapi import BotApi, Customer, serving

TOKEN = "7000000001:AAEXampleOfATokenThatIsNobodys_12345"


Files = dict[str, bytes] | None


class Bot:
    """A bot of a few lines: it calls methods, and tells what it was answered."""

    def __init__(self, session: aiohttp.ClientSession, api: BotApi) -> None:
        self._session, self._api = session, api

    async def answer(self, method: str, files: Files = None, **values: Any) -> Any:
        """The whole answer."""
        url = f"{self._api.url}/bot{self._api.token}/{method}"
        form = aiohttp.FormData()
        for name, value in values.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        for name, data in (files or {}).items():
            form.add_field(name, data, filename=f"{name}.bin")
        async with self._session.post(url, data=form) as answer:
            return await answer.json()

    async def call(self, method: str, files: Files = None, **values: Any) -> Any:
        """The result of a call that goes well."""
        said = await self.answer(method, files, **values)
        assert said["ok"], said
        return said["result"]

    async def refused(self, method: str, files: Files = None, **values: Any) -> str:
        """The description of a refusal."""
        said = await self.answer(method, files, **values)
        assert not said["ok"], said
        return str(said["description"])

    async def updates(self, **values: Any) -> list[dict[str, Any]]:
        """All that waits, and is confirmed by that."""
        found: list[dict[str, Any]] = await self.call("getUpdates", **values)
        if found:
            await self.call("getUpdates", offset=found[-1]["update_id"] + 1)
        return found


def jpeg(width: int = 64, height: int = 80, shade: int = 100) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), (shade, 80, 80)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with serving(BotApi(TOKEN)) as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with aiohttp.ClientSession() as session:
        yield Bot(session, api)


@pytest.fixture
def customer(api: BotApi) -> Customer:
    return Customer(api, 4201)
