"""What so many customers a day would need, worked out from what one customer was measured to cost.

Every number is a product of measured ones; what is assumed stands in :class:`Assumed`.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.day.trace import DAY, HOURS
from bot.state.sessions import ANSWERED_SECONDS
from shop.adapters.database.pools import POOL_SIZE

PEAK: Final = max(HOURS) / sum(HOURS)
"""The share of a day's customers who come in its busiest hour."""

HOUR: Final = 3600.0
FLEET: Final = Path("docs/benchmarks/fleet.md")


@dataclass(frozen=True, slots=True)
class Customer:
    """What one costs from the first word to the erasure. ``messages`` as Telegram counts them;
    ``wal``, ``stored``: bytes of PostgreSQL's log, and into the blob store; ``key_bytes``: of the
    key that Valkey keeps of each update; ``cpu``: seconds of a core, by who used them; ``gpu``:
    seconds of a studio."""

    updates: float
    messages: float
    calls: float
    transactions: float
    asked: float
    wal: float
    stored: float
    key_bytes: float
    cpu: Mapping[str, float] = field(default_factory=dict)
    gpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Assumed:
    """``busy``: how much of a core may be used before people wait (of a Python process as well,
    which has one core). ``telegram``: messages a second that a bot may send for nothing, and for
    0.1 Stars each beyond these."""

    busy: float = 0.6
    telegram: float = 30.0
    telegram_paid: float = 1000.0
    stars_a_message: float = 0.1


@dataclass(frozen=True, slots=True)
class Need:
    """A line of the table: what, how much, and how it was worked out."""

    what: str
    much: str
    how: str


def needs(a_day: int, one: Customer, assumed: Assumed = Assumed()) -> list[Need]:
    """Of a house in its busiest hour, for so many customers a day."""
    rate = a_day * PEAK / HOUR
    found = [
        Need("customers a second", _said(rate), f"{a_day:,} × {PEAK:.0%} in the hour / 3,600 s"),
        _times("updates a second", rate, one.updates, "updates each"),
    ]
    for role, seconds in one.cpu.items():
        cores = math.ceil(rate * seconds / assumed.busy)
        how = f"{_said(rate)} × {seconds:.3g} s of CPU / {assumed.busy:g}"
        found.append(Need(f"cores: {role}", f"{cores:,}", how))
    web = processes(rate * one.cpu.get("web", 0.0), assumed)
    sent = rate * one.messages
    bots, paying = (
        math.ceil(sent / each) for each in (assumed.telegram, assumed.telegram_paid)
    )  # fmt: skip
    paid = max(0.0, a_day * one.messages - paying * assumed.telegram * DAY)
    days = ANSWERED_SECONDS / DAY
    kept = a_day * days * one.updates * one.key_bytes
    said = f"{a_day:,} × {days:g} days × {one.updates:.3g} updates × {one.key_bytes:.0f} bytes"
    found += [
        Need(
            "connections of web processes at most", f"{web * POOL_SIZE:,}", f"{web:,} × {POOL_SIZE}"
        ),
        _times("transactions a second", rate, one.transactions, "each"),
        _times("requests to PostgreSQL a second", rate, one.asked, "each"),
        _times("MB a second of PostgreSQL's log", rate, one.wal / 1e6, "MB each"),
        Need("GB of keys in Valkey", _said(kept / 1e9), said),
        _times("MB a second into the blob store", rate, one.stored / 1e6, "MB each"),
        _times("messages a second", rate, one.messages, "each"),
        Need(
            f"bots, {assumed.telegram:g} messages a second each", f"{bots:,}",
            f"{_said(sent)} / {assumed.telegram:g}",
        ),
        Need(
            f"bots, {assumed.telegram_paid:,.0f} a second each, paid", f"{paying:,}",
            f"{_said(sent)} / {assumed.telegram_paid:,.0f}; {paid:,.0f} messages a day are not "
            f"free: × {assumed.stars_a_message:g} = {paid * assumed.stars_a_message:,.0f} Stars",
        ),
        _times("GPUs", rate, one.gpu, "s of a studio each"),
    ]  # fmt: skip
    return found


def processes(cores: float, assumed: Assumed = Assumed()) -> int:
    """Of Python, each of which has one core, that use so many."""
    return max(1, math.ceil(cores / assumed.busy))


def studio_seconds(page: str, fleet: str = "one for 300 s owed") -> float:
    """Of a GPU for one order, idle and starting ones included: from the page of the fleets, whose
    large studio has 2,000 orders. Raises :class:`ValueError` where it has no such line."""
    hours = re.search(rf"^\| {re.escape(fleet)} \| ([\d,]+) \|", page, re.MULTILINE)
    orders = re.search(r"\(([\d,]+) orders\) until all is done", page)
    if hours is None or orders is None:
        raise ValueError(f"no {fleet!r} there")
    return _number(hours[1]) * HOUR / _number(orders[1])


def _number(said: str) -> float:
    return float(said.replace(",", ""))


def _times(what: str, rate: float, each: float, of: str) -> Need:
    return Need(what, _said(rate * each), f"{_said(rate)} × {each:,.3g} {of}")


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"
