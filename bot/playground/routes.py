"""The page's routes: what a browser sends becomes Incoming, what the chat says streams back.

Every route but the page itself wants the signed cookie; every post also wants a header that other
sites' forms cannot send. Photos pass through memory to the dispatcher and are never written here.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from bot.pages.pictures import OpenedPicture
from bot.playground import PLAYGROUND
from bot.playground.door import Door
from bot.playground.hub import ChangesHub, Crowded, StreamPlaces
from bot.playground.messages import Message, MessageKind
from bot.playground.outbound import PlaygroundOutbound
from bot.playground.signed_cookie import COOKIE, SignedCookie
from bot.playground.stream import plain, told, written
from bot.playground.transcript import Transcript
from bot.web.body import read_body, read_json
from bot.web.client_address import client_address
from bot.web.page_files import files_route
from bot.web.preferred_language import preferred_language
from handlers.chat import (
    Caption,
    Content,
    Incoming,
    Person,
    Pressed,
    Reply,
    Reserve,
    Said,
    SentPhoto,
)
from shop.errors import NotFound, PhotoTooLarge, Unavailable
from shop.people.users import LANGUAGES

LARGEST = 20 * 2**20  # bytes of one photo; the page knows the number too (static/limits.js)
LONGEST = 4000  # characters of one message; Telegram's limit is 4,096
COOKIE_SECONDS = 180 * 24 * 3600
HEADER = "X-Eider-Chat"
STATIC = Path(__file__).with_name("static")
STREAM_RETRY = "10"  # seconds, for a stream that found no place
PRIVATE = {"Cache-Control": "private, no-store"}

_EVENT = re.compile(r"[A-Za-z0-9-]{8,64}")
_ACTION = re.compile(r"[\x21-\x7e]{1,64}")
_PICTURE = re.compile(r"[A-Za-z0-9:_.-]{1,96}")
_TEMPLATE_KEY = re.compile(r"\{\{([a-z-]+)\}\}")

log = structlog.get_logger()


class PhotoBody:
    """A photo that a request brings. ``refusal``: why its body was not read to the end."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.refusal: web.HTTPException | None = None
        if (size := request.content_length or 0) > LARGEST:
            self.refusal = web.HTTPRequestEntityTooLarge(LARGEST, size)

    async def read(self, reserve: Reserve) -> bytearray:
        """See :class:`handlers.chat.SentPhoto`."""
        try:
            return await read_body(self._request, LARGEST, reserve=reserve)
        except web.HTTPRequestEntityTooLarge as too_large:
            self.refusal = too_large
            raise PhotoTooLarge(megabytes=LARGEST // 2**20) from None
        except web.HTTPException as slow_or_broken:
            self.refusal = slow_or_broken
            raise OSError("the photo did not come") from None
        except ConnectionError:
            raise Unavailable("the page went away") from None


@dataclass(frozen=True, slots=True)
class PlaygroundRoutes:
    """What the routes need. ``language`` finds a person's language (given the one that the browser
    prefers), ``words`` all of the page's words in a language, ``picture`` opens one that is theirs
    (raises :class:`shop.errors.NotFound`), ``door`` refuses who asks too much.
    """

    handle: Callable[[Incoming], Awaitable[Sequence[Reply]]]
    transcript: Transcript
    hub: ChangesHub
    places: StreamPlaces
    cookies: SignedCookie
    language: Callable[[str, str], Awaitable[str]]
    words: Callable[[str], Mapping[str, str]]
    picture: Callable[[str, str], Awaitable[OpenedPicture]]
    door: Door
    secure: bool = False

    def routes(self) -> list[web.RouteDef]:
        """Everything below ``/playground``."""
        return [
            web.get("/playground", self._page),
            web.get("/playground/", self._page),
            web.get("/playground/words/{language}", self._words),
            web.get("/playground/stream", self._stream, allow_head=False),
            web.post("/playground/say", self._say),
            web.post("/playground/press", self._press),
            web.post("/playground/photo", self._photo),
            web.get("/playground/picture/{id}", self._picture),
            files_route("/playground/static", STATIC),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        """The page; a newcomer gets a cookie."""
        known = self._person(request)
        await self.door.page(request, known, preferred_language(request))
        person = known or self.cookies.stranger()
        language = await self.language(person, preferred_language(request))
        page = _filled((STATIC / "index.html").read_text("utf-8"), language, self.words(language))
        answer = web.Response(text=page, content_type="text/html", headers=PRIVATE)
        return self._with_cookie(answer, person)

    def enter(self, person: str) -> web.Response:
        """The way to the page as that person, who has shown a pass."""
        answer = web.Response(status=303, headers=PRIVATE | {"Location": "/playground"})
        return self._with_cookie(answer, person)

    def _with_cookie(self, answer: web.Response, person: str) -> web.Response:
        # Lax: a link from elsewhere must find the same person, or it would make a new one.
        answer.set_cookie(
            COOKIE, self.cookies.cookie(person), max_age=COOKIE_SECONDS, httponly=True,
            samesite="Lax", secure=self.secure, path="/playground",
        )  # fmt: skip
        return answer

    async def _words(self, request: web.Request) -> web.Response:
        language = request.match_info["language"]
        if language not in LANGUAGES:
            raise web.HTTPNotFound
        return web.json_response(dict(self.words(language)))

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: a snapshot, then every change as it happens."""
        person = self._known(request)
        try:
            with self.places.take(client_address(request)):
                return await self._streamed(request, person)
        except Crowded as crowded:
            refusal = web.HTTPTooManyRequests if crowded.of_client else web.HTTPServiceUnavailable
            raise refusal(headers={"Retry-After": STREAM_RETRY}) from None

    async def _streamed(self, request: web.Request, person: str) -> web.StreamResponse:
        # All that may fail comes before the answer begins: after that there is no other status.
        shown, cursor = await self.hub.snapshot(person)
        language = await self.language(person, preferred_language(request))
        messages = [plain(one) for one in shown]
        snapshot = {"messages": messages, "language": language, "fresh": not shown}
        answer = web.StreamResponse(
            headers=PRIVATE | {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        await answer.prepare(request)
        with suppress(ConnectionResetError):  # the page was closed
            await answer.write(written("snapshot", snapshot))
            async with aclosing(self.hub.follow(person, cursor)) as changes:
                async for change in changes:
                    if event := told(change):
                        await answer.write(event)
        return answer

    async def _say(self, request: web.Request) -> web.Response:
        person, event, body = await self._posted(request)
        text = _field(body, "text")
        if not text.strip() or len(text) > LONGEST:
            raise web.HTTPBadRequest
        content = Caption(text) if body.get("caption") is True else Said(text)
        await self.door.post(request, person, preferred_language(request), content)
        await self.transcript.post(person, Message(MessageKind.MY_WORDS), id=event, key=event)
        return await self._handle(request, person, event, content, event)

    async def _press(self, request: web.Request) -> web.Response:
        person, event, body = await self._posted(request)
        action = _field(body, "action")
        below = _field(
            body, "message"
        )  # the message under which the button stands; "" if the browser does not say
        if not _ACTION.fullmatch(action) or not (_EVENT.fullmatch(below) or not below):
            raise web.HTTPBadRequest
        await self.door.post(request, person, preferred_language(request), Pressed(action))
        return await self._handle(request, person, event, Pressed(action), below)

    async def _photo(self, request: web.Request) -> web.Response:
        """The body is read when the dispatcher wants it: after consent, while photos can count."""
        person = self._sender(request)
        event, album = request.query.get("event", ""), request.query.get("album", "")
        if not _EVENT.fullmatch(event) or not _EVENT.fullmatch(album):
            raise web.HTTPBadRequest
        body = PhotoBody(request)
        content = SentPhoto(body.read, album, event)
        await self.door.post(request, person, preferred_language(request), content)
        mine = Message(MessageKind.MY_PHOTO, album=album)
        answer = await self._handle(request, person, event, content, event, mine)
        if body.refusal:  # said in the chat too; the rest of the body is not read
            raise body.refusal
        return answer

    async def _handle(
        self,
        request: web.Request,
        person: str,
        event: str,
        content: Content,
        below: str,
        mine: Message | None = None,
    ) -> web.Response:
        """Have the dispatcher handle it, post the replies below what they answer, and return the
        page's language. ``mine`` is shown once it was handled: a photo, which may not arrive."""
        preferred = preferred_language(request)
        speaker = Person(PLAYGROUND, person, preferred)
        name = f"{PLAYGROUND}:{person}:{event}"
        incoming = Incoming(name, speaker, datetime.now(UTC), content, admitted=True)
        replies = await self.handle(incoming)
        if mine:
            await self.transcript.post(person, mine, id=event, key=event)
        outbound = PlaygroundOutbound(self.transcript)
        for number, reply in enumerate(replies):
            await outbound.send(person, reply, key=f"{event}:{number}", below=below)
        return web.json_response({"language": await self.language(person, preferred)})

    async def _picture(self, request: web.Request) -> web.Response:
        """A picture of this person's own; everybody else's is not there."""
        person, id = self._known(request), request.match_info["id"]
        if not _PICTURE.fullmatch(id):
            raise web.HTTPNotFound
        try:
            opened = await self.picture(person, id)
        except NotFound:
            raise web.HTTPNotFound from None
        return opened.answer(request, PRIVATE)

    async def _posted(self, request: web.Request) -> tuple[str, str, dict[str, Any]]:
        person = self._sender(request)
        body = await read_json(request)
        if not isinstance(body, dict) or not _EVENT.fullmatch(_field(body, "event")):
            raise web.HTTPBadRequest
        return person, body["event"], body

    def _sender(self, request: web.Request) -> str:
        """The person behind a post. Without our header it comes from another site's form."""
        if HEADER not in request.headers:
            raise web.HTTPForbidden
        return self._known(request)

    def _known(self, request: web.Request) -> str:
        person = self._person(request)
        if person is None:
            raise web.HTTPUnauthorized
        return person

    def _person(self, request: web.Request) -> str | None:
        return self.cookies.of_cookie(request.cookies.get(COOKIE, ""))


def _field(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _filled(page: str, language: str, words: Mapping[str, str]) -> str:
    known = {**words, "language": language.replace("_", "-")}
    return _TEMPLATE_KEY.sub(lambda found: _escaped(known[found.group(1)]), page)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
