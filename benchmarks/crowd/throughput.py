"""What an update and a customer cost: ``python -m benchmarks.crowd throughput``.

The house of `benchmarks/crowd/house.py` takes updates as fast as it can, by one, two and three
web processes, and by one whose database is far away; then some people go the whole way. CPU seconds
are those of the processes themselves, less what the house uses at rest: beside other work they
hold, where updates a second do not.
"""

import argparse
import asyncio
import base64
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import psutil
import uvloop
from aiohttp import ClientSession

from benchmarks import customers, hardware, pages
from benchmarks.crowd import callers, gauges, million
from benchmarks.crowd.callers import Begun
from benchmarks.crowd.house import PUBLIC, Fleet, House, house_folder, open_house
from benchmarks.crowd.million import Customer
from benchmarks.crowd.slopes import slope
from benchmarks.crowd.soak import environment, set_webhook
from benchmarks.crowd.walk import SENT, Walker
from benchmarks.updates import people
from benchmarks.updates.cloud import Cloud
from benchmarks.updates.cloud import serving as serving_cloud
from benchmarks.updates.load import SECRET, flood, steady
from bot.telegram.webhook import PATH
from pipeline.engine.engine import ChildEngine, ChildSettings
from tests.bot.telegram.mini_app import TOKEN
from tests.botapi import BotApi, serving
from tests.botapi.flood import weigh

PAGE: Final = Path("docs/benchmarks/throughput.md")
MILLISECONDS: Final = (0.0, 1.0, 5.0, 20.0)
REST_SECONDS: Final = 60.0
"""In which each scheduled task comes that comes each minute or more often."""
FIRST_ID: Final = 900_000_001


