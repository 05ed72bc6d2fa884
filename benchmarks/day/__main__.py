"""The run: ``python -m benchmarks.day``; writes docs/benchmarks/day.md."""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import pages
from benchmarks.day.studio import Choose, Ended, Studio, by_policy, first_come
from benchmarks.day.trace import ALBUM, DAY, HOURS, Arrival, Durations, day
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips.filming import FILM, VIDEO
from shop.jobs.scheduler import SchedulingRules

TABLE: Final = Path("docs/benchmarks/day.md")
POLICIES: Final[tuple[tuple[str, Choose], ...]] = (
    ("Eider", by_policy), ("first come, first served", first_come),
)  # fmt: skip


def main() -> int:
    """Simulate, print, write the table; the notes under it are kept."""
    chosen = _options()
    began = time.monotonic()
    durations = Durations(
        chosen.training, chosen.shoot, chosen.step, chosen.load, chosen.film, chosen.video
    )
    rules = SchedulingRules(background_batch=chosen.together, interactive_batch=chosen.abreast)
    trace = day(chosen.jobs, durations, chosen.seed, chosen.films, chosen.videos)
    runs = [
        (workers, name, _run(trace, durations, workers, rules, choose))
        for workers in chosen.workers
        for name, choose in POLICIES
    ]
    page = "\n\n".join(
        (_head(chosen, durations, trace), _waits(runs), _clips(runs), _estimates(runs))
    )
    print(page)
    print(f"{time.monotonic() - began:.0f} s")
    pages.write(TABLE, page)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day", description=__doc__)
    add = parser.add_argument
    add("--jobs", type=int, default=10_000)
    add("--workers", type=int, nargs="+", default=[4, 5, 6])
    add("--seed", type=int, default=11)
    add("--training", type=float, default=90.0, help="seconds of work")
    add("--shoot", type=float, default=8.0, help="seconds of work of four portraits")
    add("--step", type=float, default=0.3, help="seconds of a training step")
    add("--load", type=float, default=0.2, help="seconds to load a cold adapter")
    add("--films", type=int, default=4_000, help="clips by the embedded animator")
    add("--film", type=float, default=5.0, help="seconds of work of one")
    add("--videos", type=int, default=300, help="generated clips")
    add("--video", type=float, default=60.0, help="seconds of work of one")
    add("--together", type=int, default=1, help="most customers in one training")
    add("--abreast", type=int, default=1, help="most shoots painted in one batch")
    return parser.parse_args()


def _run(
    trace: list[Arrival], durations: Durations, workers: int, rules: SchedulingRules, choose: Choose
) -> Sequence[Ended]:
    ended = Studio(trace, durations, workers, rules, choose, estimate=choose is by_policy).work()
    if len(ended) != len(trace) or len({one.arrival.id for one in ended}) != len(trace):
        raise RuntimeError("a job was lost or done twice")
    return ended


def _head(chosen: argparse.Namespace, durations: Durations, trace: Sequence[Arrival]) -> str:
    kinds = [sum(one.kind is kind for one in trace) for kind in (TRAIN, PAINT)]
    load = sum(one.work for one in trace) / DAY
    busiest = load * max(HOURS) * len(HOURS) / sum(HOURS)
    return f"""# A day of {len(trace):,} jobs, and the one policy that takes them

`{pages.command("benchmarks.day")}`, {pages.today()}; virtual time, so any machine gives this table.
Seed {chosen.seed}.

{kinds[0]:,} trainings and {kinds[1]:,} sets of four portraits come in 24 hours, nine times as many
in an evening hour as in one of the night; one visit in a hundred asks for {ALBUM} sets at once.
Beside them come {chosen.films:,} clips by the embedded animator, {chosen.videos:,} generated ones.
Assumed, not measured: a training works {durations.training:g} s, a set {durations.shoot:g} s and
longer when pictures do not pass the gate, a training step {durations.step:g} s, a cold adapter
{durations.load:g} s, a clip {durations.film:g} s, a generated one {durations.video:g} s in steps of
{durations.video_step:g} s.
That is work for {load:.1f} workers on average, and for {busiest:.1f} in the busiest hour.
At most {chosen.together} to a training, {chosen.abreast} to a batch of sets.

Choices are `shop/jobs/scheduler.py`'s and forecasts `shop/jobs/eta.py`'s: the functions that
workers and customers meet. The rival serves the same trace from one line, first come, first served,
one job at a time and a training to its end."""


