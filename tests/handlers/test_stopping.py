"""What becomes of the money, and what is kept, is said before the button is pressed, and holds."""

from dataclasses import replace
from pathlib import Path

import pytest

from handlers import billing
from handlers.chat import Incoming, Left, Person, Pressed, Said
from handlers.texts import texts
from shop.adapters.database import SqlDatabase
from shop.avatars.avatars import TRAIN
from shop.jobs import jobs, outbox
from shop.orders import orders, payments, stopping
from shop.people import consent, past_accounts, users
from shop.people.users import LANGUAGES
from shop.records import (
    Avatar,
    AvatarState,
    ConsentKind,
    Currency,
    Job,
    Order,
    OrderState,
    OutboxMessage,
    PastAccount,
    SealedKey,
    User,
)
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import drawn
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO

TO_PAID = TO_BILL + "\n[Pay here in the chat]\n"
BUY_AGAIN = TO_BILL[TO_BILL.index("[Woman]") :] + "\n[Pay here in the chat]\n"
TO_BEGUN = TO_PAID + "* a worker trains\n"


async def only_order(harness: DialogueHarness) -> Order:
    async with harness.database.begin() as tx:
        [order] = await tx.find(Order)
    return order


class TestErasing:
    async def test_before_work_has_begun(self, harness: DialogueHarness) -> None:
        await harness.play(
            harness.guest("anna"),
            TO_PAID
            + """
            > /erase
            < the order is cancelled, and all ¥9.90 goes back to you
            ! is not refunded
            > blah
            < all ¥9.90 goes back to you
            [Erase everything]
            < Receipt of erasure
            < ¥9.90 is on its way back to you
            """,
        )
        assert (await only_order(harness)).state is OrderState.REFUNDED

    async def test_once_it_has_begun(self, harness: DialogueHarness) -> None:
        await harness.play(
            harness.guest("anna"),
            TO_BEGUN
            + """
            > /erase
            < Work on your avatar has begun.
            < it stops, and the ¥9.90 you paid is not refunded
            ! goes back
            > blah
            < the ¥9.90 you paid is not refunded
            [Erase everything]
            < The ¥9.90 paid for it is not refunded
            ! on its way back
            """,
        )
        assert (await only_order(harness)).state is OrderState.STOPPED

    async def test_with_nothing_unfinished(self, harness: DialogueHarness) -> None:
        await harness.play(
            harness.guest("anna"),
            TO_STUDIO
            + """
            > /erase
            < No unfinished order is paid, so nothing is refunded
            [Erase everything]
            < No unfinished order was paid, so nothing is refunded
            """,
        )

    @pytest.mark.parametrize("begun", [False, True])
    @pytest.mark.parametrize("command", ["erase", "revoke"])
    async def test_what_is_on_its_way_back_is_named_beside_the_rest(
        self, harness: DialogueHarness, command: str, begun: bool
    ) -> None:
        """A part, which its till has yet to confirm."""
        anna = harness.guest("anna")
        await harness.play(anna, TO_BEGUN if begun else TO_STUDIO)
        order = await only_order(harness)
        async with harness.database.begin() as tx:
            await payments.refund_part(tx, order.id, 200, await tx.now())
            await tx.remove(OutboxMessage, name="refund")
        rest = "the ¥7.90 you paid is not refunded" if begun else "¥2.00"
        yes = "Erase everything" if command == "erase" else "Withdraw and erase"
        await harness.play(
            anna,
            f"""
            > /{command}
            < {rest}
            < ¥2.00 owed to you from before is still on its way back
            ! nothing is refunded
            [{yes}]
            < ¥2.00 owed to you from before is still on its way back
            ! nothing is refunded
            """,
        )

    async def test_work_that_begins_after_the_question_asks_anew(
        self, harness: DialogueHarness
    ) -> None:
        """The yes was to a question that promised the money."""
        anna = harness.guest("anna")
        await harness.play(anna, TO_PAID + "> /erase\n< goes back to you")
        yes = anna.button("Erase everything")
        await harness.play(anna, "* a worker trains")
        await harness.send(anna, Pressed(yes))
        assert "the ¥9.90 you paid is not refunded" in anna.text
        assert (await only_order(harness)).state is OrderState.PAID
        await harness.play(anna, "[Erase everything]\n< Receipt of erasure")

    async def test_an_avatar_that_is_done_after_the_question_asks_anew(
        self, harness: DialogueHarness
    ) -> None:
        anna = harness.guest("anna")
        await harness.play(anna, TO_BEGUN + "> /erase\n< is not refunded")
        yes = anna.button("Erase everything")
        await harness.play(anna, "* the avatar is made")
        await harness.send(anna, Pressed(yes))
        assert "No unfinished order is paid" in anna.text

    async def test_what_is_kept_is_named_and_shown_to_whoever_comes_back(
        self, harness: DialogueHarness
    ) -> None:
        anna, boss = harness.guest("anna"), harness.guest("boss")
        await harness.play(
            anna,
            """
            > hello
            > /mydata
            ! keyed hash
            > /privacy
            < for 180 days a keyed hash of your id on this platform stays
            < stays for 2 years
            > /erase
            < for 180 days a keyed hash of your id here, which says only that you were here before
            [Erase everything]
            < Kept until May 21, 2027: a keyed hash of your id here
            < It says only that you were here before
            > hello
            > /mydata
            < until May 21, 2027: a keyed hash of your id here, which says that you were here before
            ! closed to new orders
            """,
        )
        async with harness.database.begin() as tx:
            [past] = await tx.find(PastAccount)
        assert past.id == harness.deps.addresses(harness.platform, "anna")
        await harness.play(boss, "> /ban playground:anna\n< /ban done")
        await harness.play(
            anna,
            """
            > /erase
            < for 730 days a keyed hash of your id here
            < that you were here before and that this account is closed
            [Erase everything]
            < Kept until Nov 21, 2028
            < this account is closed to new orders
            > hello
            < closed to new orders
            """,
        )

    async def test_admins_read_which_orders_lost_their_money(
        self, harness: DialogueHarness
    ) -> None:
        anna, boss = harness.guest("anna"), harness.guest("boss")
        await harness.play(anna, TO_BEGUN)
        order = await only_order(harness)
        await harness.play(boss, f"> /erase playground:anna\n< money kept: {order.id}")
        await harness.play(boss, f"> /refund {order.id}\n< /refund done")
        await harness.play(boss, "> /ban playground:anna\n< /ban done: an erased account")

    async def test_who_blocks_the_bot_afterwards_stays_erased(
        self, harness: DialogueHarness
    ) -> None:
        anna = harness.guest("anna")
        await harness.play(anna, "> hello\n> /erase\n[Erase everything]\n< Receipt")
        await harness.send(anna, Left(back=False))
        await harness.send(anna, Left(back=True))
        async with harness.database.begin() as tx:
            assert await tx.count(User, erased_at=None) == 0
            assert await tx.count(User, platform_id="anna") == 0


