"""The run: ``python -m benchmarks.crowd``; writes docs/benchmarks/crowd.md. Its exit status is 1 if
a promise was broken."""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvloop

from benchmarks import hardware, pages
from benchmarks.crowd import faults, soak, throughput
from benchmarks.crowd.faults import Happened
from benchmarks.crowd.house import Fleet, House, house_folder, open_house
from benchmarks.crowd.load import CHATS, STRICT
from benchmarks.crowd.meter import Meter
from benchmarks.crowd.verdict import Verdict, at_rest, judge, lines_of
from bot.container import Container
from bot.demo.environment import free_port
from bot.process_supervisor import ROOT

PAGE: Final = Path("docs/benchmarks/crowd.md")
STRICTLY: Final = "every call is judged against the whole Bot API"
LENIENTLY: Final = f"of more than {STRICT} people no call is judged by its form"
TEXT: Final = """# A crowd: {customers:,} customers, while everything breaks

`{command}`, {today}; {machine}; the machine's load average at the end {load}.

{customers:,} customers come within {minutes:g} minutes as a day's do, four in five to Telegram, the
others to WeChat, and pay in Stars and with WeChat Pay, all of which are doubles on this machine;
{judged}. The house is as an operator runs it, in production settings:
{serve} `serve`, {courier} `courier`, {check} `check`, {studio} `studio`, each a process; PostgreSQL
with a standby that has every commit before it is acknowledged, Valkey with an append-only file,
moto's S3. The engine keeps time instead of painting: a training of 90 s, a set of 8 s, 144 times as
fast, as a day's work is done in ten minutes. What is photographed is small (400 x 500).

The last customer had gone after {seconds} s, and {settled} s later nothing was owed. {updates}
updates were taken, {rate} a second.

## Kept or broken

{promises}

{broken}

## What happened to the house

{hits}

## What it cost

{spent}

{arithmetic}

## Counted

{counts}
"""

MANY: Final = 100_000
SETTLE_SECONDS: Final = 240.0
LARGEST_LINE: Final = 1 << 28


class Load:
    """A load process, by its lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout

    async def hears(self) -> dict[str, Any]:
        """Raises EOFError where it ended."""
        line = await self._out.readline()
        if not line:
            raise EOFError("a load process has ended")
        said: dict[str, Any] = json.loads(line)
        return said

    def says(self, word: str) -> None:
        self._in.write(f"{word}\n".encode())

    async def asks(self, word: str) -> dict[str, Any]:
        self.says(word)
        return await self.hears()


@dataclass(frozen=True, slots=True)
class Outcome:
    """``seconds`` until the last customer had gone, ``settled`` more until nothing was owed;
    ``load`` is the machine's average then, ``spent`` seconds of CPU by role."""

    verdict: Verdict
    happened: list[Happened]
    seconds: float
    settled: float
    load: float
    spent: dict[str, float]


async def run(chosen: argparse.Namespace) -> Outcome:
    """The whole of it; SIGTERM ends it in order, with all that it began."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    port, seconds = free_port(0), chosen.minutes * 60
    async with AsyncExitStack() as stack:
        loads = {chat: await stack.enter_async_context(_load(chat, chosen, port)) for chat in CHATS}
        env = {"EIDER_LEASE_SECONDS": str(chosen.lease)}
        for load in loads.values():
            env |= (await load.hears())["env"]
        folder = await stack.enter_async_context(house_folder())
        fleet = Fleet(chosen.serve, chosen.courier, chosen.check, chosen.studio)
        house = await stack.enter_async_context(open_house(folder, env, fleet, port))
        await asyncio.to_thread(_set_webhook, house)
        print(f"the house is open; {chosen.customers} customers come", flush=True)
        began, meter = time.monotonic(), Meter()
        metering = asyncio.create_task(meter.watch(house))
        planned = faults.schedule(seconds, chosen.rounds, chosen.seed, chosen.faults)
        breaking = asyncio.create_task(faults.happen(house, planned, chosen.seed, chosen.pause))
        for load in loads.values():
            load.says("come")
        for load in loads.values():
            print(f"  {(await load.hears())['gone']} have gone", flush=True)
        gone = time.monotonic()
        happened = await breaking
        async with house.look_inside() as container:
            await _settle(loads, container)
            settled = time.monotonic()
            metering.cancel()
            told = {chat: await load.asks("look") for chat, load in loads.items()}
            verdict = await judge(container, told, happened)
        if chosen.keep:
            _keep(house, told, chosen.keep)
        return Outcome(
            verdict, happened, gone - began, settled - gone, os.getloadavg()[0], meter.by_role()
        )


@asynccontextmanager
async def _load(chat: str, chosen: argparse.Namespace, port: int) -> AsyncIterator[Load]:
    options = {
        "customers": chosen.customers, "seconds": chosen.minutes * 60, "seed": chosen.seed,
        "patience": chosen.patience, "port": port,
    }  # fmt: skip
    given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.crowd.load", chat, *given,
        stdin=pipe, stdout=pipe, limit=LARGEST_LINE, cwd=ROOT,
    )  # fmt: skip
    try:
        yield Load(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _set_webhook(house: House) -> None:
    """As an operator does it."""
    command = [sys.executable, "-m", "bot", "telegram", "set"]
    subprocess.run(command, check=True, cwd=ROOT, env=house.env, stdout=subprocess.DEVNULL)


async def _settle(loads: dict[str, Load], container: Container) -> None:
    """Until everything that happened was told and nothing is owed, or for so long."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        resting = [(await load.asks("rest"))["rest"] for load in loads.values()]
        if not any(resting) and await at_rest(container):
            return
        await asyncio.sleep(1)


