"""Counts what comes from chats, what platforms ask us to wait for, and how true promises were."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from shop.jobs import eta
from shop.jobs.kinds import JobKinds
from shop.ports import Above, OneOf, Tx
from shop.records import ChannelName, Job, JobId, JobState

UPDATES: Final = ("handled", "failed", "limited", "outage")
RATIOS: Final = (0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 4.0)
FOLLOWED: Final = 200
"""Jobs whose promise is remembered at a time; the newest beyond that are not followed."""


class ChatMetrics:
    """The metrics of one process of the chat side, in a registry. Each channel's series of updates
    begin at 0: of one that began with its first event nobody would see an increase."""

    def __init__(self, registry: CollectorRegistry, channels: Collection[ChannelName]) -> None:
        self._updates = Counter(
            "eider_updates", "Updates of chats", ("channel", "outcome"), registry=registry
        )
        self._waits = Counter(
            "eider_platform_waits", "Answers of a platform that asked us to wait (429)",
            ("channel",), registry=registry,
        )  # fmt: skip
        self._ratio = Histogram(
            "eider_eta_ratio", "How long jobs took, over what was first promised", ("kind",),
            buckets=RATIOS, registry=registry,
        )  # fmt: skip
        self._promised: dict[JobId, tuple[datetime, float]] = {}
        self._looked_at: datetime | None = None
        for channel in channels:
            self._waits.labels(channel)
            for outcome in UPDATES:
                self._updates.labels(channel, outcome)

    def count_update(self, channel: ChannelName, outcome: str) -> None:
        """One update: ``handled``, ``failed`` (a mistake of ours; the person has a code),
        ``limited``, or ``outage`` (it comes again)."""
        self._updates.labels(channel, outcome).inc()

    def count_wait(self, channel: ChannelName) -> None:
        """One 429."""
        self._waits.labels(channel).inc()

    async def follow_promises(self, tx: Tx, kinds: JobKinds, now: datetime) -> None:
        """Look at the promises of jobs that came since the last look, and at what became of those
        looked at before."""
        if self._promised:
            ids = OneOf(tuple(self._promised))
            ended = OneOf((JobState.DONE, JobState.FAILED, JobState.CANCELLED))
            for job in await tx.find(Job, id=ids, state=ended):
                since, seconds = self._promised.pop(job.id)
                if job.state is JobState.DONE and job.ended_at:
                    took = (job.ended_at - since).total_seconds()
                    self._ratio.labels(job.kind).observe(took / seconds)
        since, self._looked_at = self._looked_at or now, now
        for kind in kinds.values():
            room = FOLLOWED - len(self._promised)
            for job in await tx.find(
                Job, kind=kind.name, state=JobState.WAITING, created_at=Above(since),
                order="created_at", limit=max(0, room),
            ):  # fmt: skip
                place = await eta.queue_position(tx, job, kind, now)
                if place.seconds and place.seconds.likely > 0:
                    self._promised[job.id] = (now, place.seconds.likely)
