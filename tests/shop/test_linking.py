"""Two chats become one person's, with all that either has, and part again."""

from collections.abc import AsyncIterator
from dataclasses import asdict, fields, replace
from datetime import timedelta

import pytest

from shop import admin_actions, linking, privacy
from shop.adapters.schema import hints
from shop.errors import Banned, LinkExpired, NotAllowed, TooManyChats, TwoOrdersOpen
from shop.jobs import outbox
from shop.money import ledger, order_accounting, referrals
from shop.money.referrals import ReferralInvitation
from shop.orders import orders, payments
from shop.people import consent, linked_chats, past_accounts, users
from shop.photos import photos
from shop.ports import Tx
from shop.records import (
    RECORDS,
    Avatar,
    ChannelName,
    ChargePayer,
    Consent,
    ConsentKind,
    Currency,
    Job,
    LinkCode,
    LinkedChat,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    Portrait,
    Shoot,
    User,
    UserId,
)
from tests.channels import PLAYGROUND, TELEGRAM
from tests.conftest import SetClock
from tests.locks import WatchedDatabase
from tests.shop.conftest import GRANTED, PACK, SHOOT, money, payloads
from tests.shop.linked import arrives, chat, claimed, link, web
from tests.storing import CAPACITY

BOSS = "telegram:1"


@pytest.fixture
async def tx(clock: SetClock) -> AsyncIterator[Tx]:
    """A transaction that holds the rules to the order of locks."""
    async with WatchedDatabase(clock).begin() as tx:
        yield tx


def own(records, user):
    return {one.id for one in records if one.user_id == user.id}


async def news_of(shop, user, kind):
    found = await shop.tx.find(OutboxMessage, user_id=user.id)
    return [one.payload for one in found if one.payload.get("kind") == kind]


async def pack(shop, user, charge, **told):
    """The user buys and pays a pack of credits."""
    order = await orders.buy_credits(
        shop.tx, shop.catalog, user, "sandbox", Currency.CNY, shop.now, capacity=CAPACITY
    )
    return await shop.pay(order, charge, **told)