def _keep(house: House, told: dict[str, Any], where: Path) -> None:
    """What one needs to find out more: logs, and what each customer noted."""
    where.mkdir(parents=True, exist_ok=True)
    for log in (house.folder / "logs").glob("*.log"):
        (where / log.name).write_bytes(log.read_bytes())
    (where / "told.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")


def page(outcome: Outcome, chosen: argparse.Namespace) -> str:
    """The table."""
    verdict = outcome.verdict
    promises = [(name, len(cases)) for name, cases in verdict.broken.items()]
    hits = [(one.name, one.note, f"{one.ended - one.began:.1f}") for one in outcome.happened]
    counts = [(name, _readable(value)) for name, value in verdict.counts.items()]
    updates = sum(verdict.counts[f"{chat}: updates"] for chat in CHATS)
    spent = [
        (role, f"{seconds:.0f}", f"{seconds / chosen.customers:.2f}")
        for role, seconds in outcome.spent.items()
    ]
    values = {
        "command": pages.command("benchmarks.crowd"), "today": pages.today(),
        "machine": hardware.machine(), "updates": f"{updates:,}",
        "rate": f"{updates / outcome.seconds:.1f}", "seconds": f"{outcome.seconds:.0f}",
        "settled": f"{outcome.settled:.0f}", "load": f"{outcome.load:.0f}",
        "judged": STRICTLY if chosen.customers <= STRICT else LENIENTLY,
        "promises": pages.table(("promise", "broken"), promises),
        "broken": "\n".join(f"- {line}" for line in lines_of(verdict)) or "None was broken.",
        "hits": pages.table(("fault", "which, how", "seconds"), hits),
        "spent": pages.table(("role", "CPU seconds", "a customer"), spent),
        "arithmetic": _arithmetic(sum(outcome.spent.values()) / chosen.customers),
        "counts": pages.table(("what", "how many"), counts),
    }  # fmt: skip
    return TEXT.format(**vars(chosen) | values)


def _arithmetic(each: float) -> str:
    """What a real day of very many would want, by what one customer cost here."""
    cores = MANY * each / (10 * 60)
    return (
        f"A customer cost {each:.1f} s of CPU in all, on cores that others were using too.\n"
        f"{MANY:,} of them within ten minutes would want {cores:,.0f} such cores, were each part\n"
        f"as many processes as it needs (PostgreSQL, S3 and the doubles are one each here);\n"
        f"the same {MANY:,} over a true day want {cores / 144:.0f}."
    )


def _readable(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {count}" for name, count in value.items()) or "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def options(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd", description=__doc__)
    add = parser.add_argument
    add("--customers", type=int, default=300)
    add("--minutes", type=float, default=10.0, help="in which a day's customers come")
    add("--seed", type=int, default=1)
    add("--faults", nargs="*", default=[], help="only those that begin so; all if left out")
    add("--rounds", type=int, default=1, help="how often each fault happens; 0: none does")
    add("--pause", type=float, default=10.0, help="seconds that a full disk, or slow S3, lasts")
    add("--lease", type=int, default=30, help="EIDER_LEASE_SECONDS")
    add("--patience", type=float, default=300.0, help="seconds that a customer waits for anything")
    for role, count in (("serve", 2), ("courier", 2), ("check", 1), ("studio", 2)):
        add(f"--{role}", type=int, default=count, help="processes of it")
    add("--keep", type=Path, help="a folder for logs, and what each customer noted")
    add("--out", type=Path, default=PAGE)
    return parser.parse_args(given)


OTHERS: Final = {"soak": soak.main, "throughput": throughput.main}
"""What else is run in such a house, by its word."""


def main() -> int:
    if other := OTHERS.get(next(iter(sys.argv[1:]), "")):
        return other(sys.argv[2:])
    chosen = options()
    outcome = uvloop.run(run(chosen))
    text = page(outcome, chosen)
    pages.write(chosen.out, text)
    print(text)
    return 1 if outcome.verdict.cases else 0


if __name__ == "__main__":
    sys.exit(main())
