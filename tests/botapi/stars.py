"""Telegram Stars: who was asked, who paid what, and the book of it that the bot may read."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.botapi.records import Bill, Json, refused

PATIENCE = 10.0
"""Seconds that a bot has to answer a pre-checkout query."""


@dataclass(slots=True)
class Charge:
    """A payment that was made. ``id`` is the telegram_payment_charge_id."""

    id: str
    user: Json
    bill: Bill
    at: int
    refunded: bool = False

    def message(self) -> Json:
        """The service message's content, on its way in or back."""
        bill = self.bill
        money = {
            "currency": bill.currency,
            "total_amount": bill.amount,
            "invoice_payload": bill.payload,
            "telegram_payment_charge_id": self.id,
            "provider_payment_charge_id": f"{self.user['id']}_{self.at}",
        }
        if self.refunded or not bill.period:
            return money
        until = {"subscription_expiration_date": self.at + bill.period}
        return {**money, **until, "is_recurring": True, "is_first_recurring": True}

    def partner(self) -> Json:
        """The other side of the transaction."""
        partner = {
            "type": "user",
            "transaction_type": "invoice_payment",
            "user": self.user,
            "invoice_payload": self.bill.payload,
        }
        return {**partner, "subscription_period": self.bill.period} if self.bill.period else partner


@dataclass(slots=True)
class Checkout:
    """A pre-checkout query that waits for its answer: None is yes, a text is why not."""

    id: str
    answer: asyncio.Future[str | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Stars:
    """``push`` sends an update. ``patience`` may be made shorter, to see an answer come late."""

    def __init__(self, push: Callable[..., int], new_id: Callable[[], int]) -> None:
        self.charges: dict[str, Charge] = {}
        self.transactions: list[Json] = []
        self.links: dict[str, Bill] = {}
        self.checkouts: dict[str, Checkout] = {}
        self.patience = PATIENCE
        self.balance = 0
        self._push, self._new_id = push, new_id

    def ask(self, user: Json, bill: Bill) -> Checkout:
        """The person pressed Pay: the bot is asked whether they may."""
        checkout = Checkout(f"{self._new_id():019}")
        self.checkouts[checkout.id] = checkout
        query = {
            "id": checkout.id,
            "from": user,
            "currency": bill.currency,
            "total_amount": bill.amount,
            "invoice_payload": bill.payload,
        }
        self._push(pre_checkout_query=query)
        return checkout

    def answer(self, query_id: str, reason: str | None) -> None:
        """What the bot said. Raises a refusal when it comes too late, or nobody asked."""
        checkout = self.checkouts.pop(str(query_id), None)
        if checkout is None or checkout.answer.done():
            raise refused(
                "query is too old and response timeout expired or query ID is invalid"
            )  # fmt: skip
        checkout.answer.set_result(reason)

    def take(self, user: Json, bill: Bill) -> Charge:
        """The Stars change hands."""
        number = self._new_id()
        name = f"stx{hashlib.sha512(f'charge {number}'.encode()).hexdigest()[:100]}"
        charge = Charge(name, user, bill, int(time.time()))
        self.charges[charge.id] = charge
        self._book(charge.id, bill.amount, {"source": charge.partner()})
        return charge

    def give_back(self, charge: Charge) -> None:
        """The Stars go back to whom they came from. Raises a refusal the second time."""
        if charge.refunded:
            raise refused("CHARGE_ALREADY_REFUNDED")
        charge.refunded = True
        self._book(charge.id, -charge.bill.amount, {"receiver": charge.partner()})

    def withdraw(self, amount: int) -> str:
        """The owner took Stars out; the transaction's id."""
        name = f"withdrawal{self._new_id()}"
        self._book(name, -amount, {"receiver": {"type": "fragment"}})
        return name

    def _book(self, name: str, amount: int, side: Json) -> None:
        self.balance += amount
        self.transactions.append(
            {"id": name, "amount": abs(amount), "date": int(time.time()), **side}
        )