class TestLinking:
    async def test_everything_of_both_is_one_persons(self, shop):
        _, avatar, shoot = await shop.ready()
        done = await shop.painted(shoot)
        joining = await chat(shop)
        await pack(shop, joining, "p1")
        kept = await link(shop, await web(shop), joining)

        assert (await users.find(shop.tx, PLAYGROUND, "42")).id == kept.id
        assert (await users.find(shop.tx, TELEGRAM, "7")).id == kept.id
        assert (kept.platform, kept.platform_id) == (TELEGRAM, "7")
        assert await ledger.balance(shop.tx, kept.id) == GRANTED + PACK
        assert avatar.id in own(await shop.tx.find(Avatar), kept)
        assert own(await shop.tx.find(Portrait, shoot_id=done.id), kept)
        assert {one.user_id for one in await shop.tx.find(Order)} == {kept.id}
        await money(shop)

    async def test_the_one_who_types_may_have_it_all(self, shop):
        """Photos that wait, a training, held credits, news: all of it goes on as the other's."""
        order, avatar = await shop.paid()
        job = await shop.begun(avatar)
        joining, owner = await web(shop), await chat(shop)
        await outbox.notify(shop.tx, joining.id, "granted", shop.now, credits=1)
        kept = await link(shop, owner, joining)

        assert [one.id for one in await shop.tx.find(Job, user_id=kept.id, ref=avatar.id)] == [
            job.id
        ]
        ready = await shop.trained(avatar)  # whoever had begun it knows the old id
        assert (ready.user_id, (await shop.tx.get(Order, order.id)).state) == (kept.id, "done")
        assert await ledger.balance(shop.tx, kept.id) == GRANTED
        assert await shop.tx.total(ledger.held_account(kept.id), Currency.CREDITS) == SHOOT
        [first] = await shop.tx.find(Shoot, user_id=kept.id)
        await shop.painted(first)
        assert await news_of(shop, kept, "granted") == [
            {"user": kept.id, "kind": "granted", "credits": 1}
        ]
        assert [one["user"] for one in await news_of(shop, kept, "portraits")] == [kept.id]
        assert await ledger.unspent(shop.tx, joining.id) == 0
        await money(shop)

    async def test_every_record_of_a_person_is_thought_of(self, shop):
        """A new record with a ``user_id`` must be moved, or stand here with a reason."""
        told = {
            LinkedChat: "is made anew for both",
            LinkCode: "ends",
            OutboxMessage: "is handed over, with the id in its payload",
        }
        theirs = {one for one in RECORDS if "user_id" in {field.name for field in fields(one)}}
        assert theirs == {*linking.OWNED, *told}
        assert all("user_id" in hints(one) for one in linking.OWNED)

    async def test_a_charge_that_comes_for_the_old_account_is_booked_for_the_new(self, shop):
        order = await shop.awaiting()
        kept = await link(shop, await chat(shop), await web(shop))
        assert (await shop.pay(order)).state is OrderState.PAID
        [avatar] = await shop.tx.find(Avatar)
        assert avatar.user_id == kept.id
        order = await shop.tx.get(Order, order.id)
        await payments.require_payable(  # a bill of the other chat's
            shop.tx, kept, (await self._bill(shop, kept)).id, 600, Currency.CNY, CAPACITY, shop.now
        )

    async def _bill(self, shop, user):
        return await orders.buy_credits(
            shop.tx, shop.catalog, user, "sandbox", Currency.CNY, shop.now, capacity=CAPACITY
        )

    async def test_photos_that_were_under_way_count(self, shop):
        order = await shop.collecting(good=1)
        waiting = await shop.photo(order, 5)
        kept = await link(shop, await chat(shop), await web(shop))
        assert own(await shop.tx.find(Photo), kept) >= {waiting.id}
        assert (await photos.give_up(shop.tx, waiting, shop.now)).user_id == kept.id
        assert await shop.photo(order, 6)  # the order as it was known before

    async def test_two_unpaid_bills_for_credits_may_both_be_paid(self, shop):
        owner, joining = await web(shop), await chat(shop)
        bills = [await self._bill(shop, one) for one in (owner, joining)]
        kept = await link(shop, owner, joining)
        for number, bill in enumerate(bills):
            await shop.pay(bill, f"c{number}")
        assert await ledger.balance(shop.tx, kept.id) == 2 * PACK

    async def test_the_language_that_was_chosen_follows(self, shop):
        owner, joining = await web(shop), await chat(shop)
        await users.set_language(shop.tx, joining, "ko")
        kept = await link(shop, owner, joining)
        assert (kept.language, kept.language_chosen) == ("ko", True)

        third = await arrives(shop, ChannelName("pager"), "9")
        await users.set_language(shop.tx, third, "fr")
        assert (await link(shop, kept, third)).language == "ko", "the kept one's, chosen in both"

    async def test_a_chain_of_chats_is_one_person(self, shop):
        first, second, third = (
            await web(shop), await chat(shop), await arrives(shop, ChannelName("pager"), "9"),
        )  # fmt: skip
        middle = await link(shop, second, first)
        last = await link(shop, third, await users.lock(shop.tx, middle.id))
        for old in (first, second, third):
            assert (await users.current(shop.tx, old.id)).id == last.id
            assert (await users.lock(shop.tx, old.id)).id == last.id
        assert [one.platform for one in await linked_chats.of(shop.tx, last.id)] != []
        assert {one.user_id for one in await shop.tx.find(LinkedChat)} == {last.id}
        assert await shop.tx.count(LinkedChat) == 3

    async def test_no_more_chats_than_a_person_has(self, shop):
        person = await web(shop, "1")
        for number in range(2, linked_chats.MOST + 1):
            person = await link(shop, person, await web(shop, str(number)))
        with pytest.raises(TooManyChats) as refusal:
            await link(shop, person, await chat(shop))
        assert refusal.value.details == {"maximum": linked_chats.MOST}

    async def test_two_orders_under_way_are_not_linked(self, shop):
        await shop.collecting(good=1)
        await shop.paid("43")
        with pytest.raises(TwoOrdersOpen):
            await link(shop, await web(shop), await web(shop, "43"))

    async def test_one_that_was_never_used_gives_way(self, shop):
        used = await shop.collecting(good=1)
        await shop.collecting(platform_id="43")
        kept = await link(shop, await web(shop, "43"), await web(shop))
        assert [one.id for one in await shop.tx.find(Order)] == [used.id]
        assert (await orders.current(shop.tx, kept)).id == used.id

    async def test_an_unused_one_alone_stays(self, shop):
        order = await shop.collecting()
        kept = await link(shop, await web(shop), await chat(shop))
        assert (await orders.current(shop.tx, kept)).id == order.id

    @pytest.mark.parametrize("who", ["owner", "typist"])
    async def test_nobody_banned_is_linked(self, shop, who):
        owner, typist = await web(shop), await chat(shop)
        code = await claimed(shop, owner, typist)
        await users.ban(shop.tx, owner if who == "owner" else typist)
        typist = await users.lock(shop.tx, typist.id)
        with pytest.raises(LinkExpired if who == "owner" else Banned):
            await linking.link(shop.tx, shop.addresses, code, typist, shop.now)

    async def test_a_later_ban_is_the_persons_in_all_chats(self, shop):
        kept = await link(shop, await web(shop), await chat(shop))
        await admin_actions.ban(shop.tx, shop.addresses, BOSS, "playground:42", shop.now)
        assert (await web(shop)).banned
        assert (await chat(shop)).banned
        assert (await admin_actions.person(shop.tx, "telegram:7")).id == kept.id

    async def test_figures_count_people(self, shop):
        await link(shop, await web(shop), await chat(shop))
        stats = await admin_actions.stats(shop.tx, BOSS, shop.now)
        assert (stats.users, stats.erased) == (1, 0)


