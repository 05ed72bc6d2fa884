"""A personal page's door: a link is opened by the person whom it names, and by nobody else.

Whoever comes without a session is sent to the platform that knows them, or shows what the platform
gave them; what it says of them is compared with the account that the link names. A code is good
once, and only with the state that this browser took along. Nothing of a person is logged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import structlog
from aiohttp import web
from redis.asyncio import Redis

from bot.channels import PageLogin
from bot.pages.document import notice, page_headers, proof_page
from bot.pages.links import LOGIN_LASTS, SESSION_LASTS, PageLinks
from bot.pages.personal_page import PersonalPage
from bot.state.locks import outages
from bot.web import address_limits
from bot.web.body import LARGEST_JSON, read_json
from bot.web.preferred_language import preferred_language
from handlers import limits
from handlers.limits import Limiter
from handlers.texts import Texts, Wording, texts
from shop.people import users
from shop.people.users import language_for
from shop.ports import Database
from shop.records import ChannelName, User

HEADER: Final = "X-Eider-Page"
"""Stands on every post: a form of another site's cannot send it."""

LONGEST_CODE: Final = 512  # characters; WeChat's have 32

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Visit:
    """A good link: its token, whose it is, and how people of its channel prove who they are.
    ``wording``: what their chat lacks, where the page speaks of it.
    ``person``: the owner's id in that channel, once they are in; "" before that."""

    page: PersonalPage
    token: str
    user: User
    channel: ChannelName
    login: PageLogin
    person: str = field(default="", repr=False)
    wording: Wording = field(default_factory=Wording)

    @property
    def path(self) -> str:
        return f"{self.page.path}/{self.token}"

    @property
    def words(self) -> Texts:
        return texts(self.user.language, self.wording)


