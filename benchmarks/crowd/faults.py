"""What goes wrong, and when: every kind at least once in a run, at moments by the seed."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import psutil

from benchmarks.crowd.house import MODULES, House

KILL: Final = "kill -9"
TERM: Final = "SIGTERM"
SLOW_SECONDS: Final = 0.5
FIRST, LAST = 0.1, 0.9
"""The part of a run in which faults happen."""

Do = Callable[[House, random.Random, float], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """``at`` is in seconds from the beginning."""

    at: float
    name: str
    do: Do = field(repr=False)


@dataclass(slots=True)
class Happened:
    """A fault as it was; times are Unix's. ``note`` says more, such as who was hit."""

    name: str
    began: float
    ended: float
    note: str


def schedule(seconds: float, rounds: int, seed: int, only: Sequence[str] = ()) -> list[Fault]:
    """Every kind in each of so many rounds, each in another order. ``only``: that begin so."""
    dice = random.Random(f"{seed} faults")
    kinds = [(name, do) for name, do in KINDS.items() if not only or name.startswith(tuple(only))]
    length = seconds * (LAST - FIRST) / max(1, rounds)
    planned = []
    for number in range(rounds):
        start = seconds * FIRST + number * length
        step = length / max(1, len(kinds))
        for place, (name, do) in enumerate(dice.sample(kinds, len(kinds))):
            planned.append(Fault(start + (place + dice.random()) * step, name, do))
    return planned


async def happen(house: House, planned: Sequence[Fault], seed: int, pause: float) -> list[Happened]:
    """Let all of it happen, beside each other where they overlap. ``pause`` is how long what lasts
    is left as it is, in seconds."""
    dice, began = random.Random(f"{seed} hits"), time.monotonic()
    running = []

    async def one(fault: Fault) -> Happened:
        started = time.time()
        note = await fault.do(house, dice, pause)
        print(f"  {fault.at:5.0f} s  {fault.name} {note}", flush=True)
        return Happened(fault.name, started, time.time(), note)

    for fault in sorted(planned, key=lambda each: each.at):
        await asyncio.sleep(max(0.0, fault.at - (time.monotonic() - began)))
        running.append(asyncio.create_task(one(fault)))
    return list(await asyncio.gather(*running))


def _hits(role: str, act: Callable[[House, str], None]) -> Do:
    """One process of that role, when it runs."""

    async def do(house: House, dice: random.Random, pause: float) -> str:
        name = dice.choice(house.fleet.names(role))
        while True:
            try:
                act(house, name)
            except (psutil.NoSuchProcess, KeyError):  # it is just being started again
                await asyncio.sleep(0.1)
            else:
                return name

    return do


def _cut(line: str) -> Do:
    """Every connection, and none can be made for a while."""

    async def do(house: House, dice: random.Random, pause: float) -> str:
        proxy = getattr(house, line)
        open_ones = len(proxy.hops) // 2
        await proxy.close()
        await asyncio.sleep(pause / 4)
        await proxy.open()
        return f"{open_ones} connections, for {pause / 4:g} s"

    return do


async def _slow_bucket(house: House, dice: random.Random, pause: float) -> str:
    house.bucket_line.seconds = SLOW_SECONDS
    await asyncio.sleep(pause)
    house.bucket_line.seconds = 0.0
    return f"by {SLOW_SECONDS * 1000:g} ms for {pause:g} s"


async def _full_disk(house: House, dice: random.Random, pause: float) -> str:
    if not await asyncio.to_thread(house.fill_disk):
        return "not done: no disk of its own may be mounted here"
    await asyncio.sleep(pause)
    house.empty_disk()
    return f"for {pause:g} s"


async def _restart_valkey(house: House, dice: random.Random, pause: float) -> str:
    await house.restart_valkey()
    return ""


async def _fail_over(house: House, dice: random.Random, pause: float) -> str:
    began = time.monotonic()
    await house.fail_over()
    return f"to the standby; with a new one after {time.monotonic() - began:.1f} s"


KINDS: Final[dict[str, Do]] = {
    **{f"{KILL} of {role}": _hits(role, House.kill) for role in MODULES},
    **{f"{TERM} to {role}": _hits(role, House.terminate) for role in MODULES},
    "connections cut to PostgreSQL": _cut("database_line"),
    "connections cut to Valkey": _cut("redis_line"),
    "connections cut to S3": _cut("bucket_line"),
    "slow S3": _slow_bucket,
    "full disk": _full_disk,
    "Valkey restarted": _restart_valkey,
    "PostgreSQL failed over": _fail_over,
}
