"""Whatever still names a person: in every column of every table, and in every key of Redis."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from dataclasses import fields
from typing import Any

from redis.asyncio import Redis

from shop import erasure_journal, installation
from shop.ports import Blobs, Database
from shop.records import RECORDS

NOBODYS = frozenset({installation.FOLDER, erasure_journal.FOLDER})
"""Folders of the blob store."""


async def traces_of(person: str, database: Database, redis: "Redis[bytes] | Any") -> list[str]:
    """Where that platform id is found, as ``Record.field`` or as the key of Redis. The id should be
    one that cannot be there by chance."""
    return (await traces_of_any([person], database, redis)).get(person, [])


async def traces_of_any(
    people: Collection[str], database: Database, redis: "Redis[bytes] | Any"
) -> dict[str, list[str]]:
    """The same of several, by each of whom something is found."""
    found: dict[str, list[str]] = defaultdict(list)
    if not people:
        return found
    anybody = re.compile("|".join(map(re.escape, people)))
    async for where, text in _columns(database):
        for person in set(anybody.findall(text)):
            found[person].append(where)
    async for key in redis.scan_iter("*"):
        dump = await redis.dump(key) or b""
        held = (key + dump).decode("latin-1") + await _plain(redis, key)
        for person in set(anybody.findall(held)):
            found[person].append(key.decode())
    return found


async def blobs_of_people(blobs: Blobs) -> list[str]:
    """Every blob but those that say which store this is, and what was erased by random ids."""
    return [path async for path in blobs.walk("") if path.split("/")[0] not in NOBODYS]


async def _columns(database: Database) -> AsyncIterator[tuple[str, str]]:
    async with database.begin() as tx:
        for kind in RECORDS:
            for record in await tx.find(kind):
                for field in fields(kind):
                    value = getattr(record, field.name)
                    text = value.hex() if isinstance(value, bytes) else str(value)
                    yield f"{kind.__name__}.{field.name}", text


async def _plain(redis: Any, key: bytes) -> str:
    """What is in it, uncompressed: a dump may be compressed."""
    kind = (await redis.type(key)).decode()
    match kind:
        case "string":
            value = await redis.get(key)
        case "hash":
            value = await redis.hgetall(key)
        case "set":
            value = await redis.smembers(key)
        case "zset":
            value = await redis.zrange(key, 0, -1)
        case "list":
            value = await redis.lrange(key, 0, -1)
        case "stream":
            value = await redis.xrange(key)
        case _:
            value = ""
    return str(value)
