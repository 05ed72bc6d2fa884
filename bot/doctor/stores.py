"""The doctor's questions to the stores: database, schema, clocks, Redis, blobs, disk, master key.

Each is asked by itself, so that one that is away hides no other.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from redis.exceptions import RedisError, TimeoutError

from bot.doctor.findings import Finding, bad, ok, warn
from shop import installation
from shop.adapters.blob_store import open_blobs
from shop.adapters.database import SqlDatabase
from shop.adapters.database.engine import file_of
from shop.adapters.database.schema_contract import RESTORING
from shop.adapters.database.upgrade import MigrationPlan, plan
from shop.erasure_journal import FORMER_FORMS, ErasureJournal, Form
from shop.errors import CannotStart, NotFound, Unavailable
from shop.installation import Unregistered, WrongMasterKey
from shop.outages import plain_words
from shop.ports import Database
from shop.redis_client import open_client
from shop.settings import Settings

SKEW_SECONDS: Final = 5.0
"""By which clocks may differ. From a minute on notifications of payments are not far from being
refused as stale."""
LOW_DISK: Final = 0.1  # of it that is free
FULL_DISK: Final = 0.02
FULL_REDIS: Final = 0.9  # of its memory that is used

_START: Final = "start a process of the chat side: python -m bot serve"
_TLS: Final = "; does it speak TLS, as rediss:// says?"
_CLOCKS: Final = "set the clocks of the hosts (chrony, systemd-timesyncd)"


async def tables(settings: Settings) -> tuple[Finding, MigrationPlan | None]:
    """Whether the database answers and its tables fit this code; the plan where it can be used."""
    file = file_of(settings.database_url)
    if file is not None and not file.exists():
        return warn("database", f"{file} is not there yet", _START), None
    try:
        found = await plan(settings.database_url)
    except (CannotStart, Unavailable) as why:
        return bad(
            "database", str(why), "see that it runs, and that EIDER_DATABASE_URL is right"
        ), None
    up = "python -m bot migrate up (docs/deploy.md)"
    if found.revision.startswith(RESTORING):
        words = "a backup is being restored into it, and what was erased since is not erased yet"
        return bad("database", words, "python -m bot restore (docs/backup.md)"), None
    if not found.fits:
        words = f"its tables are of revision {found.revision or 'none'}, this code's {found.known}"
        return bad("database", words, up), None
    if found.steps:
        words = f"answers; its tables lack {len(found.steps)} migrations, and work until then"
        return warn("database", words, up), found
    return ok("database", f"answers, its tables are of revision {found.revision}"), found


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    database = SqlDatabase(settings.database_url)
    try:
        yield database
    finally:
        await database.close()


def clock(what: str, theirs: datetime) -> Finding:
    """The clock of this host beside another's."""
    seconds = abs((datetime.now(UTC) - theirs).total_seconds())
    words = f"this host's and {what}'s differ by {seconds:.1f} s"
    if seconds > SKEW_SECONDS:
        return (bad if seconds > 60 else warn)("clock", words, _CLOCKS)
    return ok("clock", words)


async def redis(settings: Settings) -> list[Finding]:
    """Whether Redis takes a write, what of its memory is used, and its clock."""
    client = open_client(settings.redis_url)
    try:
        await client.set("eider:doctor", "", px=1000)
        memory = await client.info("memory")
        seconds, micros = await client.time()
    except (RedisError, OSError) as why:
        away = "EIDER_REDIS_URL names it; see that it runs, and is not full"
        todo = _START if settings.embedded else away
        tls = settings.redis_url.startswith("rediss:") and isinstance(why, TimeoutError)
        words = f"{plain_words(why)}{_TLS if tls else ''}"
        return [bad("redis", f"does not take a write: {words}", todo)]
    finally:
        await client.aclose()
    theirs = datetime.fromtimestamp(int(seconds) + int(micros) / 1e6, UTC)
    return [_memory(memory), clock("redis", theirs)]


def _memory(memory: dict[str, object]) -> Finding:
    limit, used = int(str(memory.get("maxmemory", 0))), int(str(memory.get("used_memory", 0)))
    policy = str(memory.get("maxmemory_policy", "noeviction"))
    if limit and policy != "noeviction":
        words = f"takes writes, and throws away what it holds when it is full ({policy})"
        return warn("redis", words, "maxmemory-policy noeviction")
    if limit and used > FULL_REDIS * limit:
        words = f"takes writes; {used >> 20} of {limit >> 20} MiB are used"
        return warn("redis", words, "raise maxmemory")
    return ok("redis", "takes writes")


async def blobs(settings: Settings, database: Database) -> list[Finding]:
    """Whether the master key and the blob store are the database's, and it can be written."""
    try:
        known = await installation.registered(database, settings.master_key)
    except Unregistered:
        return [warn("blobs", "the database knows no blob store yet", _START)]
    except WrongMasterKey as wrong:
        return [bad("master key", str(wrong), "EIDER_MASTER_KEY of the other processes")]
    found = [ok("master key", "is this database's")]
    try:
        await installation.require_key(
            database, *settings.master_keys, signing_key=settings.signing_key
        )
    except CannotStart as wrong:
        found = [bad("keys", str(wrong), "docs/backup.md: A new master key")]
    store = open_blobs(settings)
    try:
        await installation.require_store(store, known)
        await installation.require_writable(store)
    except (CannotStart, Unavailable) as wrong:
        return [*found, bad("blobs", str(wrong), "docs/operate.md: When a host is broken")]
    found.append(ok("blobs", "are this database's, and can be written"))
    return [*found, await _journal(ErasureJournal(store, settings.signing_key))]


async def _journal(journal: ErasureJournal) -> Finding:
    """Whether a restore could read it."""
    try:
        strange = [one async for one in journal.blobs() if one.form is not Form.OURS]
    except NotFound:
        return ok("journal", "is being merged by the courier: ask again")
    except Unavailable as away:
        return bad("journal", str(away), "docs/operate.md: When a host is broken")
    if not strange:
        return ok("journal", "can be read: what was erased stays so when a backup is restored")
    others = [one for one in strange if one.form not in FORMER_FORMS]
    count = f"{len(strange)} blob{'s' if len(strange) > 1 else ''}"
    words = f"{count} would stop a restore: {(others or strange)[0].why}"
    sign = "python -m bot master-key sign-anew (docs/backup.md)"
    return bad(
        "journal", words, "docs/backup.md: The journal cannot be trusted" if others else sign
    )


def disk(folder: Path) -> Finding:
    """The space on the disk of the data folder."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    usage = shutil.disk_usage(there)
    words = f"{usage.free >> 30} of {usage.total >> 30} GiB are free at {folder}"
    if usage.free > LOW_DISK * usage.total:
        return ok("disk", words)
    worst = bad if usage.free < FULL_DISK * usage.total else warn
    return worst("disk", words, "make room, or move EIDER_DATA")
