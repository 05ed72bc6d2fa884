"""The checkout page: within WeChat it takes the payment, in any other browser it shows the code.

Within WeChat the page first learns who is looking (OAuth), and lets nobody but the order's owner
pay, from whichever of their WeChat chats: of somebody who has none, nobody. It asks WeChat Pay only
then, for an order that may be paid now, and so often for each order: what strangers at the code
use up of that, the owner's button does not lack.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Final

import structlog
from aiohttp import web

from bot.channels import ChannelDependencies, PageLogin
from bot.web import address_limits
from bot.web.client_address import client_address
from bot.web.page_files import files_route
from bot.web.preferred_language import preferred_language
from bot.web.security_headers import SECURITY_HEADERS
from bot.web.way_back import way_back
from bot.wechat import WECHAT, WECHAT_PAY
from bot.wechat.page_login import IOS, WECHAT_BROWSER
from bot.wechat.pay.checkout_link import PATH, CheckoutLink
from bot.wechat.pay.till import WechatPayTill
from bot.wechat.pay.trade_numbers import TradeKind
from bot.wechat.qr import qr_svg
from handlers import limits
from handlers.billing import bill_title
from handlers.limits import Limiter, Wait
from handlers.texts import Texts, texts
from shop.errors import (
    AlreadyPaid,
    NobodyWorks,
    NotFound,
    ShopError,
    TillError,
    TooManyBills,
    Unavailable,
)
from shop.orders import openings, payments
from shop.orders.sales_guard import Capacity
from shop.people import users
from shop.people.users import language_for
from shop.ports import Database, Tx
from shop.records import Order, OrderId, OrderState, User
from shop.settings import Settings

MOST_LOGINS: Final = 2
"""How often a browser is sent to say who is looking: a code that was used already, as by a reload,
is worth one more."""

_FOLDER: Final = Path(__file__).with_name("page")
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")
_SAID: Final = ("opening", "checking", "cancelled", "failed", "absent")  # by the page's script
_CSP: Final = "Content-Security-Policy"
_HEADERS: Final = {
    # WeChat's older browsers hand what the page asks of them to a frame of this scheme.
    _CSP: f"{SECURITY_HEADERS[_CSP]}; frame-src weixin:",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Billed:
    """An order and its owner, and why it cannot be paid now, if so."""

    order: Order
    owner: User
    words: Texts
    refusal: ShopError | None

    @property
    def title(self) -> str:
        return bill_title(self.words, self.order)


class CheckoutPage:
    """The page's routes, below ``/pay/wechat``. ``login`` says who looks in WeChat."""

    def __init__(
        self,
        till: WechatPayTill,
        login: PageLogin,
        database: Database,
        limiter: Limiter,
        settings: Settings,
    ) -> None:
        self._till = till
        self._login = login
        self._database = database
        self._limiter = limiter
        self._capacity = Capacity.of(settings)
        self._links = CheckoutLink(settings.signing_key, settings.public_url)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PATH, self._show),
            web.get(f"{PATH}/state", self._tell_state),
            files_route(f"{PATH}/static", _FOLDER / "static"),
        ]

    async def _tell_state(self, request: web.Request) -> web.Response:
        """What the page asks every few seconds, until it is paid. Counted by bill and address."""
        try:
            whose = f"{self._order_of(request)}:{client_address(request)}"
            if wait := await self._limiter.take(limits.PAGES, f"checkout-state:{whose}"):
                raise web.HTTPTooManyRequests(headers=address_limits.retry_after(wait))
            async with self._database.snapshot() as tx:
                order, _ = await self._named(tx, request)
        except NotFound:
            raise web.HTTPNotFound from None
        return web.json_response({"state": _state(order)}, headers=_HEADERS)

    async def _show(self, request: web.Request) -> web.Response:
        if wait := await address_limits.take(self._limiter, limits.PAGES, request):
            raise web.HTTPTooManyRequests(headers=address_limits.retry_after(wait))
        try:
            billed = await self._billed(request)
        except NotFound:
            words = texts(language_for(preferred_language(request)))
            return _page(words, _outcome(words, "missing"), status=404)
        words = billed.words
        if over := self._not_here(request, billed):
            return _page(words, over)
        try:
            if WECHAT_BROWSER in _agent(request):
                return await self._in_wechat(request, billed)
            return await self._elsewhere(request, billed)
        except AlreadyPaid as paid:
            return _page(words, _refusal(words, paid), token=request.query["bill"])
        except (TillError, Unavailable):
            return _page(words, _outcome(words, "trouble"), status=503)

    def _not_here(self, request: web.Request, billed: _Billed) -> str:
        """Why there is nothing to pay, or not in this browser; "" where there is. No price stands
        in it."""
        if (state := _state(billed.order)) != "awaiting":
            return _outcome(billed.words, state)
        agent = _agent(request)
        if IOS.search(agent) or not self._login.sells(agent):
            return _outcome(billed.words, "elsewhere")
        return _refusal(billed.words, billed.refusal) if billed.refusal else ""

    async def _in_wechat(self, request: web.Request, billed: _Billed) -> web.Response:
        """Who looks is asked first. Raises TillError and Unavailable."""
        words, token = billed.words, request.query["bill"]
        code, turn = request.query.get("code", ""), request.query.get("state", "0")
        known = await self._login.redeem(code) if _CODE.fullmatch(code) else None
        if known is None:
            times = int(turn) if turn in map(str, range(MOST_LOGINS)) else MOST_LOGINS
            if times >= MOST_LOGINS or self._login.authorize is None:
                return _page(words, _outcome(words, "trouble"), status=503)
            back = self._links.url(billed.order.id)
            to = self._login.authorize(back, str(times + 1))
            return web.Response(status=302, headers={"Location": to, **_HEADERS})
        if not await self._owns(known, billed.order):
            return _page(words, _outcome(words, "foreign"), status=403)
        if wait := await self._count(billed.order, TradeKind.JSAPI):
            return _too_many(words, wait)
        given = await self._till.page_parameters(billed.order, billed.title, known)
        return _page(words, _button(billed, given), token=token)

    async def _owns(self, openid: str, order: Order) -> bool:
        """Whether a WeChat chat of the order's owner has that openid."""
        async with self._database.snapshot() as tx:
            user = await users.find(tx, WECHAT, openid)
        return user is not None and user.id == order.user_id

    async def _count(self, order: Order, kind: TradeKind) -> Wait | None:
        """One more call to WeChat Pay for that order. Raises Unavailable."""
        return await self._limiter.take(limits.BILLS, f"checkout:{kind.name}:{order.id}")

    async def _elsewhere(self, request: web.Request, billed: _Billed) -> web.Response:
        """In a browser that does not say who looks. Raises TillError and Unavailable."""
        if wait := await self._count(billed.order, TradeKind.NATIVE):
            return _too_many(billed.words, wait)
        code = await self._code(billed)
        return _page(billed.words, code, token=request.query["bill"])

    async def _code(self, billed: _Billed) -> str:
        """The code to scan, with the price."""
        bill = await self._till.bill(billed.order, billed.title)
        picture, words = qr_svg(bill.qr_content), billed.words
        return (
            f'{_head(billed)}<div class="code" role="img" '
            f'aria-label="{escape(words("wechatpay-scan"), quote=True)}">{picture}</div>'
            f'<p class="say">{escape(words("wechatpay-scan"))}</p>'
            f'<p class="hint">{escape(words("wechatpay-scan-note"))}</p>{_reference(billed)}'
        )

    async def _billed(self, request: web.Request) -> _Billed:
        """Raises as :meth:`_named`."""
        async with self._database.snapshot() as tx:
            order, owner = await self._named(tx, request)
            refusal = None
            try:
                await payments.require_payable(
                    tx, owner, order.id, order.amount, order.currency,
                    self._capacity, await tx.now(),
                )  # fmt: skip
            except ShopError as error:
                refusal = error
        if isinstance(refusal, NobodyWorks):
            await openings.promise(self._database, owner.id)
        return _Billed(order, owner, texts(owner.language), refusal)

    async def _named(self, tx: Tx, request: web.Request) -> tuple[Order, User]:
        """The order of the link, and its owner. Raises :class:`NotFound` for a link that is none
        of ours, or whose order is gone."""
        order = await tx.get(Order, self._order_of(request))
        if order is None:
            raise NotFound
        owner = await tx.get(User, order.user_id)
        if owner is None or owner.erased_at is not None:
            raise NotFound
        return order, owner

    def _order_of(self, request: web.Request) -> OrderId:
        """Whose bill the link is. Raises :class:`NotFound`."""
        id = self._links.order_of(request.query.get("bill", ""))
        if id is None:
            raise NotFound
        return id


