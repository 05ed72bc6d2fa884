"""Inline keyboards: one action a button, addresses that open, and Pay where it belongs."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.botapi.records import Call
from tests.botapi.rules.findings import Broken

_LOOKS = {"text", "style", "icon_custom_emoji_id"}
_CAN = "Bad Request: can't parse inline keyboard button: "


def rules(call: Call, values: Mapping[str, Any], local: bool) -> Iterator[Broken]:
    """Of the call's own keyboard. Those of inline results are judged with them."""
    markup = values.get("reply_markup")
    yield from keyboard(call.method, markup)
    if call.method != "editMessageReplyMarkup":  # where it depends on the message
        yield from paying(call.method, markup, call.method == "sendInvoice")


def keyboard(where: str, markup: object) -> Iterator[Broken]:
    """Each button for itself."""
    for key in _keys(markup):
        yield from _key(where, key)


def paying(where: str, markup: object, invoice: bool) -> Iterator[Broken]:
    """Pay is an invoice's first button, and nobody else's."""
    keys = _keys(markup)
    if any("pay" in key for key in keys[invoice:]):
        yield Broken(
            f"{where}: a pay button is not the first one of an invoice",
            "Bad Request: BUTTON_TYPE_INVALID",
        )
    if invoice and keys and not keys[0].get("pay"):
        yield Broken(
            f"{where}: the first button of an invoice is not pay",
            "Bad Request: REPLY_MARKUP_BUY_EMPTY",
        )


def _keys(markup: object) -> list[dict[str, Any]]:
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list):
        return []
    return [key for row in rows if isinstance(row, list) for key in row if isinstance(key, dict)]


def _key(where: str, key: Mapping[str, Any]) -> Iterator[Broken]:
    label, actions = key.get("text"), set(key) - _LOOKS
    if not label:
        yield Broken(
            f"{where}: a button without a label",
            "Bad Request: inline keyboard button text must be non-empty",
        )
    if len(actions) != 1:
        none = "" if actions else f"{_CAN}Text buttons are unallowed in the inline keyboard"
        yield Broken(f"{where}: button {label!r} does {sorted(actions)}", none)
    if key.get("style", "primary") not in ("danger", "success", "primary"):
        yield Broken(f"{where}: style of button {label!r}", f"{_CAN}invalid button style specified")
    for url in _addresses(key):
        if not opens(url):
            yield Broken(
                f"{where}: button {label!r} leads to {url!r}",
                f"Bad Request: inline keyboard button URL '{url}' is invalid: Wrong HTTP URL",
            )


def _addresses(key: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(key.get("url"), str):
        yield key["url"]
    for name in ("web_app", "login_url"):
        within = key.get(name)
        if isinstance(within, dict) and isinstance(within.get("url"), str):
            yield within["url"]


def opens(url: str) -> bool:
    """Whether Telegram takes the address: tg:, or http(s) with a dot in the host."""
    address = urlsplit(url if "://" in url or url.startswith("tg:") else f"http://{url}")
    if address.scheme == "tg":
        return True
    return address.scheme in ("http", "https") and "." in (address.hostname or "").strip(".")