class TestConsents:
    async def test_the_same_words_count_in_both(self, shop):
        await shop.customer()
        kept = await link(shop, await chat(shop), await web(shop))
        await consent.require(shop.tx, kept)

    async def test_other_words_are_asked_anew(self, shop, monkeypatch):
        await shop.customer()
        changed = consent.VERSION | {ConsentKind.TRAINING: "2027-09"}
        monkeypatch.setattr(consent, "VERSION", changed)
        kept = await link(shop, await chat(shop), await web(shop))
        assert await consent.given_kinds(shop.tx, kept) == set(ConsentKind) - {ConsentKind.TRAINING}

    @pytest.mark.parametrize("later", ["withdrawal", "yes"])
    async def test_the_latest_word_counts(self, shop, later):
        owner, typist = await web(shop), await chat(shop)
        minute = timedelta(minutes=1)
        at, past = (shop.now, shop.now - minute), (shop.now - 2 * minute, shop.now - 1.5 * minute)
        withdrawal, yes = (at, past) if later == "withdrawal" else (past, at)
        for kind in ConsentKind:
            await consent.give(shop.tx, owner, kind, withdrawal[0] - minute)
            await consent.give(shop.tx, typist, kind, yes[0])
        await consent.withdraw(shop.tx, owner, ConsentKind.TRAINING, withdrawal[1])
        kept = await link(shop, owner, typist)
        ended = {ConsentKind.TRAINING, ConsentKind.COMPARE, ConsentKind.COMPARE_PHOTOS}
        expected = set(ConsentKind) - ended if later == "withdrawal" else set(ConsentKind)
        assert await consent.given_kinds(shop.tx, kept) == expected
        assert await shop.tx.count(Consent, user_id=kept.id) == 2 * len(ConsentKind), (
            "all of it is evidence"
        )


