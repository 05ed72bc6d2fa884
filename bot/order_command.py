"""``python -m bot order ID``: everything about one order, in words, for whoever is on call.

It is audited as an admin's look is, and says no chat address: whom it is about is an id.
"""

import argparse
import getpass
from typing import Final

from bot.container import open_accounting
from handlers.admin.views import history_text, order_text
from handlers.texts import Wording, texts
from shop import admin_actions
from shop.errors import ShopError
from shop.records import Order, UserId
from shop.settings import Settings

SHOWN, UNKNOWN = 0, 1
LANGUAGE: Final = "en"  # of operators' commands
OPERATOR: Final = "shell"
"""The audit's name for who asks at a shell, before their account's."""


def add_order_options(parser: argparse.ArgumentParser) -> None:
    """Declare those of ``order``."""
    parser.add_argument(
        "which", metavar="ID",
        help="its number, or its first eight digits; or a customer's invitation link: all theirs",
    )  # fmt: skip
    parser.set_defaults(run=tell_order)


async def tell_order(chosen: argparse.Namespace, settings: Settings) -> int:
    """Print it; 1 where no single one is meant. Raises :class:`shop.errors.CannotStart`."""
    say = texts(LANGUAGE, Wording(zone=settings.time_zone))
    admin = f"{OPERATOR}:{getpass.getuser()}"
    async with open_accounting(settings) as accounting, accounting.database.begin() as tx:
        now = await tx.now()
        try:
            owner = admin_actions.customer_of(chosen.which)
            if owner:
                print(f"{say('admin-order-by-link')}\n")  # noqa: T201 - the output of a command
                found = await admin_actions.orders_of(tx, admin, UserId(owner), now)
            else:
                found = [await admin_actions.find_typed(tx, Order, chosen.which)]
            for order in found:
                view = await admin_actions.order(tx, admin, order.id, now)
                print(f"{order_text(say, view, with_address=False)}\n{history_text(say, view)}\n")  # noqa: T201
        except ShopError as refusal:
            print(say(refusal.key, **refusal.details))  # noqa: T201 - the output of a command
            return UNKNOWN
    return SHOWN
