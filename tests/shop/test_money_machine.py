"""Random customers, tills, workers and admins, in any order, each repeated at will. What people who
mean harm could make of it: :mod:`tests.shop.test_strangers_machine`.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from shop import linking, privacy
from shop.avatars import avatars, portraits
from shop.avatars.avatars import TRAIN
from shop.clips import clips, endings, filming, sources
from shop.jobs import jobs
from shop.money import ledger, order_accounting, partial_refunds
from shop.orders import orders, payments
from shop.orders.discrepancies import FIXED
from shop.orders.reconciliation import reconcile
from shop.people import linked_chats
from shop.ports import ALL_TIMES, StatementLine, StatementPeriod
from shop.records import (
    Avatar,
    AvatarState,
    Charge,
    Clip,
    ClipState,
    Currency,
    Job,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Shoot,
    ShootKind,
    ShootState,
    User,
)
from tests.shop.conftest import CHECKOUT, Shop, painted, payment
from tests.shop.linked import claimed
from tests.shop.money_invariants import (
    credits_held_for_work,
    demand_clips_are_whole,
    demand_people_are_whole,
    given_back,
)
from tests.shop.moving import begun, filmed, looked_at, send, wanted
from tests.shop.shop_machine import ShopMachine
from tests.storing import CAPACITY, finish_shoot

PAYING = {OrderState.PAID, OrderState.STOPPED, OrderState.DONE}
CHARGES = st.sampled_from(["c1", "c2"])
PEOPLE = st.sampled_from(["a", "b", "c"])


async def same_person(shop: Shop, *names: str) -> bool:
    return len({(await shop.arrives(one)).id for one in names}) == 1


class Statement:
    """The till's own book, as the machine keeps it."""

    name, currency = "sandbox", Currency.CNY

    def __init__(self, machine: "Money") -> None:
        self._machine = machine

    def statement_period(self) -> StatementPeriod:
        return ALL_TIMES

    async def statement(self) -> Any:
        machine = self._machine
        for id, amount in machine.taken.items():
            charge = id.removeprefix("sandbox:")
            order, _, _ = charge.partition("-")
            line = StatementLine(charge, order, amount, Currency.CNY, machine.now, True)
            yield line
            for key, back in machine.paid_back.items():
                if key.startswith(f"{id}:"):
                    yield replace(line, incoming=False, amount=back, refund=key)