class TestWithdrawing:
    async def test_work_that_begins_after_the_question_asks_anew(
        self, harness: DialogueHarness
    ) -> None:
        anna = harness.guest("anna")
        await harness.play(
            anna, TO_PAID + "> /revoke\n< The order is cancelled, and all ¥9.90 goes back to you"
        )
        yes = anna.button("Withdraw and erase")
        await harness.play(anna, "* a worker trains")
        await harness.send(anna, Pressed(yes))
        assert "the ¥9.90 you paid is not refunded" in anna.text
        assert (await only_order(harness)).state is OrderState.PAID

    async def test_before_it_has_begun_all_goes_back(self, harness: DialogueHarness) -> None:
        await harness.play(
            harness.guest("anna"),
            TO_PAID
            + "> /revoke\n[Withdraw and erase]\n< ¥9.90 is on its way back\n< has been returned",
        )


async def test_a_training_that_is_handed_back_cannot_be_cancelled(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_PAID + "< [Cancel and refund]\n* a worker trains")
    async with harness.database.begin() as tx:
        [job] = await tx.find(Job, kind=TRAIN.name)
        assert await jobs.hand_back(tx, job, "w1", harness.now, counted=False)
    await harness.play(
        anna,
        """
        > continue
        < You’re next
        ! Cancel and refund
        > /cancel
        < cancelling is no longer possible
        """,
    )


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_language_names_the_amount(harness: DialogueHarness, language: str) -> None:
    """Before and after, of what goes back and of what does not."""
    say = texts(language)
    amount = say.money(990, Currency.CNY)
    for key in ("erase-ask", "erase-prompt", "erase-money", "revoke-ask", "revoke-done"):
        others = {"credits": 1, "days": 180, "banned": "no"} if key == "erase-ask" else {}
        back = say(key, fate="refund", back=amount, lost="", **others)
        lost = say(key, fate="loss", back="", lost=amount, **others)
        none = say(key, fate="yes", back="", lost="", **others)
        assert amount in back
        assert amount in lost
        assert amount not in none
        assert len({back, lost, none}) == 3
        if key != "erase-prompt":
            owed = say(key, fate="owed", back="", lost="", owed=amount, **others)
            assert say("money-owed", owed=amount) in owed
    late = {kept: say("cancel-too-late", amount=amount, kept=kept) for kept in ("yes", "no")}
    assert all(amount in text for text in late.values())
    assert late["yes"] != late["no"]
    privacy = say("privacy", days=180, years=2)
    assert "180" in privacy
    assert "2" in privacy
    for key in ("erase-past", "mydata-past"):
        plain, banned = (say(key, day="DAY", banned=one) for one in ("no", "yes"))
        assert "DAY" in plain
        assert len(banned) > len(plain)


