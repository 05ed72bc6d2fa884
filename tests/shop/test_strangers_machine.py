"""Strangers who mean harm: a few people with any number of accounts, who are erased and come back,
invite one another, are banned and pardoned, and stop what they have paid, in any order; beside them
workers that die or hand back, and admins and a till that give money back.

No sequence of acts makes credits or a training for no money.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from shop import admin_actions, privacy
from shop.adapters.memory import MemoryDatabase
from shop.avatars import avatars
from shop.avatars.avatars import TRAIN
from shop.errors import ShopError
from shop.jobs import jobs
from shop.money import ledger, order_accounting, referrals
from shop.money.referrals import ReferralInvitation
from shop.orders import orders, payments, stopping
from shop.people import past_accounts
from shop.records import (
    Avatar,
    AvatarState,
    Currency,
    Job,
    JobState,
    Order,
    OrderState,
    Product,
    User,
    new_id,
)
from tests.channels import PLAYGROUND
from tests.shop.conftest import CATALOG, CHECKOUT, Shop, payment

PEOPLE = ("ann", "bob", "cat")
ANYBODY = st.sampled_from(PEOPLE)
SOLD = {OrderState.PAID, OrderState.STOPPED, OrderState.DONE}
BACK = {OrderState.REFUNDING, OrderState.REFUNDED}
BY_CUSTOMER = {"cancelled", "withdrawn", "erased"}
THANKS, GIFT = 5, 3
BOSS = "telegram:1"


class Strangers(RuleBasedStateMachine):
    """The machine. ``accounts`` says of every user id which person is behind it."""

    bought = Bundle("bought")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.database = MemoryDatabase()
        self.now = datetime(2026, 3, 14, tzinfo=UTC)
        self.shop: Shop | None = None
        self.accounts: dict[str, str] = {}
        self.begun: set[str] = set()  # orders that a worker has begun
        self.done: set[str] = set()  # orders that were DONE
        self.erased: set[str] = set()  # people of whom it is kept that they were here
        self.banned: set[str] = set()
        self.gifts: Counter[str] = Counter()  # credits that admins gave
        self.spent: Counter[str] = Counter()

    def teardown(self) -> None:
        self.loop.close()

    def do(self, step: Any) -> Any:
        """One transaction. None for a refusal, which rolls it back."""

        async def run() -> Any:
            async with self.database.begin() as tx:
                shop = Shop(tx, self.now, catalog=replace(CATALOG, referral_credits=THANKS))
                if self.shop is not None:
                    shop.blobs, shop.cipher = self.shop.blobs, self.shop.cipher
                self.shop = shop
                return await step(shop)

        self.now += timedelta(seconds=7)
        try:
            return self.loop.run_until_complete(run())
        except ShopError:
            return None

    async def comes(self, shop: Shop, person: str) -> User:
        user = await shop.customer(person)
        self.accounts[user.id] = person
        return user

    @rule(target=bought, person=ANYBODY, pack=st.sampled_from([False] * 4 + [True]))
    def buys(self, person: str, pack: bool) -> str:
        async def step(shop: Shop) -> Order:
            user = await self.comes(shop, person)
            if pack:
                order = await orders.buy_credits(
                    shop.tx, shop.catalog, user, "sandbox", Currency.CNY, shop.now
                )
            else:
                order = await shop.collecting(0, person)
                checkout = replace(CHECKOUT, photos_minimum=0)
                order = await orders.place(shop.tx, shop.catalog, order, checkout, shop.now)
            event = payment(order, new_id(), shop.now)
            return await orders.confirm_payment(shop.tx, event, shop.now)

        order = self.do(step)
        assert order is None or person not in self.banned
        return order.id if order else ""

    @rule(target=bought, person=ANYBODY)
    def gets_an_avatar(self, person: str) -> str:
        """Buys one, and it is made."""
        order: str = self.buys(person, False)
        self.begins("works")
        self.trains(True, False)
        return order

    @rule(then=st.sampled_from(["works", "hands back", "hands back uncounted", "dies"]))
    def begins(self, then: str) -> None:
        """A worker leases every training that waits, and perhaps does not get far."""

        async def step(shop: Shop) -> set[str]:
            refs = set()
            for job in await shop.tx.find(Job, kind=TRAIN.name, state=JobState.WAITING):
                leased = await jobs.lease(shop.tx, job.id, "w", shop.now, 30)
                if leased is None:
                    continue
                refs.add(job.ref)
                if then.startswith("hands back"):
                    counted = then == "hands back"
                    await jobs.hand_back(shop.tx, leased, "w", shop.now, counted=counted)
            return {one.order_id for one in await shop.tx.find(Avatar) if one.id in refs}

        self.begun |= self.do(step)
        self.now += timedelta(minutes=5 if then == "dies" else 0)

    @rule(works=st.sampled_from([True, True, False]), late=st.booleans())
    def trains(self, works: bool, late: bool) -> None:
        """What was begun ends; ``late``: also by a worker whose order was called off."""

        async def step(shop: Shop) -> set[str]:
            done = set()
            for avatar in await shop.tx.find(Avatar):
                waits = avatar.state is AvatarState.WAITING
                if avatar.order_id not in self.begun or not (waits or late):
                    continue
                if works:
                    await shop.trained(avatar)
                    done |= {avatar.order_id} if waits else set()
                else:
                    await avatars.fail(shop.tx, avatar, "broken", shop.now)
            return done

        self.done |= self.do(step)

    @rule(person=ANYBODY)
    def spends(self, person: str) -> None:
        """All that they have: on portraits, which are painted."""

        async def step(shop: Shop) -> int:
            user, subject = await self.comes(shop, person), f"shoot:{new_id()}"
            credits = await ledger.balance(shop.tx, user.id)
            await ledger.hold(shop.tx, user.id, subject, credits, shop.now)
            await ledger.capture(shop.tx, user.id, subject, credits, shop.now)
            return credits

        self.spent[person] += self.do(step)

    @rule(guest=ANYBODY, host=ANYBODY)
    def invites(self, host: str, guest: str) -> None:
        async def step(shop: Shop) -> ReferralInvitation:
            inviting = await self.comes(shop, host)
            invited = await self.comes(shop, guest)
            return await referrals.accept_invite(shop.tx, invited, inviting.id)

        taken = self.do(step) is ReferralInvitation.TAKEN
        assert not (taken and guest in self.erased), "no newcomer"

    @rule(person=ANYBODY)
    def erases(self, person: str) -> None:
        async def step(shop: Shop) -> None:
            user = await self.comes(shop, person)
            await privacy.erase(shop.tx, user, shop.now)

        self.do(step)
        self.erased.add(person)

    @rule(person=ANYBODY, how=st.sampled_from(["withdrawn", "cancelled"]))
    def stops(self, person: str, how: str) -> None:
        """By /revoke or /cancel, as the dialogue does it."""

        async def step(shop: Shop) -> None:
            user = await self.comes(shop, person)
            for order in await shop.tx.find(Order, user_id=user.id, product=Product.AVATAR):
                if how == "cancelled":
                    if order.state is OrderState.PAID and not await stopping.work_begun(
                        shop.tx, order, lock=True
                    ):
                        await orders.refund(shop.tx, order, how, shop.now)
                elif order.state is OrderState.PAID:
                    await stopping.stop(shop.tx, order, how, shop.now)
                elif order.state is OrderState.DONE:
                    await avatars.revoke(shop.tx, order, how, shop.now)

        self.do(step)

    @rule(person=ANYBODY, banned=st.sampled_from([True, True, False]))
    def is_banned(self, person: str, banned: bool) -> None:
        """Or pardoned; also somebody who was erased and is not back."""
        act = admin_actions.ban if banned else admin_actions.unban

        async def step(shop: Shop) -> bool:
            await act(shop.tx, shop.addresses, BOSS, f"{PLAYGROUND}:{person}", shop.now)
            return True

        if self.do(step):
            (self.banned.add if banned else self.banned.discard)(person)

    @rule(person=ANYBODY)
    def is_given_credits(self, person: str) -> None:
        async def step(shop: Shop) -> None:
            user = await self.comes(shop, person)
            await admin_actions.grant(shop.tx, BOSS, user.id, GIFT, shop.now)

        self.do(step)
        self.gifts[person] += GIFT

    @rule(order=consumes(bought), by=st.sampled_from(["admin", "till"]))
    def is_given_back(self, order: str, by: str) -> None:
        async def step(shop: Shop) -> None:
            found = await shop.tx.get(Order, order)
            if found is None or found.state not in SOLD:
                return
            if by == "admin":
                await admin_actions.refund(shop.tx, BOSS, order, shop.now)
            else:
                charge = order_accounting.paying_charge_id(found)
                await payments.confirm_return(shop.tx, charge, shop.now)

        self.do(step)

    @rule()
    def years_pass(self) -> None:
        """What is kept of erased people ends; the accounts of those who are back go on."""
        self.now += past_accounts.BAN_REMEMBERED + timedelta(days=1)

        async def step(shop: Shop) -> set[str]:
            await past_accounts.prune(shop.tx, shop.now)
            return {one.platform_id for one in await shop.tx.find(User, erased_at=None)}

        back = self.do(step)
        self.banned &= back
        self.erased &= back

    @invariant()
    def the_books_balance(self) -> None:
        async def step(shop: Shop) -> None:
            tx = shop.tx
            assert set((await tx.totals()).values()) <= {0}
            kept = [one.amount for one in await tx.find(Order) if one.state in SOLD]
            assert -await tx.total(ledger.SALES, Currency.CNY) == sum(kept)

        self.do(step)

    @invariant()
    def nobody_trains_for_nothing(self) -> None:
        async def step(shop: Shop) -> None:
            for order in await shop.tx.find(Order):
                if order.id in self.begun and order.state in BACK:
                    assert order.refund_reason not in BY_CUSTOMER
                if order.product is Product.AVATAR and order.state is OrderState.DONE:
                    assert order.id in self.begun

        self.do(step)

    @invariant()
    def nobody_has_credits_for_nothing(self) -> None:
        """What a person spent, and can spend, was bought, given, or earned by what stands; but for
        what is claimed of them, and what was spent of a purchase before it was given back."""

        async def step(shop: Shop) -> None:
            for person in PEOPLE:
                ids = {id for id, owner in self.accounts.items() if owner == person}
                allowed = self.gifts[person]
                has = self.spent[person]
                for id in ids:
                    has += await shop.tx.total(ledger.credit_account(id), Currency.CREDITS)
                    has += await shop.tx.total(ledger.held_account(id), Currency.CREDITS)
                    claimed = await ledger.claimed(shop.tx, id)
                    assert claimed >= 0
                    assert await ledger.balance(shop.tx, id) >= 0
                    allowed += claimed
                for order in await shop.tx.find(Order):
                    allowed += await _bought(shop.tx, order) if order.user_id in ids else 0
                    allowed += await _earned(shop.tx, order, ids)
                assert has <= allowed, person

        self.do(step)


async def _bought(tx: Any, order: Order) -> int:
    """The order's credits, if they were granted: all while it stands, else those spent before."""
    key = order_accounting.credits_key(order)
    if not await ledger.booked(tx, key):
        return 0
    account = ledger.credit_account(order.user_id)
    return order.credits + await ledger.posted(tx, f"{key}:back", account)


async def _earned(tx: Any, order: Order, ids: set[str]) -> int:
    """The rewards for that order, while it stands, of the person with these accounts."""
    earned = 0
    for side in (referrals.GUEST, referrals.HOST):
        found = await ledger.find_grant(tx, f"referral:{order.id}:{side}")
        if found and found[0] in ids and order.state is OrderState.DONE:
            earned += order.referral
    return earned


TestStrangers = Strangers.TestCase
TestStrangers.settings = settings(
    max_examples=100,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
