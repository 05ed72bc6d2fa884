"""The doctor's questions to the records: who is at work, what waits, whether the books agree."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.doctor.findings import Finding, bad, ok, warn
from bot.outbox.handlers import STUCK
from shop import feature_flags
from shop.clips.filming import VIDEO
from shop.errors import NobodyWorks, QueueTooLong
from shop.jobs import outbox
from shop.jobs.kinds import JobKinds
from shop.jobs.owed import OwedWork, owed_work
from shop.jobs.sightings import BACKUP
from shop.orders import discrepancies, sales_guard
from shop.orders.sales_guard import WORK, Capacity
from shop.people import users
from shop.ports import Above, Below, Tx
from shop.records import CHAT, ErasureNote, Job, JobState, OutboxMessage, Sighting, works_with

LATE_MESSAGE: Final = timedelta(minutes=5)
LEFT_ALONE: Final = timedelta(minutes=1)  # a lease is taken over within seconds
LATE_NOTE: Final = timedelta(minutes=1)
LATE_FLEET: Final = timedelta(minutes=15)  # as the alert has it
OLD_LOOK: Final = timedelta(hours=36)  # at a till's statement, which is compared once a day
OLD_BACKUP: Final = timedelta(hours=28)  # of those that are made daily
_DAY: Final = timedelta(days=1)
_HEARING: Final = ("web", "poll")  # roles that hear what people write
_SEEN: Final = 1000  # failed jobs that are counted

_FLEET: Final = "docs/watching.md: EiderStudioDoesNotCome"
_COMMANDS: Final[Mapping[str, str]] = {
    "web": "python -m bot serve",
    "courier": "python -m bot courier",
    "check": "python -m pipeline.worker check",
    "studio": "python -m pipeline.worker studio",
}


async def examine(
    tx: Tx, kinds: JobKinds, capacity: Capacity, video_base: str, now: datetime
) -> list[Finding]:
    """All of it. ``video_base``: whose clips are sold; "": none."""
    seen = await tx.find(Sighting)
    owed = await owed_work(tx, kinds.values(), now)
    return [
        *roles(seen, capacity, now),
        *clips(seen, capacity, video_base, now),
        *unattended(seen, owed, capacity, now),
        _backups(seen, now),
        *await _flags(tx),
        *await _queue(tx, capacity, now),
        await _jobs(tx, kinds, capacity, now),
        await _failed(tx, now),
        *await _messages(tx, now),
        await _erasures(tx, now),
        await _books(tx),
        *await _tills(tx, now),
    ]


def roles(seen: list[Sighting], capacity: Capacity, now: datetime) -> Iterator[Finding]:
    """Of each role, whether one that can do what is sold was seen at work lately."""
    absent = timedelta(seconds=capacity.absent_seconds)
    hearing = {one for one in seen if one.role in _HEARING}
    for role in ("web", *WORK):
        there = [one for one in seen if WORK[role] in one.kinds] if role in WORK else hearing
        able = [one for one in there if works_with(one.bases, capacity.base)]
        last = max((one.seen_at for one in able), default=None)
        if last and now - last <= absent:
            yield ok(role, f"was seen {_span(now - last)} ago")
            continue
        words = f"was not seen for {_span(now - last)}" if last else "was never seen"
        if any(now - one.seen_at <= absent for one in there) or (there and not able):
            words = f"none works with {capacity.base} (EIDER_BASE)"
        if role == "web":
            yield bad(role, f"{words}: nobody hears what people write", _COMMANDS[role])
        elif role in capacity.needed:
            yield bad(role, f"{words}: nothing is sold", _COMMANDS[role])
        else:
            yield warn(role, f"{words}; EIDER_SALES_NEED sells all the same", _COMMANDS[role])


def clips(
    seen: list[Sighting], capacity: Capacity, video_base: str, now: datetime
) -> Iterator[Finding]:
    """Whether one that can make the clips that are sold was seen at work lately."""
    if not video_base:
        return
    last = _last(seen, VIDEO.name, video_base)
    if last and now - last <= timedelta(seconds=capacity.absent_seconds):
        yield ok("clips", f"who works with {video_base} was seen {_span(now - last)} ago")
        return
    since = f" for {_span(now - last)}" if last else ""
    words = f"none works with {video_base} (EIDER_VIDEO_BASE){since}"
    if "studio" in capacity.needed:
        yield bad("clips", f"{words}: no clip by it is sold", _COMMANDS["studio"])
    else:
        yield warn("clips", f"{words}; EIDER_SALES_NEED sells all the same", _COMMANDS["studio"])


def unattended(
    seen: list[Sighting], owed: list[OwedWork], capacity: Capacity, now: datetime
) -> Iterator[Finding]:
    """Work that is owed and that nobody who was seen lately does, of each kind and base. A fleet
    that is scaled from none may be on its way: at first it is no more than a warning."""
    for one in owed:
        last = _last(seen, one.kind, one.base)
        if last and now - last <= timedelta(seconds=capacity.absent_seconds):
            continue
        by = f" with {one.base}" if one.base else ""
        absent = f"was not seen for {_span(now - last)}" if last else "was never seen"
        worst = bad if timedelta(seconds=one.waited) > LATE_FLEET else warn
        yield worst("owed", f"{one.jobs} of {one.kind}{by}: who does that {absent}", _FLEET)


async def support(tx: Tx, admins: Collection[str]) -> Finding:
    """Whether a customer who asks for a person reaches one."""
    known = len(await users.known_admins(tx, admins))
    if known:
        return ok("support", f"reaches {known} of {len(admins)} admins")
    why = "no admin is set"
    if admins:
        why = f"of the admins that are set ({len(admins)}) none has ever written to the bot"
    words = f"{why}: customers are offered no person, and nobody is told of faults"
    return warn("support", words, "EIDER_ADMINS, and each of them writes to the bot once")


def _last(seen: list[Sighting], kind: str, base: str) -> datetime | None:
    """When who does that kind with that base last was at work."""
    able = (one for one in seen if kind in one.kinds and works_with(one.bases, base))
    return max((one.seen_at for one in able), default=None)


def _backups(seen: list[Sighting], now: datetime) -> Finding:
    last = max((one.seen_at for one in seen if one.role == BACKUP), default=None)
    if last is None:
        return warn("backups", "none was ever made", "docs/backup.md")
    words = f"the last one was made {_span(now - last)} ago"
    if now - last > OLD_BACKUP:
        return warn("backups", words, "python -m bot backup; see that its timer runs")
    return ok("backups", words)


async def _flags(tx: Tx) -> list[Finding]:
    paused = [
        warn("sales", f"admins have paused {flag}", f"/{resume} in the chat, when it is time")
        for flag, resume in ((feature_flags.SALES, "resume"), (feature_flags.CLIPS, "resumeclips"))
        if not await feature_flags.is_on(tx, flag)
    ]
    return paused or [ok("sales", "are not paused")]


async def _queue(tx: Tx, capacity: Capacity, now: datetime) -> list[Finding]:
    """Whether it is so long that nothing is sold."""
    try:
        await sales_guard.require_capacity(tx, capacity, now)
    except QueueTooLong as long:
        words = f"an avatar would take some {long.details['minutes']} minutes: nothing is sold"
        return [bad("queue", words, "more studios, or EIDER_MAX_WAIT_MINUTES")]
    except NobodyWorks:
        pass  # the roles say who
    return []


async def _jobs(tx: Tx, kinds: JobKinds, capacity: Capacity, now: datetime) -> Finding:
    oldest: list[tuple[timedelta, str]] = []
    for kind in kinds:
        left = await tx.find(
            Job, kind=kind, state=JobState.RUNNING, lease_until=Below(now - LEFT_ALONE), limit=1
        )
        if left:
            words = f"one of {kind} was begun, and its worker ended: nobody goes on with it"
            return bad("jobs", words, "start a worker that has its base (/gpu-seconds-owed)")
        found = await tx.find(Job, kind=kind, state=JobState.WAITING, order="created_at", limit=1)
        oldest += [(now - job.created_at, kind) for job in found]
    if not oldest:
        return ok("jobs", "none waits")
    age, kind = max(oldest)
    words = f"the oldest ({kind}) waits for {_span(age)}"
    if age > timedelta(minutes=capacity.max_wait_minutes):
        return bad(
            "jobs", words, "more workers, or see in their logs and /readyz why none takes it"
        )
    return ok("jobs", words)


async def _failed(tx: Tx, now: datetime) -> Finding:
    found = await tx.find(
        Job, state=JobState.FAILED, ended_at=Above(now - _DAY), order="-ended_at", limit=_SEEN
    )
    if not found:
        return ok("failed jobs", "none since yesterday")
    causes = Counter(f"{job.kind}: {job.error or 'unknown'}" for job in found).most_common(3)
    words = "; ".join(f"{count} of {cause}" for cause, count in causes)
    return warn("failed jobs", f"since yesterday {words}", "python -m bot order ID tells of one")


async def _messages(tx: Tx, now: datetime) -> list[Finding]:
    found = []
    oldest = await tx.find(
        OutboxMessage, queue=CHAT, state=outbox.PENDING, order="created_at", limit=1
    )
    age = now - oldest[0].created_at if oldest else timedelta()
    words = f"the oldest waits for {_span(age)}" if oldest else "none waits"
    if age > LATE_MESSAGE:
        found.append(warn("messages", words, "see the courier's log: message_failed says why"))
    else:
        found.append(ok("messages", words))
    if stuck := await outbox.stuck(tx, STUCK):
        words = f"{stuck} given up, or signalled ten times in vain"
        found.append(warn("messages", words, "docs/outbox.md; the courier's log names each"))
    return found


async def _erasures(tx: Tx, now: datetime) -> Finding:
    """Whether what was erased stands in the journal."""
    waiting = await tx.find(ErasureNote, at=Below(now - LATE_NOTE), order="at", limit=1)
    if not waiting:
        return ok("erasures", "stand in the journal")
    words = f"since {_span(now - waiting[0].at)} not in the journal: a backup brings them back"
    return bad("erasures", words, "the blob store must take writes, and a courier be at work")


async def _books(tx: Tx) -> Finding:
    off = {currency: amount for currency, amount in (await tx.totals()).items() if amount}
    if not off:
        return ok("books", "balance")
    words = "do not balance: " + ", ".join(
        f"{amount} {currency}" for currency, amount in off.items()
    )
    return bad("books", words, "stop selling (/pause) and find the journal whose postings differ")


async def _tills(tx: Tx, now: datetime) -> list[Finding]:
    latest = {run.till: run for run in reversed(await discrepancies.latest_runs(tx))}
    if not latest:
        return [warn("tills", "no statement was compared yet", "python -m bot reconcile")]
    found = []
    for till, run in sorted(latest.items()):
        what, words = f"till {till}", f"was compared {_span(now - run.at)} ago"
        if run.found:
            words += f", and {run.found} charge{'s differ' if run.found > 1 else ' differs'}"
            found.append(bad(what, words, "python -m bot reconcile names them"))
        elif now - run.at > OLD_LOOK:
            found.append(warn(what, words, "see the courier's log, or python -m bot reconcile"))
        else:
            found.append(ok(what, f"{words}, and agrees"))
    return found


def _span(length: timedelta) -> str:
    seconds = max(0, round(length.total_seconds()))
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