class TestOldButtons:
    """A yes counts for what it was asked about, and for nothing that came since."""

    async def test_a_yes_to_cancelling_ends_no_later_order(self, harness: DialogueHarness) -> None:
        anna = harness.guest("anna")
        await harness.play(anna, TO_PAID + "> /cancel")
        yes = anna.button("Cancel it")
        await harness.play(anna, "[Cancel it]\n" + BUY_AGAIN)
        await harness.send(anna, Pressed(yes))
        assert "Are you sure?" in anna.text
        await harness.send(anna, Pressed("cancel:refund"))
        assert "Are you sure?" in anna.text
        assert await states(harness) == [OrderState.REFUNDED, OrderState.PAID]
        await harness.play(anna, "[Cancel it]\n< ¥9.90 is on its way back")

    async def test_nor_an_unpaid_one_or_a_pack(self, harness: DialogueHarness) -> None:
        anna = harness.guest("anna")
        await harness.play(anna, TO_BILL + "> /cancel")
        yes = anna.button("Cancel it")
        await harness.play(anna, "[Cancel it]\n" + BUY_AGAIN.split("[Pay")[0])
        for old in (yes, "cancel:yes"):
            await harness.send(anna, Pressed(old))
            assert OrderState.AWAITING in await states(harness)
        await harness.play(
            anna,
            """
            [Pay here in the chat]
            * the avatar is made
            * the portraits are painted
            > credits
            [buy:60]
            """,
        )
        assert (await states(harness))[-1] is OrderState.AWAITING
        await harness.send(anna, Pressed(yes))
        assert (await states(harness))[-1] is OrderState.AWAITING

    @pytest.mark.parametrize("command", ["revoke", "erase"])
    async def test_a_yes_to_ending_all_ends_no_later_order(
        self, harness: DialogueHarness, command: str
    ) -> None:
        anna = harness.guest("anna")
        await harness.play(anna, f"{TO_BEGUN}> /{command}")
        yes = anna.button(f"{command}:loss-")
        await harness.play(anna, "> continue\n* the training fails\n" + BUY_AGAIN)
        await harness.play(anna, "* a worker trains")
        question = f"> /{command}\n< the ¥9.90 you paid is not refunded"
        await harness.play(anna, question)
        for old in (yes, f"{command}:loss"):
            await harness.send(anna, Pressed(old))
            assert "the ¥9.90 you paid is not refunded" in anna.text
            assert await states(harness) == [OrderState.REFUNDED, OrderState.PAID]
        await harness.send(anna, Pressed(anna.button(f"{command}:loss-")))
        assert await states(harness) == [OrderState.REFUNDED, OrderState.STOPPED]

    @pytest.mark.parametrize("command", ["revoke", "erase"])
    async def test_a_yes_of_before_ends_no_avatar_made_since(
        self, harness: DialogueHarness, command: str
    ) -> None:
        anna = harness.guest("anna")
        await harness.play(anna, f"{TO_BILL.split('[Use these]')[0]}> /{command}")
        yes = anna.button(f"{command}:yes-")
        await harness.play(anna, "> continue\n[Use these]\n[Pay here in the chat]")
        await harness.play(anna, f"* the avatar is made\n> /{command}")
        for old in (yes, f"{command}:yes"):
            await harness.send(anna, Pressed(old))
            assert await states(harness) == [OrderState.DONE]
        async with harness.database.begin() as tx:
            assert await tx.count(Avatar, state=AvatarState.READY) == 1


