"""Buttons, and invoices, whose first button is Pay."""

import pytest

from tests.botapi.judging import (
    BUTTON,
    EDIT,
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

URL = "inline keyboard button URL '{}' is invalid: Wrong HTTP URL"
WRONG = [
    wrong(
        "sendMessage",
        TEXT | key(),
        "does []",
        BUTTON + "Text buttons are unallowed in the inline keyboard",
    ),
    wrong(
        "sendMessage",
        TEXT | key(callback_data="b", url="https://x.org"),
        "does ['callback_data', 'url']",
        "",
    ),
    wrong(
        "sendMessage",
        TEXT | keys([{"text": "", "callback_data": "b"}]),
        "without a label",
        "inline keyboard button text must be non-empty",
    ),
    wrong(
        "sendMessage",
        TEXT | key(callback_data="b", style="pink"),
        "style",
        BUTTON + "invalid button style specified",
    ),
    wrong(
        "sendMessage",
        TEXT | key(url="http://localhost:8080/x"),
        "leads to",
        URL.format("http://localhost:8080/x"),
    ),
    wrong("sendMessage", TEXT | key(url="ftp://x.org"), "leads to", URL.format("ftp://x.org")),
    wrong(
        "sendMessage",
        TEXT | key(web_app={"url": "https://app"}),
        "leads to",
        URL.format("https://app"),
    ),
    wrong("sendMessage", TEXT | key(pay=True), "pay button", "BUTTON_TYPE_INVALID"),
    wrong(
        "sendInvoice",
        INVOICE | keys([{"text": "a", "callback_data": "b"}, {"text": "Pay", "pay": True}]),
        "not the first one",
        "BUTTON_TYPE_INVALID",
    ),
    wrong(
        "sendInvoice",
        INVOICE | key(callback_data="b"),
        "first button of an invoice is not pay",
        "REPLY_MARKUP_BUY_EMPTY",
    ),
    wrong(
        "sendInvoice",
        INVOICE | {"prices": [{"label": "a", "amount": 1}] * 2},
        "exactly one price",
        "STARS_INVOICE_INVALID",
    ),
    wrong(
        "sendInvoice", INVOICE | {"prices": "[]"}, "no price", "there must be at least one price"
    ),
    wrong(
        "sendInvoice",
        INVOICE | {"prices": [{"label": "a", "amount": 0}]},
        "the total is 0",
        "CURRENCY_TOTAL_AMOUNT_INVALID",
    ),
    wrong(
        "sendInvoice",
        INVOICE | {"provider_token": "1:T"},
        "a provider_token for Stars",
        "PAYMENT_PROVIDER_INVALID",
    ),
    wrong("sendInvoice", INVOICE | {"currency": "EUR"}, "EUR without", "PAYMENT_PROVIDER_INVALID"),
    wrong("sendInvoice", INVOICE | {"currency": "Stars"}, "currency 'Stars'", "CURRENCY_INVALID"),
    wrong("sendInvoice", INVOICE | {"max_tip_amount": "5"}, "tips", "STARS_INVOICE_INVALID"),
    wrong(
        "sendInvoice", INVOICE | {"start_parameter": "é"}, "start_parameter", "START_PARAM_INVALID"
    ),
    wrong(
        "createInvoiceLink",
        LINK | {"subscription_period": "86400"},
        "each 86400 seconds",
        "SUBSCRIPTION_PERIOD_INVALID",
    ),
    wrong(
        "sendInvoice",
        INVOICE | {"subscription_period": "2592000"},
        "subscription_period: unknown",
        "",
    ),
    wrong(
        "answerPreCheckoutQuery",
        {"pre_checkout_query_id": "1", "ok": "false"},
        "no without",
        'parameter "error_message" is required',
    ),
    wrong(
        "refundStarPayment",
        {"user_id": "1"},
        ".telegram_payment_charge_id: required",
        'parameter "telegram_payment_charge_id" is required',
    ),
    wrong("getStarTransactions", {"limit": "101"}, "101 is not between", ""),
]
RIGHT = [
    right(
        "sendMessage",
        TEXT
        | keys(
            [{"text": "a", "callback_data": "é" * 32}, {"text": "b", "url": "t.me/x?start=1"}],
            [
                {"text": "c", "switch_inline_query_chosen_chat": {"allow_user_chats": True}},
                {"text": "d", "switch_inline_query": ""},
                {"text": "e", "url": "tg://user?id=1"},
                {"text": "f", "copy_text": {"text": "x"}},
            ],
        ),
    ),
    right("editMessageText", EDIT),
    right("editMessageReplyMarkup", {"chat_id": "1", "message_id": "5"}),
    right("editMessageText", {"inline_message_id": "i", "text": "x"}),
    right("sendInvoice", INVOICE),
    right(
        "sendInvoice",
        INVOICE | keys([{"text": "Pay", "pay": True}], [{"text": "No", "callback_data": "n"}]),
    ),
    right("sendInvoice", {k: v for k, v in INVOICE.items() if k != "provider_token"}),
    right("createInvoiceLink", LINK | {"subscription_period": "2592000"}),
]


@pytest.mark.parametrize("case", WRONG)
def test_a_broken_rule_is_found_and_refused_as_telegram_would(case):
    bites(case)


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_call_is_in_order(case):
    passes(case)
