"""In which language the page speaks to a person, and its own words in that language."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from bot.playground import PLAYGROUND
from handlers.intents import COMMANDS
from handlers.texts import texts
from shop.people import users
from shop.ports import Database

PAGE_WORDS: Final = (
    "title", "log", "note", "online", "typing", "looking", "connecting", "placeholder", "send",
    "attach", "commands", "picked", "cancel", "remove", "drop", "too-large", "not-image", "newest",
    "picture", "clip", "photo", "original", "till", "previous", "next", "download", "close",
    "progress", "paused", "offline", "outage", "unheard", "unkept", "share",
    "you", "eider", "sending", "sent", "seen", "failed", "retry",
    "noscript",
)  # fmt: skip


@cache
def words_of(language: str) -> Mapping[str, str]:
    """Everything that the page itself says. Raises :class:`handlers.texts.TextError` for a language
    that is not ours: what anybody may ask for must not be kept."""
    words = texts(language)
    keys = [f"page-{name}" for name in PAGE_WORDS] + [f"command-{act}" for act in COMMANDS]
    return {key: words(key) for key in keys}


class LanguageResolver:
    """Looks up the language that the person chose; keeps no state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def language(self, person: str, preferred: str) -> str:
        """The person's language; before their first message, the one that
        the browser prefers (a BCP 47 tag)."""
        async with self._database.begin() as tx:
            met = await users.find(tx, PLAYGROUND, person)
        return met.language if met else users.language_for(preferred)
