"""The double-entry ledger, append-only: a balance is a sum, a correction is another entry.

Every entry (:class:`Journal`) has a unique idempotency key, so that an event booked twice is booked
once, and its postings sum to zero in each currency. Credits are a currency of their own and never
mix with money.

Accounts, and what a positive sum on them means:

``till:{till}``        money that the till holds for the shop
``order:{order}``      money of an order not yet assigned: zero once its event is booked (a payment
                       is negative here until it became a sale or is owed back)
``sales``              negative: revenue
``owed:{till}``        negative: refunds that the till has not confirmed yet
``credits:{user}``     the credits that a person can spend
``held:{user}``        credits held for portraits that are being painted
``credits:issued``     negative: all that were granted
``credits:spent``      credits turned into portraits
``claim:{user}``       credits that could not be taken back when what had earned them was undone,
                       because they were spent: later rewards make up for them (never what was
                       bought); those of erased accounts stand for ever
``credits:claims``     negative: all such claims

Whoever posts to a person's accounts holds that person's lock (decision 10): :func:`hold` and
:func:`take_back` take it, all others rely on their caller for it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from shop.errors import Duplicate, TooFewCredits
from shop.people.users import lock
from shop.ports import Tx
from shop.records import Currency, Journal, Posting, UserId, new_id

PostingLine = tuple[str, Currency, int]
"""Account, currency, amount in minor units."""

SALES = "sales"
ISSUED = "credits:issued"
SPENT = "credits:spent"
CLAIMS = "credits:claims"


class Unbalanced(ValueError):
    """Postings that do not sum to zero: a bug, never a customer's mistake."""


def till_account(till: str) -> str:
    return f"till:{till}"


def order_account(order_id: str) -> str:
    return f"order:{order_id}"


def owed_account(till: str) -> str:
    return f"owed:{till}"


def credit_account(user_id: UserId) -> str:
    return f"credits:{user_id}"


def held_account(user_id: UserId) -> str:
    return f"held:{user_id}"


def claim_account(user_id: UserId) -> str:
    return f"claim:{user_id}"


async def post(tx: Tx, key: str, kind: str, postings: Sequence[PostingLine], now: datetime) -> bool:
    """Write one entry. False, and nothing written, if ``key`` was booked before.

    Raises :class:`Unbalanced` for postings that do not sum to zero per currency, or for none.
    """
    sums: dict[Currency, int] = defaultdict(int)
    for _, currency, amount in postings:
        sums[currency] += amount
    if not postings or any(sums.values()):
        raise Unbalanced(f"{key}: {dict(sums)}")
    journal = Journal(new_id(), key, kind, now)
    try:
        await tx.add(journal)
    except Duplicate:
        return False
    for account, currency, amount in postings:
        await tx.add(Posting(new_id(), journal.id, account, currency, amount))
    return True


async def transfer(
    tx: Tx,
    key: str,
    kind: str,
    amount: int,
    currency: Currency,
    *,
    source: str,
    target: str,
    now: datetime,
) -> bool:
    """Move ``amount`` from one account to another; as :func:`post`."""
    postings = [(source, currency, -amount), (target, currency, amount)]
    return await post(tx, key, kind, postings, now)


async def booked(tx: Tx, key: str) -> bool:
    """Whether an entry of that key exists."""
    return await tx.count(Journal, key=key) > 0


async def balance(tx: Tx, user_id: UserId) -> int:
    """The credits that a person can spend; never negative."""
    return await tx.total(credit_account(user_id), Currency.CREDITS)


async def unspent(tx: Tx, user_id: UserId) -> int:
    """All credits of a person: those to spend, and those held for portraits being painted."""
    return await balance(tx, user_id) + await tx.total(held_account(user_id), Currency.CREDITS)


async def grant(tx: Tx, user_id: UserId, credits: int, key: str, now: datetime) -> bool:
    """Issue credits to a user; ``credits`` is at least 0. False if ``key`` was booked before."""
    return await transfer(
        tx, key, "grant", credits, Currency.CREDITS,
        source=ISSUED, target=credit_account(user_id), now=now,
    )  # fmt: skip


