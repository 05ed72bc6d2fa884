"""Bills in Stars: invoices that are paid in the chat, and never stand there out of date."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.message_plan import (
    DESCRIPTION_LIMIT,
    TITLE_LIMIT,
    InvoiceMessage,
    TextMessage,
    plan_messages,
)
from handlers.chat import Button, Invoice, Say
from handlers.texts import texts
from shop.people.users import LANGUAGES
from shop.records import Currency

CANCEL = Button("Don’t buy", "cancel:b1")


def bill(text: str = "150 Stars, once.", message_key: str = "bill:b1", **more) -> Invoice:
    rows = ((CANCEL,),)
    return Invoice(
        "Eider avatar", text, 150, Currency.XTR, "order-1", "", rows, message_key, **more
    )


async def test_a_bill_in_stars_is_an_invoice_with_one_price_and_pays_first(
    api, customer, outbound, signer
):
    await outbound.send("4201", bill())
    (shown,) = customer.chat.shown
    asked = api.made("sendInvoice")[0].values
    assert (asked["currency"], asked["provider_token"]) == ("XTR", "")
    assert asked["prices"] == [{"label": "Eider avatar", "amount": 150}]
    assert asked["payload"] == "order-1"
    assert asked["start_parameter"]
    assert (shown.invoice.title, shown.invoice.description) == ("Eider avatar", "150 Stars, once.")
    pay, cancel = shown.buttons().values()
    assert (pay["text"], pay["pay"]) == ("💳 150 ⭐", True)
    assert signer.open("4201", cancel["callback_data"]) == "cancel:b1"


async def test_a_bill_shown_again_replaces_the_old_one(customer, outbound):
    await outbound.send("4201", bill())
    await outbound.send("4201", Say("between"))
    await outbound.send("4201", bill("140 Stars, once."))
    between, card = customer.chat.shown
    assert between.text == "between"
    assert card.invoice.description == "140 Stars, once."


async def test_what_does_not_fit_stands_above_and_goes_with_the_bill(customer, outbound):
    long = "150 Stars, once.\n\n" + "You get a lot for it. " * 20
    for _ in range(2):
        await outbound.send("4201", bill(long))
    above, card = customer.chat.shown
    assert above.text == long.strip()
    assert above.markup is None
    assert card.invoice.description == "150 Stars, once."
    await outbound.send("4201", bill())
    assert [shown.text for shown in customer.chat.shown] == [above.text, ""]


async def test_words_in_the_slot_of_a_bill_take_it_away(customer, outbound):
    await outbound.send("4201", bill())
    await outbound.send("4201", Say("Cancelled.", message_key="bill:b1"))
    assert customer.texts() == ["Cancelled."]


async def test_a_bill_of_another_till_is_still_a_link(customer, outbound):
    link = Invoice("Avatar", "¥9.90", 990, Currency.CNY, "b1", "https://p.example/b1")
    await outbound.send("4201", link)
    (shown,) = customer.chat.shown
    assert shown.invoice is None
    assert shown.buttons()["💳 Avatar"]["url"] == "https://p.example/b1"


@given(st.text(min_size=1), st.text())
def test_titles_and_descriptions_keep_to_the_limits(title, text):
    *above, card = plan_messages(Invoice(title, text, 1, Currency.XTR, "r"))
    assert isinstance(card, InvoiceMessage)
    assert all(isinstance(each, TextMessage) for each in above)
    assert len(card.title.encode("utf-16-le")) <= TITLE_LIMIT * 2
    assert len(card.description.encode("utf-16-le")) <= DESCRIPTION_LIMIT * 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_titles_fit(language):
    words = texts(language)
    for title in (words("bill-title-avatar"), words("bill-title-credits", credits=1000)):
        assert plan_messages(Invoice(title, "x", 1, Currency.XTR, "r"))[-1].title == title
