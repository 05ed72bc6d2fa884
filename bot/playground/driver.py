"""The fake chat: a person at the playground without the page, over the page's own HTTP interface.

The journey tests and the demo speak through it, so whatever they show works for a browser too. It
is as patient as the page with its "try again": a bot that is being restarted loses nothing.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    CookieJar,
)

from bot.playground.messages import MINE, Message, message_from
from bot.playground.passes import PATH
from bot.playground.routes import HEADER
from bot.playground.stream import moment, read
from handlers.chat import Button

PATIENCE_SECONDS: Final = 60.0
LOOKING_SECONDS: Final = 10.0
AT_ONCE: Final = 3
PAUSE: Final = 0.2
TOO_MANY: Final = 429


class ReplyTimeout(TimeoutError):
    """What was waited for did not come. The text tells what was there last."""


class NoButton(LookupError):
    """No message of the chat has such a button."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it stands in the chat now. ``revision`` rises with every change of any."""

    id: str
    at: datetime
    message: Message
    revision: int

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.message.buttons for button in row]


class PlaygroundClient:
    """One person's chat. Made by :func:`open_chat`."""

    def __init__(self, http: ClientSession, base: str) -> None:
        self.http = http
        self._base = base
        self._seen: dict[str, Seen] = {}
        self._said: dict[str, str] = {}
        self._changed = asyncio.Event()
        self._superseded = False
        self.revision = 0

    @property
    def messages(self) -> list[Seen]:
        """The chat's messages, own ones included, in order."""
        return sorted(self._seen.values(), key=lambda seen: seen.at)

    def transcript(self) -> list[tuple[str, str]]:
        """Who said what: ("me" or "eider", text)."""
        return [
            ("me" if seen.message.kind in MINE else "eider", self._said.get(seen.id, seen.text))
            for seen in self.messages
        ]

    async def say(self, text: str) -> None:
        """Type something, and wait until it was answered."""
        event = secrets.token_hex(16)
        self._said[event] = text
        await self._post("say", {"event": event, "text": text})

    async def press(self, what: str) -> None:
        """Press the newest button of that label, or of that action (``pay``), or of an action
        that begins with it (``s:`` is any style, ``erase:yes-`` a yes), once it is shown.
        Raises :class:`NoButton` when it is not within :data:`LOOKING_SECONDS`.
        """
        seen, button = await self.look_for(what)
        event = secrets.token_hex(16)
        await self._post("press", {"event": event, "action": button.action, "message": seen.id})

    async def look_for(self, *whats: str) -> tuple[Seen, Button]:
        """The newest button of the first of ``whats`` that has one, and its message, once any is
        shown. Raises :class:`NoButton` when that is not within :data:`LOOKING_SECONDS`.

        The answer to a post may overtake the messages that it caused: those come by the stream.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOKING_SECONDS):
                while True:
                    self._changed.clear()
                    for what in whats:
                        with contextlib.suppress(NoButton):
                            return self._find(what)
                    await self._changed.wait()
        raise NoButton(", ".join(whats))

    def button(self, what: str) -> Button:
        """The newest such button, exact matches first. Raises :class:`NoButton`."""
        return self._find(what)[1]

    def _find(self, what: str) -> tuple[Seen, Button]:
        buttons = [(seen, each) for seen in reversed(self.messages) for each in seen.buttons]
        for fits in (
            lambda button: what in (button.label, button.action),
            lambda button: what.endswith((":", "-")) and button.action.startswith(what),
        ):
            if found := next((pair for pair in buttons if fits(pair[1])), None):
                return found
        raise NoButton(what)

    async def send_photos(
        self, photos: Sequence[bytes], on_sent: Callable[[], None] = lambda: None
    ) -> None:
        """Send files as one album, a few at a time, as the page does. Raises what the first that
        could not be sent raises, :class:`ReplyTimeout` or aiohttp's ``ClientError``."""
        album, gate = secrets.token_hex(16), asyncio.Semaphore(AT_ONCE)

        async def send(photo: bytes) -> None:
            async with gate:
                event = secrets.token_hex(16)
                await self._post(f"photo?event={event}&album={album}", photo)
                on_sent()

        try:
            async with asyncio.TaskGroup() as group:
                for photo in photos:
                    group.create_task(send(photo))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    async def wait(
        self, test: Callable[[Seen], bool], *, since: int = 0, seconds: float = PATIENCE_SECONDS
    ) -> Seen:
        """The newest message of Eider's, changed after ``since``, that passes. Raises
        :class:`ReplyTimeout`."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self._changed.clear()
                    for seen in reversed(self.messages):
                        ours = seen.message.kind not in MINE and seen.revision > since
                        if ours and test(seen):
                            return seen
                    await self._changed.wait()
        except TimeoutError:
            last = [seen.text[:200] for seen in self.messages[-3:]]
            raise ReplyTimeout(f"after {seconds:g} s, at: {last}") from None

    async def changes(self, since: int = 0) -> AsyncIterator[Seen]:
        """Every message of Eider's as it comes or changes. Skips states it was too slow for."""
        while True:
            self._changed.clear()
            fresh = [seen for seen in self._seen.values() if seen.revision > since]
            for seen in sorted(fresh, key=lambda seen: seen.revision):
                since = max(since, seen.revision)
                if seen.message.kind not in MINE:
                    yield seen
            await self._changed.wait()

    async def picture(self, id: str) -> bytes:
        """The file of a picture or clip that was shown, as "download" gives it."""
        url = f"{self._base}/playground/picture/{id}?download=1"
        async with self.http.get(url) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def _post(self, path: str, body: bytes | Mapping[str, str]) -> None:
        """Post until it was taken: the event's id makes the second time a repetition."""
        sent = {"data": body} if isinstance(body, bytes) else {"json": body}
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            pause = PAUSE
            with contextlib.suppress(ClientConnectionError, ClientPayloadError, TimeoutError):
                async with self.http.post(
                    f"{self._base}/playground/{path}", headers={HEADER: "1"}, **sent
                ) as answer:
                    if answer.status < 500 and answer.status != TOO_MANY:
                        answer.raise_for_status()
                        return
                    pause = float(answer.headers.get("Retry-After", PAUSE))
            if asyncio.get_running_loop().time() + pause > deadline:
                raise ReplyTimeout(f"{path.partition('?')[0]} was not taken")
            await asyncio.sleep(pause)

    async def listen(self) -> None:
        """Follow the stream for ever, whatever becomes of the server in between; until newer
        windows of the same person's have the line."""
        while not self._superseded:
            with contextlib.suppress(ClientError, TimeoutError, ConnectionError):
                async with self.http.get(
                    f"{self._base}/playground/stream", timeout=ClientTimeout(total=None)
                ) as answer:
                    answer.raise_for_status()
                    async for name, data in read(answer.content):
                        self._hear(name, data)
            await asyncio.sleep(PAUSE)

    def _hear(self, name: str, data: dict[str, Any]) -> None:
        match name:
            case "superseded":
                self._superseded = True
            case "snapshot":
                self._replace(data["messages"])
            case "shown":
                self._show(data)
            case "forgotten":
                before = moment(data["before"])
                self._seen = {id: seen for id, seen in self._seen.items() if seen.at >= before}
        self._changed.set()

    def _replace(self, messages: Iterable[dict[str, Any]]) -> None:
        fresh = [dict(plain) for plain in messages]
        kept = {plain["id"] for plain in fresh}
        self._seen = {id: seen for id, seen in self._seen.items() if id in kept}
        for plain in fresh:
            self._show(plain)

    def _show(self, plain: dict[str, Any]) -> None:
        id, at = plain.pop("id"), moment(plain.pop("at"))
        message = message_from(json.dumps(plain))
        known = self._seen.get(id)
        if known is None or (known.message, known.at) != (message, at):
            self.revision += 1
            self._seen[id] = Seen(id, at, message, self.revision)


