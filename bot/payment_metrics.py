"""Counts payments and refunds that a till reported and that were not booked, and notifications that
were not believed."""

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter

NOT_BOOKED: Final = ("outage", "fault")
REFUSED: Final = ("forged", "stale")


class PaymentMetrics:
    """The metrics of what tills report to one process, in a registry. The series of the ``tills``
    begin at 0: of one that began with its first event nobody would see an increase."""

    def __init__(self, registry: CollectorRegistry, tills: Iterable[str]) -> None:
        self._not_booked = Counter(
            "eider_payments_not_booked",
            "Payments and refunds that were not booked, and were not acknowledged for that",
            ("till", "reason"),
            registry=registry,
        )
        self._refused = Counter(
            "eider_payment_notifications_refused",
            "Notifications of payments that were not believed",
            ("till", "reason"),
            registry=registry,
        )
        for till in tills:
            for counter, reasons in ((self._not_booked, NOT_BOOKED), (self._refused, REFUSED)):
                for reason in reasons:
                    counter.labels(till, reason)

    def not_booked(self, till: str, reason: str) -> None:
        """One report of that till, each time it comes: ``outage`` or ``fault``."""
        self._not_booked.labels(till, reason).inc()

    def refused(self, till: str, reason: str) -> None:
        """One notification of that till: ``forged``, or ``stale``: signed rightly at a time that is
        not now."""
        self._refused.labels(till, reason).inc()
