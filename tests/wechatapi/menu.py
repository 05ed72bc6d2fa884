"""The account's own menu: what ``menu/create`` takes."""

from typing import Any
from urllib.parse import urlsplit

from tests.wechatapi.records import Json, Refusal

TOP, BELOW = 3, 5
NAME, NAME_BELOW = 16, 60
KEY, URL = 128, 1024
"""Counts, and bytes of UTF-8; from the page of ``menu/create``."""
SHOWN, SHOWN_BELOW = 4, 8
"""Chinese characters that a phone shows of a name; the rest becomes "…"."""
KEYED = (
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
)
_CODES = {"type": (40017, 40024), "name": (40018, 40025), "key": (40019, 40026)}
_CODES |= {"url": (40020, 40027), "domain": (40055, 40054)}


class Menu:
    """``buttons`` as they were made; None if there is no menu."""

    def __init__(self) -> None:
        self.buttons: list[Json] | None = None

    def create(self, said: Json) -> None:
        buttons = said.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= TOP:
            raise Refusal(40016)
        for each in buttons:
            _check(each, below=False)
        self.buttons = buttons

    def described(self) -> Json:
        """As ``menu/get`` says it."""
        if self.buttons is None:
            raise Refusal(46003)
        return {"menu": {"button": [{**each, **_below(each)} for each in self.buttons]}}

    def find(self, name: str) -> Json:
        """The button of that name. Raises LookupError."""
        for top in self.buttons or ():
            for each in (top, *top.get("sub_button", ())):
                if each["name"] == name and "type" in each:
                    return dict(each)
        raise LookupError(f"no {name!r} in the menu")

    def shown(self) -> dict[str, list[str]]:
        """What a phone shows: the upper names, and those below each."""
        return {
            cut(top["name"], SHOWN): [
                cut(x["name"], SHOWN_BELOW) for x in top.get("sub_button", ())
            ]
            for top in self.buttons or ()
        }


def cut(name: str, most: int) -> str:
    """Shortened as on a phone; letters are half as wide."""
    width = 0.0
    for at, character in enumerate(name):
        width += 0.5 if character.isascii() else 1.0
        if width > most:
            return name[:at] + "…"
    return name


def _below(button: Json) -> Json:
    return {"sub_button": [each | {"sub_button": []} for each in button.get("sub_button", ())]}


def _check(button: Any, below: bool) -> None:
    if not isinstance(button, dict):
        raise Refusal(47001)
    _size(button.get("name"), NAME_BELOW if below else NAME, "name", below)
    inside = button.get("sub_button")
    if inside:
        if below:
            raise Refusal(40022)
        if not isinstance(inside, list) or len(inside) > BELOW:
            raise Refusal(40023)
        for each in inside:
            _check(each, below=True)
        return
    kind = button.get("type")
    if kind in KEYED:
        _size(button.get("key"), KEY, "key", below)
    elif kind in ("view", "miniprogram"):
        _size(button.get("url"), URL, "url", below)
        parts = urlsplit(button["url"])
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refusal(_CODES["domain"][below])
    elif kind in ("media_id", "view_limited", "article_id", "article_view_limited"):
        raise Refusal(40007)  # permanent media are not played
    else:
        raise Refusal(_CODES["type"][below])


def _size(value: Any, most: int, what: str, below: bool) -> None:
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= most:
        raise Refusal(_CODES[what][below])
