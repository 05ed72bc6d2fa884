"""Telegram Stars as a till: bills are invoices in the chat, payments come as updates.

Telegram keeps the record. It asks whether a bill may be paid, and repeats each payment until we
have stored it (:mod:`bot.telegram.payments`), so that nothing comes by the web (``/pay/stars``) and
there is nothing to look for afterwards; what was lost all the same is found in its statement.
"""

import datetime
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, TypeVar

import structlog
from telegram import Bot, StarTransaction, TransactionPartner, TransactionPartnerUser

from bot.outbound import RetryLater, Unreachable
from bot.telegram import STARS
from bot.telegram.calls import Caller, Refused
from bot.telegram.client import TokenRefused, open_client
from shop.errors import Forged, TillError
from shop.ports import ALL_TIMES, Bill, StatementLine, StatementPeriod
from shop.records import Currency, Order, PaymentEvent, RefundState
from shop.settings import Settings

PATIENCE_SECONDS: Final = 20.0
"""The longest 429 or outage that a call waits out; the outbox worker or the next day tries
again."""
PAGE: Final = 100  # transactions that Telegram hands out at once
_DONE: Final = "charge_already_refunded"
_LINE: Final = "stars"  # what a 429 asks of these calls holds up no chat

T = TypeVar("T")

log = structlog.get_logger()


class StarsTill:
    """A :class:`shop.ports.Till`. A charge goes back whole or not at all: Stars know no parts."""

    name = STARS
    currency = Currency.XTR
    statement_ready = datetime.time(0)
    refunds_parts = False

    def __init__(self, bot: Bot, *, patience: float = PATIENCE_SECONDS) -> None:
        """``patience``: seconds that a 429 or an outage is waited out within a call."""
        self._bot = bot
        self._caller = Caller(patience)
        self._closed_until = 0.0

    async def bill(self, order: Order, title: str) -> Bill:
        """Makes no call: the invoice that the outbound sends carries the order's id."""
        if order.amount <= 0 or order.currency is not self.currency:
            raise TillError
        return Bill(order.id, order.amount, order.currency)

    async def close_bill(self, order_id: str) -> None:
        """Makes no call: Telegram asks before it takes the money, whether the bill may be paid."""

    async def read(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent:
        """Always raises :class:`Forged`: Telegram reports payments by updates alone."""
        raise Forged

    async def refund(
        self, charge: str, amount: int, currency: Currency, key: str, payer: str = ""
    ) -> RefundState:
        """RefundStarPayment, which is done at once. That it was given back already is success. A
        ``payer`` who is unknown to us, or was another after all, is looked up in Telegram's
        statement.
        """
        if amount <= 0 or currency is not self.currency:
            raise TillError
        if payer.isdecimal() and await self._give_back(charge, payer):
            return RefundState.DONE
        taken, back = await self._lines_of(charge)
        if back is not None:
            return RefundState.DONE
        if taken is None or taken.payer in ("", payer):
            raise TillError
        if not await self._give_back(charge, taken.payer):
            raise TillError
        return RefundState.DONE

    async def find(self, order_id: str) -> PaymentEvent | None:
        """None: Telegram delivers again until it was acknowledged, and the statement shows the
        rest."""
        return None

    def statement_period(self) -> StatementPeriod:
        return ALL_TIMES

    async def statement(self) -> AsyncIterator[StatementLine]:
        """GetStarTransactions from the beginning, the earliest first, a page a call."""
        offset = 0
        while True:
            page = await self._page(offset)
            for one in page:
                yield _statement_line(one)
            if len(page) < PAGE:
                return
            offset += len(page)

    async def _give_back(self, charge: str, payer: str) -> bool:
        """False when Telegram will not, for that payer."""
        make = partial(self._bot.refund_star_payment, int(payer), charge)
        try:
            await self._ask(make)
        except Refused as refusal:
            if _DONE in refusal.why:
                return True
            log.warning("stars_refund_refused", charge=charge, why=refusal.why)
            return False
        except Unreachable:  # nobody of that id, or no more
            log.warning("stars_refund_refused", charge=charge, why="no such person")
            return False
        return True

    async def _lines_of(self, charge: str) -> tuple[StatementLine | None, StatementLine | None]:
        """When it was taken, and when it was given back, by Telegram's statement."""
        taken = back = None
        async for line in self.statement():
            if line.charge == charge and line.incoming:
                taken = line
            elif line.charge == charge:
                back = line
        return taken, back

    async def _page(self, offset: int) -> tuple[StarTransaction, ...]:
        make = partial(self._bot.get_star_transactions, offset=offset, limit=PAGE)
        try:
            return tuple((await self._ask(make)).transactions)
        except (Refused, Unreachable):
            raise TillError from None

    async def _ask(self, make: Callable[[], Awaitable[T]]) -> T:
        """Raises :class:`Refused` or :class:`Unreachable` for what will not be done; TillError when
        it may be later."""
        if time.monotonic() < self._closed_until:
            raise TillError  # it was asked to wait: the refund is tried again before that is over
        try:
            return await self._caller.call(_LINE, make)
        except (RetryLater, TokenRefused, ConnectionError) as trouble:
            if isinstance(trouble, RetryLater):
                self._closed_until = time.monotonic() + trouble.after
            log.warning("stars_unavailable", error=type(trouble).__name__)
            raise TillError from None


@asynccontextmanager
async def open_stars(settings: Settings) -> AsyncIterator[StarsTill]:
    """The till, with a connection of its own. Nothing is asked until something is."""
    async with open_client(settings.telegram_token, settings.telegram_api_url) as client:
        yield StarsTill(client)


def _statement_line(line: StarTransaction) -> StatementLine:
    partner = line.source or line.receiver
    return StatementLine(
        charge=line.id,
        order_id=_bill_of(partner),
        amount=line.amount,
        currency=Currency.XTR,
        at=line.date,
        incoming=line.source is not None,
        payer=str(partner.user.id) if isinstance(partner, TransactionPartnerUser) else "",
    )


def _bill_of(partner: TransactionPartner | None) -> str:
    """The payload of the invoice; "" for payouts, gifts and whatever else is no sale."""
    return (isinstance(partner, TransactionPartnerUser) and partner.invoice_payload) or ""
