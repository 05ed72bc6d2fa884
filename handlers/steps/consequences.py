"""What a person who stops everything is told of their money and of what is kept, before and after.

For the questions and receipts of erasing and of withdrawing the consent to training.
"""

from collections.abc import Sequence

import structlog

from handlers.chat import Keyboard, Reply, Say, Tone
from handlers.context import AfterCommit, RequestContext
from shop.erasure_journal import ErasureJournal
from shop.errors import Unavailable
from shop.orders.stopping import Amounts, Fate, Stake, amounts
from shop.people import past_accounts
from shop.records import Order, PastAccount

DAYS_OF_A_YEAR = 365

log = structlog.get_logger(__name__)


def say_of_money(
    ctx: RequestContext,
    key: str,
    stake: Stake,
    buttons: Keyboard = (),
    *,
    owed: Amounts,
    tone: Tone = Tone.PLAIN,
    **variables: str | int,
) -> Say:
    """A message that says what becomes of the money. Its text is given ``fate``: "yes" (nothing
    paid is unfinished), "owed" (the same, and something is on its way back from before), "refund"
    or "loss"; ``back``, ``lost`` and ``owed`` are amounts, "" for none.
    """
    due = _written(ctx, owed)
    money = {"back": _sum(ctx, stake.refunded), "lost": _sum(ctx, stake.kept), "owed": due}
    fate = "owed" if due and stake.fate is Fate.NONE else stake.fate.value
    text = ctx.texts(key, fate=fate, **money, **variables)
    if due and stake.fate is not Fate.NONE:
        text = f"{text}\n\n{ctx.texts('money-owed', owed=due)}"
    return Say(text, buttons, tone=tone)


def past_text(ctx: RequestContext, key: str, past: PastAccount) -> str:
    """What is kept of somebody who was erased, and until when."""
    return ctx.texts(key, day=ctx.texts.day(past.ends_at), banned=yes_or_no(past.banned))


def days_kept(ctx: RequestContext) -> int:
    """For how many days something of this person is kept if they are erased now."""
    banned = ctx.user.banned
    return (past_accounts.BAN_REMEMBERED if banned else past_accounts.REMEMBERED).days


def privacy_text(ctx: RequestContext, buttons: Keyboard) -> Say:
    """The privacy notice, with the times for which something outlives an erasure."""
    return ctx.say(
        "privacy",
        buttons,
        days=past_accounts.REMEMBERED.days,
        years=past_accounts.BAN_REMEMBERED.days // DAYS_OF_A_YEAR,
    )


def scrub(ctx: RequestContext) -> AfterCommit:
    """After the commit of an erasure, before its receipt is shown, which promises that nobody can
    open anything any more: write it into the journal, so that no backup brings anything back, and
    purge the deleted keys from the database's files.

    A blob store that cannot be written now, and a database that cannot be scrubbed (others are in
    its way), are the outbox worker's to try again and again: the receipt does not wait for that.
    """

    async def scrub_now() -> Sequence[Reply]:
        deps = ctx.deps
        try:
            await ErasureJournal(deps.blobs, deps.settings.signing_key).write(deps.database)
        except (OSError, Unavailable) as error:
            log.warning("erasure_journal_postponed", error=type(error).__name__)
        try:
            await ctx.deps.database.scrub()
        except OSError as error:  # a TimeoutError, or no connection
            log.warning("scrub_postponed", error=type(error).__name__)
        return ()

    return scrub_now


def yes_or_no(flag: bool) -> str:
    """How texts are told a flag."""
    return "yes" if flag else "no"


def _sum(ctx: RequestContext, found: Sequence[Order]) -> str:
    return _written(ctx, amounts(found))


def _written(ctx: RequestContext, sums: Amounts) -> str:
    return " + ".join(ctx.texts.money(amount, currency) for currency, amount in sums.items())
