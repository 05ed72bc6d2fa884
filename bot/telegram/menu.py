"""Registers what Telegram shows beside the chat: the menus of commands, by language and by role,
and the bot's descriptions.

Looked up before it is set, since Telegram lets a bot change these only now and then: whatever is
as it should be is left alone. Trouble with one leaves that one as it was, and is logged.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotDescription,
    BotShortDescription,
)

from bot.outbound import RetryLater, Unreachable
from bot.telegram import TELEGRAM
from bot.telegram.calls import Caller, Refused
from bot.telegram.client import Client, TokenRefused
from handlers import menus
from shop.people.users import LANGUAGES

DEFAULT: Final = "en"
PATIENCE_SECONDS: Final = 10.0
"""How long one of them may take, looked up and set, whatever the server does meanwhile."""
ALL_SECONDS: Final = 120.0
"""How long all of them may: an operator waits for it, and a server that hangs hangs at each."""

_TROUBLE: Final = (TokenRefused, Unreachable, RetryLater, ConnectionError)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WantedMenu:
    """A menu or description as it should be, with the calls that read it and set it."""

    name: str
    value: object
    look: Callable[[], Awaitable[object]]
    put: Callable[[], Awaitable[object]]


async def register_commands(client: Client, admins: Collection[str]) -> None:
    """Bring menus and descriptions up to date in every language, and in English for everybody
    else. ``admins`` as the settings have them: ``telegram:42``. Ends within :data:`ALL_SECONDS`;
    what was not reached by then stays as it was.

    Raises :class:`bot.telegram.client.TokenRefused`.
    """
    try:
        async with asyncio.timeout(ALL_SECONDS):
            for wanted in _all(client, admins):
                await _register(wanted)
    except TimeoutError:
        log.warning("telegram_menus_given_up", seconds=ALL_SECONDS)


async def _register(wanted: WantedMenu) -> None:
    caller = Caller(PATIENCE_SECONDS)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            if await _seen(caller, wanted) != wanted.value:
                await caller.call(wanted.name, wanted.put)
    except Unreachable:  # an admin who has never written to the bot: no chat to show it in
        log.info("telegram_menu_for_nobody", menu=wanted.name)
    except (Refused, RetryLater, ConnectionError, TimeoutError) as error:
        log.warning("telegram_menu_not_set", menu=wanted.name, error=type(error).__name__)


async def _seen(caller: Caller, wanted: WantedMenu) -> object:
    """What it is now; None where Telegram does not say, as an older server."""
    try:
        return await caller.call(wanted.name, wanted.look)
    except _TROUBLE:
        raise
    except Exception as error:  # refused, or answered with something else: then it is set anew
        log.info("telegram_menu_unseen", menu=wanted.name, error=type(error).__name__)
        return None


def _all(client: Client, admins: Collection[str]) -> Iterator[WantedMenu]:
    for ours, theirs in _languages():
        yield _menu(
            client, "private", menus.private(ours), BotCommandScopeAllPrivateChats(), theirs
        )
        yield _menu(client, "groups", menus.group(ours), BotCommandScopeAllGroupChats(), theirs)
        for chat in _chats(admins):
            yield _menu(client, "admin", menus.admins(ours), BotCommandScopeChat(chat), theirs)
        yield _description(client, menus.description(ours), theirs)
        yield _short_description(client, menus.short_description(ours), theirs)


def _languages() -> Iterator[tuple[str, str | None]]:
    """(ours, Telegram's). It knows two-letter codes: zh is every kind of Chinese."""
    yield DEFAULT, None
    for ours in LANGUAGES:
        yield ours, ours.partition("_")[0]


def _chats(admins: Collection[str]) -> list[int]:
    named = (one.partition(":") for one in sorted(admins))
    return [int(id) for on, _, id in named if on == TELEGRAM and id.isdecimal()]


def _menu(
    client: Client, name: str, menu: menus.Menu, scope: BotCommandScope, language: str | None
) -> WantedMenu:
    commands = tuple(BotCommand(command, description) for command, description in menu)
    return WantedMenu(
        name,
        commands,
        partial(client.get_my_commands, scope, language),
        partial(client.set_my_commands, commands, scope, language),
    )


def _description(client: Client, text: str, language: str | None) -> WantedMenu:
    return WantedMenu(
        "description",
        BotDescription(text),
        partial(client.get_my_description, language),
        partial(client.set_my_description, text, language),
    )


def _short_description(client: Client, text: str, language: str | None) -> WantedMenu:
    return WantedMenu(
        "short_description",
        BotShortDescription(text),
        partial(client.get_my_short_description, language),
        partial(client.set_my_short_description, text, language),
    )
