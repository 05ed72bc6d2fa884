"""``python -m bot COMMAND``: the processes of the chat side, and the operator's commands.

``serve`` and ``poll`` are one process each where a Redis is named (``EIDER_REDIS_URL``). Where none
is, they also start all the other processes, to try the whole on one machine. Channels add commands
of their own.
"""

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

import structlog
import uvloop

from bot import label_keys
from bot.backups import (
    add_backup_key_options,
    add_backup_options,
    add_restore_options,
    make_backup_key,
)
from bot.channels import ChannelRegistry
from bot.container import (
    Container,
    open_container,
    open_redis,
    prepare_database,
    read_settings,
)
from bot.demo.options import add_options, read_options
from bot.demo.show import show
from bot.doctor.examination import add_doctor_options, examine_house
from bot.health import open_health
from bot.label_commands import (
    UNVERIFIED,
    add_keys_options,
    add_verify_options,
    make_keys,
    verify_files,
)
from bot.master_keys import add_master_key_options
from bot.migrations import add_migrate_options, migrate
from bot.order_command import add_order_options
from bot.outbox import reconciliation
from bot.outbox.worker import deliver
from bot.process_supervisor import (
    COURIER,
    POLL,
    WEB,
    WORKERS,
    ProcessSpec,
    answers,
    health_port_of,
    nap,
    stopped,
    supervise,
)
from bot.registered_channels import CHANNELS
from bot.web.app import require_web_port, serve
from bot.web.waiting import open_waiting_door
from shop import core_dumps, logs, tracing
from shop.adapters.database.at_start import wait_for_tables
from shop.errors import CannotStart
from shop.health import require_health_port
from shop.jobs import sightings
from shop.redis_client import open_client
from shop.settings import Settings, SettingsError

_LOOK_SECONDS: Final = 2.0
SIGN: Final = frozenset({"serve", "poll", "courier"})
"""The commands of the processes by which pictures leave: only they look at ``EIDER_LABEL_KEYS``."""

_MAKES_KEYS: Final = {"keys": make_keys, "backup-key": make_backup_key}
"""Commands that need no settings."""

Run = Callable[[Container, asyncio.Event], Awaitable[None]]

log = structlog.get_logger()


def main(arguments: Sequence[str] | None = None, channels: ChannelRegistry = CHANNELS) -> int:
    """Do what the command line says; the exit status: 2 for what the operator must put right
    first, 1 when what the process needs is not there. ``verify`` has its own
    (:data:`bot.label_commands.UNVERIFIED` for both).
    """
    core_dumps.refuse()
    chosen = _parser(channels).parse_args(arguments)
    try:
        if (status := _without_settings(chosen, channels)) is not None:
            return status
        signs = chosen.command in SIGN
        settings = read_settings(os.environ, channels, signs=signs)
        logs.configure(settings.log_format)
        tracing.configure(settings.traces_url, chosen.command)
        return _run(chosen, settings, channels)
    except SettingsError as error:
        logs.tell_refusal(error, 2, os.environ)
        return 2
    except CannotStart as error:
        status = UNVERIFIED if chosen.command == "verify" else error.status
        logs.tell_refusal(error, status, os.environ)
        return status


def _without_settings(chosen: argparse.Namespace, channels: ChannelRegistry) -> int | None:
    """Do a command that needs no usable settings; None for any other."""
    if make := _MAKES_KEYS.get(chosen.command):
        return make(chosen)
    match chosen.command:
        case "demo":
            return asyncio.run(show(read_options(chosen)))
        case "verify":
            trust = chosen.trust or label_keys.folder_in(os.environ)
            return verify_files(chosen, trust, label_keys.producer_of(os.environ))
        case "doctor":
            logs.configure("console")  # whatever is tried meanwhile stands beside the answer
            return asyncio.run(examine_house(chosen, os.environ, channels))
    return None


def _run(chosen: argparse.Namespace, settings: Settings, channels: ChannelRegistry) -> int:
    alone = not settings.embedded or getattr(chosen, "alone", False)
    match chosen.command:
        case "serve" if alone:
            uvloop.run(_alone(serve, settings, channels))
        case "serve":
            asyncio.run(_together((WEB, COURIER, *WORKERS), settings))
        case "poll" if missing := _unpolled(settings, channels):
            raise SettingsError(tuple(missing.splitlines()))
        case "poll" if alone:
            uvloop.run(_alone(_poll, settings, channels))
        case "poll":
            asyncio.run(_together((POLL, WEB, COURIER, *WORKERS), settings))
        case "courier":
            uvloop.run(_alone(deliver, settings, channels))
        case "reconcile":
            return asyncio.run(reconciliation.run(settings, chosen.give_back))
        case "migrate":
            return asyncio.run(migrate(chosen, settings))
        case "store":
            return asyncio.run(_store(settings))
        case _:
            status: int = asyncio.run(chosen.run(chosen, settings))
            return status
    return 0