@dataclass(frozen=True, slots=True)
class Spent:
    """Of a stretch of time: seconds of CPU by role, transactions of PostgreSQL, requests to it,
    bytes of its log, and bytes into the blob store."""

    cpu: Mapping[str, float]
    transactions: float
    asked: float
    wal: float
    stored: float

    def less(self, other: "Spent", times: float = 1.0) -> "Spent":
        """This, without ``times`` times the other."""
        return Spent(
            {role: spent - times * other.cpu[role] for role, spent in self.cpu.items()},
            self.transactions - times * other.transactions,
            self.asked - times * other.asked,
            self.wal - times * other.wal,
            self.stored - times * other.stored,
        )

    def each(self, count: float) -> "Spent":
        """For one of so many."""
        return Spent(
            {role: max(0.0, spent) / count for role, spent in self.cpu.items()},
            self.transactions / count, self.asked / count, self.wal / count, self.stored / count,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one kind of update: how many a second, milliseconds from its POST to its 200 at half of
    that rate, and what each costs."""

    web: int
    milliseconds: float
    kind: str
    rate: float
    p50: float
    p99: float
    each: Spent
    load: float


class CostMeter:
    """Reads what a house has spent so far."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._at_rest = Spent({}, 0.0, 0.0, 0.0, 0.0)

    async def rest(self) -> None:
        """See what the house spends in a second in which nobody comes."""
        before = await self.read()
        await asyncio.sleep(REST_SECONDS)
        self._at_rest = (await self.read()).less(before).each(REST_SECONDS)

    async def read(self) -> Spent:
        house = self._house
        books = await gauges.books(house.postgres.primary.url)
        return Spent(
            await gauges.cpu_by_role(house), callers.read(house.notes).total(),
            house.database_line.asked, books.wal, house.bucket_line.sent,
        )  # fmt: skip

    async def since(self, before: Spent, seconds: float, count: float) -> Spent:
        """What each of ``count`` cost in that time, beyond the house at rest."""
        return (await self.read()).less(before).less(self._at_rest, seconds).each(count)


@asynccontextmanager
async def to_flood(web: int) -> AsyncIterator[tuple[House, Cloud, CostMeter]]:
    """A house with so many web processes, before a Telegram that is as lean as can be."""
    async with serving_cloud() as cloud, house_folder() as folder:
        env = {
            "EIDER_TELEGRAM_TOKEN": TOKEN,
            "EIDER_TELEGRAM_API_URL": cloud.url,
            "EIDER_TELEGRAM_WEBHOOK_URL": f"{PUBLIC}{PATH}",
            "EIDER_TELEGRAM_WEBHOOK_SECRET": SECRET,
            "EIDER_TELEGRAM_PER_SECOND": "10000",
            "EIDER_STARS_AVATAR": "199",
            "EIDER_MASTER_KEY": base64.b64encode(people.MASTER_KEY).decode(),
            "EIDER_ALLOWED_HOSTS": "127.0.0.1",
            "EIDER_PHOTOS_MAXIMUM": "200",
            "EIDER_LIMIT_PERCENT": "100000",
        }
        fleet = Fleet(serve=web, courier=1, check=1, studio=1)
        async with open_house(folder, env, fleet, notes=True) as house:
            yield house, cloud, CostMeter(house)


async def measure(
    house: House,
    cloud: Cloud,
    meter: CostMeter,
    milliseconds: Sequence[float],
    counts: Mapping[str, int],
    crowd: int,
) -> list[Figures]:
    """Each kind of update, so many of it, at each latency to the database."""
    found = []
    for walk in people.WALK:
        await flood(house.web.port, (walk(one) for one in range(crowd)), crowd)
        await cloud.quiet()
    await meter.rest()
    for each in milliseconds:
        house.database_line.seconds = each / 1000
        await cloud.quiet()
        for kind, count in counts.items():
            found.append(await _kind(house, cloud, meter, kind, count, crowd))
            print(found[-1], flush=True)
    house.database_line.seconds = 0.0
    return found


async def _kind(
    house: House, cloud: Cloud, meter: CostMeter, kind: str, count: int, crowd: int
) -> Figures:
    updates, port = people.in_turn(kind, crowd), house.web.port
    clock = asyncio.get_running_loop().time
    before, began = await meter.read(), clock()
    posted = await flood(port, updates, count)
    await cloud.quiet()
    each = await meter.since(before, clock() - began, count)
    rate = count / posted.took
    calm = await steady(port, updates, count // 2, rate / 2)
    await cloud.quiet()
    if posted.refused or calm.refused:
        raise SystemExit(f"{posted.refused + calm.refused} updates were not taken")
    return Figures(
        house.fleet.serve, house.database_line.seconds * 1000, kind, rate, calm.quantile(0.5),
        calm.quantile(0.99), each, os.getloadavg()[0],
    )  # fmt: skip


class Counted:
    """In the place of Telegram's limits: refuses nothing, and counts messages as they would."""

    def __init__(self) -> None:
        self.calls = self.messages = self.refusals = 0

    def admit(self, method: str, values: Mapping[str, Any], chat: object) -> None:
        self.calls += 1
        self.messages += weigh(method, values)


async def whole_ways(count: int, at_once: int) -> tuple[Customer, Begun]:
    """What each of so many people cost who went the whole way, so many of them at a time; and who
    began transactions for it."""
    counted = Counted()
    api = BotApi(TOKEN, strict=False, flood=counted)  # type: ignore[arg-type]
    async with serving(api), house_folder() as folder:
        env = environment(api) | {"EIDER_TELEGRAM_PER_SECOND": "10000"}
        fleet = Fleet(serve=1, courier=1, check=1, studio=1)
        async with open_house(folder, env, fleet, notes=True) as house, ClientSession() as http:
            await set_webhook(house, api)
            meter, clock = CostMeter(house), asyncio.get_running_loop().time
            started = callers.read(house.notes)
            await meter.rest()
            rested = callers.read(house.notes)
            ids = iter(range(FIRST_ID, FIRST_ID + count))

            async def walk() -> None:
                for number in ids:
                    await Walker(api, number, f"http://127.0.0.1:{house.web.port}", PUBLIC).walk(
                        http
                    )

            counted.calls = counted.messages = 0
            before, began = await meter.read(), clock()
            await asyncio.gather(*(walk() for _ in range(at_once)))
            seconds = clock() - began
            each = await meter.since(before, seconds, count)
            ended = callers.read(house.notes)
            begun = Begun.counted(started, rested, ended, REST_SECONDS, seconds, count)
            updates = sum(post.status == 200 for post in api.delivery.posts)
            key_bytes = await gauges.key_bytes(house.valkey.url)
    one = Customer(
        updates / count, counted.messages / count, counted.calls / count, each.transactions,
        each.asked, each.wal, each.stored, key_bytes, each.cpu,
    )  # fmt: skip
    return one, begun


async def look_seconds() -> float:
    """CPU seconds of one look at a photo by the real engine, which the house's only plays."""
    engine, photos = ChildEngine(ChildSettings(threads=1)), customers.photos()
    try:
        await engine.inspect(photos[0])
        (child,) = psutil.Process().children()
        before = gauges.cpu_seconds(child)
        for photo in photos:
            await engine.inspect(photo)
        return (gauges.cpu_seconds(child) - before) / len(photos)
    finally:
        await engine.close()


def _rates(figures: Sequence[Figures]) -> str:
    roles = list(figures[0].each.cpu)
    head = ("web processes", "kind", "updates/s", "p50 ms", "p99 ms", *roles, "load average")
    rows = [
        (
            one.web, one.kind, f"{one.rate:.0f}", f"{one.p50:.0f}", f"{one.p99:.0f}",
            *(f"{1000 * one.each.cpu[role]:.1f}" for role in roles), f"{one.load:.1f}",
        )
        for one in figures
    ]  # fmt: skip
    return pages.table(head, rows)


def _far(figures: Sequence[Figures]) -> str:
    head = (
        "round trip longer by, ms", "kind", "requests an update", "transactions an update",
        "p50 ms", "p99 ms", "updates/s of one process", "load average",
    )  # fmt: skip
    rows = [
        (
            f"{one.milliseconds:g}", one.kind, f"{one.each.asked:.1f}",
            f"{one.each.transactions:.1f}", f"{one.p50:.0f}", f"{one.p99:.0f}", f"{one.rate:.0f}",
            f"{one.load:.1f}",
        )
        for one in sorted(figures, key=lambda one: (one.kind, one.milliseconds))
    ]  # fmt: skip
    return pages.table(head, rows)


def in_a_row(figures: Sequence[Figures], kind: str) -> float:
    """How many requests to the database an update waits for, one after the other: by how much its
    p50 grows with the latency."""
    ours = [one for one in figures if one.kind == kind]
    return slope([one.milliseconds for one in ours], [one.p50 for one in ours])


def way(one: Customer, begun: Begun) -> str:
    """What one customer's whole way cost."""
    spent = [(role, f"{seconds:.2f}") for role, seconds in one.cpu.items()]
    return f"""## One customer, the whole way

{SENT} photos, a question, a purchase, the training, two sets, the album's page, the erasure:
{one.updates:.0f} updates, {one.calls:.0f} calls of Telegram, which count for {one.messages:.0f}
messages; {one.transactions:.0f} transactions, {one.asked:.0f} requests to PostgreSQL,
{one.wal / 1e6:.2f} MB of its log, {one.stored / 1e6:.1f} MB into the blob store.

{pages.table(("who", "seconds of CPU"), spent)}

## Who begins transactions

{begun.table()}
"""


def page(
    near: Sequence[Figures], far: Sequence[Figures], one: Customer, begun: Begun, a_day: int
) -> str:
    about = (__doc__ or "").partition("\n\n")[2].strip()
    told = f"`{pages.command('benchmarks.crowd')}`, {pages.today()}; {hardware.machine()}"
    waits = ", ".join(f"{kind} {in_a_row(far, kind):.1f}" for kind in people.KINDS)
    needs = [(each.what, each.much, each.how) for each in million.needs(a_day, one)]
    return f"""# Throughput: what an update costs, and what a million customers a day would need

{told}.

{about}

## By web processes

A rate counts what was answered 200: it is stored. Then milliseconds of CPU an update, by who used
them. Load, Telegram's side, the networks between and all processes share the machine's cores.

{_rates(near)}

## By latency to the database

{_far(far)}

Requests to the database that an update waits for, one after the other, by the growth of its p50:
{waits}.

{way(one, begun)}
## {a_day:,} customers a day

{pages.table(("what", "how much", "how"), needs)}
"""


async def run(chosen: argparse.Namespace) -> str:
    counts = {"text": chosen.updates, "button": chosen.updates, "photo": chosen.updates // 2}
    near: list[Figures] = []
    for web in range(1, chosen.web + 1):
        async with to_flood(web) as opened:
            latencies = MILLISECONDS if web == 1 else (0.0,)
            near += await measure(*opened, latencies, counts, chosen.people)
    far = [each for each in near if each.web == 1]
    near = [each for each in near if not each.milliseconds]
    one, begun = await whole_ways(chosen.customers, chosen.at_once)
    if not chosen.web:
        return way(one, begun)
    cpu = dict(one.cpu)
    cpu["check"] += SENT * await look_seconds()
    cpu.pop("studio")  # the time-keeping engine's: a studio's own host is among the GPUs
    gpu = million.studio_seconds(million.FLEET.read_text("utf-8"))
    return page(near, far, replace(one, cpu=cpu, gpu=gpu), begun, chosen.a_day)


def main(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd throughput")
    parser.add_argument("--web", type=int, default=3, help="at most; 0: only the whole ways")
    parser.add_argument("--updates", type=int, default=800, help="of each kind; half the photos")
    parser.add_argument("--people", type=int, default=200, help="who send them in turn")
    parser.add_argument("--customers", type=int, default=16, help="who go the whole way")
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--a-day", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args(given)
    text = uvloop.run(run(chosen))
    if chosen.web:
        pages.write(chosen.out, text)
    print(text)
    return 0
