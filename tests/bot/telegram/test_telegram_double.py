"""The double is as strict as it claims: what the Bot API refuses, it reports."""

import asyncio
import json

import pytest
from telegram.error import Conflict

from tests.bot.telegram.double.api import BotApi
from tests.bot.telegram.double.people import Customer, until
from tests.bot.telegram.double.schema import check


def markup(**key: object) -> str:
    return json.dumps({"inline_keyboard": [[key]]})


def album(*kinds: str) -> str:
    return json.dumps([{"type": kind, "media": f"attach://f{n}"} for n, kind in enumerate(kinds)])


FILES = {f"f{n}": b"x" for n in range(11)}
TEXT = {"chat_id": "1", "text": "x"}
WRONG = {
    "method": ("sendEverything", {}, {}, "not in the specification"),
    "required": ("sendMessage", {"chat_id": "1"}, {}, "sendMessage.text: required"),
    "unknown": ("sendMessage", TEXT | {"txet": "x"}, {}, "sendMessage.txet: unknown"),
    "mistyped": ("sendMessage", TEXT | {"disable_notification": "3"}, {}, "is no Boolean"),
    "empty": ("sendMessage", TEXT | {"text": ""}, {}, "0 characters"),
    "long": ("sendMessage", TEXT | {"text": "x" * 4097}, {}, "4097 characters"),
    "caption": (
        "sendPhoto",
        {"chat_id": "1", "photo": "attach://f0", "caption": "x" * 1025},
        {"f0": b"x"},
        "1025 characters",
    ),
    "data": (
        "sendMessage",
        TEXT | {"reply_markup": markup(text="a", callback_data="é" * 33)},
        {},
        "66 bytes",
    ),
    "nested": (
        "sendMessage",
        TEXT | {"reply_markup": markup(text="a", callback_date="b")},
        {},
        "callback_date: unknown",
    ),
    "two actions": (
        "sendMessage",
        TEXT | {"reply_markup": markup(text="a", callback_data="b", url="https://x.org")},
        {},
        "does ['callback_data', 'url']",
    ),
    "attachment": (
        "sendPhoto",
        {"chat_id": "1", "photo": "attach://f0"},
        {},
        "attach://f0 has no part",
    ),
    "unused part": ("sendMessage", TEXT, {"f0": b"x"}, "part f0 is not used"),
    "lonely album": ("sendMediaGroup", {"chat_id": "1", "media": album("photo")}, FILES, "1 items"),
    "crowded album": (
        "sendMediaGroup",
        {"chat_id": "1", "media": album(*["photo"] * 11)},
        FILES,
        "11 items",
    ),
    "mixed album": (
        "sendMediaGroup",
        {"chat_id": "1", "media": album("photo", "document")},
        FILES,
        "documents only",
    ),
    "no such medium": (
        "sendMediaGroup",
        {"chat_id": "1", "media": album("phoot", "photo")},
        FILES,
        "media[0]",
    ),
    "keyboard on an album": (
        "sendMediaGroup",
        {"chat_id": "1", "media": album("photo", "photo"), "reply_markup": markup(text="a")},
        FILES,
        "sendMediaGroup.reply_markup: unknown",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_broken_rule_is_found(name):
    method, form, files, said = WRONG[name]
    assert any(said in problem for problem in check(method, form, files)), check(
        method, form, files
    )


def test_a_right_call_is_in_order():
    keys = markup(text="a", callback_data="b")
    assert check("sendMessage", TEXT | {"reply_markup": keys}, {}) == []
    right = {"chat_id": "1", "media": album("photo", "photo")}
    assert check("sendMediaGroup", right, {"f0": b"x", "f1": b"x"}) == []


async def test_of_two_pollers_the_older_is_told_to_stop(api, client):
    older = asyncio.create_task(client.fetch(0, 5))
    await until(lambda: api.made("getUpdates"))
    assert await client.fetch(0, 0) == []
    with pytest.raises(Conflict):
        await older


def test_an_update_with_a_misspelt_or_missing_field_cannot_be_sent():
    customer = Customer(BotApi("1:x"), 1)
    with pytest.raises(AssertionError, match="unknown fields"):
        customer.send_other(tekst="hello")
    with pytest.raises(ValueError, match="file_id"):
        customer.send_other(sticker={"emoji": "x"})
