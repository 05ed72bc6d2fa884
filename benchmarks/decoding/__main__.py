"""Decoding, measured: ``python -m benchmarks.decoding`` writes docs/benchmarks/decoding.md."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import hardware, pages
from benchmarks.decoding import hostile
from pipeline.decoding import sanitizer
from pipeline.decoding.pool import DecoderPool
from shop.errors import PhotoRefused

PAGE = Path("docs/benchmarks/decoding.md")
SENDERS = 20  # of hostile files, each another person
HONEST = {
    "1,280 px JPEG, as Telegram makes them": hostile.honest(side=1280, quality=87),
    "12 megapixel JPEG": hostile.honest(side=3464, quality=90),
    "12 megapixel PNG": hostile.honest("PNG", 3464),
}

Decode = Callable[[bytes], Awaitable[object]]


async def in_a_thread(raw: bytes) -> object:
    """As it was before: in the process that serves the web."""
    return await asyncio.to_thread(sanitizer.sanitize, raw)


async def seconds_each(decode: Decode, raw: bytes, count: int) -> float:
    """Of wall time, with four at a time."""
    gate = asyncio.Semaphore(4)

    async def one() -> None:
        async with gate:
            await decode(raw)

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(count)))
    return (time.perf_counter() - began) / count


async def honest_rows(rounds: int) -> list[tuple[str, str, str, str]]:
    rows = []
    async with DecoderPool() as pool:

        async def sandboxed(raw: bytes) -> object:
            return await pool.decode(raw, "anna")

        for name, raw in HONEST.items():
            sides: tuple[Decode, Decode] = (in_a_thread, sandboxed)
            await asyncio.gather(*(side(raw) for side in sides * 2))
            taken: dict[Decode, list[float]] = {side: [] for side in sides}
            for _ in range(rounds):
                for side in sides:
                    taken[side].append(await seconds_each(side, raw, 24))
            before, after = (statistics.median(taken[side]) for side in sides)
            rows.append(
                (name, f"{before * 1e3:.1f}", f"{after * 1e3:.1f}", f"{after / before:.2f}")
            )
    return rows


async def hostile_row(name: str, raw: bytes) -> tuple[object, ...]:
    """What twenty of them at once do to an honest photo, and to the memory of this process."""
    honest = HONEST["1,280 px JPEG, as Telegram makes them"]
    async with DecoderPool() as pool:

        async def send(owner: str) -> str:
            try:
                await pool.decode(raw, owner)
            except PhotoRefused as refusal:
                return type(refusal).__name__
            return "decoded"

        await asyncio.gather(*(pool.decode(honest, owner) for owner in "ab"))
        alone = await timed(pool.decode(honest, "anna"))
        base = forget_peak()
        many = [asyncio.create_task(send(f"mallory {number}")) for number in range(SENDERS)]
        await asyncio.sleep(0)
        beside = await timed(pool.decode(honest, "anna"))
        began = time.perf_counter()
        outcomes = set(await asyncio.gather(*many))
        rest = time.perf_counter() - began
        grown = peak() - base
    return (
        name, f"{len(raw):,}", ", ".join(sorted(outcomes)), f"{beside - alone:.2f}",
        f"{beside + rest:.1f}", f"{grown / 2**20:.0f}",
    )  # fmt: skip


async def timed(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def forget_peak() -> int:
    """Begin anew to look for the most memory that this process uses; what it uses now, in bytes."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    return peak()


def peak() -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


async def measure(rounds: int) -> str:
    files = hostile.all_of_them() | {"PNG of 60 megapixels, honest": hostile.png_of_60_megapixels()}
    kinds = [await hostile_row(name, raw) for name, raw in files.items()]
    costs = await honest_rows(rounds)
    return f"""# Decoding: what the sandbox costs, and what it spares

`{pages.command("benchmarks.decoding")}`, {pages.today()}; {hardware.machine()}.

## An honest photo

Milliseconds each, four at a time, of two processes; medians of {rounds} alternate rounds.

{pages.table(("photo", "in a thread of the web process", "in the sandbox", "ratio"), costs)}

## Twenty hostile ones at once, of twenty people, and then an honest one

Delay: seconds that the honest photo waits longer than alone. Memory: by how much this process,
which plays the web process, grows at most.

{pages.table(("file", "bytes", "outcome", "delay, s", "all done, s", "memory, MB"), kinds)}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    pages.write(chosen.out, asyncio.run(measure(chosen.rounds)))


if __name__ == "__main__":
    main()