def _unpolled(settings: Settings, channels: ChannelRegistry) -> str:
    """What every channel that could be polled lacks; "" when one can be."""
    missing = [channel.missing(settings) for channel in channels if channel.polls]
    return "" if "" in missing else "\n".join(missing) or "no channel is polled"


async def _poll(container: Container, stop: asyncio.Event) -> None:
    """Poll every channel that can be polled, until ``stop`` is set."""
    async with sightings.kept(container.database, POLL.name):
        await asyncio.gather(*(one.poll(stop) for one in container.connections.values()))


def _fetches(container: Container) -> bool:
    """Whether the outbox worker has messages of a channel's own to do, such as photos to fetch."""
    return any(one.messages for one in container.connections.values())


async def _alone(run: Run, settings: Settings, channels: ChannelRegistry) -> None:
    """One process and no other, until a signal."""
    stop = stopped()
    door = partial(open_waiting_door, settings) if run is serve else contextlib.nullcontext
    if not await wait_for_tables(settings, stop, door):
        return
    async with (
        open_container(settings, channels) as container,
        open_health(container, takes_photos=run is not deliver or _fetches(container)),
    ):
        label_keys.tell(settings, container.clock())
        await run(container, stop)


async def _store(settings: Settings) -> int:
    """Keep the embedded Valkey running, until a signal. 1 if it stopped by itself."""
    stop = stopped()
    async with open_redis(settings), open_client(settings.redis_url) as redis:
        while not await nap(stop, _LOOK_SECONDS):
            if not await answers(redis):
                return 1
    return 0


async def _together(specs: Sequence[ProcessSpec], settings: Settings) -> None:
    """All the processes on this machine, until a signal."""
    stop = stopped()
    # What cannot work is said here once, and not by each of them in its log, again and again.
    await prepare_database(settings)
    await require_web_port(settings)
    for spec in specs:
        await require_health_port(settings.health_host, health_port_of(spec, settings.health_port))
    env = {**os.environ, "EIDER_DATA": str(settings.data_dir), "OMP_NUM_THREADS": "1"}
    folder = settings.data_dir / "logs"
    async with supervise(env, folder) as supervisor:
        await supervisor.open(specs, settings.redis_url)
        log.info("processes_ready", address=settings.public_url, logs=str(folder))
        await stop.wait()


def _parser(channels: ChannelRegistry) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    add_options(commands.add_parser("demo", help="a sample customer's whole journey"))
    for name, what in (("serve", "the web side"), ("poll", "the channels that are polled")):
        command = commands.add_parser(name, help=what)
        command.add_argument("--alone", action="store_true", help="this process and no other")
    commands.add_parser("courier", help="the outbox worker, and the scheduled tasks")
    books = commands.add_parser("reconcile", help="what the tills' statements and ours differ in")
    books.add_argument("--give-back", default="", metavar="CHARGE", help="return a stray charge")
    add_migrate_options(commands.add_parser("migrate", help="the database's tables, step by step"))
    add_backup_options(commands.add_parser("backup", help="the database, encrypted, elsewhere"))
    add_restore_options(commands.add_parser("restore", help="a backup, into an empty database"))
    add_backup_key_options(commands.add_parser("backup-key", help="make the key of the backups"))
    add_master_key_options(commands.add_parser("master-key", help="change the master key"))
    add_order_options(commands.add_parser("order", help="everything about one order, in words"))
    add_doctor_options(commands.add_parser("doctor", help="what is wrong with the house, in words"))
    commands.add_parser("store", help="the embedded Valkey, where no Redis is named")
    add_keys_options(commands.add_parser("keys", help="make the keys of the labels, or new ones"))
    add_verify_options(commands.add_parser("verify", help="whether pictures are ours, unchanged"))
    for one in (command for channel in channels for command in channel.commands):
        parser_of_one = commands.add_parser(one.name, help=one.help)
        one.add_arguments(parser_of_one)
        parser_of_one.set_defaults(run=one.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
