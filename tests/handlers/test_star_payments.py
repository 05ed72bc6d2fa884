"""Paying in Stars: asked before, told after, told twice, told too late, and given back."""

import re

import pytest

from handlers.chat import Incoming, Invoice, Person, Pressed, Refunded, Said
from handlers.session import State
from handlers.texts import every
from shop import feature_flags
from shop.adapters.tills.sandbox import BillClosed
from shop.orders.discrepancies import DiscrepancyKind
from shop.people import users
from shop.records import Avatar, Charge, Currency, FeatureFlag, Order, OrderState, ProcessedEvent
from shop.records import User as Known
from tests.channels import PLAYGROUND, TELEGRAM
from tests.handlers.dialogue_harness import catalog
from tests.handlers.guests import Guest
from tests.handlers.stars_harness import PRICE, StarsHarness
from tests.handlers.test_journey import TO_BILL as TO_BILL_AT_THE_PAGE
from tests.handlers.test_journey import TO_PHOTOS
from tests.handlers.test_linking import link

TO_BILL = (
    TO_PHOTOS.replace("¥9.90", f"{PRICE} Stars")
    + """
+ 20 photos
* the photos are checked
[Use these]
< (bill: Eider · one digital avatar)
< 199 Stars, once
"""
)
PAID = "199 Stars received, thank you"
TWICE = "second payment of 199 Stars"
LATE = "that bill was no longer open"


@pytest.fixture
async def stars(tmp_path):
    harness = StarsHarness(tmp_path)
    yield harness
    await harness.till.close()


@pytest.fixture
def ada(stars) -> Guest:
    return stars.guest("4201")


@pytest.fixture
async def billed(stars, ada) -> Order:
    await stars.play(ada, TO_BILL)
    return await stars.order()


class TestTheBill:
    async def test_it_is_an_invoice_in_stars(self, stars, ada, billed):
        [bill] = [one for one in ada.all_heard if isinstance(one, Invoice)]
        assert (bill.amount, bill.currency, bill.reference) == (PRICE, Currency.XTR, billed.id)
        assert bill.pay_url == ""
        actions = [button.action for row in bill.buttons for button in row]
        assert f"cancel:{billed.id}" in actions
        assert not [action for action in actions if action.startswith("pay")]

    @pytest.mark.parametrize("language", ["zh-CN", "en", "fr", "ko"])
    async def test_no_word_of_another_money(self, stars, ada, billed, language):
        await stars.play(ada, "> /language")
        await stars.press(ada, f"language:{users.language_for(language)}")
        [bill] = [one for one in ada.heard if isinstance(one, Invoice)]
        said = f"{bill.title} {bill.text} {ada.text}"
        assert not re.search(r"[¥元]|yuan|위안|RMB", said)
        assert str(PRICE) in bill.text
        assert 0 < len(bill.title) <= 32
        assert 0 < len(bill.text.partition("\n")[0]) <= 255

    async def test_packs_are_sold_for_stars_too(self, stars, ada, billed):
        await stars.play(ada, "> /credits")
        assert re.search(r"credits · \d+ Stars", ada.text)
        assert "¥" not in ada.text

    @pytest.mark.parametrize("way", ["/start", "pay:", "pay:{order}"])
    async def test_one_whose_till_was_closed_is_billed_anew(self, stars, ada, billed, way):
        """At the till of now and its price: the operator has changed what is sold for."""
        close_stars(stars)
        content = Said("/start") if way == "/start" else Pressed(way.format(order=billed.id))
        await stars.send(ada, content)
        await stars.play(ada, "< (bill: Eider · one digital avatar)\n< ¥9.90, once")
        order = await stars.order()
        assert (order.id, order.till, order.state) == (billed.id, "sandbox", OrderState.AWAITING)
        assert await stars.count(Order) == 1

    async def test_so_is_a_pack_of_credits(self, stars, ada, billed):
        await stars.pay(ada, billed)
        await stars.play(ada, "* the avatar is made\n> /credits")
        await stars.send(ada, Pressed("buy:60"))
        pack = await stars.order()
        close_stars(stars)
        await stars.send(ada, Pressed(f"pay:{pack.id}"))
        order = await stars.order()
        assert (order.id, order.till, order.currency) == (pack.id, "sandbox", Currency.CNY)


def close_stars(stars: StarsHarness) -> None:
    """The house starts again with the sandbox till alone."""
    free = stars.settings.model_copy(update={"stars_avatar": 0})
    stars.rebuild(settings=free, tills={stars.till.name: stars.till})