async def states(harness: DialogueHarness) -> list[OrderState]:
    async with harness.database.begin() as tx:
        return [order.state for order in await tx.find(Order, order="created_at")]


async def test_the_receipt_comes_when_it_is_true(harness: DialogueHarness, sqlite_url: str) -> None:
    """No key is left in the database's files, although no outbox worker is there."""
    files = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///")).parent
    harness.database = SqlDatabase(sqlite_url)
    harness.rebuild()
    keys: list[bytes] = []

    def left() -> list[str]:
        found = [
            path for path in files.glob("eider.sqlite*") for key in keys if key in path.read_bytes()
        ]
        return [path.name for path in found]  # fmt: skip

    async def says(name: str, content: Said | Pressed) -> str:
        harness.events += 1
        person = Person(harness.platform, name, "en")
        event = f"playground:{harness.events}"
        replies = await harness.dispatcher.handle(Incoming(event, person, harness.now, content))
        harness.guest(name).all_heard += replies
        return "\n".join(drawn(one) for one in replies)

    for name in ("anna", "bert"):
        await harness.play(harness.guest(name), TO_PHOTOS + "\n+ 1 photo")
        async with harness.database.begin() as tx:
            keys = [one.wrapped for one in await tx.find(SealedKey)]
        assert len(keys) == 1
        assert left()
        if name == "anna":
            await says(name, Said("/erase"))
            answer = await says(name, Pressed(harness.guest(name).button("erase:yes-")))
            assert "nobody can open any of these" in answer
        else:
            assert "/erase done" in await says("boss", Said("/erase playground:bert"))
        async with harness.database.begin() as tx:
            assert await tx.count(SealedKey) == 0
            assert await tx.count(OutboxMessage, name="drop_session", state=outbox.PENDING) > 0
        assert left() == []
    await harness.database.close()