class TestInvitations:
    async def _invited(self, shop):
        host, guest = await web(shop), await chat(shop)
        assert await referrals.accept_invite(shop.tx, guest, host.id) is ReferralInvitation.TAKEN
        return host, await users.lock(shop.tx, guest.id)

    async def test_nobody_invites_themself(self, shop):
        kept = await link(shop, *await self._invited(shop))
        assert kept.invited_by == ""
        assert await referrals.promised_credits(shop.tx, _with_reward(shop), kept) == 0

    @pytest.mark.parametrize("spent", [0, 5])
    async def test_what_it_had_earned_is_taken_back(self, shop, spent):
        shop.catalog = _with_reward(shop)
        host, guest = await self._invited(shop)
        for kind in ConsentKind:
            await consent.give(shop.tx, guest, kind, shop.now)
        order = await orders.begin(shop.tx, shop.cipher, guest, shop.now)
        order = replace(order, state=OrderState.DONE, referral=6)
        await shop.tx.put(order)
        await referrals.reward(shop.tx, order, shop.now)
        assert await ledger.balance(shop.tx, host.id) == 6
        if spent:
            await ledger.hold(shop.tx, host.id, "shoot:x", spent, shop.now)
            await ledger.capture(shop.tx, host.id, "shoot:x", spent, shop.now)
        kept = await link(shop, host, guest)
        assert await ledger.balance(shop.tx, kept.id) == 0
        assert await ledger.claimed(shop.tx, kept.id) == spent
        await referrals.take_back(shop.tx, order, shop.now)  # a refund later: not twice
        assert await ledger.claimed(shop.tx, kept.id) == spent

    async def test_a_refund_later_takes_back_from_who_has_it_now(self, shop):
        host, guest = await self._invited(shop)
        order = Order("o", guest.id, "avatar", OrderState.DONE, shop.now, shop.now, referral=6)
        await shop.tx.add(order)
        await referrals.reward(shop.tx, order, shop.now)
        kept = await link(shop, await web(shop, "other"), host)
        assert await ledger.balance(shop.tx, kept.id) == 6
        await referrals.take_back(shop.tx, order, shop.now)
        assert await ledger.balance(shop.tx, kept.id) == 0
        assert await ledger.claimed(shop.tx, kept.id) == 0

    async def test_a_link_of_before_still_leads_to_its_host(self, shop):
        old = await chat(shop)
        kept = await link(shop, await web(shop), old)
        guest = await web(shop, "guest")
        assert await referrals.accept_invite(shop.tx, guest, old.id) is ReferralInvitation.TAKEN
        assert (await users.lock(shop.tx, guest.id)).invited_by == kept.id
        assert await referrals.accept_invite(shop.tx, kept, old.id) is ReferralInvitation.OWN

    async def test_a_promise_to_newcomers_lapses_for_a_buyer(self, shop):
        await shop.ready()
        guest = await chat(shop)
        order = Order("o", guest.id, "avatar", OrderState.AWAITING, shop.now, shop.now, referral=6)
        await shop.tx.add(replace(order, bill="b"))
        await link(shop, await web(shop), guest)
        assert (await shop.tx.get(Order, "o")).referral == 0

    async def test_nobody_is_the_host_of_their_own_host(self, shop):
        host, guest = await self._invited(shop)
        third = await web(shop, "third")
        await referrals.accept_invite(shop.tx, third, guest.id)
        third = await users.lock(shop.tx, third.id)
        kept = await link(shop, host, third)
        assert kept.invited_by == "", "the guest of their own guest"


class TestRefunds:
    async def _owed(self, shop, order, charge):
        await orders.refund(shop.tx, order, "asked", shop.now)
        due = await order_accounting.refund_due(shop.tx, f"sandbox:{charge}")
        return due.payer

    async def test_reach_who_paid_before_the_link(self, shop):
        owner, typist = await web(shop), await chat(shop)
        bought = await pack(shop, owner, "p1", payer="42"), await pack(shop, typist, "p2")
        await link(shop, owner, typist)
        assert await self._owed(shop, bought[0], "p1") == "42"
        assert await self._owed(shop, bought[1], "p2") == "7"

    async def test_reach_who_paid_after_it_wherever_they_speak(self, shop):
        kept = await link(shop, await web(shop), await chat(shop))
        order = await pack(shop, kept, "p1", payer="42")
        await chat(shop)
        await linking.unlink(
            shop.tx, kept, await _at(shop, kept, "42"), await _one(shop, "7"), shop.now
        )
        assert await self._owed(shop, order, "p1") == "42"

    async def test_a_strangers_id_is_not_kept(self, shop):
        kept = await link(shop, await web(shop), await chat(shop))
        await pack(shop, kept, "p1", payer="stranger")
        [noted] = await shop.tx.find(ChargePayer)
        assert (noted.id, noted.payer) == ("sandbox:p1", "")

    async def test_a_stranger_s_payment_is_nobody_else_s_after_the_link(self, shop):
        owner = await web(shop)
        order = await pack(shop, owner, "p1", payer="stranger")
        await link(shop, owner, await chat(shop))
        assert await self._owed(shop, order, "p1") == "", "the till finds them by the charge"