class TestPaying:
    async def test_it_is_booked_and_the_work_begins(self, stars, ada, billed):
        assert await stars.may_pay(ada, billed) is None
        await stars.pay(ada, billed)
        await stars.play(ada, f"< {PAID}\n< You’re next")
        assert (await stars.order()).state is OrderState.PAID
        assert await stars.count(Avatar) == 1
        await stars.play(ada, "* the avatar is made\n< Your avatar is ready")

    async def test_an_update_that_comes_twice_is_done_once(self, stars, ada, billed):
        for _ in range(3):
            await stars.pay(ada, billed, event="telegram:77")
        await stars.pay(ada, billed, event="telegram:78")
        assert await stars.count(Charge) == await stars.count(Avatar) == 1
        assert stars.ledger.given_back == []
        await stars.play(ada, f"< {PAID}")

    async def test_a_second_payment_goes_back_and_is_told_kindly(self, stars, ada, billed):
        await stars.pay(ada, billed)
        await stars.pay(ada, billed, "c2")
        await stars.play(ada, f"< {TWICE}\n! {PAID}\n< 199 Stars has been returned")
        assert stars.ledger.given_back == ["c2"]
        assert (await stars.order()).state is OrderState.PAID

    async def test_too_late(self, stars, ada, billed):
        await stars.play(ada, "> /cancel\n[Cancel it]")
        await stars.pay(ada, billed)
        await stars.play(ada, f"< {LATE}")
        assert stars.ledger.given_back == ["c1"]
        assert (await stars.order()).state is OrderState.CANCELLED

    async def test_another_amount_goes_back(self, stars, ada, billed):
        await stars.pay(ada, billed, amount=1)
        await stars.play(
            ada,
            "< I received 1 Star\n< not the amount of the bill\n< still waits\n! no longer open",
        )
        assert stars.ledger.given_back == ["c1"]

    async def test_for_nothing_of_ours(self, stars, ada, billed):
        await stars.pay(ada, "nobody's order", "charge-ABC123")
        await stars.play(ada, "< can’t tell what for\n< ABC123\n! Try again")
        assert await stars.count(Charge) == 0
        assert stars.ledger.given_back == []

    async def test_by_somebody_we_never_met(self, stars, ada, billed):
        eve = stars.guest("6666")
        await stars.pay(eve, billed)
        await stars.play(eve, f"< 199 Stars received, thank you.\n! queue\n! {LATE}")
        assert (await stars.order()).state is OrderState.PAID
        await stars.play(ada, "> continue\n< You’re next")

    async def test_a_charge_that_another_paid_goes_back_to_them(self, stars, ada, billed):
        """Refused before the payment; should it happen, Telegram's book knows who it was."""
        eve = stars.guest("6666")
        await stars.pay(eve, billed)
        await stars.play(ada, "> /cancel\n[Cancel it]")
        assert stars.ledger.refused == [], "nobody tries to give it to somebody else"
        assert stars.ledger.given_back == ["c1"]
        assert (await stars.order()).state is OrderState.REFUNDED

    async def test_by_the_banned(self, stars, ada, billed):
        async with stars.database.begin() as tx:
            await users.ban(tx, await stars.user_in(tx, ada))
        await stars.pay(ada, billed)
        await stars.play(ada, "< this account is closed to new orders. It goes back to you in full")
        assert stars.ledger.given_back == ["c1"]
        assert (await stars.order()).state is OrderState.AWAITING

    async def test_by_somebody_who_was_erased_meanwhile(self, stars, ada, billed):
        await stars.play(ada, "> /erase\n[Erase everything]")
        await stars.pay(ada, billed)
        await stars.play(ada, f"< {LATE}")
        assert stars.ledger.given_back == ["c1"], "found in Telegram's book: we forgot the payer"

    @pytest.mark.parametrize("way", ["/language", "/erase", "/help", "/terms", "/credits"])
    async def test_from_wherever_they_are(self, stars, ada, billed, way):
        await stars.play(ada, f"> {way}")
        await stars.pay(ada, billed)
        await stars.play(ada, f"< {PAID}\n< You’re next")
        session = await stars.sessions.load("telegram", ada.name)
        assert session.state is State.WAITING

    async def test_with_a_lost_session(self, stars, ada, billed):
        await stars.lose_sessions()
        await stars.pay(ada, billed)
        await stars.play(ada, f"< {PAID}")

    async def test_credits(self, stars, ada, billed):
        await stars.pay(ada, billed)
        await stars.play(ada, "* the avatar is made\n* the portraits are painted")
        pack = catalog().packs(Currency.XTR)[0]
        await stars.play(ada, "> /credits")
        await stars.press(ada, f"buy:{pack.credits}")
        order = await stars.order()
        await stars.pay(ada, order, "c2", amount=pack.amount)
        await stars.play(ada, f"< {pack.credits} credits added")
        await stars.send(ada, Refunded("stars", "c2"))
        await stars.play(ada, "< so the credits it had bought are taken back")
        assert (await stars.order()).state is OrderState.REFUNDED