async def take_back(tx: Tx, user_id: UserId, credits: int, key: str, now: datetime) -> int:
    """Reverse a grant as far as it is unspent; returns how many credits were taken.

    Never drives a balance below zero: what was painted meanwhile is written off, because a negative
    balance would make the customer's next purchase pay for a refund of ours.
    """
    await lock(tx, user_id)  # the lock under which the balance cannot change
    unspent = min(credits, await balance(tx, user_id))
    new = await transfer(
        tx, key, "take_back", unspent, Currency.CREDITS,
        source=credit_account(user_id), target=ISSUED, now=now,
    )  # fmt: skip
    return unspent if new else 0


async def find_grant(tx: Tx, key: str) -> tuple[UserId, int] | None:
    """Who got how many credits by the grant of that key; None if there is no such entry."""
    for journal in await tx.find(Journal, key=key):
        for posting in await tx.find(Posting, journal_id=journal.id, currency=Currency.CREDITS):
            kind, _, owner = posting.account.partition(":")
            if kind == "credits" and posting.account != ISSUED:
                return UserId(owner), posting.amount
    return None


async def posted(tx: Tx, key: str, account: str) -> int:
    """What the entry of that key moved on an account, in minor units; 0 if there is none."""
    amount = 0
    for journal in await tx.find(Journal, key=key):
        postings = await tx.find(Posting, journal_id=journal.id, account=account)
        amount += sum(posting.amount for posting in postings)
    return amount


async def hold(tx: Tx, user_id: UserId, subject: str, credits: int, now: datetime) -> None:
    """Move credits from a user's balance to their held account, for a job that was not done yet.

    ``subject`` is what it is for, such as "shoot:{id}": holds, captures and releases of one subject
    are booked once each. Raises :class:`TooFewCredits` (needed, balance).
    """
    await lock(tx, user_id)
    available = await balance(tx, user_id)
    if available < credits:
        raise TooFewCredits(needed=credits, balance=available)
    await transfer(
        tx, f"{subject}:hold", "hold", credits, Currency.CREDITS,
        source=credit_account(user_id), target=held_account(user_id), now=now,
    )  # fmt: skip


async def capture(tx: Tx, user_id: UserId, subject: str, credits: int, now: datetime) -> bool:
    """Spend held credits: the job was done."""
    return await transfer(
        tx, f"{subject}:capture", "capture", credits, Currency.CREDITS,
        source=held_account(user_id), target=SPENT, now=now,
    )  # fmt: skip


async def release(tx: Tx, user_id: UserId, subject: str, credits: int, now: datetime) -> bool:
    """Return held credits to the balance: nobody is charged for a failed picture."""
    return await transfer(
        tx, f"{subject}:release", "release", credits, Currency.CREDITS,
        source=held_account(user_id), target=credit_account(user_id), now=now,
    )  # fmt: skip


async def move_all(
    tx: Tx, source: UserId, target: UserId, key: str, now: datetime
) -> Mapping[str, int]:
    """Two people turn out to be one: whatever the first has, to spend, held or as a claim, becomes
    the second's, in one entry. Both are locked. Returns what was moved, by account of the source;
    nothing the second time."""
    lines: list[PostingLine] = []
    moved: dict[str, int] = {}
    for account in (credit_account, held_account, claim_account):
        if amount := await tx.total(account(source), Currency.CREDITS):
            moved[account(source)] = amount
            lines += [
                (account(source), Currency.CREDITS, -amount),
                (account(target), Currency.CREDITS, amount),
            ]
    return moved if lines and await post(tx, key, "linked", lines, now) else {}


async def claimed(tx: Tx, user_id: UserId) -> int:
    """The credits that a person's later rewards have to make up for; never negative."""
    return await tx.total(claim_account(user_id), Currency.CREDITS)


async def add_claim(tx: Tx, user_id: UserId, credits: int, key: str, now: datetime) -> bool:
    """Note that ``credits``, taken back, were spent already. The balance stays as it is."""
    return await transfer(
        tx, key, "claim", credits, Currency.CREDITS,
        source=CLAIMS, target=claim_account(user_id), now=now,
    )  # fmt: skip


async def settle_claim(tx: Tx, user_id: UserId, most: int, key: str, now: datetime) -> int:
    """Take up to ``most`` credits off a person's claim; returns how many. The caller has locked
    the user, and grants so many less."""
    settled = min(most, await claimed(tx, user_id))
    if not settled:
        return 0
    new = await transfer(
        tx, key, "settle", settled, Currency.CREDITS,
        source=claim_account(user_id), target=CLAIMS, now=now,
    )  # fmt: skip
    return settled if new else 0
