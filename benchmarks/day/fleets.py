"""Fleets side by side: ``python -m benchmarks.day.fleets``; writes docs/benchmarks/fleet.md."""

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import pages
from benchmarks.day.fleet import (
    LOOK,
    RESUMING,
    Cluster,
    Fleet,
    Paid,
    Wanted,
    jobs_owed,
    seconds_owed,
)
from benchmarks.day.studio import Ended
from benchmarks.day.trace import Arrival, Durations, day
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips.filming import FILM
from shop.jobs.kinds import JobKind

TABLE: Final = Path("docs/benchmarks/fleet.md")
DURATIONS: Final = Durations(training=90.0, shoot=8.0, step=0.3, load=0.2)
MOST: Final = 12
EVENING: Final = (18.0, 23.0)
OUTAGE: Final = (20.0, 21.0)
HEAD: Final = (
    "fleet", "GPU-hours", "dollars an order", "trainings: mean / p95 / worst",
    "portraits: mean / p95", "clips: p95", "studios at most", "hours without any",
    "taken away", "work done twice, s",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One row: fleets, and by what they are scaled."""

    name: str
    fleets: tuple[Fleet, ...]
    wanted: Wanted = seconds_owed


def main() -> int:
    """Simulate, print, write the tables; the notes under them are kept."""
    chosen = _options()
    began = time.monotonic()
    page = "\n\n".join([
        _head(chosen),
        _section("A large studio", chosen, 1, _large(chosen)),
        _section("A small studio", chosen, chosen.small, _small(chosen)),
        _section("Nodes that may be taken away", chosen, 1, _spot(chosen)),
        _section("A region that is gone from 20 to 21 o'clock", chosen, 1, _regions(chosen)),
    ])  # fmt: skip
    print(page)
    print(f"{time.monotonic() - began:.0f} s")
    pages.write(TABLE, page)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day.fleets", description=__doc__)
    add = parser.add_argument
    add("--jobs", type=int, default=10_000)
    add("--films", type=int, default=4_000)
    add("--videos", type=int, default=300)
    add("--small", type=int, default=20, help="a small studio has one of so many of these")
    add("--processes", type=int, default=2)
    add("--seed", type=int, default=11)
    add("--cold", type=float, default=180.0, help="seconds from asking for a studio to its work")
    add("--dollars", type=float, default=1.2, help="an hour of a GPU that stays")
    add("--spot-dollars", type=float, default=0.45, help="an hour of one that may be taken away")
    return parser.parse_args()


def _large(chosen: argparse.Namespace) -> Iterator[Case]:
    price = chosen.dollars
    for count in (4, 6, 8):
        yield Case(f"{count}, always", (Fleet(count, dollars=price),))
    for each in (120, 300, 600):
        yield Case(f"one for {each} s owed", (Fleet(MOST, each, dollars=price),))
    for each in (5, 10, 20):
        yield Case(f"one for {each} jobs", (Fleet(MOST, each, dollars=price),), jobs_owed)


def _small(chosen: argparse.Namespace) -> Iterator[Case]:
    price = chosen.dollars
    for count in (1, 2):
        yield Case(f"{count}, always", (Fleet(count, dollars=price),))
    yield Case("one for 300 s owed", (Fleet(MOST, 300, dollars=price),))
    warm = Fleet(MOST, 300, dollars=price, warm=EVENING)
    yield Case("one for 300 s owed, one from 18 to 23 o'clock", (warm,))
    for each in (5, 10):
        yield Case(f"one for {each} jobs", (Fleet(MOST, each, dollars=price),), jobs_owed)


def _spot(chosen: argparse.Namespace) -> Iterator[Case]:
    two = Fleet(2, 300, dollars=chosen.dollars)
    for losses in (0.1, 1.0):
        rest = Fleet(MOST - 2, 300, beyond=600, dollars=chosen.spot_dollars, losses=losses)
        yield Case(f"2 that stay, then {MOST - 2}, each lost {losses:g} times an hour", (two, rest))
    alone = Fleet(MOST, 300, dollars=chosen.spot_dollars, losses=1.0)
    yield Case(f"{MOST}, each lost once an hour", (alone,))


def _regions(chosen: argparse.Namespace) -> Iterator[Case]:
    price, half = chosen.dollars, MOST // 2
    yield Case("one region, gone", (Fleet(MOST, 300, dollars=price, away=OUTAGE),))
    for first, second in (((0.0, 0.0), OUTAGE), (OUTAGE, (0.0, 0.0))):
        home = Fleet(half, 300, dollars=price, away=first)
        other = Fleet(half, 300, beyond=half * 300, dollars=price, away=second)
        gone = "the first" if first == OUTAGE else "the second"
        yield Case(f"two regions, one filled after the other, {gone} gone", (home, other))


def _trace(chosen: argparse.Namespace, share: int) -> list[Arrival]:
    """A day with one of so many of the jobs."""
    counts = (chosen.jobs // share, chosen.films // share, chosen.videos // share)
    return day(counts[0], DURATIONS, chosen.seed, *counts[1:])


def _head(chosen: argparse.Namespace) -> str:
    big, small = _trace(chosen, 1), _trace(chosen, chosen.small)
    orders = [sum(one.kind is TRAIN for one in trace) for trace in (big, small)]
    return f"""# Fleets that come and go with the work

`{pages.command("benchmarks.day.fleets")}`, {pages.today()}; virtual time: any machine gives these
tables. Seed {chosen.seed}.

[The same day](day.md) of {len(big):,} jobs ({orders[0]:,} orders) until all is done, with its
durations and its policy; a small studio has {len(small):,} jobs ({orders[1]:,} orders). What
differs is who is there. A fleet is looked at every {LOOK:g} s and scaled as
[the chart](../kubernetes.md#what-a-fleet-is-scaled-by) has it: up at once, down by one in two
minutes once nothing more was wanted for five, to none when nothing was owed for ten. The seconds
owed come from `shop/jobs/owed.py`, the function behind the endpoint. The rival counts jobs that
wait or run, as KEDA counts a queue.

Assumed, not measured: {chosen.cold:g} s from asking for a studio until it works (node, image,
base), {chosen.dollars:g} dollars an hour for a GPU that stays, {chosen.spot_dollars:g} for one that
may be taken away, both paid from the asking. Which one goes is not ours to say; here the youngest
does. What a studio had when it goes is handed on: a training keeps what was done at its last
checkpoint, of ten steps, and needs {RESUMING:g} s to begin again; all else begins anew. At most
{MOST} studios. Dollars are all that the day's GPUs cost, for each order."""


def _section(title: str, chosen: argparse.Namespace, share: int, cases: Iterator[Case]) -> str:
    with ProcessPoolExecutor(chosen.processes) as pool:
        rows = list(pool.map(partial(_row, chosen, share), cases))
    return f"## {title}\n\n{pages.table(HEAD, rows)}"


def _row(chosen: argparse.Namespace, share: int, case: Case) -> tuple[str, ...]:
    """The day by those fleets. Raises RuntimeError when a job was lost or done twice."""
    trace = _trace(chosen, share)
    cluster = Cluster(trace, DURATIONS, case.fleets, case.wanted, chosen.cold, chosen.seed)
    paid = cluster.work_day()
    if sorted(one.arrival.id for one in cluster.ended) != sorted(one.id for one in trace):
        raise RuntimeError("a job was lost or done twice")
    return case.name, *_cells(case, cluster, paid)


def _cells(case: Case, cluster: Cluster, paid: Sequence[Paid]) -> Iterator[str]:
    ended = cluster.ended
    orders = sum(one.arrival.kind is TRAIN for one in ended)
    bills = zip(case.fleets, paid, strict=True)
    yield f"{sum(one.seconds for one in paid) / 3600:.0f}"
    yield f"{sum(fleet.dollars * one.seconds / 3600 for fleet, one in bills) / orders:.3f}"
    trained, painted, filmed = (_waits(ended, kind) for kind in (TRAIN, PAINT, FILM))
    yield f"{statistics.fmean(trained):,.0f} / {_p95(trained):,.0f} / {trained[-1]:,.0f}"
    yield f"{statistics.fmean(painted):,.0f} / {_p95(painted):,.0f}"
    yield f"{_p95(filmed):,.0f}"
    yield " + ".join(str(one.most) for one in paid)
    yield f"{cluster.empty / 3600:.1f}"
    yield f"{sum(one.lost for one in paid)}"
    yield f"{sum(one.twice for one in paid):,.0f}"


def _waits(ended: Sequence[Ended], kind: JobKind) -> list[float]:
    return sorted(one.waited for one in ended if one.arrival.kind is kind)


def _p95(values: Sequence[float]) -> float:
    return values[min(len(values) - 1, int(len(values) * 0.95))]


if __name__ == "__main__":
    raise SystemExit(main())
