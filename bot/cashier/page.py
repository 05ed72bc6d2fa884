"""The sandbox provider's payment page: shows a bill, takes the payment, notifies the shop.

Everything here is the provider's, and plain HTML: a bill's reference is unguessable, and
anybody who has it may pay it.
"""

import re
from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from bot.cashier.notifier import PaymentNotifier
from bot.web.page_files import files_route
from bot.web.preferred_language import preferred_language
from bot.web.way_back import way_back
from handlers.texts import Texts, texts
from shop.adapters.tills.sandbox import SandboxBill, SandboxTill
from shop.errors import NotFound, TillError
from shop.people.users import language_for

_FOLDER = Path(__file__).parent
_REFERENCE = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)
WayBack = Callable[[str], Awaitable[str]]
"""The address of the chat where the order of that id was placed; "" where it has none."""

_OUTCOMES = {"paid": "paid", "expired": "cancelled"}


class CashierPage:
    """The page's routes, below ``/till/sandbox``. ``chat`` is the shop's word for where its
    customer came from, as a real provider is given an address to return to."""

    def __init__(self, provider: SandboxTill, notifier: PaymentNotifier, chat: WayBack) -> None:
        self._provider = provider
        self._notifier = notifier
        self._chat = chat

    def routes(self) -> list[web.RouteDef]:
        return [
            files_route("/till/sandbox/static", _FOLDER / "static"),
            web.get("/till/sandbox/{bill}", self._show),
            web.post("/till/sandbox/{bill}/pay", self._pay),
            web.post("/till/sandbox/{bill}/cancel", self._cancel),
        ]

    async def _show(self, request: web.Request) -> web.Response:
        words = texts(language_for(preferred_language(request)))
        try:
            bill = await self._provider.show(_reference(request))
        except NotFound:
            body = _outcome(words, "missing") + way_back(words, await self._chat(""))
            return _page(words, body, status=404)
        return _page(words, _till(words, bill) + way_back(words, await self._chat(bill.order_id)))

    async def _pay(self, request: web.Request) -> web.Response:
        try:
            reference = _reference(request)
            notification = await self._provider.pay(reference)
        except NotFound:
            raise web.HTTPNotFound from None
        except TillError:  # too late: the page says so
            return _back(reference)
        await self._notifier.post(notification)
        return _back(reference)

    async def _cancel(self, request: web.Request) -> web.Response:
        try:
            reference = _reference(request)
        except NotFound:
            raise web.HTTPNotFound from None
        await self._provider.cancel(reference)
        return _back(reference)


def _reference(request: web.Request) -> str:
    """The bill's. Raises :class:`NotFound` for what no bill has: it goes into a Location."""
    reference = request.match_info["bill"]
    if not _REFERENCE.fullmatch(reference):
        raise NotFound
    return reference


def _back(reference: str) -> web.Response:
    """See Other: a reload shows the bill and does not pay again."""
    return web.Response(status=303, headers={"Location": f"/till/sandbox/{reference}"})


def _till(words: Texts, bill: SandboxBill) -> str:
    head = (
        f'<p class="to">{escape(words("cashier-to"))}</p><h1>{escape(bill.title)}</h1>'
        f'<p class="amount">{escape(words.money(bill.amount, bill.currency))}</p>'
    )
    outcome = _OUTCOMES.get(bill.state.value)
    rest = _outcome(words, outcome) if outcome else _forms(words, bill)
    reference = escape(words("cashier-bill", reference=bill.reference[-8:]))
    return f'{head}{rest}<p class="reference">{reference}</p>'


def _forms(words: Texts, bill: SandboxBill) -> str:
    base = f"/till/sandbox/{escape(bill.reference, quote=True)}"
    pay = escape(words("cashier-pay", amount=words.money(bill.amount, bill.currency)))
    cancel = escape(words("cashier-cancel"))
    return (
        f'<form method="post" action="{base}/pay"><button class="pay">{pay}</button></form>'
        f'<form method="post" action="{base}/cancel"><button>{cancel}</button></form>'
    )


def _outcome(words: Texts, what: str) -> str:
    title, note = escape(words(f"cashier-{what}")), escape(words(f"cashier-{what}-note"))
    return f'<div class="outcome {what}" role="status"><h2>{title}</h2><p>{note}</p></div>'


def _page(words: Texts, body: str, status: int = 200) -> web.Response:
    page = Template((_FOLDER / "cashier.html").read_text("utf-8")).substitute(
        language=words.language.replace("_", "-"),
        title=escape(words("cashier-title")),
        note=escape(words("cashier-note")),
        body=body,
    )
    return web.Response(
        text=page, content_type="text/html", status=status, headers={"Cache-Control": "no-store"}
    )