def _state(order: Order) -> str:
    """``awaiting``, ``paid`` or ``closed``."""
    if order.state in payments.PAID_STATES:
        return "paid"
    waits = order.state is OrderState.AWAITING and order.till == WECHAT_PAY
    return "awaiting" if waits else "closed"


def _agent(request: web.Request) -> str:
    return request.headers.get("User-Agent", "")


def checkout_routes(deps: ChannelDependencies, login: PageLogin) -> list[web.RouteDef]:
    """The page's routes; none where the settings have no merchant."""
    till = deps.tills.get(WECHAT_PAY)
    if not isinstance(till, WechatPayTill):
        return []
    return CheckoutPage(till, login, deps.database, deps.limiter, deps.settings).routes()


def _head(billed: _Billed) -> str:
    words, order = billed.words, billed.order
    return (
        f'<p class="to">{escape(words("wechatpay-to"))}</p><h1>{escape(billed.title)}</h1>'
        f'<p class="amount">{escape(words.money(order.amount, order.currency))}</p>'
    )


def _button(billed: _Billed, given: Mapping[str, str]) -> str:
    words, order = billed.words, billed.order
    label = escape(words("wechatpay-pay", amount=words.money(order.amount, order.currency)))
    said = {name: words(f"wechatpay-{name}") for name in _SAID}
    data = " ".join(
        f'data-{name}="{escape(value, quote=True)}"'
        for name, value in {"parameters": json.dumps(dict(given)), **said}.items()
    )
    return (
        f'{_head(billed)}<button class="pay" id="pay" {data}>{label}</button>'
        f'<p class="hint" id="said" role="status"></p>{_reference(billed)}'
    )


