"""Who invites and who comes are both thanked, once, for an avatar that is done and stands."""

from dataclasses import replace

import pytest

from shop import privacy
from shop.avatars import avatars
from shop.errors import NotAllowed, NotFound, TemplateNotShown
from shop.money import ledger, referrals
from shop.money.referrals import ReferralInvitation
from shop.orders import orders, stopping
from shop.people import users
from shop.records import Avatar, OutboxMessage, Shoot, User
from tests.channels import PLAYGROUND, TELEGRAM
from tests.shop.conftest import CATALOG, GRANTED, SHOOT

THANKS = 5


@pytest.fixture
def shop(shop):
    return replace(shop, catalog=replace(CATALOG, referral_credits=THANKS))


@pytest.fixture
async def host(shop) -> User:
    return await users.get_or_create(shop.tx, TELEGRAM, "1", "fr", shop.now)


@pytest.fixture
async def guest(shop, host) -> User:
    guest = await users.get_or_create(shop.tx, PLAYGROUND, "42", "en", shop.now)
    assert await referrals.accept_invite(shop.tx, guest, host.id) is ReferralInvitation.TAKEN
    return await users.lock(shop.tx, guest.id)


async def credits(shop, *people):
    assert set((await shop.tx.totals()).values()) <= {0}
    return [await ledger.balance(shop.tx, one.id) for one in people]


async def claims(shop, *people):
    return [await ledger.claimed(shop.tx, one.id) for one in people]


async def told(shop, kind):
    notices = await shop.tx.find(OutboxMessage, name="notice", order="created_at")
    return [one.payload for one in notices if one.payload["kind"] == kind]


class TestFollowingALink:
    async def test_somebody_new_is_remembered_with_the_first_host(self, shop, host, guest):
        other = await users.get_or_create(shop.tx, TELEGRAM, "2", "en", shop.now)
        assert guest.invited_by == host.id
        assert await referrals.accept_invite(shop.tx, guest, other.id) is ReferralInvitation.TAKEN
        assert (await users.lock(shop.tx, guest.id)).invited_by == host.id

    async def test_nothing_is_promised_once_the_host_is_gone(self, shop, host, guest):
        async def promised():
            return await referrals.promised_credits(shop.tx, shop.catalog, guest)

        assert await promised() == THANKS
        await users.ban(shop.tx, host)
        assert await promised() == 0
        await users.unban(shop.tx, await users.lock(shop.tx, host.id))
        assert await promised() == THANKS
        await privacy.erase(shop.tx, host, shop.now)
        assert await promised() == 0

    async def test_nobody_invites_themselves_or_their_own_host(self, shop, host, guest):
        assert await referrals.accept_invite(shop.tx, guest, guest.id) is ReferralInvitation.OWN
        assert await referrals.accept_invite(shop.tx, host, guest.id) is ReferralInvitation.KNOWN
        assert (await users.lock(shop.tx, host.id)).invited_by == ""

    async def test_whoever_has_an_order_came_before(self, shop, host):
        order = await shop.collecting(1)
        user = await users.lock(shop.tx, order.user_id)
        assert await referrals.accept_invite(shop.tx, user, host.id) is ReferralInvitation.KNOWN
        await orders.cancel(shop.tx, order, shop.now)
        assert await referrals.accept_invite(shop.tx, user, host.id) is ReferralInvitation.KNOWN

    @pytest.mark.parametrize("id", ["", "0" * 32, "hello"])
    async def test_a_link_of_nobody(self, shop, id):
        user = await shop.customer()
        assert await referrals.accept_invite(shop.tx, user, id) is ReferralInvitation.INVALID

    async def test_a_link_of_somebody_erased_or_banned(self, shop, host):
        user = await shop.customer()
        await users.ban(shop.tx, host)
        assert await referrals.accept_invite(shop.tx, user, host.id) is ReferralInvitation.INVALID
        await users.unban(shop.tx, host)
        await privacy.erase(shop.tx, host, shop.now)
        assert await referrals.accept_invite(shop.tx, user, host.id) is ReferralInvitation.INVALID


