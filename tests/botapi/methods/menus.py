"""What the bot says of itself: commands by scope and language, and descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.botapi.records import Call, Json
from tests.botapi.registry import method

if TYPE_CHECKING:
    from tests.botapi.api import BotApi

Scope = tuple[str, int, int]
"""Type, chat, user; 0 where there is none."""

DEFAULT: Scope = ("default", 0, 0)


class Menu:
    """``commands`` by scope and language, ``words`` by method (``setMyDescription``) and language;
    the language is "" for all the others."""

    def __init__(self) -> None:
        self.commands: dict[tuple[Scope, str], list[Json]] = {}
        self.words: dict[tuple[str, str], str] = {}

    def seen(self, scopes: list[Scope], language: str) -> list[Json]:
        """The commands that somebody sees: the narrowest scope's, in their language if it has
        it."""
        for scope in [*scopes, DEFAULT]:
            for each in (language, ""):
                if self.commands.get((scope, each)):
                    return self.commands[scope, each]
        return []


@method("setMyCommands")
def set_my_commands(api: BotApi, call: Call) -> bool:
    language = call.values.get("language_code") or ""
    api.menu.commands[_scope(api, call), language] = call.values.get("commands") or []
    return True


@method("getMyCommands")
def get_my_commands(api: BotApi, call: Call) -> list[Json]:
    language = call.values.get("language_code") or ""
    return api.menu.commands.get((_scope(api, call), language), [])


@method("deleteMyCommands")
def delete_my_commands(api: BotApi, call: Call) -> bool:
    api.menu.commands.pop((_scope(api, call), call.values.get("language_code") or ""), None)
    return True


def _scope(api: BotApi, call: Call) -> Scope:
    scope: Any = call.values.get("scope") or {"type": "default"}
    if "chat_id" not in scope:
        return (scope["type"], 0, 0)
    chat = api.known_chat(scope["chat_id"])
    return (scope["type"], chat.id, scope.get("user_id", 0))


def _enter(name: str, field: str) -> None:
    @method(f"set{name}")
    def put(api: BotApi, call: Call) -> bool:
        language = call.values.get("language_code") or ""
        api.menu.words[f"set{name}", language] = call.values.get(field) or ""
        return True

    @method(f"get{name}")
    def get(api: BotApi, call: Call) -> Json:
        words, language = api.menu.words, call.values.get("language_code") or ""
        found = words.get((f"set{name}", language)) or words.get((f"set{name}", ""), "")
        return {field: found or (api.me["first_name"] if field == "name" else "")}


_enter("MyName", "name")
_enter("MyDescription", "description")
_enter("MyShortDescription", "short_description")