def _reference(billed: _Billed) -> str:
    words = billed.words("wechatpay-bill", reference=billed.order.id[-8:])
    return f'<p class="reference">{escape(words)}</p>'


def _outcome(words: Texts, what: str) -> str:
    title, note = escape(words(f"wechatpay-{what}")), escape(words(f"wechatpay-{what}-note"))
    return f'<div class="outcome {what}" role="status"><h1>{title}</h1><p>{note}</p></div>'


def _refusal(words: Texts, error: ShopError) -> str:
    title = escape(words("wechatpay-refused"))
    note = escape(words(error.key, **error.details))
    return f'<div class="outcome refused" role="status"><h1>{title}</h1><p>{note}</p></div>'


def _too_many(words: Texts, wait: Wait) -> web.Response:
    error = TooManyBills(wait=words.wait(wait.seconds))
    page = _page(words, _refusal(words, error), status=429)
    page.headers.update(address_limits.retry_after(wait))
    return page


def _page(words: Texts, body: str, *, status: int = 200, token: str = "") -> web.Response:
    """``token`` of the bill whose state the page goes on asking for."""
    page = Template((_FOLDER / "checkout.html").read_text("utf-8")).substitute(
        language=words.language.replace("_", "-"),
        title=escape(words("wechatpay-title")),
        body=body + way_back(words),
        path=PATH,
        bill=escape(token, quote=True),
    )
    return web.Response(text=page, content_type="text/html", status=status, headers=_HEADERS)