class TestTheFirstPurchase:
    async def test_both_are_thanked_when_it_is_done_and_told(self, shop, host, guest):
        order, avatar = await shop.paid()
        assert order.referral == THANKS
        assert await credits(shop, host, guest) == [0, 0]
        await shop.trained(avatar)
        await shop.trained(avatar)
        await referrals.reward(shop.tx, order, shop.now)
        assert await credits(shop, host, guest) == [THANKS, GRANTED + THANKS]
        sides = {
            one["user"]: (one["side"], one["credits"], one["settled"])
            for one in await told(shop, "referral")
        }
        assert sides == {host.id: ("host", THANKS, 0), guest.id: ("guest", THANKS, 0)}
        assert len(await told(shop, "referral")) == 2

    async def test_who_came_alone_gets_what_everybody_gets(self, shop, host):
        order, _ = await shop.paid()
        assert order.referral == 0
        assert await told(shop, "referral") == []

    async def test_the_second_purchase_thanks_nobody(self, shop, host, guest):
        await shop.ready()
        order, _ = await shop.paid()
        assert order.referral == 0
        assert len(await told(shop, "referral")) == 2

    async def test_two_orders_placed_before_the_first_is_done_thank_once(self, shop, host, guest):
        """What an order promised is looked at again when it is done."""
        order, avatar = await shop.paid()
        await shop.trained(avatar)
        late = replace(order, id="f" * 32)
        await referrals.reward(shop.tx, late, shop.now)
        assert await credits(shop, host) == [THANKS]

    async def test_a_house_without_thanks(self, shop, host, guest):
        shop = replace(shop, catalog=replace(shop.catalog, referral_credits=0))
        await shop.ready()
        assert await credits(shop, host, guest) == [0, GRANTED]
        assert await told(shop, "referral") == []

    async def test_a_host_who_is_gone_gets_nothing_and_the_guest_all(self, shop, host, guest):
        _, avatar = await shop.paid()
        await privacy.erase(shop.tx, host, shop.now)
        await shop.trained(avatar)
        assert await credits(shop, host, guest) == [0, GRANTED + THANKS]


