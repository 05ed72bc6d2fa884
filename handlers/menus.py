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
    """For admins: their commands, then everybody's. A name that both have means the admins'."""
    say = texts(language)
    own = tuple((name, say(command.menu_key)) for name, command in admin.COMMANDS.items())
    return own + tuple(each for each in private(language) if each[0] not in admin.COMMANDS)


def group(language: str) -> Menu:
    """For groups."""
    say = texts(language)
    return tuple((name, say(f"group-command-{name}")) for name in groups.COMMANDS)


def description(language: str) -> str:
    """What this can do, shown before the first word; at most 512 characters."""
    return texts(language)("bot-description")


def short_description(language: str) -> str:
    """One line for a profile; at most 120 characters."""
    return texts(language)("bot-short-description")