class TestWhereNewsGo:
    async def test_where_they_spoke_last(self, shop):
        kept = await link(shop, await web(shop), await chat(shop))
        assert (await users.lock(shop.tx, kept.id)).platform == TELEGRAM
        shop.now += timedelta(minutes=1)
        assert (await web(shop)).id == kept.id
        there = await users.lock(shop.tx, kept.id)
        assert (there.platform, there.platform_id) == (PLAYGROUND, "42")
        assert there.address_hash == shop.addresses(PLAYGROUND, "42")

    async def test_after_a_block_where_they_spoke_before(self, shop):
        kept = await link(shop, await web(shop), await chat(shop))

        async def told(platform, platform_id, gone):
            user = await linked_chats.set_unreachable(
                shop.tx, kept.id, platform, platform_id, gone=gone
            )
            return user.platform, user.unreachable

        assert await told(TELEGRAM, "7", True) == (PLAYGROUND, False)
        assert await told(PLAYGROUND, "42", True) == (PLAYGROUND, True)
        assert await told(TELEGRAM, "7", False) == (TELEGRAM, False)
        assert await told(PLAYGROUND, "42", False) == (TELEGRAM, False)
        assert (await web(shop)).platform == PLAYGROUND

    async def test_somebody_with_one_chat_is_unreachable_as_ever(self, shop):
        user = await web(shop)
        gone = await linked_chats.set_unreachable(shop.tx, user.id, PLAYGROUND, "42", gone=True)
        assert gone.unreachable
        assert await shop.tx.find(LinkedChat) == []

    async def test_the_chats_that_did_not_type_are_told(self, shop):
        kept = await link(shop, await web(shop), await chat(shop))
        [told] = await news_of(shop, kept, "linked")
        assert (told["platform"], told["person"], told["channel"]) == (PLAYGROUND, "42", TELEGRAM)


class TestUnlinking:
    async def test_everything_stays_with_those_that_are_left(self, shop):
        await shop.ready()
        await users.state_minor(shop.tx, await chat(shop), shop.now)
        kept = await link(shop, await web(shop), await chat(shop))
        [here] = await _at(shop, kept, "7")
        [parted] = await linking.unlink(shop.tx, kept, [here], here, shop.now)

        owner = await web(shop)
        assert owner.id == kept.id
        assert await ledger.unspent(shop.tx, kept.id) == GRANTED + SHOOT
        assert (await chat(shop)).id == parted.id
        assert (parted.returned, parted.banned) == (True, False)
        assert [one.stated_minor_at for one in (owner, parted)] == [shop.now] * 2, "both are them"
        assert await shop.tx.find(LinkedChat) == [], "nobody has several chats any more"
        assert [one["channel"] for one in await news_of(shop, owner, "unlinked")] == [TELEGRAM]
        with pytest.raises(NotAllowed):
            await linking.unlink(shop.tx, kept, [here], here, shop.now)

    async def test_the_others_may_leave(self, shop):
        first = await link(shop, await web(shop), await chat(shop))
        kept = await link(shop, first, await arrives(shop, ChannelName("pager"), "9"))
        chats = await linked_chats.of(shop.tx, kept.id)
        [here] = [one for one in chats if one.platform_id == "9"]
        others = [one for one in chats if one != here]
        parted = await linking.unlink(shop.tx, kept, others, here, shop.now)
        assert len({one.id for one in (*parted, kept)}) == 3
        assert (await arrives(shop, ChannelName("pager"), "9")).id == kept.id
        for one in parted:
            assert len(await news_of(shop, one, "parted")) == 1

    async def test_nobody_becomes_a_newcomer_by_it(self, shop):
        host = await web(shop, "host")
        kept = await link(shop, await web(shop), await chat(shop))
        [here] = await _at(shop, kept, "7")
        [parted] = await linking.unlink(shop.tx, kept, [here], here, shop.now)
        outcome = await referrals.accept_invite(shop.tx, parted, host.id)
        assert outcome is ReferralInvitation.KNOWN

    async def test_a_ban_goes_with_both(self, shop):
        kept = await users.ban(shop.tx, await link(shop, await web(shop), await chat(shop)))
        [here] = await _at(shop, kept, "7")
        [parted] = await linking.unlink(shop.tx, kept, [here], here, shop.now)
        assert parted.banned

    async def test_they_can_be_linked_again(self, shop):
        kept = await link(shop, await web(shop), await chat(shop))
        [here] = await _at(shop, kept, "7")
        [parted] = await linking.unlink(shop.tx, kept, [here], here, shop.now)
        again = await link(shop, parted, kept)
        assert (await web(shop)).id == (await chat(shop)).id == again.id