def _waits(runs: Sequence[tuple[int, str, Sequence[Ended]]]) -> str:
    head = (
        "workers", "policy", "all: mean / worst", "portraits: mean / p95 / worst",
        "left while every worker trains: p95", "of people who want one set: p95",
        "trainings: mean / p95 / worst",
    )  # fmt: skip
    rows = []
    for workers, name, ended in runs:
        painted = [one for one in ended if one.arrival.kind is PAINT]
        trained = [one for one in ended if one.arrival.kind is TRAIN]
        many = Counter(one.arrival.user for one in painted)
        single = [one for one in painted if many[one.arrival.user] == 1]
        training = [one for one in painted if one.training]
        everything = f"{_mean(ended):,.0f} / {_worst(ended):,.0f}"
        beside = f"{_p95(training):,.0f} (of {len(training):,})"
        rows.append(
            (workers, name, everything, _three(painted), beside, f"{_p95(single):,.0f}",
             _three(trained))
        )  # fmt: skip
    return f"## Seconds from asking to having\n\n{pages.table(head, rows)}"


def _clips(runs: Sequence[tuple[int, str, Sequence[Ended]]]) -> str:
    head = ("workers", "policy", "clips: mean / p95 / worst", "generated: mean / p95 / worst")
    rows = [
        (workers, name, *(_three([one for one in ended if one.arrival.kind is kind])
                          for kind in (FILM, VIDEO)))
        for workers, name, ended in runs
    ]  # fmt: skip
    return f"## Seconds until a clip is there\n\n{pages.table(head, rows)}"


def _estimates(runs: Sequence[tuple[int, str, Sequence[Ended]]]) -> str:
    head = ("workers", "of", "told a time", "median error", "p90 error", "within the 90 % band")
    kinds = (
        ("all", {PAINT, TRAIN, FILM, VIDEO}),
        ("trainings", {TRAIN}),
        ("portraits", {PAINT}),
        ("clips", {FILM}),
        ("generated clips", {VIDEO}),
    )
    rows = [
        (workers, word, *_errors([one for one in ended if one.arrival.kind in counted]))
        for workers, name, ended in runs
        if name == POLICIES[0][0]
        for word, counted in kinds
    ]
    return f"## What customers were told when they asked\n\n{pages.table(head, rows)}"


def _errors(some: Sequence[Ended]) -> tuple[str, str, str, str]:
    estimated = [(one.waited, one.estimated) for one in some if one.estimated is not None]
    if not estimated:
        return f"0 of {len(some):,}", "—", "—", "—"
    errors = sorted(abs(span.likely - waited) / waited for waited, span in estimated)
    held = sum(span.low <= waited <= span.high for waited, span in estimated) / len(estimated)
    count = f"{len(estimated):,} of {len(some):,}"
    return count, f"{_at(errors, 0.5):.1%}", f"{_at(errors, 0.9):.0%}", f"{held:.1%}"


def _three(ended: Sequence[Ended]) -> str:
    return f"{_mean(ended):,.0f} / {_p95(ended):,.0f} / {_worst(ended):,.0f}"


def _mean(ended: Sequence[Ended]) -> float:
    return statistics.fmean(one.waited for one in ended) if ended else 0.0


def _worst(ended: Sequence[Ended]) -> float:
    return max((one.waited for one in ended), default=0.0)


def _p95(ended: Sequence[Ended]) -> float:
    return _at(sorted(one.waited for one in ended), 0.95)


def _at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


if __name__ == "__main__":
    raise SystemExit(main())