class TestComingBack:
    async def test_it_takes_back_what_was_paid_for_and_says_so_once(self, stars, ada, billed):
        await stars.pay(ada, billed)
        await stars.play(ada, "* the avatar is made\n* the portraits are painted")
        ada.all_heard.clear()
        await stars.send(ada, Refunded("stars", "c1"))
        await stars.play(ada, "< 199 Stars was given back to you\n< are being erased")
        for _ in range(2):
            await stars.send(ada, Refunded("stars", "c1"))
            assert ada.heard == []
        assert (await stars.order()).state is OrderState.REFUNDED
        assert stars.ledger.given_back == [], "nobody asked Telegram a second time"

    async def test_parts_are_not_given_back(self, stars, ada, billed):
        await stars.pay(ada, billed)
        boss = stars.guest("7")
        await stars.play(
            boss,
            f"> /refund {billed.id} 100\n< This till gives back whole payments only",
        )
        assert (await stars.order()).kept == PRICE

    async def test_our_own_refund_is_told_once(self, stars, ada, billed):
        await stars.pay(ada, billed)
        await stars.play(ada, "> /cancel\n[Cancel it]\n< 199 Stars has been returned")
        await stars.send(ada, Refunded("stars", "c1"))
        assert ada.heard == []
        assert stars.ledger.given_back == ["c1"]

    async def test_it_makes_nobody_known(self, stars, ada, billed):
        await stars.pay(ada, billed)
        await stars.play(ada, "> /erase\n[Erase everything]")
        assert stars.ledger.given_back == ["c1"]
        assert await stars.count(Known, erased_at=None) == 0
        await stars.send(ada, Refunded("stars", "c1"))
        assert ada.heard == []
        assert await stars.count(Known, erased_at=None) == 0
        assert (await stars.order()).state is OrderState.REFUNDED

    async def test_before_the_payment_was_told(self, stars, ada, billed):
        await stars.send(ada, Refunded("stars", "c1"))
        await stars.pay(ada, billed)
        await stars.play(ada, f"< given back already\n< still waits\n! {LATE}")
        assert (await stars.order()).state is OrderState.AWAITING
        assert await stars.count(Avatar) == 0


class TestAsking:
    """May this bill be paid? Yes is None, no has a reason that a person can read."""

    async def test_only_by_the_person_of_the_bill(self, stars, ada, billed):
        eve = stars.guest("6666")
        assert "can’t find that" in await stars.may_pay(eve, billed)
        await stars.type(eve, "hello")
        assert "can’t find that" in await stars.may_pay(eve, billed)
        assert await stars.may_pay(ada, billed) is None

    async def test_it_makes_nobody_known_and_changes_nothing(self, stars, ada, billed):
        before = await stars.count(Known), await stars.count(ProcessedEvent)
        await stars.may_pay(stars.guest("6666"), billed)
        await stars.may_pay(ada, billed)
        assert (await stars.count(Known), await stars.count(ProcessedEvent)) == before

    async def test_it_waits_for_no_lock(self, stars, ada, billed):
        async with stars.sessions.lock("telegram", ada.name):
            assert await stars.may_pay(ada, billed) is None

    @pytest.mark.parametrize("texts", list(every()), ids=lambda one: one.language)
    async def test_the_reasons_are_short_and_in_their_language(self, stars, ada, billed, texts):
        async with stars.database.begin() as tx:
            await users.set_language(tx, await stars.user_in(tx, ada), texts.language)
        reasons = {
            "error-not-found": await stars.may_pay(ada, "x"),
            "error-bill-outdated": await stars.may_pay(ada, billed, PRICE + 1),
        }
        async with stars.database.begin() as tx:
            await tx.add(FeatureFlag(feature_flags.SALES, False, "telegram:7", stars.now))
        reasons["error-sales-paused"] = await stars.may_pay(ada, billed)
        async with stars.database.begin() as tx:
            await tx.put(FeatureFlag(feature_flags.SALES, True, "telegram:7", stars.now))
        ours = stars.settings
        stars.rebuild(settings=ours.model_copy(update={"sales_need": frozenset({"studio"})}))
        reasons["error-nobody-works"] = await stars.may_pay(ada, billed)
        async with stars.database.begin() as tx:
            assert (await stars.user_in(tx, ada)).awaits_opening_at  # as the words promise
        stars.rebuild(settings=ours)
        await stars.pay(ada, billed)
        reasons["error-already-paid"] = await stars.may_pay(ada, billed)
        async with stars.database.begin() as tx:
            await users.ban(tx, await stars.user_in(tx, ada))
        reasons["error-banned"] = await stars.may_pay(ada, billed)
        assert reasons == {key: texts(key) for key in reasons}

    @pytest.mark.parametrize("texts", list(every()), ids=lambda one: one.language)
    def test_every_reason_fits(self, texts):
        keys = ("not-found", "bill-outdated", "sales-paused", "already-paid", "banned",
                "consent-missing", "till", "nobody-works")  # fmt: skip
        reasons = [texts(f"error-{key}") for key in keys]
        reasons.append(texts("error-queue-too-long", minutes=1000))
        assert max(map(len, reasons)) <= 200


