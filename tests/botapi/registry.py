"""Which function does which method. The rooms of :mod:`tests.botapi.methods` enter themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tests.botapi.records import Call, Chat

if TYPE_CHECKING:
    from tests.botapi.api import BotApi

Plain = Callable[["BotApi", Call], object | Awaitable[object]]
InChat = Callable[["BotApi", Call, Chat], object | Awaitable[object]]

PLAIN: dict[str, Plain] = {}
IN_CHAT: dict[str, InChat] = {}


def method(name: str) -> Callable[[Plain], Plain]:
    """Does ``name``; has no chat, or finds it itself."""

    def enter(function: Plain) -> Plain:
        PLAIN[name] = function
        return function

    return enter


def chat_method(name: str) -> Callable[[InChat], InChat]:
    """Does ``name`` in the chat of ``chat_id``, which exists and lets the bot write."""

    def enter(function: InChat) -> InChat:
        IN_CHAT[name] = function
        return function

    return enter
