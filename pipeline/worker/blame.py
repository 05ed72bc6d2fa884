"""Whose fault it is that a job failed: its own, once that is proven; never for a fault of the host.

After every failure the host is tested (:mod:`pipeline.worker.host_health`). Only what fails on a
host that has passed straight after can be the order's own fault.
"""

from collections.abc import Sequence
from enum import StrEnum

from pipeline.engine.engine import EngineClosed, EngineKilled, HostError, OrderError, OutOfMemory
from pipeline.worker.host_health import Verdict
from shop.errors import Unavailable


class Blame(StrEnum):
    """What a failure means for its job.

    ORDER     it is the order's own fault: give it up
    FAILURE   perhaps it is: counted, and tried again alone (``shop.jobs.jobs.MAX_FAILURES``)
    ATTEMPT   it proves nothing: counted as a dead lease is, and tried again alone
    HOST      it is the host's fault, or an outage: handed back uncounted
    """

    ORDER = "order"
    FAILURE = "failure"
    ATTEMPT = "attempt"
    HOST = "host"


def blame(error: Exception, verdict: Verdict, *, together: bool) -> Blame:
    """``verdict`` of the self-test straight after; ``together``: the error befell several jobs at
    once, of which perhaps one is to blame."""
    if verdict is not Verdict.WELL or isinstance(error, _NEVER_THE_ORDERS):
        return Blame.HOST
    if isinstance(error, OrderError):
        return Blame.ORDER
    if together or isinstance(error, EngineKilled):
        return Blame.ATTEMPT
    return Blame.FAILURE


_NEVER_THE_ORDERS = (HostError, EngineClosed, Unavailable, OSError)


def befell_all(results: Sequence[object]) -> bool:
    """Whether one and the same error befell several, or memory was too small for several."""
    first = results[0] if results else None
    return len(results) > 1 and all(one is first or isinstance(one, OutOfMemory) for one in results)
