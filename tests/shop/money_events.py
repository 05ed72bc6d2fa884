"""A process that makes random events of a shop happen, beside others that do the same at the same
moments with the same people: ``python -m tests.shop.money_events URL COMMON_SEED SEED EVENTS``.

Whatever the shop refuses is skipped; anything else ends the process with an error.
"""

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from shop import linking, privacy
from shop.adapters.database import SqlDatabase
from shop.avatars import avatars, portraits
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.avatars.training_results import StoredTraining
from shop.clips import clips, endings, filming, sources
from shop.clips.filming import FILM
from shop.clips.sources import PREPARE
from shop.errors import ShopError
from shop.job_kinds import JOB_KINDS
from shop.jobs import dispatch
from shop.jobs.scheduler import SchedulingRules
from shop.money import ledger, order_accounting, referrals
from shop.orders import orders, payments, stopping
from shop.people import link_codes, linked_chats, users
from shop.ports import Tx
from shop.records import (
    Avatar,
    AvatarState,
    Clip,
    ClipState,
    Currency,
    Job,
    JobState,
    LikenessRange,
    Order,
    OutboxMessage,
    PortraitId,
    Relation,
    Shoot,
    ShootKind,
    UserId,
    new_id,
)
from shop.transactions import run_transaction
from tests.shop.conftest import CHECKOUT, Shop, payment
from tests.shop.linked import HASHED
from tests.shop.money_invariants import (
    demand_books_balance,
    demand_clips_are_whole,
    demand_nothing_doubled,
    demand_people_are_whole,
)
from tests.shop.moving import GOOD, NOD
from tests.storing import CAPACITY

PEOPLE: Final = ("a", "b", "c")
SLOT: Final = 0.4  # seconds in which all processes do the same kind of thing for one person
LATENCY: Final = 0.004  # seconds at most after a look, so that others come in between
FILMED: Final = filming.StoredClip("video", "poster", "preview", 2.0, 50, 480, 640)
TRAINED: Final = StoredTraining(("lora",), 0, 300, 95.0, 0.9, 0.4, LikenessRange(0.8, 0.1, 1.0))
Step = Callable[[Shop], Awaitable[Any]]


class Distant:
    """A transaction over a database that is far away."""

    def __init__(self, tx: Tx, chance: random.Random) -> None:
        self._tx, self._chance = tx, chance

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._tx, name)
        if name not in ("get", "find", "count", "total"):
            return found

        async def looked(*arguments: Any, **named: Any) -> Any:
            result = await found(*arguments, **named)
            await asyncio.sleep(self._chance.uniform(0, LATENCY))
            return result

        return looked


