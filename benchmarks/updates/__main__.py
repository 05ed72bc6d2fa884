"""The run: ``python -m benchmarks.updates``; writes docs/benchmarks/updates.md."""

import argparse
import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import hardware, pages
from benchmarks.updates import people, servers
from benchmarks.updates.cloud import Cloud, serving
from benchmarks.updates.load import Posted, flood, steady
from benchmarks.updates.servers import Server

OTHER_CORE: Final = {1}
TABLE: Final = Path("docs/benchmarks/updates.md")
WALK: Final[tuple[Callable[[int], bytes], ...]] = (
    lambda one: people.text(one, "/start"),
    lambda one: people.button(one, "terms"),
    lambda one: people.button(one, "agree:terms"),
    lambda one: people.button(one, "agree:training"),
    lambda one: people.button(one, "subject:woman"),
)
"""From the first word to the place where photos are taken; each is one update."""

NAMES: Final = {
    "sqlite": "Eider, SQLite",
    "postgresql": "Eider, PostgreSQL",
    "ptb": "bare python-telegram-bot echo",
    "aiogram": "bare aiogram echo",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one kind of update. ``rate`` counts an update when all its replies are out as well."""

    rate: float
    taken: float
    p50: float
    p99: float


@dataclass(slots=True)
class Result:
    """Of one server. Memory in MiB, of a thousand dialogues."""

    memory: float = 0.0
    thousand: float = 0.0
    kinds: dict[str, Figures] = field(default_factory=dict)


_HEAD: Final = """# Updates: from the webhook's POST to the stored effect

`{command}`, {today}; {machine}.

{crowd} people in turn over 100 connections. The server has one core to itself; Telegram's side (the
load, and the answers to the bot's calls), Valkey and PostgreSQL share the other. A rate counts an
update when it was answered 200 and everything said to it was out. For Eider, 200 means stored,
which is counted in the database afterwards; the echoes store nothing. Latencies are from the POST
to its 200 at half of the server's own rate (open loop: an update that waits for a connection waits
on the clock).
"""


async def measure(server: Server, cloud: Cloud, seconds: float, crowd: int) -> Result:
    result = Result()
    for walk in WALK:
        await _quiet(cloud, await flood(server.port, iter([walk(crowd)]), 1))
    result.memory = server.memory()
    for walk in WALK:
        await _quiet(cloud, await flood(server.port, (walk(one) for one in range(crowd)), crowd))
    result.thousand = (server.memory() - result.memory) / crowd * 1000
    for kind in people.KINDS:
        result.kinds[kind] = await _kind(server, cloud, people.in_turn(kind, crowd), seconds)
        print(f"  {kind}: {result.kinds[kind]}", flush=True)
    return result


async def _kind(server: Server, cloud: Cloud, updates: Iterator[bytes], seconds: float) -> Figures:
    trial = await flood(server.port, updates, 300)
    await _quiet(cloud, trial)
    count = int(seconds * 300 / trial.took)
    before = await server.stored() if server.database else 0
    began = time.perf_counter()
    posted = await flood(server.port, updates, count)
    took = await _quiet(cloud, posted) - began
    if server.database and (stored := await server.stored() - before) < count:
        raise SystemExit(f"{server.name}: {count} taken, {stored} stored")
    half = count / took / 2
    calm = await steady(server.port, updates, int(half * seconds), half)
    await _quiet(cloud, calm)
    return Figures(count / took, count / posted.took, calm.quantile(0.5), calm.quantile(0.99))


async def _quiet(cloud: Cloud, posted: Posted) -> float:
    """Wait until nothing is said any more; when the last word was, by ``time.perf_counter``."""
    if posted.refused:
        raise SystemExit(f"{posted.refused} updates were not taken")
    ended = time.perf_counter()
    while time.perf_counter() - max(cloud.called_at, ended) < 1.5:
        await asyncio.sleep(0.1)
    return max(cloud.called_at, ended)


def _opened(name: str, cloud: Cloud) -> AbstractAsyncContextManager[Server]:
    if name in ("ptb", "aiogram"):
        return servers.echo(name, cloud)
    return servers.eider(name, cloud)


async def run(names: list[str], seconds: float, crowd: int) -> dict[str, Result]:
    results = {}
    for name in names:
        print(NAMES[name], flush=True)
        async with serving() as cloud, _opened(name, cloud) as server:
            results[name] = await measure(server, cloud, seconds, crowd)
    return results


def table(results: dict[str, Result], command: str, crowd: int) -> str:
    base = results.get("ptb")
    lines = [
        _HEAD.format(command=command, today=pages.today(), machine=hardware.machine(), crowd=crowd)
    ]
    lines += [
        "| server | kind | updates/s | against the PTB echo | p50 ms | p99 ms |",
        "|---|---|---|---|---|---|",
    ]
    for name, result in results.items():
        for kind, one in result.kinds.items():
            ratio = f"{one.rate / base.kinds[kind].rate:.2f}" if base else "–"
            lines.append(
                f"| {NAMES[name]} | {kind} | {one.rate:.0f} | {ratio} | {one.p50:.1f} "
                f"| {one.p99:.1f} |"
            )
    lines += ["", "| server | MiB at rest | MiB more for a thousand dialogues |", "|---|---|---|"]
    lines += [
        f"| {NAMES[name]} | {one.memory:.0f} | {one.thousand:.1f} |"
        for name, one in results.items()
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.updates", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=NAMES, default=list(NAMES))
    parser.add_argument("--seconds", type=float, default=12.0, help="of each measurement")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=TABLE)
    chosen = parser.parse_args()
    if shutil.which("taskset"):
        os.sched_setaffinity(0, OTHER_CORE)
    results = asyncio.run(run(chosen.only, chosen.seconds, chosen.people))
    text = table(results, pages.command("benchmarks.updates"), chosen.people)
    pages.write(chosen.out, text)
    print(text)


if __name__ == "__main__":
    main()
