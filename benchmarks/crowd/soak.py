"""An hour of steady small load: does anything grow? ``python -m benchmarks.crowd soak``.

The house of `benchmarks/crowd/house.py`, as an operator runs it, with an engine that keeps time. So
many people at once, each of whom is new, go the whole way (`walk.py` beside it) and are erased;
then others come. What the processes hold is looked at every ten seconds, what the stores hold every
minute; growth is the slope of a line by least squares over the samples after the warm-up.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
from aiohttp import ClientError, ClientSession
from redis.asyncio import Redis

from benchmarks import hardware, pages
from benchmarks.crowd import gauges
from benchmarks.crowd.house import PUBLIC, Fleet, House, house_folder, open_house
from benchmarks.crowd.slopes import LEAST, Growth, Sample, growth
from benchmarks.crowd.walk import Unanswered, Walker
from bot.telegram.command import operate_telegram
from bot.telegram.webhook import PATH
from shop.settings import Settings
from tests.bot.telegram.mini_app import TOKEN
from tests.botapi import BotApi, serving

PAGE: Final = Path("docs/benchmarks/soak.md")
FLEET: Final = Fleet(serve=2, courier=1, check=1, studio=1)
FIRST_ID: Final = 800_000_001
LAST_ID: Final = 810_000_000
LOOK_SECONDS: Final = 10.0
STORES_EVERY: Final = 6
"""Looks at the processes for one at the stores."""

MOST: Final = 16.0
"""MiB an hour, in the second half, that a process of ours may grow by: more is a leak."""


@dataclass(slots=True)
class Soak:
    """A run under way. ``ways`` are the ends of all who went through: when, and how long they
    waited for what. ``lost``: what went wrong, in words."""

    house: House
    api: BotApi
    began: float = field(default_factory=time.monotonic)
    updates: int = 0
    samples: list[Sample] = field(default_factory=list)
    ways: list[tuple[float, Mapping[str, float]]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    _pids: dict[str, int] = field(default_factory=dict)

    @property
    def now(self) -> float:
        return time.monotonic() - self.began

    async def walk(self, ids: Iterable[int], until: float) -> None:
        """One after the other, until no more should begin."""
        dice = random.Random(repr(ids))
        async with ClientSession() as http:
            for number in ids:
                if self.now > until:
                    return
                walker = Walker(self.api, number, f"http://127.0.0.1:{self.house.web.port}", PUBLIC)
                try:
                    await walker.walk(http)
                except (Unanswered, ClientError) as why:
                    self.lost.append(f"{self.now:.0f} s: {why!r}")
                else:
                    self.ways.append((self.now, walker.took))
                await asyncio.sleep(dice.uniform(0, 5))
                walker.forget()

    async def watch(self, log: Path) -> None:
        """Until cancelled; each sample is a line of ``log`` as well."""
        for number in range(10**9):
            at = self.now
            values = dict(self.of_processes())
            if number % STORES_EVERY == 0:
                values |= await self.of_stores()
            self._count_updates()
            self.samples.append(Sample(at, self.updates, values))
            with log.open("a") as lines:
                lines.write(json.dumps([at, self.updates, values]) + "\n")
            await asyncio.sleep(max(0.0, LOOK_SECONDS - (self.now - at)))

    def of_processes(self) -> Iterable[tuple[str, float]]:
        for name in self.house.health_ports:
            try:
                process = self.house.process(name)
                children = process.children(True)
            except psutil.NoSuchProcess:
                continue
            self._notice(name, process.pid)
            for label, those in ((name, [process]), (f"{name}, decoders", children)):
                used = gauges.usage(those)
                if those:
                    yield f"{label}: MiB", used.memory / gauges.MIB
                    yield f"{label}: files", used.files
                    yield f"{label}: threads", used.threads

    async def of_stores(self) -> dict[str, float]:
        house = self.house
        database = house.postgres.primary.url
        found: dict[str, float] = {
            f"rows of {name}": count for name, count in (await gauges.rows(database)).items()
        }
        found["connections to PostgreSQL"] = (await gauges.books(database)).connections
        postmaster = house.postgres.primary.postmaster
        backends = [postmaster, *postmaster.children(recursive=True)]
        found["PostgreSQL: MiB"] = gauges.usage(backends).memory / gauges.MIB
        async with Redis.from_url(house.valkey.url) as redis:
            about = await redis.info()
        found["keys in Valkey"] = await gauges.keys(house.valkey.url)
        found["connections to Valkey"] = about["connected_clients"] - 1
        found["Valkey: MiB"] = about["used_memory"] / gauges.MIB
        found["blobs"] = await asyncio.to_thread(gauges.objects, house.bucket)
        return found

    def _notice(self, name: str, pid: int) -> None:
        """One that was started again has lost what it had gathered: that is told."""
        if self._pids.setdefault(name, pid) != pid:
            self._pids[name] = pid
            self.lost.append(f"{self.now:.0f} s: {name} was started again")

    def _count_updates(self) -> None:
        """Those that were taken; the double forgets what it knows of them."""
        posts = self.api.delivery.posts
        self.updates += sum(post.status == 200 for post in posts)
        posts.clear()
        self.api.updates.confirmed.clear()


def environment(api: BotApi) -> dict[str, str]:
    """The variables of a house that sells in Telegram, for Stars."""
    return {
        "EIDER_TELEGRAM_TOKEN": TOKEN,
        "EIDER_TELEGRAM_API_URL": api.url,
        "EIDER_TELEGRAM_WEBHOOK_URL": f"{PUBLIC}{PATH}",
        "EIDER_STARS_AVATAR": "199",
    }


async def set_webhook(house: House, api: BotApi) -> None:
    """As an operator does; the public address is the proxy before the web processes."""
    api.delivery.reach[PUBLIC] = f"http://127.0.0.1:{house.web.port}"
    if await operate_telegram("set", Settings.from_env(house.env)):
        raise SystemExit("the webhook could not be set")


async def run(minutes: float, people: int, log: Path) -> Soak:
    """So long; those who are on their way then go it to its end."""
    async with (
        serving(BotApi(TOKEN, strict=False)) as api,
        house_folder() as folder,
        open_house(folder, environment(api), FLEET) as house,
    ):
        await set_webhook(house, api)
        soak = Soak(house, api)
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(soak.watch(log))
            ways = [
                tasks.create_task(soak.walk(range(FIRST_ID + one, LAST_ID, people), minutes * 60))
                for one in range(people)
            ]
            await asyncio.wait(ways)
            watching.cancel()
        return soak


def page(soak: Soak, minutes: float, warm: float, people: int) -> str:
    """``warm`` in seconds."""
    grown = every_growth(soak.samples, warm)
    memory = {name: one for name, one in grown.items() if name.endswith(": MiB")}
    counts = {name: one for name, one in grown.items() if name.endswith((": files", ": threads"))}
    stores = {name: one for name, one in grown.items() if name not in memory | counts}
    changing = {name: one for name, one in stores.items() if one.most > 0}
    about = (__doc__ or "").partition("\n\n")[2].strip()
    told = f"`{pages.command('benchmarks.crowd')}`, {pages.today()}; {hardware.machine()}"
    return f"""# Soak: {minutes:g} minutes of steady load

