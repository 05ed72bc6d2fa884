"""Paying in Stars, as a person does it, and getting them back without the bot."""

from __future__ import annotations

import asyncio
from copy import copy

from tests.botapi.people.speaking import Speaking
from tests.botapi.records import Bill, Shown
from tests.botapi.stars import Charge


class Declined(Exception):
    """The bot said no, or nothing in time: nothing was charged. The text is the bot's reason."""


class NoPayButton(Exception):
    """There is nothing to pay with here; ``opens`` is where the button leads instead."""

    def __init__(self, opens: str) -> None:
        super().__init__(f"no Pay button, but {opens!r}")
        self.opens = opens


class Paying(Speaking):
    """A wallet for one chat."""

    async def pay(self, invoice: Shown | str | None = None, *, lost: bool = False) -> Charge:
        """Pays the newest invoice in the chat, or a given one (again, if they like), or a link.

        The bot is asked; when it says yes, the Stars are taken and it gets the
        ``successful_payment``, except if it is ``lost`` (the bot would find it in the book only).
        Raises :class:`Declined`, or :class:`NoPayButton` for a copy that may not be paid.
        """
        charge = self.api.stars.take(self.user, await self._agreed(self._bill(invoice)))
        if not lost:
            self.pays_late(charge)
        return charge

    def pays_late(self, charge: Charge) -> int:
        """The bot gets the ``successful_payment`` now, perhaps once more; the update's id."""
        return self._message(successful_payment=charge.message())

    async def tries_to_pay(self, invoice: Shown | str | None = None) -> str:
        """Why the bot declines. Raises AssertionError if it does not; nothing is charged."""
        try:
            await self._agreed(self._bill(invoice))
        except Declined as why:
            return str(why)
        raise AssertionError("the bot would have taken it")

    def gets(self, shown: Shown) -> Shown:
        """Somebody forwards a message to this person: an invoice with a ``start_parameter`` comes
        without Pay, and opens the bot instead."""
        copied = copy(shown)
        copied.id, copied.forwarded, copied.markup = self.api.new_id(), True, None
        if copied.invoice:
            link = f"https://t.me/{self.api.me['username']}?start={copied.invoice.start_parameter}"
            paying = {"text": f"Pay ⭐️{copied.invoice.amount}", "pay": True}
            opening = {"text": "Open", "url": link}
            key = opening if copied.invoice.start_parameter else paying
            copied.markup = {"inline_keyboard": [[key]]}
        return copied

    def charges_back(self, charge: Charge) -> None:
        """Apple, Google or Telegram gives the Stars back: nobody asks the bot."""
        self.api.refund(charge)

    def _bill(self, invoice: Shown | str | None) -> Bill:
        if isinstance(invoice, str):
            return self.api.stars.links[invoice]
        if invoice is None:
            invoice = next(each for each in reversed(self.chat.shown) if each.invoice)
        first = next(iter(invoice.buttons().values()), {})
        if invoice.invoice is None or not first.get("pay"):
            raise NoPayButton(first.get("url", ""))
        return invoice.invoice

    async def _agreed(self, bill: Bill) -> Bill:
        checkout = self.api.stars.ask(self.user, bill)
        try:
            reason = await asyncio.wait_for(checkout.answer, self.api.stars.patience)
        except TimeoutError:
            self.api.stars.checkouts.pop(checkout.id, None)
            self.api.problems.append("answerPreCheckoutQuery: no answer within 10 seconds")
            raise Declined("The bot did not respond in time.") from None
        if reason is not None:
            raise Declined(reason)
        return bill
