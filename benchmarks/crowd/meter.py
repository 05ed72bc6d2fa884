"""What a house costs: seconds of CPU by role, of processes that were killed as well."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import psutil

from benchmarks.crowd.house import House

EVERY_SECONDS: Final = 5.0
POSTGRES: Final = "PostgreSQL, primary and standby"
PROXIES: Final = "proxies"
OTHERS: Final = {
    "moto.server": "S3 (moto)",
    "valkey-server": "Valkey",
    "benchmarks.crowd.load": "customers, and the doubles of their platforms",
}
"""Who else is begun by this process, by a word of its command."""


class Meter:
    """Looks at every process below this one, now and then; what one did since the last look before
    it was killed is not seen."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, int], float] = {}

    async def watch(self, house: House) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.to_thread(self.look, house)
            await asyncio.sleep(EVERY_SECONDS)

    def look(self, house: House) -> None:
        """Once."""
        tree: dict[int, list[int]] = {}
        spent: dict[int, float] = {}
        for one in psutil.process_iter(["ppid", "cpu_times"]):
            times = one.info["cpu_times"]
            tree.setdefault(one.info["ppid"], []).append(one.pid)
            spent[one.pid] = times.user + times.system if times else 0.0
        for role, root in _roots(house):
            self._note(role, root, tree, spent)

    def by_role(self) -> dict[str, float]:
        """Seconds, the dearest first."""
        sums: Counter[str] = Counter()
        for (role, _), seconds in self._seconds.items():
            sums[role] += seconds  # type: ignore[assignment]
        return dict(sums.most_common())

    def _note(
        self, role: str, root: int, tree: dict[int, list[int]], spent: dict[int, float]
    ) -> None:
        if root not in spent:
            return
        self._seconds[role, root] = spent[root]
        for child in tree.get(root, ()) if root != os.getpid() else ():
            self._note(role, child, tree, spent)


def _roots(house: House) -> Iterator[tuple[str, int]]:
    """Of whom there is a role: the first process of each."""
    for name, supervisor in house.supervisors.items():
        if name in supervisor.pids:
            yield name.rpartition("-")[0], supervisor.pids[name]
    for server in filter(None, (house.postgres.primary, house.postgres.standby)):
        with suppress(OSError, psutil.NoSuchProcess, IndexError):
            yield POSTGRES, server.postmaster.pid
    yield PROXIES, os.getpid()
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            command = " ".join(child.cmdline())
            for word, role in OTHERS.items():
                if word in command:
                    yield role, child.pid