class TestErasing:
    async def test_erases_every_chat(self, shop):
        kept = await link(shop, await web(shop), await chat(shop))
        await pack(shop, kept, "p1", payer="42")
        erasure = await privacy.erase(shop.tx, await chat(shop), shop.now)
        assert erasure.credits == PACK
        for platform_id in ("42", "7"):
            assert await _named(shop, platform_id) == [], "no id of a platform's stays"
        dropped = await payloads(shop, "drop_session")
        assert {(one["platform"], one["person"]) for one in dropped} == {
            (PLAYGROUND, "42"), (TELEGRAM, "7"),
        }  # fmt: skip
        told = await news_of(shop, kept, "erased")
        assert {one["person"] for one in told} == {"42", "7"}
        assert {(await web(shop)).returned, (await chat(shop)).returned} == {True}

    async def test_a_ban_is_remembered_of_every_chat(self, shop):
        kept = await users.ban(shop.tx, await link(shop, await web(shop), await chat(shop)))
        await privacy.erase(shop.tx, kept, shop.now)
        assert (await web(shop)).banned
        assert (await chat(shop)).banned

    @pytest.mark.parametrize("paid", ["before", "after"])
    async def test_a_chat_that_had_left_leaves_no_id_behind(self, shop, paid):
        """What it paid for stays in the other account, and says no more who paid."""
        payer = await chat(shop)
        order = await pack(shop, payer, "p1", payer="7") if paid == "before" else None
        pair = (payer, await web(shop))
        kept = await link(shop, *(pair if order else pair[::-1]))  # the first one's chat is told
        order = order or await pack(shop, kept, "p1", payer="7")
        other = await pack(shop, kept, "p2", payer="42")
        [leaving] = await _at(shop, kept, "7")
        here = await _one(shop, "42")
        [parted] = await linking.unlink(shop.tx, kept, [leaving], here, shop.now)
        assert await shop.tx.find(ChargePayer, payer="7"), "a refund still finds them"
        await privacy.erase(shop.tx, parted, shop.now)
        assert await _named(shop, "7") == []
        [left] = await shop.tx.find(ChargePayer)
        assert (left.id, left.payer) == ("sandbox:p2", "42"), "nobody else's is removed"
        await orders.refund(shop.tx, await shop.tx.get(Order, order.id), "asked", shop.now)
        await orders.refund(shop.tx, await shop.tx.get(Order, other.id), "asked", shop.now)
        assert (await order_accounting.refund_due(shop.tx, "sandbox:p1")).payer != "7"
        assert (await order_accounting.refund_due(shop.tx, "sandbox:p2")).payer == "42"

    async def test_this_chat_alone(self, shop):
        await shop.ready()
        kept = await link(shop, await web(shop), await chat(shop))
        order = await pack(shop, kept, "p1", payer="7")
        [here] = await _at(shop, kept, "7")
        erasure = await linking.erase_chat(shop.tx, kept, here, shop.now)
        assert (erasure.credits, erasure.past.banned) == (0, False)
        owner = await web(shop)
        assert await ledger.balance(shop.tx, owner.id) == GRANTED + PACK
        assert await _named(shop, "7") == []
        assert (await shop.tx.get(Order, order.id)).state is OrderState.DONE
        again = await chat(shop)
        assert again.id != owner.id
        assert again.returned
        assert await past_accounts.find(shop.tx, again, shop.now) == erasure.past
        assert await privacy.holdings(shop.database, shop.blobs, again) == replace(
            await privacy.holdings(shop.database, shop.blobs, again), credits=0, orders=()
        )

    async def test_holdings_name_the_chats(self, shop):
        kept = await link(shop, await web(shop), await chat(shop))
        holdings = await privacy.holdings(shop.database, shop.blobs, kept)
        assert holdings.chats == (TELEGRAM, PLAYGROUND)


async def _named(shop, platform_id: str) -> list[object]:
    """Every record in which that id of a platform's stands, in any column, but for the last
    messages to that chat, which go when they are sent."""
    found = [record for kind in RECORDS for record in await shop.tx.find(kind)]
    return [
        record
        for record in found
        if any(f"{mark}{platform_id}'" in _columns(record) for mark in ("'", ":"))
        and not (isinstance(record, OutboxMessage) and _is_last(record))
    ]


def _columns(record: object) -> str:
    """All that it holds: also what its ``repr`` keeps back."""
    return repr(asdict(record))


def _is_last(message: OutboxMessage) -> bool:
    return message.name == "drop_session" or message.payload.get("kind") == "erased"


def _with_reward(shop):
    return replace(shop.catalog, referral_credits=6)


async def _one(shop, platform_id):
    [found] = await shop.tx.find(LinkedChat, platform_id=platform_id)
    return found


async def _at(shop, user: User, platform_id: str) -> list[LinkedChat]:
    chats = await linked_chats.of(shop.tx, UserId(user.id))
    return [one for one in chats if one.platform_id == platform_id]