@asynccontextmanager
async def open_chat(
    base: str, language: str = "en", ticket: str = "", patience: float = PATIENCE_SECONDS
) -> AsyncIterator[PlaygroundClient]:
    """Open the page at ``base`` as somebody new, or as the holder of a ``ticket``
    (``python -m bot pass``). ``language`` is what the browser asks for."""
    headers = {"Accept-Language": language.replace("_", "-")}
    jar = CookieJar(unsafe=True)  # or it keeps none for a host that is a bare address
    async with ClientSession(
        headers=headers, timeout=ClientTimeout(total=120), cookie_jar=jar
    ) as http:
        await _enter(http, base, ticket, patience)
        chat = PlaygroundClient(http, base)
        listening = asyncio.create_task(chat.listen())
        try:
            yield chat
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening


async def _enter(http: ClientSession, base: str, ticket: str, patience: float) -> None:
    """Get the cookie, from a server that may still be starting."""
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        with contextlib.suppress(ClientError):
            async with _opened(http, base, ticket) as answer:
                answer.raise_for_status()
                return
        if asyncio.get_running_loop().time() > deadline:
            raise ReplyTimeout("the playground does not open")
        await asyncio.sleep(PAUSE)


def _opened(
    http: ClientSession, base: str, ticket: str
) -> AbstractAsyncContextManager[ClientResponse]:
    """The page, or the press on the button of a pass link, which leads to it."""
    if ticket:
        return http.post(f"{base}{PATH}", data={"ticket": ticket})
    return http.get(f"{base}/playground")