class TestHelp:
    async def test_it_shows_the_orders_that_money_came_in_for(self, stars, ada, billed):
        await stars.play(ada, "> /paysupport\n< can’t help with them\n! Your orders")
        await stars.pay(ada, billed)
        number = billed.id[:8].upper()
        await stars.play(ada, f"> /paysupport\n< Your orders:\n< {number}\n< 199 Stars")


async def test_admins_read_differences_in_words(stars, ada, billed):
    for texts_ in every():
        for kind in DiscrepancyKind:
            payload = {
                "user": "", "kind": "difference", "what": kind.value, "till": "stars",
                "charge": "c1", "order": "o1", "ours": 0, "theirs": 5, "currency": "XTR",
            }  # fmt: skip
            async with stars.database.begin() as tx:
                user = await users.set_language(tx, await stars.user_in(tx, ada), texts_.language)
            told = await stars.notifications.replies(payload | {"user": user.id})
            assert "stars" in told[1][0].text
    more = await stars.notifications.replies(
        {"user": user.id, "kind": "differences", "till": "stars", "count": 3}
    )
    assert "3" in more[1][0].text


async def test_a_refund_update_is_no_word_of_the_person(stars, ada, billed):
    """Who blocked us has not come back by it."""
    async with stars.database.begin() as tx:
        await users.set_unreachable(tx, await stars.user_in(tx, ada), True)
    person = Person(TELEGRAM, ada.name)
    told = Incoming("telegram:9", person, stars.now, Refunded("stars", "c9"))
    assert await stars.dispatcher.handle(told) == []
    async with stars.database.begin() as tx:
        assert (await stars.user_in(tx, ada)).unreachable


class TestABillOfAnotherChat:
    """Linked chats pay at different tills: a bill is one that can be paid where it is shown."""

    @pytest.fixture
    async def linked(self, stars, ada):
        """Ada at the page, with an open bill in yuan, and in Telegram."""
        page = stars.guest("ada", platform=PLAYGROUND)
        await stars.play(page, TO_BILL_AT_THE_PAGE)
        await stars.play(ada, "> hello")
        await link(stars, page, ada)
        await stars.deliver()
        return page

    async def test_it_is_placed_anew_where_they_ask_and_the_other_is_closed(
        self, stars, ada, linked
    ):
        [old] = [one for one in linked.all_heard if isinstance(one, Invoice)]
        await stars.play(ada, f"> well\n[Show the bill]\n< {PRICE} Stars, once\n! ¥9.90")
        order = await stars.order()
        assert (order.till, order.amount, order.currency) == ("stars", PRICE, Currency.XTR)
        await stars.deliver()
        with pytest.raises(BillClosed):
            await stars.till.pay(old.reference)
        assert await stars.may_pay(ada, order) is None
        await stars.play(linked, "> well\n[Show the bill]\n< ¥9.90, once\n! Stars")
        assert await stars.may_pay(ada, order) is not None, "one bill can be paid, not two"
        await stars.deliver()
        await stars.play(linked, "[Pay here in the chat]\n< ¥9.90 received, thank you")
        assert (await stars.order()).state is OrderState.PAID

    async def test_an_old_bills_button_shows_one_that_can_be_paid(self, stars, ada, linked):
        old = linked.button("Pay here in the chat")
        await stars.play(ada, f"> well\n[Show the bill]\n< {PRICE} Stars, once")
        await stars.send(linked, Pressed(old))
        await stars.play(linked, "< ¥9.90, once\n[Pay here in the chat]\n< ¥9.90 received")

    async def test_a_surplus_is_told_once_whether_the_chat_or_a_notice_says_it(self, stars, ada):
        await stars.play(ada, TO_BILL)
        order = await stars.order()
        await stars.pay(ada, order)
        await stars.pay(ada, order, "c2")
        await stars.deliver()
        keys = [one.message_key for one in ada.all_heard if TWICE in getattr(one, "text", "")]
        assert keys
        assert len(set(keys)) == 1
