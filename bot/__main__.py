"""``python -m bot demo | serve | poll | courier | telegram | reconcile | pass``: the chat side.

``serve`` and ``poll`` are one process each where a Redis is named (``EIDER_REDIS_URL``). Where none
is, somebody wants to see the whole thing run: they then start the rest of the house around them.
"""

import argparse
import asyncio
import os
import sys
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import structlog
import uvloop
from redis.asyncio import Redis

from bot.container import Container, open_container, open_redis
from bot.demo.options import add_options, read_options
from bot.demo.show import show
from bot.outbox import reconciliation
from bot.outbox.worker import deliver
from bot.playground.signed_cookie import SignedCookie
from bot.process_supervisor import (
    COURIER,
    POLL,
    WEB,
    WORKERS,
    ProcessSpec,
    answers,
    nap,
    stopped,
    supervise,
)
from bot.telegram.command import VERBS, operate_telegram
from bot.telegram.service import poll
from bot.web.app import serve
from shop import logs
from shop.settings import Settings, SettingsError, keep_master_key

_LOOK_SECONDS: Final = 2.0
_STAND_IN: Final = b64encode(bytes(32)).decode()

Run = Callable[[Container, asyncio.Event], Awaitable[None]]

log = structlog.get_logger()


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit status."""
    chosen = _parser().parse_args(arguments)
    if chosen.command == "demo":
        return asyncio.run(show(read_options(chosen)))
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log to write to yet
        return 2
    logs.configure(settings.log_format)
    return _run(chosen, settings)


def read_settings(env: Mapping[str, str]) -> Settings:
    """The settings; a house that brings its own store also makes its own master key."""
    try:
        return Settings.from_env(env)
    except SettingsError:
        # With a stand-in for the key, to learn whether and where one may be made.
        look = Settings.from_env({**env, "EIDER_MASTER_KEY": _STAND_IN})
        if not look.embedded or env.get("EIDER_MASTER_KEY"):
            raise
        keep_master_key(look.data_dir)
        return Settings.from_env(env)


def _run(chosen: argparse.Namespace, settings: Settings) -> int:
    match chosen.command:
        case "serve" if chosen.alone or not settings.embedded:
            uvloop.run(_alone(serve, settings))
        case "poll" if not settings.telegram_token:
            print("EIDER_TELEGRAM_TOKEN: is missing; BotFather gives one", file=sys.stderr)  # noqa: T201
            return 2
        case "poll" if chosen.alone or not settings.embedded:
            uvloop.run(_alone(_poll, settings))
        case "courier":
            uvloop.run(_alone(deliver, settings))
        case "telegram":
            return asyncio.run(operate_telegram(chosen.verb, settings))
        case "reconcile":
            return asyncio.run(reconciliation.run(settings, chosen.give_back))
        case "store":
            return asyncio.run(_store(settings))
        case "pass":
            ticket = SignedCookie(settings.master_key).ticket(chosen.name)
            print(f"{settings.public_url}/playground?pass={ticket}")  # noqa: T201 - the answer
        case "serve":
            asyncio.run(_together((WEB, COURIER, *WORKERS), settings))
        case "poll":
            asyncio.run(_together((POLL, WEB, COURIER, *WORKERS), settings))
    return 0


async def _poll(house: Container, stop: asyncio.Event) -> None:
    await poll(house.telegram, stop)


async def _alone(run: Run, settings: Settings) -> None:
    """One process of the house, until a signal."""
    stop = stopped()
    async with open_container(settings) as house:
        await run(house, stop)


async def _store(settings: Settings) -> int:
    """Keep the embedded Valkey running, until a signal. 1 if it stopped by itself."""
    stop = stopped()
    async with open_redis(settings), Redis.from_url(settings.redis_url) as redis:
        while not await nap(stop, _LOOK_SECONDS):
            if not await answers(redis):
                return 1
    return 0


async def _together(posts: Sequence[ProcessSpec], settings: Settings) -> None:
    """A whole house on this machine, until a signal."""
    stop = stopped()
    env = {**os.environ, "EIDER_DATA": str(settings.data_dir), "OMP_NUM_THREADS": "1"}
    folder = settings.data_dir / "logs"
    async with supervise(env, folder) as house:
        await house.open(posts, settings.redis_url)
        log.info("house_ready", address=settings.public_url, logs=str(folder))
        await stop.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    add_options(commands.add_parser("demo", help="a sample customer's whole journey, then a house"))
    for name, what in (("serve", "the web side"), ("poll", "the dialogue in Telegram")):
        command = commands.add_parser(name, help=what)
        command.add_argument("--alone", action="store_true", help="this process and no other")
    telegram = commands.add_parser("telegram", help="webhook and menus, as Telegram knows them")
    verbs = telegram.add_subparsers(dest="verb", required=True)
    for name, what in VERBS.items():
        verbs.add_parser(name, help=what)
    commands.add_parser("courier", help="delivers, and keeps the house in order")
    books = commands.add_parser("reconcile", help="what the tills' books and ours differ in")
    books.add_argument("--give-back", default="", metavar="CHARGE", help="return a stray charge")
    commands.add_parser("store", help="the embedded Valkey, where no Redis is named")
    ticket = commands.add_parser("pass", help="a link to the playground as a certain person")
    ticket.add_argument("name", help="as in EIDER_ADMINS=playground:NAME")
    return parser


if __name__ == "__main__":
    sys.exit(main())