class Money(ShopMachine):
    """Whatever happens: the books balance, and nobody is charged twice or refunded twice."""

    placed = Bundle("placed")

    def __init__(self) -> None:
        super().__init__()
        self.paid_back: Counter[str] = Counter()
        self.taken: dict[str, int] = {}
        self.untold: set[str] = set()

    @initialize(target=placed)
    def three_customers(self) -> Any:
        """One at the till, one whose avatar is in the making, one whose portraits are."""
        first = self.order("a", True, False)
        third = self.order("c", True, True)
        self.train("well", False)
        return multiple(first, self.order("b", True, True), third)

    @rule(target=placed, person=PEOPLE, avatar=st.booleans(), pays=st.booleans())
    def order(self, person: str, avatar: bool, pays: bool) -> Order | None:
        checkout = replace(CHECKOUT, photos_minimum=0)

        async def step(shop: Shop) -> Order:
            if avatar:
                order = await shop.collecting(0, person)
                order = await orders.place(shop.tx, shop.catalog, order, checkout, shop.now)
                return await orders.attach_bill(shop.tx, order, f"bill-{order.id}")
            user = await shop.customer(person)
            pack = await orders.buy_credits(
                shop.tx, shop.catalog, user, "sandbox", Currency.CNY, shop.now, capacity=CAPACITY
            )
            return await orders.attach_bill(shop.tx, pack, f"bill-{pack.id}")

        placed: Order | None = self.do(step)
        if pays:
            self.till_says_paid(placed, "c1", 0)
        return placed

    @rule(order=placed, charge=CHARGES, surplus=st.sampled_from([0, 0, 0, -1, 1]))
    def till_says_paid(self, order: Order | None, charge: str, surplus: int) -> None:
        if order is None:
            return
        charge = f"{order.id}-{charge}"
        # A till reports one charge with one amount, however often.
        amount = self.taken.setdefault(f"sandbox:{charge}", order.amount + surplus)
        event = payment(order, charge, self.now, amount=amount)
        confirmed = self.do(lambda shop: orders.confirm_payment(shop.tx, event, shop.now))
        assert confirmed is not None  # money that came is never refused

    @rule(order=placed, charge=CHARGES, then=st.sampled_from(["", "back", "back", "told back"]))
    def till_takes_and_is_not_heard(self, order: Order | None, charge: str, then: str) -> None:
        """And perhaps gives it back again, of which we hear, or not."""
        if order is not None:
            self.taken.setdefault(f"sandbox:{order.id}-{charge}", order.amount)
        if then:
            self.till_gives_back(order, charge, then == "told back")
        if then == "told back":
            self.till_says_paid(order, charge, 0)

    @rule(order=placed, charge=CHARGES, tells=st.sampled_from([True, True, False]))
    def till_gives_back(self, order: Order | None, charge: str, tells: bool) -> None:
        """Unasked, or asked for already; its word comes twice, never, or before that of the
        payment."""
        id = f"sandbox:{order.id}-{charge}" if order else ""
        if id not in self.taken:
            return
        self.paid_back.setdefault(f"{id}:refund", self.taken[id] - self.parts_of(id))
        self.untold.add(id)
        for _ in range(2 if tells else 0):
            self.do(lambda shop: payments.confirm_return(shop.tx, id, shop.now))
            self.untold.discard(id)

    def left_of(self, id: str) -> int:
        """What the till still holds of that charge."""
        return self.taken[id] - sum(
            back for key, back in self.paid_back.items() if key.startswith(f"{id}:")
        )

    def parts_of(self, id: str) -> int:
        return sum(back for key, back in self.paid_back.items() if key.startswith(f"{id}:part:"))

    @rule(order=placed, amount=st.sampled_from([1, 300, 989]), tells=st.booleans())
    def admin_gives_a_part(self, order: Order | None, amount: int, tells: bool) -> None:
        """The till gives it back, and the outbox worker may die before it books that. It refuses
        what it has given back already, heard or not."""
        if order is None or any(
            amount > self.left_of(id) for id in self.taken if id.startswith(f"sandbox:{order.id}-")
        ):
            return
        part = self.do(lambda shop: payments.refund_part(shop.tx, order.id, amount, shop.now))
        if part is None:
            return
        self.paid_back[part.id] = amount
        self.untold.add(part.id)
        if tells:
            self.do(lambda shop: partial_refunds.book_returned(shop.tx, part.id, shop.now))
            self.untold.discard(part.id)

    @rule()
    def books_are_compared(self) -> None:
        """Whatever was not heard is made good; then both sides say the same."""

        async def look() -> Any:
            return await reconcile(self.database, Statement(self))  # type: ignore[arg-type]

        for one in self.loop.run_until_complete(look()):
            assert one.kind in FIXED
        self.untold.clear()
        assert self.loop.run_until_complete(look()) == ()

    @rule(person=PEOPLE)
    def erase(self, person: str) -> None:
        async def step(shop: Shop) -> None:
            await privacy.erase(shop.tx, await shop.customer(person), shop.now)

        self.do(step)

    @rule(owner=PEOPLE, typist=PEOPLE)
    def link(self, owner: str, typist: str) -> None:
        """Their chats become one person's, who has what both had."""

        async def step(shop: Shop) -> None:
            both = await shop.arrives(owner), await shop.arrives(typist)
            had = sum([await ledger.unspent(shop.tx, one) for one in {user.id for user in both}])
            code = await claimed(shop, *both)
            await linking.link(shop.tx, shop.addresses, code, both[1], shop.now)
            assert await ledger.unspent(shop.tx, both[0].id) == had

        if owner != typist and not self.do(lambda shop: same_person(shop, owner, typist)):
            self.do(step)

    @rule(person=PEOPLE, erase=st.booleans())
    def part(self, person: str, erase: bool) -> None:
        async def step(shop: Shop) -> None:
            user = await shop.arrives(person)
            chats = await linked_chats.of(shop.tx, user.id)
            for here in [one for one in chats if one.platform_id == person]:
                if erase:
                    await linking.erase_chat(shop.tx, user, here, shop.now)
                else:
                    await linking.unlink(shop.tx, user, [here], here, shop.now)

        self.do(step)

    @rule(order=placed, how=st.sampled_from(["cancel", "refund", "refund", "expire"]))
    def call_off(self, order: Order | None, how: str) -> None:
        async def step(shop: Shop) -> None:
            if how == "expire":
                await shop.expire(shop.now - timedelta(hours=1))
            elif order is not None and how == "cancel":
                await orders.cancel(shop.tx, order, shop.now)
            elif order is not None:
                await orders.refund(shop.tx, order, "asked", shop.now)

        self.do(step)

    @rule()
    def begin(self) -> None:
        """A worker begins what waits: who stops it now does not get the money back."""

        async def step(shop: Shop) -> None:
            for job in await shop.tx.find(Job, kind=TRAIN.name, state=JobState.WAITING):
                await jobs.lease(shop.tx, job.id, "w", shop.now, 30)

        self.do(step)

    @rule(works=st.sampled_from(["well"] * 6 + ["badly"]), late=st.booleans())
    def train(self, works: str, late: bool) -> None:
        """``late``: by a worker that was thought dead, also what has ended already."""

        async def step(shop: Shop) -> None:
            for avatar in await shop.tx.find(Avatar):
                if not late and avatar.state is not AvatarState.WAITING:
                    continue
                if works == "well":
                    await shop.trained(avatar)
                else:
                    await avatars.fail(shop.tx, avatar, "broken", shop.now)

        self.do(step)

    @rule(came=st.integers(0, 4), late=st.booleans(), ask=st.booleans())
    def paint(self, came: int, late: bool, ask: bool) -> None:
        """What waits, or (``late``) everything; then everybody asks for more."""

        async def paint(shop: Shop) -> None:
            for shoot in await shop.tx.find(Shoot):
                if late or shoot.state is ShootState.WAITING:
                    pictures = painted(*range(came))
                    await finish_shoot(shop.tx, shop.cipher, shop.blobs, shoot, pictures, shop.now)

        async def more(shop: Shop) -> None:
            for avatar in await shop.tx.find(Avatar, state=AvatarState.READY):
                await portraits.request(
                    shop.tx, shop.catalog, avatar, "noir", ShootKind.STYLE, shop.now
                )

        self.do(paint)
        if ask:
            self.do(more)

    @rule(person=PEOPLE, how=st.sampled_from(["ready", "ready", "held", "half"]))
    def send_source(self, person: str, how: str) -> None:
        """Somebody prepares a clip; what they were preparing before ends."""

        async def step(shop: Shop) -> None:
            sent = await send(shop, await begun(shop, person))
            if how != "half":
                await looked_at(shop, sent, youth=0.9 if how == "held" else 0.0)

        self.do(step)

    @rule(twice=st.booleans())
    def want_clips(self, twice: bool) -> None:
        """Whatever is ready is wanted; a button may be pressed twice."""

        async def ready_ones(shop: Shop) -> list[Clip]:
            return await shop.tx.find(Clip, state=ClipState.READY)

        for clip in self.do(ready_ones):
            for _ in range(1 + twice):
                self.do(lambda shop, clip=clip: wanted(shop, clip))

    @rule(how=st.sampled_from(["well"] * 4 + ["badly", "given up"]), late=st.booleans())
    def make_clips(self, how: str, late: bool) -> None:
        """``late``: by a worker that was thought dead, also what has ended already."""

        async def step(shop: Shop) -> None:
            for clip in await shop.tx.find(Clip):
                if not late and clip.state is not ClipState.WAITING:
                    continue
                if how == "well":
                    await filmed(shop, clip)
                elif how == "badly":
                    await filming.fail(shop.tx, clip, "broken", shop.now)
                else:
                    await clips.give_up(shop.tx, clip, shop.now)

        self.do(step)

    @rule(person=PEOPLE, how=st.sampled_from(["withdraw", "expire", "approve", "reject"]))
    def end_clips(self, person: str, how: str) -> None:
        async def step(shop: Shop) -> None:
            if how == "withdraw":
                await endings.withdraw_consent(shop.tx, await shop.customer(person), shop.now)
            elif how == "expire":
                for clip in await endings.stale(shop.tx, shop.now):
                    await endings.expire(shop.tx, clip, shop.now, shop.now)
            else:
                judge = sources.approve if how == "approve" else sources.reject
                for clip in await shop.tx.find(Clip, state=ClipState.HELD):
                    await judge(shop.tx, clip, shop.now)

        self.do(step)

    @rule(dies=st.booleans())
    def outbox_worker(self, dies: bool) -> None:
        """Asks the till for the refunds in the outbox; may die before it books them."""

        async def refunds_due(shop: Shop) -> list[Any]:
            messages = await shop.tx.find(OutboxMessage, name="refund")
            charges = [str(message.payload["charge"]) for message in messages]
            return [
                (charge, await order_accounting.refund_due(shop.tx, charge)) for charge in charges
            ]

        for charge, due in self.do(refunds_due):
            if due is None:
                continue
            self.paid_back[due.key] = due.amount  # the till takes each key once
            if not dies:
                self.untold.discard(charge)
                self.do(
                    lambda shop, charge=charge: order_accounting.book_refund(
                        shop.tx, charge, shop.now
                    )
                )

    @invariant()
    def books_balance(self) -> None:
        async def step(shop: Shop) -> None:
            tx = shop.tx
            assert set((await tx.totals()).values()) <= {0}
            charges = await tx.find(Charge)
            for order in await tx.find(Order):
                assert await tx.total(ledger.order_account(order.id), order.currency) == 0
            for user in await tx.find(User):
                assert await ledger.balance(tx, user.id) >= 0
                held = await tx.total(ledger.held_account(user.id), Currency.CREDITS)
                assert held == await credits_held_for_work(tx, user)
            await demand_clips_are_whole(tx)
            await self.check_money(tx, charges)
            await demand_people_are_whole(tx)

        self.do(step)

    async def check_money(self, tx: Any, charges: list[Charge]) -> None:
        taken = sum(charge.amount for charge in charges)
        booked_back = sum([await given_back(tx, charge) for charge in charges])
        assert taken == sum(self.taken[charge.id] for charge in charges)
        assert await tx.total("till:sandbox", Currency.CNY) == taken - booked_back
        kept = sum([order.kept for order in await tx.find(Order) if order.state in PAYING])
        assert -await tx.total(ledger.SALES, Currency.CNY) == kept
        owed = -await tx.total("owed:sandbox", Currency.CNY)
        assert taken == kept + owed + booked_back  # every fen is ours, owed or returned
        back = {
            key.removesuffix(":refund"): amount
            for key, amount in self.paid_back.items()
            if any(key.startswith(f"{charge.id}:") for charge in charges)
        }
        assert sum(back.values()) >= booked_back
        heard = sum(amount for id, amount in back.items() if id not in self.untold)
        assert heard <= taken - kept


TestMoney = Money.TestCase
TestMoney.settings = settings(
    max_examples=50,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
