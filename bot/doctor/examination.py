"""The doctor's round: settings, stores, keys, platforms, records, one after the other."""

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.channels import ChannelRegistry
from bot.container import read_settings
from bot.doctor import books, stores
from bot.doctor.findings import Finding, as_json, as_lines, bad, is_well, ok, warn
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
    """Look at everything and print it; 1 if anything is bad."""
    found = await examine(env, channels)
    print((as_json if chosen.json else as_lines)(found))  # noqa: T201 - the output of a command
    return WELL if is_well(found) else ILL


async def examine(env: Mapping[str, str], channels: ChannelRegistry) -> list[Finding]:
    """Everything, as far as it can be asked."""
    try:
        settings = read_settings(env, channels, signs=False)
    except SettingsError as error:
        todo = "docs/operate.md lists every variable"
        return [bad("settings", problem, todo) for problem in error.problems]
    return [
        ok("settings", "can be used"),
        *await _stores(settings),
        *_label_keys(settings, channels),
        *await _platforms(settings, channels),
    ]


async def _stores(settings: Settings) -> list[Finding]:
    about, plan = await stores.tables(settings)
    found = [about, stores.disk(settings.data_dir), *await stores.redis(settings)]
    if plan is None:
        return found
    try:
        async with stores.opened(settings) as database:
            async with database.snapshot() as tx:
                now = await tx.now()
                found.append(stores.clock("the database", now))
                capacity = Capacity.of(settings)
                found += await books.examine(tx, JOB_KINDS, capacity, now)
            found += await stores.blobs(settings, database)
    except Unavailable as outage:
        found.append(bad("database", str(outage), "see that it runs, and that the user may read"))
    return found


def _label_keys(settings: Settings, channels: ChannelRegistry) -> list[Finding]:
    if problems := list(key_problems(channels, settings)):
        return [bad("label keys", problem, "docs/labels.md") for problem in problems]
    keys = keys_of(settings, datetime.now(UTC))
    if keys is None:
        return [warn("label keys", "there are none: pictures leave without credentials", _MAKE)]
    if keys.is_due(datetime.now(UTC)):
        return [warn("label keys", f"are due for rotation: made {keys.made_at:%Y-%m-%d}", _MAKE)]
    return [ok("label keys", f"sign, made {keys.made_at:%Y-%m-%d}")]


async def _platforms(settings: Settings, channels: ChannelRegistry) -> list[Finding]:
    found = []
    for channel in channels.enabled(settings):
        if channel.examine is None:
            continue
        name, troubles = channel.name, await channel.examine(settings)
        todo = f"python -m bot {name} check"
        found += [bad(name, trouble, todo) for trouble in troubles]
        if not troubles:
            found.append(ok(name, "takes what we say of ourselves"))
    return found


_MAKE = "python -m bot keys FOLDER --root ROOT (docs/labels.md)"