class Events:
    """One process's events. Each is one transaction, or a few, as the product would make them."""

    def __init__(self, database: SqlDatabase, common_seed: str, seed: str) -> None:
        self.database, self.common_seed = database, common_seed
        self.random = random.Random(seed)
        self.name, self.person, self.other = f"w{seed}", PEOPLE[0], PEOPLE[1]

    async def happen(self, count: int) -> None:
        kinds = (
            self.buy, self.buy, self.pay, self.pay, self.pay, self.give_back, self.call_off,
            self.work, self.work, self.work, self.work, self.ask_for_more, self.ask_for_more,
            self.ask_for_more, self.refunds, self.refunds, self.invite, self.link, self.link,
            self.part, self.prepare_clip, self.want_clip, self.want_clip, self.end_clip,
        )  # fmt: skip
        for _ in range(count):
            slot = time.time() // SLOT + 1
            await asyncio.sleep(slot * SLOT - time.time())  # all begin together
            common = random.Random(f"{self.common_seed} {slot}")
            self.person, self.other = common.sample(PEOPLE, 2)
            happens = self.erase if common.random() < 0.02 else common.choice(kinds)
            for _ in range(2):
                await happens()
            async with self.database.snapshot() as tx:
                await demand_books_balance(tx)
                await demand_nothing_doubled(tx)
                await demand_people_are_whole(tx)
                await demand_clips_are_whole(tx)

    async def do(self, step: Step) -> Any:
        async def run(tx: Any) -> Any:
            return await step(Shop(Distant(tx, self.random), await tx.now()))  # type: ignore[arg-type]

        try:
            return await run_transaction(self.database, run)
        except ShopError:
            return None

    async def some(self, kind: type[Any], **where: Any) -> Any:
        """One of the latest by chance, as it was a moment ago."""
        async with self.database.snapshot() as tx:
            found = await tx.find(kind, **where)
        return self.random.choice(found[-4:]) if found else None

    async def buy(self) -> None:
        person, avatar = self.person, self.random.random() < 0.6

        async def step(shop: Shop) -> None:
            if avatar:
                order = await shop.collecting(0, person)
                checkout = replace(CHECKOUT, photos_minimum=0)
                await orders.place(shop.tx, shop.catalog, order, checkout, shop.now)
            else:
                user = await shop.customer(person)
                await orders.buy_credits(
                    shop.tx,
                    shop.catalog,
                    user,
                    "sandbox",
                    Currency.CNY,
                    shop.now,
                    capacity=CAPACITY,
                )

        await self.do(step)

    async def pay(self) -> None:
        """A till tells of one of two charges, of the amount that the order had at first."""
        if order := await self.some(Order):
            event = payment(order, self._charge(order), order.created_at)
            if order.amount:
                await self.do(lambda shop: orders.confirm_payment(shop.tx, event, shop.now))

    async def give_back(self) -> None:
        if order := await self.some(Order):
            charge = f"sandbox:{self._charge(order)}"
            await self.do(lambda shop: payments.confirm_return(shop.tx, charge, shop.now))

    async def call_off(self) -> None:
        order, how = await self.some(Order), self.random.choice(("cancel", "stop", "give", "age"))
        if order is None:
            return

        async def step(shop: Shop) -> None:
            if how == "cancel":
                await orders.cancel(shop.tx, order, shop.now)
            elif how == "stop":
                await stopping.stop(shop.tx, order, "asked", shop.now)
            elif how == "give":
                await orders.refund(shop.tx, order, "asked", shop.now)
            else:
                later = shop.now + timedelta(seconds=1)
                await orders.expire(shop.tx, order, later, shop.now)

        await self.do(step)

    async def work(self) -> None:
        """Lease what the policy gives, and end it; sometimes after the lease was lost."""
        spec = dispatch.WorkerSpec(
            self.name,
            frozenset({TRAIN, PAINT, PREPARE, FILM}),
            30,
            SchedulingRules(background_batch=2),
        )

        async def lease(tx: Any) -> Any:
            return await dispatch.lease_next(tx, JOB_KINDS, spec, (), await tx.now())

        offer = await run_transaction(self.database, lease)
        taken = list(offer.leased.jobs) if offer.leased else []
        if self.random.random() < 0.2 and (late := await self.some(Job, state=JobState.RUNNING)):
            taken.append(late)
        works = self.random.random() < 0.8
        for job in taken:
            await self.do(lambda shop, job=job: self._end(shop, job, works))

    async def _end(self, shop: Shop, job: Job, works: bool) -> None:
        if not works:
            await dispatch.give_up(shop.tx, job, JOB_KINDS[job.kind], "broken", shop.now)
        elif job.kind == TRAIN.name and (avatar := await shop.tx.get(Avatar, job.ref)):
            await avatars.begin_training(shop.tx, shop.cipher, avatar.id, shop.now)
            await avatars.finish(shop.tx, shop.catalog, avatar, TRAINED, shop.now)
        elif job.kind == PAINT.name and (shoot := await shop.tx.get(Shoot, job.ref)):
            pictures = [
                portraits.StoredPicture(PortraitId(new_id()), "blob", seed, 512, 640, "image/png")
                for seed in range(self.random.randint(0, 4))
            ]
            await portraits.finish(shop.tx, shoot, pictures, shop.now)

        elif job.kind == PREPARE.name and (clip := await shop.tx.get(Clip, job.ref)):
            found = replace(GOOD, youth=self.random.choice((0.0, 0.0, 0.0, 0.7)))
            stored = sources.StoredPreparation("after", "before")
            await sources.apply_findings(shop.tx, clip, stored, found, shop.now)
        elif job.kind == FILM.name and (clip := await shop.tx.get(Clip, job.ref)):
            await filming.begin_work(shop.tx, shop.cipher, clip.id, shop.now)
            await filming.finish(shop.tx, clip, FILMED, shop.now)

    async def prepare_clip(self) -> None:
        """The wish and the picture; what was prepared before ends."""

        async def step(shop: Shop) -> None:
            user = await shop.customer(self.person)
            clip = await clips.begin(shop.tx, shop.cipher, user, Relation.SELF, shop.now)
            key = await sources.source_key(shop.tx, shop.cipher, clip)
            stored = sources.StoredSource(clip.id, key.key_id, "sent")
            await sources.admit(shop.tx, clip, stored, shop.now)

        await self.do(step)

    async def want_clip(self) -> None:
        if clip := await self.some(Clip, state=ClipState.READY):
            await self.do(lambda shop: filming.request(shop.tx, shop.catalog, clip, NOD, shop.now))

    async def end_clip(self) -> None:
        how = self.random.choice(("withdraw", "give up", "expire", "erase", "approve"))
        clip = await self.some(Clip)
        if clip is None:
            return

        async def step(shop: Shop) -> None:
            match how:
                case "withdraw":
                    user = await shop.customer(self.person)
                    await endings.withdraw_consent(shop.tx, user, shop.now)
                case "give up":
                    await clips.give_up(shop.tx, clip, shop.now)
                case "expire":
                    await endings.expire(shop.tx, clip, shop.now, shop.now)
                case "erase":
                    await endings.erase(shop.tx, clip, shop.now)
                case _:
                    await sources.approve(shop.tx, clip, shop.now)

        await self.do(step)

    async def ask_for_more(self) -> None:
        if avatar := await self.some(Avatar, state=AvatarState.READY):
            await self.do(
                lambda shop: portraits.request(
                    shop.tx, shop.catalog, avatar, "noir", ShootKind.STYLE, shop.now
                )
            )

    async def refunds(self) -> None:
        """The outbox worker, which another may be as well."""
        if message := await self.some(OutboxMessage, name="refund"):
            charge = str(message.payload["charge"])
            due = await self.do(lambda shop: order_accounting.refund_due(shop.tx, charge))
            if due is not None:
                await self.do(lambda shop: order_accounting.book_refund(shop.tx, charge, shop.now))

    async def invite(self) -> None:
        guest, host = self.person, self.other
        if self.random.random() < 0.5:
            guest, host = host, guest

        async def step(shop: Shop) -> None:
            sender = await shop.arrives(host)
            await referrals.accept_invite(shop.tx, await shop.arrives(guest), sender.id)

        await self.do(step)

    async def link(self) -> None:
        """A code is shown, typed and said yes to, by whoever is who by then: another may do the
        same the other way round."""
        owner, typist = self.person, self.other
        if self.random.random() < 0.5:
            owner, typist = typist, owner

        async def shows(shop: Shop) -> str:
            return await link_codes.issue(shop.tx, HASHED, await shop.arrives(owner), shop.now)

        code = await self.do(shows)

        async def types(shop: Shop) -> None:
            await link_codes.claim(shop.tx, HASHED, await shop.arrives(typist), code, shop.now)

        async def says_yes(shop: Shop) -> int:
            user = await shop.arrives(typist)
            [claimed] = await link_codes.claimed_by(shop.tx, user, shop.now) or [None]
            if claimed is None:
                return 0
            kept = await users.lock(shop.tx, claimed.user_id)
            both = {kept.id, user.id}
            had = [await ledger.unspent(shop.tx, UserId(one)) for one in both]
            await linking.link(shop.tx, shop.addresses, claimed, user, shop.now)
            has = await ledger.unspent(shop.tx, kept.id)
            assert has == sum(had), "no credit is lost or doubled"
            return has

        await self.do(types)
        await self.do(says_yes)

    async def part(self) -> None:
        async def step(shop: Shop) -> None:
            user = await shop.arrives(self.person)
            chats = await linked_chats.of(shop.tx, user.id)
            here = [one for one in chats if one.platform_id == self.person]
            alone = self.random.random() < 0.5
            if here and alone:
                await linking.erase_chat(shop.tx, user, here[0], shop.now)
            elif here:
                await linking.unlink(shop.tx, user, here, here[0], shop.now)

        await self.do(step)

    async def erase(self) -> None:
        async def step(shop: Shop) -> None:
            await privacy.erase(shop.tx, await shop.customer(self.person), shop.now)

        await self.do(step)

    def _charge(self, order: Order) -> str:
        return f"{order.id}-{order.amount}-{self.random.choice('12')}"


async def main(url: str, common_seed: str, seed: str, count: str) -> None:
    database = SqlDatabase(url)
    await Events(database, common_seed, seed).happen(int(count))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
