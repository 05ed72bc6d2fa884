"""What the machine-readable Bot API says of every field: there, known, of its type and length."""

import pytest

from tests.botapi.conftest import jpeg
from tests.botapi.judging import (
    BUTTON,
    CHAT,
    INVOICE,
    LINK,
    TEXT,
    bites,
    key,
    keys,
    passes,
    right,
    wrong,
)
from tests.botapi.rules import specification
from tests.botapi.rules.fields import of_method, of_types

WRONG = [
    wrong("sendEverything", {}, "no method", ""),
    wrong("sendMessage", CHAT, ".text: required", "message text is empty"),
    wrong("sendMessage", {"text": "x"}, ".chat_id: required", "chat_id is empty"),
    wrong(
        "sendInvoice",
        {k: v for k, v in INVOICE.items() if k != "title"},
        ".title: required",
        'parameter "title" is required',
    ),
    wrong("sendMessage", TEXT | {"txet": "x"}, ".txet: unknown", ""),
    wrong("sendMessage", TEXT | {"disable_notification": "3"}, "is no Boolean", ""),
    wrong("getUpdates", {"offset": "many"}, "is no Integer", ""),
    wrong("getUpdates", {"limit": "101"}, "101 is not between", ""),
    wrong(
        "sendMessage",
        TEXT | {"reply_markup": "{"},
        "is no InlineKeyboardMarkup",
        "object expected as reply markup",
    ),
    wrong(
        "sendMessage",
        TEXT | key(callback_date="b"),
        "reply_markup.inline_keyboard[0][0].callback_date: unknown",
        "",
    ),
    wrong(
        "sendMessage",
        TEXT | keys([{"callback_data": "b"}]),
        "[0][0].text: required",
        BUTTON + 'Can\'t find field "text"',
    ),
    wrong(
        "sendMessage",
        TEXT | key(callback_data=7),
        "callback_data: is no String",
        BUTTON + 'Field "callback_data" is no String',
    ),
    wrong("sendMessage", TEXT | {"text": ""}, "0 characters", "message text is empty"),
    wrong("sendMessage", TEXT | {"text": " \n"}, "0 characters", "message text is empty"),
    wrong("sendMessage", TEXT | {"text": "x" * 4097}, "4097 characters", "message is too long"),
    wrong("sendMessage", TEXT | {"text": "😀" * 2049}, "4098 characters", "message is too long"),
    wrong(
        "sendPhoto",
        CHAT | {"photo": "attach://f0", "caption": "x" * 1025},
        "1025 characters",
        "message caption is too long",
        {"f0": jpeg()},
    ),
    wrong(
        "sendMediaGroup",
        CHAT | {"media": [{"type": "photo", "media": "f", "caption": "x" * 1025}] * 2},
        "media[0].caption: 1025",
        "message caption is too long",
    ),
    wrong("sendMessage", TEXT | key(callback_data="é" * 33), "66 bytes", "BUTTON_DATA_INVALID"),
    wrong(
        "answerCallbackQuery",
        {"callback_query_id": "1", "text": "x" * 201},
        "201 characters",
        "MESSAGE_TOO_LONG",
    ),
    wrong("sendInvoice", INVOICE | {"title": "x" * 33}, "33 characters", "TITLE_INVALID"),
    wrong("sendInvoice", INVOICE | {"payload": "é" * 65}, "130 bytes", "INVOICE_PAYLOAD_INVALID"),
    wrong(
        "createInvoiceLink", LINK | {"payload": ""}, "0 bytes", 'parameter "payload" is required'
    ),
    wrong(
        "setWebhook",
        {"url": "https://x.org", "secret_token": "x" * 257},
        "257 characters",
        "secret token is too long",
    ),
    wrong("setMyDescription", {"description": "x" * 513}, "513 characters", "DESCRIPTION_INVALID"),
    wrong(
        "setMyShortDescription",
        {"short_description": "x" * 121},
        "121 characters",
        "SHORT_DESCRIPTION_INVALID",
    ),
    wrong(
        "sendMessage",
        TEXT | {"parse_mode": "bbcode"},
        "unsupported parse_mode",
        "unsupported parse_mode",
    ),
    wrong(
        "sendMessage",
        TEXT | {"parse_mode": "HTML", "text": "<h1>x</h1>"},
        "Unsupported start tag",
        'can\'t parse entities: Unsupported start tag "h1"',
    ),
    wrong(
        "sendMessage",
        TEXT | {"parse_mode": "HTML", "text": "<b>x"},
        "end tag",
        "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
]
RIGHT = [
    right("sendMessage", TEXT),
    right("sendMessage", TEXT | {"text": "é" * 4096}),
    right("sendMessage", TEXT | {"parse_mode": "HTML", "text": f"<b>{'&lt;' * 4096}</b>"}),
    right("sendMessage", TEXT | {"parse_mode": "MarkdownV2", "text": "*x*"}),
    right("sendMessage", {"chat_id": "@friends", "text": "x"}),
    right("sendMessage", TEXT | {"reply_markup": {"keyboard": [[{"text": "a"}]]}}),
    right("setMyDescription", {"description": "x" * 512}),
    right("sendMessage", TEXT | {"disable_notification": "True"}),
]


@pytest.mark.parametrize("case", WRONG)
def test_a_broken_rule_is_found_and_refused_as_telegram_would(case):
    bites(case)


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_call_is_in_order(case):
    passes(case)


def test_every_type_and_method_of_the_api_can_be_checked():
    """Types that refer to themselves too; none of them takes just anything."""
    for name in specification()["types"]:
        assert of_types((name,))(object())
    for name, method in specification()["methods"].items():
        required = [each["name"] for each in method.get("fields", []) if each["required"]]
        assert len(of_method(name)({})) == len(required)
