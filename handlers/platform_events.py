"""What a platform reports of a person besides what they say: that they blocked the bot or came
back, and refunds at its till. None of it creates a user: somebody who was erased stays erased."""

from handlers.chat import Incoming, Left, Paid, Refunded
from handlers.context import DialogueDependencies
from handlers.steps import payments
from shop import inbox
from shop.jobs import outbox
from shop.orders.booking_failures import PAYMENT, REFUND, TillReport
from shop.people import linked_chats, users
from shop.ports import Tx
from shop.transactions import run_transaction


async def apply(deps: DialogueDependencies, incoming: Incoming) -> bool:
    """Apply what is reported, to which nothing is said; False for what the person says."""
    match incoming.content:
        case Left(back):
            await _set_unreachable(deps, incoming, gone=not back)
        case Refunded():
            await _charge_returned(deps, incoming, incoming.content)
        case _:
            return False
    return True


async def _set_unreachable(deps: DialogueDependencies, incoming: Incoming, *, gone: bool) -> None:
    """They blocked the bot, or came back. Notices for the unreachable are kept until then."""
    person = incoming.person

    async def note(tx: Tx) -> None:
        user = await users.find(tx, person.platform, person.id)
        repeated = await inbox.already_processed(tx, incoming.event_id, await tx.now())
        if user is not None and not repeated:
            reached = await linked_chats.set_unreachable(
                tx, user.id, person.platform, person.id, gone=gone
            )
            if not reached.unreachable:
                await outbox.release_news(tx, user.id, await tx.now())

    await run_transaction(deps.database, note)


async def _charge_returned(
    deps: DialogueDependencies, incoming: Incoming, refund: Refunded
) -> None:
    """A refund at the platform's till, perhaps for an erasure."""

    async def book(tx: Tx) -> None:
        now = await tx.now()
        if not await inbox.already_processed(tx, incoming.event_id, now):
            await payments.charge_returned(tx, refund, now)

    await run_transaction(deps.database, book)


def till_report(incoming: Incoming) -> TillReport | None:
    """The payment or the refund that the update is; None for anything else."""
    match incoming.content:
        case Paid(event):
            return TillReport(PAYMENT, event.till, event.charge, event.order_id)
        case Refunded(till, charge):
            return TillReport(REFUND, till, charge)
    return None
