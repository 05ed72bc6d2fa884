"""The dialogue harness in Telegram, where an avatar has a price in Stars."""

from dataclasses import replace
from pathlib import Path

from telegram import StarTransaction, StarTransactions, TransactionPartnerUser, User
from telegram.error import BadRequest

from bot.telegram.stars import StarsTill
from handlers.chat import Paid, Person
from shop.ports import Clock
from shop.records import Currency, Order, OrderId, PaymentEvent
from tests.channels import TELEGRAM
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest

PRICE = 199


class StarLedger:
    """Telegram's list of Star transactions, as far as a till asks for it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.transactions: list[StarTransaction] = []
        self.refused: list[tuple[int, str]] = []

    def take(self, payer: int, charge: str, order: str, amount: int = PRICE) -> None:
        partner = TransactionPartnerUser("invoice_payment", User(payer, "A", False), order)
        self.transactions.append(StarTransaction(charge, amount, self.clock(), source=partner))

    @property
    def given_back(self) -> list[str]:
        return [line.id for line in self.transactions if line.receiver]

    async def refund_star_payment(self, user_id: int, charge: str) -> bool:
        taken = [line for line in self.transactions if line.id == charge and line.source]
        if not taken or taken[0].source.user.id != user_id:
            self.refused.append((user_id, charge))
            raise BadRequest("CHARGE_NOT_FOUND")
        if charge in self.given_back:
            raise BadRequest("CHARGE_ALREADY_REFUNDED")
        line = taken[0]
        back = StarTransaction(charge, line.amount, self.clock(), receiver=line.source)
        self.transactions.append(back)
        return True

    async def get_star_transactions(self, offset: int, limit: int) -> StarTransactions:
        return StarTransactions(self.transactions[offset : offset + limit])


class StarsHarness(DialogueHarness):
    """The harness in Telegram, where the avatar has a price in Stars."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ledger = StarLedger(self.clock)
        self.rebuild(
            platform=TELEGRAM,
            tills={**self.tills, "stars": StarsTill(self.ledger, patience=0.1)},
            settings=self.settings.model_copy(
                update={"stars_avatar": PRICE, "admins": frozenset({"telegram:7"})}
            ),
            catalog=self.catalog.repriced(PRICE, 0),
        )

    def event(
        self, guest: Guest, order: Order | str, charge: str = "c1", **changes
    ) -> PaymentEvent:
        told = PaymentEvent(
            "stars", "telegram:1", charge, OrderId(order if isinstance(order, str) else order.id),
            PRICE, Currency.XTR, self.now, guest.name,
        )  # fmt: skip
        return replace(told, **changes)

    async def pay(self, guest: Guest, order, charge: str = "c1", event: str = "", **changes):
        """Telegram takes the Stars, once a charge, and tells of it, again if asked to."""
        told = self.event(guest, order, charge, **changes)
        if charge not in [line.id for line in self.ledger.transactions]:
            self.ledger.take(int(guest.name), charge, told.order_id, told.amount)
        return await self.send(guest, Paid(told), event)

    async def may_pay(self, guest: Guest, order, amount: int = PRICE, currency=Currency.XTR):
        person = Person(self.platform, guest.name, guest.tag)
        id = order if isinstance(order, str) else order.id
        return await self.dispatcher.may_pay(person, id, amount, currency)

    async def order(self) -> Order:
        async with self.database.begin() as tx:
            return (await tx.find(Order, order="-created_at", limit=1))[0]

    async def count(self, kind, **where) -> int:
        async with self.database.begin() as tx:
            return await tx.count(kind, **where)