async def test_a_database_in_use_does_not_hold_up_the_receipt(
    harness: DialogueHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy() -> None:
        raise TimeoutError

    monkeypatch.setattr(harness.database, "scrub", busy)
    await harness.play(harness.guest("anna"), "> hello\n> /erase\n[Erase everything]\n< Receipt")


async def test_held_credits_are_counted_among_those_that_lapse(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(
        anna,
        TO_STUDIO
        + """
        > credits
        < You have 40 credits
        > /mydata
        < credits: 40
        [More like me]
        > credits
        < You have 32 credits
        > /mydata
        < credits: 40
        > /erase
        < Your remaining credits (40) lapse
        """,
    )


async def test_a_training_that_stalls_keeps_no_money(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_BEGUN)
    harness.now += stopping.STALLED
    await harness.play(
        anna,
        """
        > /cancel
        < everything is erased, and all ¥9.90 goes back to you
        > /revoke
        < all ¥9.90 goes back to you
        [Withdraw and erase]
        < ¥9.90 is on its way back
        """,
    )
    assert (await only_order(harness)).state is OrderState.REFUNDED


class TestThePriceOfBefore:
    """An order keeps what a shoot cost when it was placed."""

    def dearer(self, harness: DialogueHarness) -> None:
        harness.rebuild(catalog=replace(harness.catalog, shoot_credits=15))

    async def test_its_bill_says_what_is_left_of_its_credits(
        self, harness: DialogueHarness
    ) -> None:
        anna = harness.guest("anna")
        await harness.play(anna, TO_BILL + "< 5 more sets in other styles (credits: 40)")
        self.dearer(harness)
        await harness.play(anna, "> pay\n< 2 more sets in other styles (credits: 40)")

    async def test_and_so_many_are_left(self, harness: DialogueHarness) -> None:
        anna = harness.guest("anna")
        await harness.play(anna, TO_BEGUN)
        self.dearer(harness)
        await harness.play(
            anna,
            "* the avatar is made\n* the portraits are painted\n> credits\n< You have 40 credits",
        )


class TestNewTerms:
    """Everybody is asked again; an open order waits for the answer, a paid one goes on."""

    @pytest.fixture
    async def changed(self, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
        monkeypatch.setitem(consent.VERSION, ConsentKind.TERMS, "2026-11")
        return monkeypatch

    async def test_while_photos_come_in(
        self, harness: DialogueHarness, changed: pytest.MonkeyPatch
    ) -> None:
        anna = harness.guest("anna")
        await harness.play(anna, TO_BILL.split("[Use these]")[0])
        changed.undo()
        await harness.play(
            anna,
            """
            + 1 photo
            < First choose what it is for and say yes
            ! Read the terms above
            > continue
            < The terms have changed since you agreed to them
            < all your money comes back as long as work on the avatar hasn’t begun
            [Yes, and I’m an adult]
            < 20 photos received, 20 usable
            [Use these]
            < (bill: Eider
            """,
        )

    async def test_while_the_bill_is_out(
        self, harness: DialogueHarness, changed: pytest.MonkeyPatch
    ) -> None:
        """Nobody pays under terms that they have not read."""
        anna = harness.guest("anna")
        await harness.play(anna, TO_BILL)
        changed.undo()
        await harness.play(
            anna,
            """
            [Pay here in the chat]
            < The terms have changed since you agreed to them, so I’m asking again
            [Read again]
            < The terms have changed
            [Yes, and I’m an adult]
            < (bill: Eider
            [Pay here in the chat]
            < ¥9.90 received
            """,
        )

    async def test_while_it_is_made(
        self, harness: DialogueHarness, changed: pytest.MonkeyPatch
    ) -> None:
        """What was promised holds: the money goes back, begun or not."""
        anna = harness.guest("anna")
        await harness.play(anna, TO_BEGUN)
        changed.undo()
        await harness.play(
            anna,
            """
            > continue
            < Making your avatar: 40%
            > /cancel
            < cancelling is no longer possible
            < work stops, everything is erased, and all ¥9.90 goes back to you
            > /revoke
            < all ¥9.90 goes back to you
            ! begun
            > /erase
            < all ¥9.90 goes back to you
            ! begun
            [Erase everything]
            < ¥9.90 is on its way back to you
            """,
        )

    async def test_in_the_studio_with_a_second_avatar_begun(
        self, harness: DialogueHarness, changed: pytest.MonkeyPatch
    ) -> None:
        anna = harness.guest("anna")
        await harness.play(anna, TO_STUDIO + "> new avatar\n[Yes, start over]\n[Woman]")
        changed.undo()
        await harness.play(anna, "> continue\n< The terms have changed")


async def test_a_banned_person_does_not_pay_in_the_chat(harness: DialogueHarness) -> None:
    """A bill that was out when they were banned, by a button that stands in their chat."""
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(anna, TO_BILL)
    await harness.play(boss, "> /ban playground:anna")
    await harness.play(anna, "[Pay here in the chat]\n< closed to new orders")
    assert (await only_order(harness)).state is OrderState.AWAITING


async def test_a_repeated_payment_of_a_stopped_order_is_no_surplus(
    harness: DialogueHarness,
) -> None:
    """The till says it twice: nothing is promised, and nothing goes back."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_BEGUN + "> /revoke\n[Withdraw and erase]")
    order = await only_order(harness)
    event = await harness.till.find(order.id)
    assert event is not None
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, anna)
        again = await orders.confirm_payment(tx, event, harness.now)
        ctx = await harness.context(tx, user)
        [said] = await billing.payment_replies(ctx, again, event)
    assert again.state is OrderState.STOPPED
    assert said.text == "¥9.90 received, thank you."


async def test_only_arrivals_create_people() -> None:
    """Whoever calls the plain function would forget bans."""
    root = Path(users.__file__).parents[2]
    callers = [
        path.relative_to(root).as_posix()
        for room in ("bot", "handlers", "pipeline", "shop")
        for path in (root / room).rglob("*.py")
        if "users.get_or_create(" in (text := path.read_text("utf-8")) or "users.create(" in text
    ]
    assert callers == [Path(past_accounts.__file__).relative_to(root).as_posix()]
