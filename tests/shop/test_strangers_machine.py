"""Strangers who mean harm: a few people with any number of accounts, who are erased and come back,
invite one another, are banned and pardoned, and stop what they have paid, in any order; beside them
workers that die or hand back, and admins and a till that give money back.

No sequence of acts makes credits or a training for no money.
"""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    initialize,
    invariant,
    precondition,
    rule,
)

from shop import admin_actions, privacy
from shop.avatars import avatars
from shop.avatars.avatars import TRAIN
from shop.jobs import jobs
from shop.money import ledger, order_accounting, referrals
from shop.money.referrals import GUEST, HOST, ReferralInvitation
from shop.orders import orders, payments, stopping
from shop.people import past_accounts
from shop.records import (
    Avatar,
    AvatarState,
    Currency,
    Job,
    JobState,
    Journal,
    Order,
    OrderState,
    Posting,
    Product,
    User,
    new_id,
)
from tests.channels import PLAYGROUND
from tests.shop.conftest import CATALOG, CHECKOUT, Shop, payment
from tests.shop.shop_machine import ShopMachine
from tests.storing import CAPACITY

PEOPLE = ("ann", "bob", "cat")
ANYBODY = st.sampled_from(PEOPLE)
SOLD = {OrderState.PAID, OrderState.STOPPED, OrderState.DONE}
BACK = {OrderState.REFUNDING, OrderState.REFUNDED}
BY_CUSTOMER = {"cancelled", "withdrawn", "erased"}
BEGUN = ("works", "hands back", "hands back uncounted", "dies")
THANKS, GIFT = 5, 3
BOSS = "telegram:1"
CHECKOUT_AT_ONCE = replace(CHECKOUT, photos_minimum=0)

Moved = dict[str, dict[str, int]]
"""Of each account of credits, the amount by the key of the ledger's entry."""


