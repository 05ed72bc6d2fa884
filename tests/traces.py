"""Whatever still names a person: in every column of every table, and in every key of Redis."""

from collections.abc import AsyncIterator
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
    found = [f"{kind.__name__}.{name}" async for kind, name in _columns(person, database)]
    async for key in redis.scan_iter("*"):
        dump = await redis.dump(key) or b""
        if person.encode() in key or person.encode() in dump or person in await _plain(redis, key):
            found.append(key.decode())
    return found


async def blobs_of_people(blobs: Blobs) -> list[str]:
    """Every blob but those that say which store this is, and what was erased by random ids."""
    return [path async for path in blobs.walk("") if path.split("/")[0] not in NOBODYS]


async def _columns(person: str, database: Database) -> AsyncIterator[tuple[type[Any], str]]:
    async with database.begin() as tx:
        for kind in RECORDS:
            for record in await tx.find(kind):
                for field in fields(kind):
                    value = getattr(record, field.name)
                    text = value.hex() if isinstance(value, bytes) else str(value)
                    if person in text:
                        yield kind, field.name


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