{told}; load average at the end {os.getloadavg()[0]:.1f} (other work beside it).

{about}

{people} people at once: {len(soak.ways)} went the whole way, {soak.updates:,} updates. What went
wrong: {"; ".join(soak.lost) or "nothing"}.

Memory is what no file is behind (`Pss_Anon`). "Late" is the slope of the second half alone: what
only warms up grows less there.

## Memory

{_table("MiB", memory, 1)}

## Open files and threads

{_table("", counts, 0)}

## What the stores hold

{_table("", changing, 0)}

Tables without a row all the time: {", ".join(sorted(_empty(stores))) or "none"}.

## How long people waited, in seconds

{_waits(soak, warm)}
"""


def _empty(stores: Mapping[str, Growth]) -> list[str]:
    return [name.removeprefix("rows of ") for name, one in stores.items() if one.most == 0]


def _table(unit: str, grown: Mapping[str, Growth], digits: int) -> str:
    of = f" {unit}" if unit else ""
    head = (
        "", f"first{of}", f"last{of}", f"most{of}", "an hour", "late, an hour", "for 1,000 updates"
    )  # fmt: skip
    rows = [
        (
            name.removesuffix(": MiB"),
            *(f"{value:,.{digits}f}" for value in (one.first, one.last, one.most)),
            *(f"{value:+,.{1}f}" for value in (one.per_hour, one.late, one.per_thousand)),
        )
        for name, one in sorted(grown.items())
    ]
    return pages.table(head, rows)


def _waits(soak: Soak, warm: float) -> str:
    """Medians of the first third of those who came after the warm-up, and of the last."""
    ended = [took for at, took in soak.ways if at >= warm]
    third = max(1, len(ended) // 3)
    steps = dict.fromkeys(step for took in ended for step in took)

    def median(ways: Sequence[Mapping[str, float]], step: str) -> str:
        return f"{statistics.median(took[step] for took in ways):.1f}"

    rows = [(step, median(ended[:third], step), median(ended[-third:], step)) for step in steps]
    return pages.table(("waited for", "first third, median", "last third, median"), rows)


def every_growth(samples: Sequence[Sample], warm: float) -> dict[str, Growth]:
    """Of each value that was there often enough."""
    seen = Counter(name for sample in samples if sample.at >= warm for name in sample.values)
    return {name: growth(samples, name, warm) for name, times in seen.items() if times >= LEAST}


def leaks(samples: Sequence[Sample], warm: float, most: float = MOST) -> list[str]:
    """The processes of ours that grow by more, in words."""
    stores = ("PostgreSQL", "Valkey")
    return [
        f"{name} grows by {one.late:.1f} an hour"
        for name, one in every_growth(samples, warm).items()
        if name.endswith(": MiB") and not name.startswith(stores) and one.late > most
    ]


def main(given: Sequence[str]) -> int:
    """0: nothing grows, and everybody was answered."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--warm", type=float, default=10.0, help="minutes that do not count")
    parser.add_argument("--people", type=int, default=8, help="on their way at once")
    parser.add_argument("--samples", type=Path, default=Path("soak.jsonl"), help="each as it comes")
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args(given)
    soak = asyncio.run(run(chosen.minutes, chosen.people, chosen.samples))
    text = page(soak, chosen.minutes, chosen.warm * 60, chosen.people)
    pages.write(chosen.out, text)
    print(text)
    wrong = [*soak.lost, *leaks(soak.samples, chosen.warm * 60)]
    print(*wrong, sep="\n")
    return bool(wrong)
