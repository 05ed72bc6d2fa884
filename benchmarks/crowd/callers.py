"""Who begins transactions: a process of the house is run through this module, and notes each.

``python -m benchmarks.crowd.callers FOLDER ROLE MODULE ARGUMENTS`` runs the module, and adds a line
for each transaction to a file of the role in the folder: the function that began it, and whether
it only reads. In PostgreSQL alone, and at the pool, below which there is no other way in.
"""

import os
import runpy
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

from benchmarks import pages
from bot.process_supervisor import ROOT
from shop.adapters.database.pools import DatabaseSession, PostgresPool

MODULE: Final = "benchmarks.crowd.callers"
_PASSED_OVER: Final = ("shop/adapters/", "shop/transactions.py", "benchmarks/crowd/callers.py")
"""Files of ours that begin transactions for others."""
SHOWN: Final = 30


class Caller(NamedTuple):
    """``reads``: by snapshots, for which no standby is waited."""

    role: str
    what: str
    reads: bool


def through(folder: Path, role: str) -> tuple[str, ...]:
    """What stands before a module, so that it is run through this one."""
    return (MODULE, str(folder), role)


def read(folder: Path) -> Counter[Caller]:
    """How many transactions each has begun so far."""
    found: Counter[Caller] = Counter()
    for file in folder.iterdir() if folder.exists() else ():
        for line in file.read_text("utf-8").splitlines():
            what, reads = line.split("\t")
            found[Caller(file.name, what, reads == "reads")] += 1
    return found


@dataclass(frozen=True, slots=True)
class Begun:
    """Transactions that each began: in a second of a house at rest, and for a customer beyond
    that."""

    at_rest: Mapping[Caller, float]
    a_customer: Mapping[Caller, float]

    @classmethod
    def counted(
        cls, started: Counter[Caller], rested: Counter[Caller], ended: Counter[Caller],
        rest: float, seconds: float, customers: int,
    ) -> "Begun":  # fmt: skip
        """By what :func:`read` gave: ``rested`` after ``rest`` seconds in which nobody came, and
        ``ended`` after as many ``seconds`` in which so many customers did."""
        at_rest = {one: (rested[one] - started[one]) / rest for one in ended}
        return cls(
            at_rest,
            {
                one: max(0.0, ended[one] - rested[one] - seconds * at_rest[one]) / customers
                for one in ended
            },
        )

    def table(self) -> str:
        """The largest first; :data:`SHOWN` and the others together, and the sums of each role."""
        order = sorted(self.a_customer, key=lambda one: -self.a_customer[one])
        rows = [(*_words(one), *self._sums([one])) for one in order[:SHOWN]]
        rows.append(("all", f"{len(order[SHOWN:])} others", "", *self._sums(order[SHOWN:])))
        for role in sorted({one.role for one in order}):
            its = [one for one in order if one.role == role]
            rows.append((role, "all", "", *self._sums(its)))
            reads = [one for one in its if one.reads]
            rows.append((role, "all", "only reads", *self._sums(reads)))
        rows.append(("all", "all", "", *self._sums(order)))
        head = ("role", "begun by", "how", "a customer", "a minute at rest")
        return pages.table(head, rows)

    def _sums(self, some: Sequence[Caller]) -> tuple[str, str]:
        customer = sum(self.a_customer[one] for one in some)
        minute = 60 * sum(self.at_rest[one] for one in some)
        return f"{customer:.1f}", f"{minute:.0f}"


def _words(one: Caller) -> tuple[str, str, str]:
    return one.role, f"`{one.what}`", "only reads" if one.reads else ""


def watch(folder: Path, role: str) -> None:
    """Note each transaction that this process begins from now on."""
    folder.mkdir(exist_ok=True)
    file = os.open(folder / role, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    begin: Any = PostgresPool.transaction

    def noted(pool: PostgresPool, *, read_only: bool) -> AbstractAsyncContextManager[Any]:
        how = "reads" if read_only else "writes"
        os.write(file, f"{_caller(sys._getframe(1))}\t{how}\n".encode())
        made: AbstractAsyncContextManager[DatabaseSession] = begin(pool, read_only=read_only)
        return made

    PostgresPool.transaction = noted  # type: ignore[method-assign]


def _caller(frame: FrameType | None) -> str:
    """Such as ``shop/jobs/outbox.py take_up``."""
    root = f"{ROOT}/"
    while frame is not None:
        name = frame.f_code.co_filename
        ours = name.removeprefix(root)
        if name.startswith(root) and not ours.startswith((".venv", *_PASSED_OVER)):
            return f"{ours} {frame.f_code.co_qualname.replace('.<locals>', '')}"
        frame = frame.f_back
    return "?"


def main(given: Sequence[str]) -> None:
    folder, role, module, *arguments = given
    watch(Path(folder), role)
    sys.argv = [module, *arguments]
    run = partial(runpy.run_module, run_name="__main__", alter_sys=True)
    run(module)


if __name__ == "__main__":
    main(sys.argv[1:])
