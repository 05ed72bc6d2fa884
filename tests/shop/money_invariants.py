"""What is true of a shop's books and records at any moment, whatever happens at once."""

from collections import Counter, defaultdict

from shop import linking
from shop.clips.clips import HAS_SOURCE
from shop.jobs import jobs
from shop.money import ledger
from shop.people import users
from shop.ports import Above, Tx
from shop.records import (
    Avatar,
    Charge,
    Clip,
    ClipState,
    Currency,
    Job,
    JobState,
    LinkCode,
    LinkedChat,
    Order,
    OrderState,
    OutboxMessage,
    PartialRefund,
    Portrait,
    Product,
    SealedKey,
    Shoot,
    ShootState,
    User,
)

PAYING = {OrderState.PAID, OrderState.STOPPED, OrderState.DONE}
OPEN = {OrderState.COLLECTING, OrderState.AWAITING, OrderState.PAID}


async def demand_books_balance(tx: Tx, till: str = "sandbox") -> None:
    assert set((await tx.totals()).values()) <= {0}
    charges, found = await tx.find(Charge), await tx.find(Order)
    for order in found:
        assert await tx.total(ledger.order_account(order.id), order.currency) == 0
    taken = sum(charge.amount for charge in charges)
    returned = sum([await given_back(tx, one) for one in charges])
    kept = sum(order.kept for order in found if order.state in PAYING)
    owed = -await tx.total(ledger.owed_account(till), Currency.CNY)
    assert await tx.total(ledger.till_account(till), Currency.CNY) == taken - returned
    assert -await tx.total(ledger.SALES, Currency.CNY) == kept
    assert taken == kept + owed + returned, "every fen is ours, owed or returned"
    for user in await tx.find(User):
        held = await tx.total(ledger.held_account(user.id), Currency.CREDITS)
        assert held == await credits_held_for_work(tx, user)
        assert await ledger.balance(tx, user.id) >= 0
        assert await ledger.claimed(tx, user.id) >= 0


async def given_back(tx: Tx, charge: Charge) -> int:
    """What of the charge is booked as given back: parts, and what they left."""
    parts = await tx.find(PartialRefund, charge_id=charge.id)
    assert sum(part.amount for part in parts) < charge.amount
    back = sum(part.amount for part in parts if part.returned_at is not None)
    if await ledger.booked(tx, f"charge:{charge.id}:returned"):
        back += charge.amount - sum(part.amount for part in parts)
    return back


async def demand_nothing_doubled(tx: Tx) -> None:
    refunds = [one for one in await tx.find(OutboxMessage, name="refund") if one.payload]
    asked = Counter((one.payload["charge"], one.payload.get("part")) for one in refunds)
    assert max(asked.values(), default=0) <= 1
    avatars = Counter(avatar.order_id for avatar in await tx.find(Avatar))
    sold = await tx.find(Order, product=Product.AVATAR)
    assert max(avatars.values(), default=0) <= 1
    assert all(avatars[order.id] == 1 for order in sold if order.charge)
    trainings = await tx.find(Job, kind="train")
    assert len(trainings) == avatars.total()
    assert all(one.attempts <= jobs.MAX_ATTEMPTS for one in trainings)
    for shoot in await tx.find(Shoot):
        painted = await tx.count(Portrait, shoot_id=shoot.id)
        assert painted <= len(shoot.seeds)
        owed = await tx.find(Job, kind="paint", ref=shoot.id, state=JobState.WAITING)
        assert len(owed) <= (shoot.state is ShootState.WAITING)
    opened = Counter(order.user_id for order in sold if order.state in OPEN)
    assert max(opened.values(), default=0) <= 1, "one open order each"
    people = await tx.find(User, erased_at=None)
    assert len({user.platform_id for user in people}) == len(people)
    now = {user.id: await users.current(tx, user.id) for user in await tx.find(User)}
    hosts = {user.id: now[user.invited_by].id for user in people if user.invited_by in now}
    assert not [one for one, host in hosts.items() if host == one or hosts.get(host) == one]


async def credits_held_for_work(tx: Tx, user: User) -> int:
    """What their shoots and clips that wait are to cost them."""
    shoots = await tx.find(Shoot, user_id=user.id, state=ShootState.WAITING)
    moving = await tx.find(Clip, user_id=user.id, state=ClipState.WAITING)
    return sum(one.credits for one in shoots) + sum(one.credits for one in moving)


async def demand_clips_are_whole(tx: Tx) -> None:
    """Each has the work that it waits for, once; a source's key lives as long as its purpose; a
    gift is given once a person."""
    works = {ClipState.WAITING: "film", ClipState.PREPARING: "prepare"}
    gifts: Counter[str] = Counter()
    for clip in await tx.find(Clip):
        owed = [job.kind for job in await tx.find(Job, ref=clip.id, state=jobs.OWED)]
        assert owed == ([works[clip.state]] if clip.state in works else [])
        if clip.state not in HAS_SOURCE:
            assert (clip.sources, clip.before, clip.joined) == ((), (), "")
            assert (clip.source_key_id, clip.beside_key_id) == (None, None)
        for key in filter(None, (clip.source_key_id, clip.beside_key_id, clip.key_id)):
            assert await tx.get(SealedKey, key) is not None
        assert (clip.blob != "") == (clip.state is ClipState.DONE)
        gifts[clip.user_id] += clip.gift and clip.state in (ClipState.WAITING, ClipState.DONE)
        assert not (clip.gift and clip.credits)
    for user, given in gifts.items():
        assert given <= 1 + await tx.count(User, merged_into=user), "one for each who became one"


async def demand_people_are_whole(tx: Tx) -> None:
    """Whoever became part of another person has nothing; a chat is one person's, who has several
    and is at one of them."""
    for closed in await tx.find(User, merged_into=Above("")):
        for kind in (*linking.OWNED, LinkedChat, LinkCode):
            assert await tx.count(kind, user_id=closed.id) == 0, kind
        for account in (ledger.credit_account, ledger.held_account, ledger.claim_account):
            assert await tx.total(account(closed.id), Currency.CREDITS) == 0
    people = {user.id: user for user in await tx.find(User, erased_at=None)}
    only = {users.admin_name(user): user.id for user in people.values()}
    chats = defaultdict(set)
    for chat in await tx.find(LinkedChat):
        chats[chat.user_id].add(chat.id)
        assert only.get(chat.id, chat.user_id) == chat.user_id, "one person's"
    for owner, theirs in chats.items():
        assert len(theirs) > 1
        assert users.admin_name(people[owner]) in theirs
