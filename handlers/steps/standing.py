"""Messages that stand while an order takes photos, beside its tally, album and bill.

Each is closed in place by the step that answers it, and all are by what ends the order's photos:
its payment, or its end. So no button stands that leads nowhere.
"""

from enum import StrEnum
from typing import Final

from handlers.chat import Say
from handlers.context import RequestContext
from shop.records import Order


class Standing(StrEnum):
    """The messages, by the words of their keys."""

    PROMPT = "prompt"  # what to do now: the answer to odd input
    FEW = "few"  # whether to go on with fewer photos than are asked for
    MARKS = "marks"  # which photos are unlike the rest, and whether to take them out
    TAKEN = "taken"  # which were taken out


COMPARING: Final = "compare_photos"
"""The message key of the question whether to compare photos, and of its answer."""


def place_of(what: Standing, order: Order) -> str:
    """The message key of an order's message of that kind."""
    return f"{what}:{order.id[:8]}"


def closing(ctx: RequestContext, what: Standing, order: Order) -> Say:
    """The last word of that message."""
    place = place_of(what, order)
    if what is not Standing.TAKEN:
        return over(ctx, place)
    return Say(ctx.texts("ended-taken"), message_key=place, closes=True)


def over(ctx: RequestContext, place: str) -> Say:
    """The last word of a message that asked for something: by its key."""
    return Say(ctx.texts("ended-step"), message_key=place, closes=True)


def answered(ctx: RequestContext, order: Order) -> list[Say]:
    """The last words of whatever asks about photos: the bill has come."""
    asking = (Standing.PROMPT, Standing.FEW, Standing.MARKS)
    return [closing(ctx, what, order) for what in asking]


def compared(ctx: RequestContext, *, done: bool) -> Say:
    """The last word of a comparison, and of the question whether to make one."""
    how = "done" if done else "ended"
    return Say(ctx.texts("ended-comparing", how=how), message_key=COMPARING, closes=True)


def ended(ctx: RequestContext, order: Order) -> list[Say]:
    """The last words of all of them: the order takes no more photos."""
    return [*(closing(ctx, what, order) for what in Standing), compared(ctx, done=False)]
