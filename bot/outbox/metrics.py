"""Counts what became of the outbox's messages."""

from prometheus_client import CollectorRegistry, Counter


class OutboxMetrics:
    """The metrics of one outbox worker, in a registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._messages = Counter(
            "eider_outbox_messages", "Messages handled", ("name", "outcome"), registry=registry
        )

    def count(self, name: str, outcome: str) -> None:
        """One message of that name: ``sent`` (done), ``postponed`` (by the platform's wish),
        ``failed`` (it will be tried again), ``kept`` (until the person comes back) or
        ``given_up``."""
        self._messages.labels(name, outcome).inc()
