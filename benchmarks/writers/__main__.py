"""The run: ``python -m benchmarks.writers``; writes docs/benchmarks/writers.md."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import uvloop

from benchmarks import hardware, pages
from benchmarks.proxy import proxied
from shop.adapters.database import SqlDatabase, upgrade
from shop.records import Journal, Order
from tests.postgres import throw_away_postgres

PROCESSES: Final = 4  # that share the writers, as a shop's processes do
COUNTS: Final = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Rate:
    """``writers`` different people's transactions a second."""

    writers: int
    rate: float


async def measure(url: str, count: int, seconds: float, first: int) -> Rate:
    """``count`` writers at once, none of whom wrote before."""
    processes = min(count, PROCESSES)
    shares = [count // processes + (number < count % processes) for number in range(processes)]
    running = []
    for share in shares:
        running.append(await _start(url, first, share, seconds))
        first += share
    for one in running:
        assert one.stdout is not None
        assert await one.stdout.readline() == b"ready\n", "a writer did not get ready"
    for one in running:
        assert one.stdin is not None
        one.stdin.write(b"go\n")
    rate = 0.0
    for one in running:
        out, _ = await one.communicate()
        assert one.returncode == 0, "a writer failed"
        done, took = out.split()
        rate += int(done) / float(took)
    return Rate(count, rate)


async def _start(url: str, first: int, share: int, seconds: float) -> asyncio.subprocess.Process:
    arguments = ("-m", "benchmarks.writers.writer", url, str(first), str(share), str(seconds))
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe)


async def run(server: str, milliseconds: float, seconds: float) -> list[Rate]:
    await upgrade(server)
    socket = Path(parse_qs(urlsplit(server).query)["host"][0]) / ".s.PGSQL.5432"
    found, first = [], 0
    async with proxied(socket, seconds=milliseconds / 1000) as proxy:
        url = f"postgresql+asyncpg://eider@127.0.0.1:{proxy.port}/postgres?ssl=disable"
        for count in COUNTS:
            found.append(await measure(url, count, seconds, first))
            first += count
            print(found[-1], flush=True)
    await _demand_all_is_booked(server)
    return found


async def _demand_all_is_booked(server: str) -> None:
    database = SqlDatabase(server)
    async with database.snapshot() as tx:
        assert set((await tx.totals()).values()) == {0}
        paid = [order for order in await tx.find(Order) if order.charge]
        assert await tx.count(Journal, kind="sale") == len(paid) > 0
    await database.close()


def page(found: Sequence[Rate], milliseconds: float, seconds: float) -> str:
    one = found[0].rate
    rows = [(each.writers, f"{each.rate:.1f}", f"{each.rate / one:.1f}") for each in found]
    return f"""# Writers: people beside each other in PostgreSQL

`{pages.command("benchmarks.writers")}`, {pages.today()}; {hardware.machine()}.

{pages.table(("writers", "transactions/s", "times one writer"), rows)}

Each writer is another person, and does one thing after the other, each in a transaction of its own:
begins an order, counts three photos, places the order, is paid for it, has it refunded. A round
trip to PostgreSQL (fsync on) takes {milliseconds:g} ms longer than it would, by a proxy between the
two. Up to {PROCESSES} processes share the writers, for {seconds:g} s each; afterwards the books are
zero and every payment is booked.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--milliseconds", type=float, default=5.0, help="of a round trip")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each number of writers")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/writers.md"))
    chosen = parser.parse_args()
    with throw_away_postgres(fsync=True) as server:
        found = uvloop.run(run(server, chosen.milliseconds, chosen.seconds))
    pages.write(chosen.out, page(found, chosen.milliseconds, chosen.seconds))


if __name__ == "__main__":
    main()
