"""Command menus and bot descriptions that a platform shows beside the chat, by language."""

from handlers import admin, groups
from handlers.intents import COMMANDS
from handlers.texts import texts

Menu = tuple[tuple[str, str], ...]
"""(command, description), in order."""


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