@dataclass(frozen=True, slots=True)
class PageDoor:
    """Reads links and sessions, and logs people in. ``secure``: people reach us by https."""

    page: PersonalPage
    links: PageLinks
    logins: Mapping[ChannelName, PageLogin]
    redis: Redis
    database: Database
    limiter: Limiter
    secure: bool
    wordings: Mapping[ChannelName, Wording] = field(default_factory=dict)

    async def visit(self, request: web.Request) -> Visit:
        """Whose page the request is for. Raises ``HTTPNotFound`` for a forged link, ``HTTPGone``
        for one that is over, and where there is nobody any more; both are pages."""
        token = request.match_info["link"]
        claim = self.links.open_token(token)
        if claim is None:
            refusal = _refusal(self.page, web.HTTPNotFound, request, "unknown")
            answer, logged = await address_limits.forged(self.limiter, request, refusal)
            if logged:
                log.info(f"{self.page.name}_link_forged", status=answer.status)
            raise answer
        if self.links.is_over(claim):
            raise _refusal(self.page, web.HTTPGone, request, "over")
        session = self.links.open_session(request.cookies.get(self.page.session_cookie, ""))
        async with self.database.snapshot() as tx:
            user = await users.current(tx, claim.user)
            person = ""
            if session and user and (session.user, session.channel) == (user.id, claim.channel):
                owner = await users.find(tx, claim.channel, session.person)
                person = session.person if owner and owner.id == user.id else ""
        login = self.logins.get(claim.channel)
        if user is None or user.erased_at is not None or login is None:
            raise _refusal(self.page, web.HTTPGone, request, "gone")
        wording = self.wordings.get(claim.channel, Wording())
        return Visit(self.page, token, user, claim.channel, login, person, wording)

    async def enter(self, request: web.Request) -> Visit:
        """The visit of somebody who is in. Raises as :meth:`visit`, and ``HTTPUnauthorized``."""
        visit = await self.visit(request)
        if not visit.person:
            raise web.HTTPUnauthorized(headers=page_headers())
        return visit

    def begin(self, visit: Visit) -> web.Response:
        """Ask who is looking: at the platform, or by the page that shows what it gave."""
        if visit.login.authorize is None:
            page = proof_page(self.page, visit.words, visit.path, visit.login.fragment)
            headers = page_headers(visit.login.embedded_by)
            return web.Response(text=page, content_type="text/html", headers=headers)
        nonce = self.links.nonce()
        state = self.links.state(visit.token, nonce)
        there = visit.login.authorize(self.links.way_back(visit.token), state)
        answer = web.Response(status=302, headers=page_headers() | {"Location": there})
        self._set(answer, self.page.login_cookie, nonce, int(LOGIN_LASTS.total_seconds()))
        return answer

    async def come_back(self, request: web.Request) -> web.Response:
        """The return from the platform, with a code. Raises as :meth:`visit`, or
        ``HTTPForbidden``, which is a page."""
        visit = await self.visit(request)
        await self._count(request)
        code = request.query.get("code", "")
        nonce = request.cookies.get(self.page.login_cookie, "")
        is_ours = self.links.is_state(request.query.get("state", ""), visit.token, nonce)
        if visit.login.authorize is None or not is_ours:
            raise _refusal(self.page, web.HTTPForbidden, request, "unproven", visit.path)
        who = await visit.login.redeem(code) if await self._first_use(code) else None
        if who is None:
            raise _refusal(self.page, web.HTTPForbidden, request, "unproven", visit.path)
        if not await self._is_owner(visit, who):
            raise _refusal(self.page, web.HTTPForbidden, request, "not-yours")
        answer = web.Response(status=303, headers=page_headers() | {"Location": visit.path})
        self._set(answer, self.page.login_cookie, "", 0)
        return self._let_in(answer, visit, who)

    async def prove(self, request: web.Request) -> web.Response:
        """What the platform gave the page, posted by its script: 204, or 403 with ``why``, the key
        of the sentence (``unproven``, ``not-yours``)."""
        require_own_post(request)
        visit = await self.visit(request)
        await self._count(request)
        proof = _field(await read_json(request), "proof")
        if visit.login.authorize is not None or not 0 < len(proof) <= LARGEST_JSON:
            raise web.HTTPBadRequest
        who = await visit.login.redeem(proof)
        if who is None or not await self._is_owner(visit, who):
            why = "unproven" if who is None else "not-yours"
            return web.json_response({"why": why}, status=403, headers=page_headers())
        return self._let_in(web.Response(status=204, headers=page_headers()), visit, who)

    async def _is_owner(self, visit: Visit, who: str) -> bool:
        """Whether the account of that person of the channel's is the link's."""
        async with self.database.snapshot() as tx:
            owner = await users.find(tx, visit.channel, who)
        return owner is not None and owner.id == visit.user.id

    async def _first_use(self, code: str) -> bool:
        """Whether that code was not offered before. Only its digest is kept, as long as a login
        may take."""
        if not 0 < len(code) <= LONGEST_CODE:
            return False
        name = sha256(code.encode("utf-8", "replace")).hexdigest()
        with outages():
            kept = await self.redis.set(
                f"eider:{self.page.name}:code:{name}", b"", nx=True, ex=LOGIN_LASTS
            )
        return bool(kept)

    async def _count(self, request: web.Request) -> None:
        await count_page(self.limiter, request)

    def _let_in(self, answer: web.Response, visit: Visit, person: str) -> web.Response:
        lasts = int(SESSION_LASTS.total_seconds())
        framed = bool(visit.login.embedded_by)
        session = self.links.session(visit.user.id, visit.channel, person)
        self._set(answer, self.page.session_cookie, session, lasts, framed=framed)
        return answer

    def _set(
        self, answer: web.Response, name: str, value: str, seconds: int, *, framed: bool = False
    ) -> None:
        """Set a cookie; its value is plain. Within another site's frame it must be a third party's
        (then bound to that site), and what is posted is defended by our header. Written by hand,
        for Python 3.11's cookies know no ``Partitioned``."""
        rules = [f"{name}={value}", f"Max-Age={seconds}", f"Path={self.page.path}", "HttpOnly"]
        if self.secure and framed:
            rules += ["Secure", "SameSite=None", "Partitioned"]
        else:
            rules += ["Secure"] * self.secure + ["SameSite=Lax"]
        answer.headers.add("Set-Cookie", "; ".join(rules))


def require_own_post(request: web.Request) -> None:
    """Raises ``HTTPForbidden`` for what another site's page could have posted: without our header
    (which a form cannot set), or where the browser itself says so."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if HEADER not in request.headers or site != "same-origin":
        raise web.HTTPForbidden


async def count_page(limiter: Limiter, request: web.Request, whose: str = "") -> None:
    """Count a page by ``whose`` (a name of :func:`handlers.limits.name_of`), else by its client's
    address. Raises ``HTTPTooManyRequests``."""
    if whose:
        wait = await limiter.take(limits.PAGES, whose)
    else:
        wait = await address_limits.take(limiter, limits.PAGES, request)
    if wait is not None:
        say = _words(request)
        text = say("limit-pages", wait=say.wait(wait.seconds))
        raise web.HTTPTooManyRequests(
            text=text, headers=page_headers() | address_limits.retry_after(wait)
        )


def _words(request: web.Request) -> Texts:
    return texts(language_for(preferred_language(request)))


def _refusal(
    page: PersonalPage,
    kind: type[web.HTTPException],
    request: web.Request,
    what: str,
    again: str = "",
) -> web.HTTPException:
    """A page that says why, in the browser's language: the person's is none of a stranger's."""
    text = notice(page, _words(request), what, again)
    return kind(text=text, content_type="text/html", headers=page_headers())


def _field(body: Any, name: str) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else ""
