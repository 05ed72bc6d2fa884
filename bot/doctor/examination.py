"""The doctor's round: settings, stores, keys, platforms, records, one after the other."""

import argparse
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

from bot.channels import ChannelRegistry
from bot.container import read_settings
from bot.doctor import books, stores
from bot.doctor.findings import Finding, as_json, as_line, bad, is_well, ok, warn
from bot.label_keys import key_problems, keys_of
from shop.errors import Unavailable
from shop.job_kinds import JOB_KINDS
from shop.orders.sales_guard import Capacity
from shop.settings import Settings, SettingsError

WELL, ILL = 0, 1


def add_doctor_options(parser: argparse.ArgumentParser) -> None:
    """Declare those of ``doctor``."""
    parser.add_argument("--json", action="store_true", help="one line of JSON")


async def examine_house(
    chosen: argparse.Namespace, env: Mapping[str, str], channels: ChannelRegistry
) -> int:
    """Look at everything and print each finding as soon as it is there; 1 if anything is bad."""
    found = []
    async for one in examine(env, channels):
        found.append(one)
        if not chosen.json:
            print(as_line(one), flush=True)  # noqa: T201 - the output of a command
    if chosen.json:
        print(as_json(found))  # noqa: T201
    return WELL if is_well(found) else ILL


async def examine(env: Mapping[str, str], channels: ChannelRegistry) -> AsyncIterator[Finding]:
    """Everything, as far as it can be asked."""
    try:
        settings = read_settings(env, channels, signs=False)
    except SettingsError as error:
        for problem in error.problems:
            yield bad("settings", problem, "docs/operate.md lists every variable")
        return
    yield ok("settings", "can be used")
    async for one in _stores(settings):
        yield one
    for one in _label_keys(settings, channels):
        yield one
    async for one in _platforms(settings, channels):
        yield one


async def _stores(settings: Settings) -> AsyncIterator[Finding]:
    about, plan = await stores.tables(settings)
    yield about
    yield stores.disk(settings.data_dir)
    for one in await stores.redis(settings):
        yield one
    if plan is None:
        return
    try:
        async with stores.opened(settings) as database:
            async with database.snapshot() as tx:
                now = await tx.now()
                capacity, base = Capacity.of(settings), settings.video_base
                found = await books.examine(tx, JOB_KINDS, capacity, base, now)
                found.append(await books.support(tx, settings.admins))
            for one in (stores.clock("the database", now), *found):
                yield one
            for one in await stores.blobs(settings, database):
                yield one
    except Unavailable as outage:
        yield bad("database", str(outage), "see that it runs, and that the user may read")


def _label_keys(settings: Settings, channels: ChannelRegistry) -> list[Finding]:
    if problems := list(key_problems(channels, settings)):
        return [bad("label keys", problem, "docs/labels.md") for problem in problems]
    keys = keys_of(settings, datetime.now(UTC))
    if keys is None:
        return [warn("label keys", "there are none: pictures leave without credentials", _MAKE)]
    if keys.is_due(datetime.now(UTC)):
        return [warn("label keys", f"are due for rotation: made {keys.made_at:%Y-%m-%d}", _MAKE)]
    return [ok("label keys", f"sign, made {keys.made_at:%Y-%m-%d}")]


async def _platforms(settings: Settings, channels: ChannelRegistry) -> AsyncIterator[Finding]:
    for channel in channels.enabled(settings):
        if channel.examine is None:
            continue
        troubles = await channel.examine(settings)
        for trouble in troubles:
            words, _, own = trouble.partition(": python -m bot ")
            yield bad(channel.name, words, f"python -m bot {own or f'{channel.name} check'}")
        if not troubles:
            yield ok(channel.name, "takes what we say of ourselves")


_MAKE = "python -m bot keys FOLDER --root ROOT (docs/labels.md)"
