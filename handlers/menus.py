"""The commands and the descriptions that a platform shows beside the chat, in a language."""

from handlers import admin, groups
from handlers.intents import COMMANDS
from handlers.texts import texts

Menu = tuple[tuple[str, str], ...]
"""(command, description), in order."""


def private(language: str) -> Menu:
    """For everybody, in their own chat."""
    say = texts(language)
    return tuple((act.value, say(f"command-{act}")) for act in COMMANDS)


def admins(language: str) -> Menu:
    """For those who run the house: theirs, then everybody's. A name that both have is theirs."""
    say = texts(language)
    own = tuple((name, say(f"admin-command-{name}")) for name in admin.COMMANDS)
    return own + tuple(each for each in private(language) if each[0] not in admin.COMMANDS)


def group(language: str) -> Menu:
    """For groups."""
    say = texts(language)
    return tuple((name, say(f"room-command-{name}")) for name in groups.COMMANDS)


def description(language: str) -> str:
    """What this can do, shown before the first word; at most 512 characters."""
    return texts(language)("bot-description")


def short_description(language: str) -> str:
    """One line for a profile; at most 120 characters."""
    return texts(language)("bot-short-description")
