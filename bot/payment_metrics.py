"""Counts payments and refunds that a till reported and that were not booked."""

from prometheus_client import CollectorRegistry, Counter


class PaymentMetrics:
    """The metrics of what tills report to one process, in a registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._not_booked = Counter(
            "eider_payments_not_booked",
            "Payments and refunds that were not booked, and were not acknowledged for that",
            ("till", "reason"),
            registry=registry,
        )

    def not_booked(self, till: str, reason: str) -> None:
        """One report of that till, each time it comes: ``outage`` or ``fault``."""
        self._not_booked.labels(till, reason).inc()
