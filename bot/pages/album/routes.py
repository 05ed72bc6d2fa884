"""The album's routes: the page, its pictures, and what is pressed, which the dialogue does."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from aiohttp import web

from bot.outbound import Outbound
from bot.pages.album import PATH
from bot.pages.album.album import MOST_SETS, SETS_AT_FIRST, Album, read_album
from bot.pages.album.answers import SELLING, Answers, trouble
from bot.pages.album.door import AlbumDoor, Visit, count_page, require_own_post
from bot.pages.album.markup import STATIC, album_page, album_sets, page_headers
from bot.pages.pictures import PersonalPictures
from bot.web import address_limits
from bot.web.body import read_json
from bot.web.page_files import files_route
from handlers import limits
from handlers.chat import Incoming, Invoice, Person, Pressed, Reply, Say
from handlers.dispatcher import Dispatcher
from handlers.intents import Intent, read_action
from handlers.limits import Limiter
from shop.catalog import Catalog
from shop.errors import NotFound
from shop.ports import Clock, Database
from shop.records import ChannelName

_EVENT: Final = re.compile(r"[A-Za-z0-9-]{16,64}")
_PICTURE: Final = re.compile(r"[A-Za-z0-9:_.-]{1,96}")
_COUNT: Final = re.compile(r"[0-9]{1,4}")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AlbumRoutes:
    """What the routes need. ``dispatcher`` answers as to a channel that can do everything;
    ``outbounds`` reach the chats, where a bill is paid that only a chat can show."""

    door: AlbumDoor
    database: Database
    catalog: Catalog
    pictures: PersonalPictures
    dispatcher: Dispatcher
    outbounds: Mapping[ChannelName, Outbound]
    limiter: Limiter
    clock: Clock
    flush_outbox: Callable[[], Awaitable[None]]

    def routes(self) -> list[web.RouteDef]:
        """Everything below ``/album``."""
        return [
            files_route(f"{PATH}/static", STATIC),
            web.get(f"{PATH}/{{link}}", self._page),
            web.get(f"{PATH}/{{link}}/in", self.door.come_back, allow_head=False),
            web.post(f"{PATH}/{{link}}/in", self.door.prove),
            web.get(f"{PATH}/{{link}}/sets", self._sets),
            web.get(f"{PATH}/{{link}}/picture/{{id}}", self._picture),
            web.post(f"{PATH}/{{link}}/act", self._act),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        visit = await self.door.visit(request)
        if not visit.person:
            await count_page(self.limiter, request)
            return self.door.begin(visit)
        await count_page(self.limiter, request, limits.name_of(_person(visit)))
        album = await self._read(request, visit)
        page = album_page(
            visit.words, visit.path, self.catalog, album, sells=_sells(request, visit)
        )
        headers = page_headers(visit.login.embedded_by)
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def _sets(self, request: web.Request) -> web.Response:
        """The sets alone; 204 where they are still those of ``revision``."""
        visit = await self.door.enter(request)
        await count_page(self.limiter, request, limits.name_of(_person(visit)))
        album = await self._read(request, visit)
        if request.query.get("revision") == album.revision:
            return web.Response(status=204, headers=page_headers())
        sets = album_sets(visit.words, visit.path, self.catalog, album)
        return web.Response(text=sets, content_type="text/html", headers=page_headers())

    async def _read(self, request: web.Request, visit: Visit) -> Album:
        wanted = request.query.get("sets", "")
        most = int(wanted) if _COUNT.fullmatch(wanted) else SETS_AT_FIRST
        async with self.database.snapshot() as tx:
            return await read_album(
                tx, self.catalog, visit.user, min(max(most, SETS_AT_FIRST), MOST_SETS)
            )

    async def _picture(self, request: web.Request) -> web.Response:
        """A picture of this person's own, as the chat shows it; ``?download`` saves it under a
        name. Everybody else's is not there."""
        visit, id = await self.door.enter(request), request.match_info["id"]
        if not _PICTURE.fullmatch(id):
            raise web.HTTPNotFound
        if wait := await self.limiter.take(limits.PICTURES, limits.name_of(_person(visit))):
            raise web.HTTPTooManyRequests(headers=address_limits.retry_after(wait))
        try:
            opened = await self.pictures.open(visit.user, id)
        except NotFound:
            raise web.HTTPNotFound from None
        return opened.answer(request, page_headers())

    async def _act(self, request: web.Request) -> web.Response:
        """Press a button of the dialogue's: ``action``, once for each ``event``."""
        require_own_post(request)
        visit = await self.door.enter(request)
        event, action, intent = _pressed(await read_json(request))
        answers = Answers(visit.words, visit.path, sells=_sells(request, visit))
        if intent in SELLING and not _sells(request, visit):
            return _answered(answers, [answers.not_sold()], intent)
        incoming = Incoming(
            f"page:{visit.user.id}:{event}", _person(visit), self.clock(), Pressed(action),
            admitted=True, only_of=visit.user.id,
        )  # fmt: skip
        if wait := await self.dispatcher.wait_for(incoming):
            text = visit.words("limit-kept", wait=visit.words.wait(wait.seconds))
            headers = page_headers() | address_limits.retry_after(wait)
            return web.json_response({"text": text}, status=429, headers=headers)
        replies = await self.dispatcher.handle(incoming)
        await self.flush_outbox()
        if not replies:
            await self.door.enter(request)  # whoever was erased meanwhile is told so
        shown = [
            await self._or_in_the_chat(visit, reply, f"{incoming.event_id}:{number}")
            for number, reply in enumerate(replies)
        ]
        return _answered(answers, shown, intent)

    async def _or_in_the_chat(self, visit: Visit, reply: Reply, key: str) -> Reply:
        """The reply; or, of a bill that no page shows (it has no address, or one to be scanned),
        that it is in the chat now, where it is sent."""
        if not isinstance(reply, Invoice) or reply.pay_url.startswith(("https:", "http:")):
            return reply
        try:
            await self.outbounds[visit.channel].send(visit.person, reply, key=key)
        except Exception as error:  # every channel has errors of its own; the bill stays payable
            log.warning("album_bill_not_sent", error=type(error).__name__)
            return trouble(visit.words("album-bill-not-sent"))
        return Say(visit.words("album-bill-sent"))


def _pressed(body: Any) -> tuple[str, str, Intent]:
    """Event, action and its intent. Raises ``HTTPBadRequest``, also for an action that only admins
    have: none of theirs stands on a page."""
    event, action = (
        (body.get("event"), body.get("action")) if isinstance(body, dict) else (None, None)
    )
    if not isinstance(event, str) or not isinstance(action, str) or not _EVENT.fullmatch(event):
        raise web.HTTPBadRequest
    wanted = read_action(action) if action.isascii() else None
    if wanted is None:
        raise web.HTTPBadRequest
    return event, action, wanted[0]


def _answered(answers: Answers, replies: Sequence[Reply], intent: Intent) -> web.Response:
    return web.json_response({"answers": answers.of(replies, intent)}, headers=page_headers())


def _person(visit: Visit) -> Person:
    return Person(visit.channel, visit.person)


def _sells(request: web.Request, visit: Visit) -> bool:
    return visit.login.sells(request.headers.get("User-Agent", ""))
