"""Command menus and bot descriptions that a platform shows beside the chat, by language."""

from dataclasses import dataclass
from typing import Final

from handlers import admin, groups
from handlers.chat import Button
from handlers.intents import COMMANDS, Intent, button
from handlers.texts import texts

Menu = tuple[tuple[str, str], ...]
"""(command, description), in order."""


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A part of a menu whose entries are pressed, with its own title."""

    title: str
    entries: tuple[Button, ...]


_GROUPS: Final = (
    (
        "menu-shoot",
        (
            ("menu-where", Intent.WHERE),
            ("menu-styles", Intent.STYLES),
            ("menu-avatar", Intent.AVATAR),
            ("menu-alive", Intent.ALIVE),
            ("menu-invite", Intent.INVITE),
        ),
    ),
    (
        "menu-mine",
        (
            ("menu-progress", Intent.WHERE),
            ("menu-credits", Intent.CREDITS),
            ("menu-orders", Intent.ORDERS),
            ("menu-mydata", Intent.MYDATA),
            ("menu-language", Intent.LANGUAGE),
        ),
    ),
    (
        "menu-help",
        (
            ("menu-how", Intent.HELP),
            ("menu-paysupport", Intent.PAYSUPPORT),
            ("menu-cancel", Intent.CANCEL),
            ("menu-verify", Intent.VERIFY),
            ("menu-erase", Intent.ERASE),
        ),
    ),
)
"""Three groups of five: what the smallest of such menus can hold."""


def pressed(language: str) -> tuple[MenuGroup, ...]:
    """The menu beside a chat whose entries are pressed, like a message's buttons."""
    say = texts(language)
    return tuple(
        MenuGroup(say(title), tuple(button(say, key, intent) for key, intent in entries))
        for title, entries in _GROUPS
    )


def private(language: str) -> Menu:
    """The menu of private chats."""
    say = texts(language)
    return tuple((intent.value, say(f"command-{intent}")) for intent in COMMANDS)


def admins(language: str) -> Menu:
    """The menu of admins: their commands, then everybody's without the names that both have."""
    say = texts(language)
    own = tuple((name, say(command.menu_key)) for name, command in admin.COMMANDS.items())
    return own + tuple(each for each in private(language) if each[0] not in admin.COMMANDS)


def group(language: str) -> Menu:
    """The menu of groups."""
    say = texts(language)
    return tuple((name, say(f"group-command-{name}")) for name in groups.COMMANDS)


def description(language: str) -> str:
    """What the bot can do, shown in an empty chat; at most 512 characters."""
    return texts(language)("bot-description")


def short_description(language: str) -> str:
    """One line for the bot's profile; at most 120 characters."""
    return texts(language)("bot-short-description")
