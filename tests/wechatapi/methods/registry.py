"""Where a method says which path it serves, and what must be there before it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.wechatapi.records import Call, Json

if TYPE_CHECKING:
    from tests.wechatapi.api import Wechat


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is not JSON. ``cut``: the connection breaks in the middle of it."""

    data: bytes
    type: str
    name: str
    cut: bool = False


Do = Callable[["Wechat", Call], "Json | File"]


@dataclass(frozen=True, slots=True)
class Method:
    """``needs_token``: an access token in the query. ``needs_json``: a JSON object as its body.
    ``a_day`` and ``a_minute``: calls before 45009 and 45011."""

    path: str
    verb: str
    do: Do
    needs_token: bool
    needs_json: bool
    a_day: int
    a_minute: int


METHODS: dict[str, Method] = {}
"""By path, as ``/cgi-bin/menu/create``."""


def get(path: str, token: bool = True, a_day: int = 500_000) -> Callable[[Do], Do]:
    """A GET."""
    return _method(path, "GET", token, False, a_day, 0)


def post(
    path: str, token: bool = True, json: bool = True, a_day: int = 500_000, a_minute: int = 0
) -> Callable[[Do], Do]:
    """A POST."""
    return _method(path, "POST", token, json, a_day, a_minute)


def _method(
    path: str, verb: str, token: bool, json: bool, a_day: int, a_minute: int
) -> Callable[[Do], Do]:
    def registered(do: Do) -> Do:
        METHODS[path] = Method(path, verb, do, token, json, a_day, a_minute)
        return do

    return registered