class Strangers(ShopMachine):
    """The machine. ``accounts`` says of every user id which person is behind it."""

    bought = Bundle("bought")
    catalog = replace(CATALOG, referral_credits=THANKS)

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[str, str] = {}
        self.begun: set[str] = set()  # orders that a worker has begun
        self.stalled: set[str] = set()  # begun, and for a day no worker was there
        self.erased: set[str] = set()  # people of whom it is kept that they were here
        self.banned: set[str] = set()
        self.gifts: Counter[str] = Counter()  # credits that admins gave
        self.spent: Counter[str] = Counter()

    async def comes(self, shop: Shop, person: str) -> User:
        user = await shop.customer(person)
        self.accounts[user.id] = person
        return user

    @initialize()
    def friends(self) -> None:
        self.invites("ann", "bob")
        self.invites("ann", "cat")

    @rule(target=bought, person=ANYBODY, what=st.sampled_from(["pack", "", *["made"] * 3, *BEGUN]))
    def buys(self, person: str, what: str) -> str:
        """A pack of credits, or an avatar, whose training perhaps begins or even ends at once."""

        async def step(shop: Shop) -> Order:
            user = await self.comes(shop, person)
            if what == "pack":
                placed = await orders.buy_credits(
                    shop.tx,
                    shop.catalog,
                    user,
                    "sandbox",
                    Currency.CNY,
                    shop.now,
                    capacity=CAPACITY,
                )
            else:
                order = await shop.collecting(0, person)
                placed = await orders.place(
                    shop.tx, shop.catalog, order, CHECKOUT_AT_ONCE, shop.now
                )
            event = payment(placed, new_id(), shop.now)
            return await orders.confirm_payment(shop.tx, event, shop.now)

        order = self.do(step)
        assert order is None or person not in self.banned
        if what in BEGUN:
            self.begins(what)
        if what == "made":
            self.begins("works")
            self.trains("well")
        return order.id if order else ""

    @rule(what=st.sampled_from([*BEGUN, "well", "badly", "well, late", "badly, late"]))
    def workers_act(self, what: str) -> None:
        if what in BEGUN:
            self.begins(what)
        else:
            self.trains(what)

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

        leased = self.do(step)
        self.begun |= leased
        self.stalled -= leased
        self.now += timedelta(minutes=5 if then == "dies" else 0)

    def trains(self, how: str) -> None:
        """What was begun ends; late: also by a worker whose order was called off."""

        async def step(shop: Shop) -> None:
            for avatar in await shop.tx.find(Avatar):
                waits = avatar.state is AvatarState.WAITING
                if avatar.order_id not in self.begun or not (waits or "late" in how):
                    continue
                if how.startswith("well"):
                    await shop.trained(avatar)
                else:
                    await avatars.fail(shop.tx, avatar, "broken", shop.now)

        self.do(step)

    @rule(people=st.sampled_from([PEOPLE, PEOPLE, *((one,) for one in PEOPLE)]))
    def spend(self, people: tuple[str, ...]) -> None:
        """All that they have: on portraits, which are painted."""

        async def step(shop: Shop) -> Counter[str]:
            spent: Counter[str] = Counter()
            for person in people:
                user, subject = await self.comes(shop, person), f"shoot:{new_id()}"
                credits = await ledger.balance(shop.tx, user.id)
                await ledger.hold(shop.tx, user.id, subject, credits, shop.now)
                await ledger.capture(shop.tx, user.id, subject, credits, shop.now)
                spent[person] += credits
            return spent

        self.spent += self.do(step)

    @rule(host=ANYBODY, guest=ANYBODY)
    def invites(self, host: str, guest: str) -> None:
        async def step(shop: Shop) -> ReferralInvitation:
            inviting = await self.comes(shop, host)
            invited = await self.comes(shop, guest)
            return await referrals.accept_invite(shop.tx, invited, inviting.id)

        taken = self.do(step) is ReferralInvitation.TAKEN
        assert not (taken and guest in self.erased), "no newcomer"

    @rule(person=ANYBODY, banned=st.booleans())
    def is_erased(self, person: str, banned: bool) -> None:
        """At their own wish; perhaps they saw a ban come too late."""
        if banned:
            self.is_banned(person, True)

        async def step(shop: Shop) -> None:
            await privacy.erase(shop.tx, await self.comes(shop, person), shop.now)

        self.do(step)
        self.erased.add(person)

    @rule(person=ANYBODY, what=st.sampled_from(["ban", "pardon", "credits"]))
    def admins_act(self, person: str, what: str) -> None:
        if what == "credits":
            self.is_given_credits(person)
        else:
            self.is_banned(person, what == "ban")

    def is_given_credits(self, person: str) -> None:
        async def step(shop: Shop) -> None:
            user = await self.comes(shop, person)
            await admin_actions.grant(shop.tx, BOSS, user.id, GIFT, shop.now)

        self.do(step)
        self.gifts[person] += GIFT

    def is_banned(self, person: str, banned: bool) -> None:
        """Or pardoned; also somebody who was erased and is not back."""
        act = admin_actions.ban if banned else admin_actions.unban

        async def step(shop: Shop) -> bool:
            await act(shop.tx, shop.addresses, BOSS, f"{PLAYGROUND}:{person}", shop.now)
            return True

        if self.do(step):
            (self.banned.add if banned else self.banned.discard)(person)

    @rule(order=bought, how=st.sampled_from(["erased", "withdrawn", "cancelled"]))
    def is_stopped(self, order: str, how: str) -> None:
        """By its customer, as the dialogue does it."""

        async def step(shop: Shop) -> str:
            found = await shop.tx.get(Order, order)
            user = await shop.tx.get(User, found.user_id) if found else None
            if found is None or user is None or user.erased_at is not None:
                return ""
            if how == "cancelled":
                if found.state is OrderState.PAID and not await stopping.work_begun(
                    shop.tx, found, lock=True
                ):
                    await orders.refund(shop.tx, found, how, shop.now)
            elif how == "erased":
                await privacy.erase(shop.tx, user, shop.now)
                return self.accounts[user.id]
            elif found.state is OrderState.PAID:
                await stopping.stop(shop.tx, found, how, shop.now)
            elif found.state is OrderState.DONE:
                await avatars.revoke(shop.tx, found, how, shop.now)
            return ""

        if erased := self.do(step):
            self.erased.add(erased)

    @rule(order=bought, by=st.sampled_from(["admin", "till"]))
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

    @precondition(lambda self: self.erased)
    @rule()
    def years_pass(self) -> None:
        """What is kept of erased people ends; the accounts of those who are back go on, and work
        that has not ended meanwhile has stalled."""
        self.now += past_accounts.BAN_REMEMBERED + timedelta(days=1)
        self.stalled |= self.begun

        async def step(shop: Shop) -> set[str]:
            await past_accounts.prune(shop.tx, shop.now)
            return {one.platform_id for one in await shop.tx.find(User, erased_at=None)}

        back = self.do(step)
        self.banned &= back
        self.erased &= back

    @invariant()
    def nothing_is_had_for_nothing(self) -> None:
        async def step(shop: Shop) -> None:
            found = await shop.tx.find(Order)
            assert set((await shop.tx.totals()).values()) <= {0}
            kept = [one.amount for one in found if one.state in SOLD]
            assert -await shop.tx.total(ledger.SALES, Currency.CNY) == sum(kept)
            for order in found:
                if order.id in self.begun - self.stalled and order.state in BACK:
                    assert order.refund_reason not in BY_CUSTOMER
                if order.product is Product.AVATAR and order.state is OrderState.DONE:
                    assert order.id in self.begun
            moved = await _read(shop.tx)
            for person in PEOPLE:
                self.check_credits(person, found, moved)

        self.do(step)

    def check_credits(self, person: str, every: list[Order], moved: Moved) -> None:
        """What a person spent, and can spend, was bought, given, or earned by what stands; but for
        what is claimed of them, and what was spent of a purchase before it was given back."""
        ids = {id for id, owner in self.accounts.items() if owner == person}
        has, allowed = self.spent[person], self.gifts[person]
        for id in ids:
            own = [ledger.credit_account(id), ledger.held_account(id), ledger.claim_account(id)]
            balance, held, claimed = (sum(moved[account].values()) for account in own)
            assert min(balance, held, claimed) >= 0
            has += balance + held
            allowed += claimed
        for order in every:
            for id in ids:
                allowed += _bought_and_earned(order, moved[ledger.credit_account(id)])
        assert has <= allowed


async def _read(tx: Any) -> Moved:
    keys = {one.id: one.key for one in await tx.find(Journal)}
    moved: Moved = defaultdict(dict)
    for one in await tx.find(Posting, currency=Currency.CREDITS):
        moved[one.account][keys[one.journal_id]] = one.amount
    return moved


def _bought_and_earned(order: Order, credits: dict[str, int]) -> int:
    """Of the entries of somebody's balance: the order's own credits, all while it stands and else
    those that were spent before; and the rewards for it, settled claims included, while it does."""
    key = order_accounting.credits_key(order)
    bought = credits.get(key, 0) + credits.get(f"{key}:back", 0)
    sides = [f"referral:{order.id}:{side}" in credits for side in (GUEST, HOST)]
    return bought + (order.referral * sum(sides) if order.state is OrderState.DONE else 0)


TestStrangers = Strangers.TestCase
TestStrangers.settings = settings(
    max_examples=200,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
