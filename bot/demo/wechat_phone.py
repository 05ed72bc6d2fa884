"""The sample customer's phone: what is done on it, and what stands there, by the doubles' JSON."""

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.demo.customer_chat import MessageCosts

OPENID: Final = "oSampleCustomerOfTheDemo0000"
PAUSE: Final = 0.2


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A line of the transcript that the double keeps. ``number`` is its place; ``by`` says how it
    came: ``person`` (their own), ``passive``, ``custom``, ``template``, ``banner``."""

    number: int
    by: str
    kind: str
    text: str

    @property
    def is_eiders(self) -> bool:
        return self.by != "person"

    @property
    def is_clip(self) -> bool:
        return self.is_eiders and self.kind == "video"

    @property
    def is_picture(self) -> bool:
        return self.is_eiders and self.kind == "image"


class WechatPhone:
    """Made by :func:`open_phone`. ``lines`` is all that stands in the chat; ``changed`` is set when
    it grew. What asks a double raises aiohttp's ``ClientError``."""

    def __init__(self, http: ClientSession, api: str, pay: str) -> None:
        self._http = http
        self._person = f"{api}/control/people/{OPENID}"
        self._api = api
        self._pay = pay
        self.lines: list[PhoneLine] = []
        self.changed = asyncio.Event()

    async def reaches_shop(self) -> bool:
        """Whether WeChat accepts the shop's address, as its console would."""
        try:
            return bool((await self._post(f"{self._api}/control/verify"))["result"])
        except ClientError:
            return False

    async def do(self, deed: str, **said: str) -> None:
        """Something that becomes a callback; until it was answered."""
        await self._post(f"{self._person}/{deed}", **said)
        await self.refresh()

    async def send_photo(self, photo: bytes) -> None:
        """Until it is stored."""
        await self._post(f"{self._person}/photo", data=b64encode(photo).decode())

    async def open_page(self, url: str) -> str:
        """What stands on a page in WeChat's browser, which logs in by itself."""
        return str((await self._post(f"{self._person}/open", url=url))["result"]["text"])

    async def pay(self, prepay_id: str) -> None:
        """Confirm a payment to the account's merchant."""
        await self._post(f"{self._person}/paid")
        await self._post(f"{self._pay}/control/pay", code=prepay_id, openid=OPENID)

    async def picture(self, number: int) -> bytes:
        """The file of that line."""
        async with self._http.get(f"{self._person}/picture/{number}") as answer:
            answer.raise_for_status()
            return await answer.read()

    async def refresh(self) -> Any:
        """Bring ``lines`` up to date; what the double says of itself."""
        async with self._http.get(f"{self._api}/control/state") as answer:
            answer.raise_for_status()
            state = await answer.json()
        mine = next((one for one in state["people"] if one["openid"] == OPENID), None)
        lines = [
            PhoneLine(number, one["by"], one["kind"], one["text"])
            for number, one in enumerate(mine["messages"] if mine else ())
        ]
        if len(lines) > len(self.lines):  # an older look may come in later
            self.lines = lines
            self.changed.set()
        return state

    async def costs(self) -> MessageCosts:
        """What it cost so far."""
        state = await self.refresh()
        return MessageCosts(
            sent=sum(one.by in ("custom", "template") for one in self.lines),
            passive=sum(one.by == "passive" for one in self.lines),
            refused=len(state["refusals"]),
            problems=tuple(state["problems"]),
        )

    async def listen(self) -> None:
        """Look again and again, for ever."""
        while True:
            with contextlib.suppress(ClientError):
                await self.refresh()
            await asyncio.sleep(PAUSE)

    async def _post(self, url: str, /, **said: str) -> Any:
        async with self._http.post(url, json=said) as answer:
            answer.raise_for_status()
            return await answer.json()


@asynccontextmanager
async def open_phone(api: str, pay: str) -> AsyncIterator[WechatPhone]:
    """Somebody's who is new. ``api`` and ``pay`` are the doubles' addresses."""
    async with ClientSession(timeout=ClientTimeout(total=120)) as http:
        phone = WechatPhone(http, api, pay)
        listening = asyncio.create_task(phone.listen())
        try:
            yield phone
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