class TestTheMoneyGoesBack:
    async def test_the_thanks_go_with_it(self, shop, host, guest):
        order, _, _ = await shop.ready()
        await orders.refund(shop.tx, order, "admin", shop.now)
        await orders.refund(shop.tx, order, "admin", shop.now)
        assert await credits(shop, host, guest) == [0, 0]
        assert await claims(shop, host, guest) == [0, 0]
        assert [one["credits"] for one in await told(shop, "referral_back")] == [THANKS]

    @pytest.mark.parametrize("end", ["cancelled", "stopped", "erased"])
    async def test_what_the_guest_ends_before_it_is_done_thanks_nobody(
        self, shop, host, guest, end
    ):
        order, avatar = await shop.paid()
        if end == "stopped":
            await shop.begun(avatar)
        if end == "erased":
            await privacy.erase(shop.tx, guest, shop.now)
        else:
            await stopping.stop(shop.tx, order, end, shop.now)
        assert await credits(shop, host, guest) == [0, 0]
        assert await told(shop, "referral") == []

    async def test_what_was_spent_stays_spent_and_is_claimed(self, shop, host, guest):
        order, avatar, first = await shop.ready()
        await shop.painted(first)
        assert await credits(shop, guest) == [GRANTED + THANKS]
        await ledger.hold(shop.tx, host.id, "shoot", 3, shop.now)
        await orders.refund(shop.tx, order, "admin", shop.now)
        assert await credits(shop, host, guest) == [0, 0]
        assert await claims(shop, host, guest) == [3, 0]
        assert await shop.tx.count(Shoot, avatar_id=avatar.id) == 1
        assert [one["credits"] for one in await told(shop, "referral_back")] == [THANKS - 3]

    async def test_later_thanks_make_up_for_it_first(self, shop, host, guest):
        """And for nothing else: what the host buys or is granted is theirs."""
        await self.test_what_was_spent_stays_spent_and_is_claimed(shop, host, guest)
        await ledger.grant(shop.tx, host.id, 20, "bought", shop.now)
        assert await claims(shop, host) == [3]
        await self.invited(shop, host, "43")
        assert await credits(shop, host) == [20 + THANKS - 3]
        assert await claims(shop, host) == [0]
        newest = [one for one in await told(shop, "referral") if one["user"] == host.id][-1]
        assert (newest["credits"], newest["settled"]) == (THANKS - 3, 3)
        await self.invited(shop, host, "44")
        assert await credits(shop, host) == [20 + THANKS - 3 + THANKS]

    async def test_a_settled_claim_stands_again_if_what_settled_it_is_undone(
        self, shop, host, guest
    ):
        await self.test_what_was_spent_stays_spent_and_is_claimed(shop, host, guest)
        order = await self.invited(shop, host, "43")
        await orders.refund(shop.tx, order, "admin", shop.now)
        assert (await credits(shop, host), await claims(shop, host)) == ([0], [3])

    async def invited(self, shop, host, platform_id):
        """Another guest of that host, with a finished avatar."""
        other = await shop.customer(platform_id)
        assert await referrals.accept_invite(shop.tx, other, host.id) is ReferralInvitation.TAKEN
        order, _, _ = await shop.ready(platform_id)
        return order

    async def test_a_claim_stays_with_the_account_it_is_against(self, shop, host, guest):
        """An erased person's stands for ever; who comes back begins with none."""
        order, _, _ = await shop.ready()
        await ledger.hold(shop.tx, host.id, "shoot", 3, shop.now)
        await privacy.erase(shop.tx, host, shop.now)
        await orders.refund(shop.tx, order, "admin", shop.now)
        again = await users.get_or_create(shop.tx, TELEGRAM, "1", "fr", shop.now)
        assert await claims(shop, host, again) == [THANKS, 0]

    async def test_a_training_that_fails_and_a_second_try(self, shop, host, guest):
        order, avatar = await shop.paid()
        await avatars.fail(shop.tx, avatar, "no", shop.now)
        again, _, _ = await shop.ready()
        assert (again.id != order.id, again.referral) == (True, THANKS)
        assert await credits(shop, host, guest) == [THANKS, GRANTED + THANKS]

    async def test_whoever_was_thanked_once_is_promised_nothing_more(self, shop, host, guest):
        order, _, _ = await shop.ready()
        await orders.refund(shop.tx, order, "admin", shop.now)
        again, _ = await shop.paid()
        assert again.referral == 0

    async def test_an_erased_guest_is_no_way_to_keep_the_hosts_thanks(self, shop, host, guest):
        order, avatar = await shop.paid()
        await shop.trained(avatar)
        await privacy.erase(shop.tx, guest, shop.now)
        assert (await users.lock(shop.tx, guest.id)).invited_by == ""
        assert await credits(shop, host) == [THANKS]
        await orders.refund(shop.tx, order, "outside", shop.now)
        assert await credits(shop, host) == [0]


async def test_another_style_for_the_first_portraits(shop):
    """At the bill and while the avatar is made; the price stays."""
    order = await shop.awaiting()
    assert order.template == "blue"
    changed = await orders.change_template(shop.tx, shop.catalog, order, "noir")
    assert replace(changed, template="blue") == order
    paid = await shop.pay(order)
    assert paid.template == "noir"
    await orders.change_template(shop.tx, shop.catalog, paid, "blue")
    await orders.change_template(shop.tx, shop.catalog, paid, "noir")
    [avatar] = await shop.tx.find(Avatar, order_id=order.id)
    await shop.trained(avatar)
    [first] = await shop.tx.find(Shoot, avatar_id=avatar.id)
    assert (first.template, first.credits) == ("noir", SHOOT)


async def test_a_first_style_is_refused_where_it_leads_nowhere(shop):
    order = await shop.collecting(12)
    with pytest.raises(NotAllowed):
        await orders.change_template(shop.tx, shop.catalog, order, "noir")
    placed = await shop.awaiting()
    with pytest.raises(TemplateNotShown):
        await orders.change_template(shop.tx, shop.catalog, placed, "hanfu")
    with pytest.raises(NotFound):
        await orders.change_template(shop.tx, shop.catalog, placed, "no-such")
