"""What outlives an erasure: a keyed hash, for a stated time, and nothing that leads elsewhere."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shop import admin_actions, privacy
from shop.errors import Banned, NotAllowed, NotFound
from shop.money import referrals
from shop.money.referrals import ReferralInvitation
from shop.orders import orders
from shop.people import past_accounts, users
from shop.people.past_accounts import BAN_REMEMBERED, REMEMBERED
from shop.records import AuditEntry, Currency, PastAccount, User
from tests.channels import PLAYGROUND, TELEGRAM
from tests.storing import CAPACITY

BOSS = "telegram:1"
DAY = timedelta(days=1)


async def erased(shop, platform_id="42", *, banned=False):
    user = await shop.arrives(platform_id)
    if banned:
        user = await users.ban(shop.tx, user)
    return await privacy.erase(shop.tx, user, shop.now)


async def kept(shop):
    return await shop.tx.find(PastAccount)


async def test_somebody_new_is_just_new(shop):
    user = await shop.arrives("42")
    assert (user.returned, user.banned) == (False, False)
    assert await kept(shop) == []
    assert await past_accounts.find(shop.tx, user, shop.now) is None


async def test_who_was_erased_was_here_before(shop):
    erasure = await erased(shop)
    [past] = await kept(shop)
    assert erasure.past == past
    assert (past.banned, past.ends_at) == (False, shop.now + REMEMBERED)
    again = await shop.arrives("42")
    assert (again.returned, again.banned) == (True, False)
    assert await past_accounts.find(shop.tx, again, shop.now) == past
    assert not (await shop.arrives("43")).returned


async def test_the_hash_is_of_the_address_and_leads_to_nothing_else(shop):
    await erased(shop, "42")
    [gone] = await shop.tx.find(User)
    [past] = await kept(shop)
    assert past.id == shop.addresses(PLAYGROUND, "42") != shop.addresses(TELEGRAM, "42")
    assert (gone.address_hash, gone.returned) == ("", False), "no way from the accounts to it"
    other = past_accounts.address_hash(b"another master key of 32 bytes..")
    assert other(PLAYGROUND, "42") != past.id


async def test_a_ban_outlives_the_erasure(shop):
    await erased(shop, banned=True)
    [past] = await kept(shop)
    assert (past.banned, past.ends_at) == (True, shop.now + BAN_REMEMBERED)
    shop.now += BAN_REMEMBERED
    again = await shop.customer("42")
    assert again.banned
    with pytest.raises(Banned):
        await orders.begin(shop.tx, shop.cipher, again, shop.now)
    with pytest.raises(Banned):
        await orders.buy_credits(
            shop.tx, shop.catalog, again, "sandbox", Currency.CNY, shop.now, capacity=CAPACITY
        )


@pytest.mark.parametrize(("banned", "time"), [(False, REMEMBERED), (True, BAN_REMEMBERED)])
async def test_its_time_ends(shop, banned, time):
    await erased(shop, banned=banned)
    shop.now += time
    assert await past_accounts.prune(shop.tx, shop.now) == 0, "to the last moment"
    shop.now += timedelta(seconds=1)
    again = await shop.arrives("42")
    assert (again.returned, again.banned) == (False, False), "even before it is swept"
    assert await past_accounts.prune(shop.tx, shop.now) == 1
    assert await kept(shop) == []


async def test_erasing_again_begins_its_time_anew(shop):
    await erased(shop)
    shop.now += 100 * DAY
    await erased(shop)
    [past] = await kept(shop)
    assert past.ends_at == shop.now + REMEMBERED


async def test_who_was_here_before_cannot_be_invited_as_new(shop):
    host = await shop.arrives("host")
    await erased(shop, "42")
    again = await shop.arrives("42")
    taken = await referrals.accept_invite(shop.tx, again, host.id)
    assert taken is ReferralInvitation.KNOWN
    assert (await users.lock(shop.tx, again.id)).invited_by == ""
    fresh = await shop.arrives("43")
    assert await referrals.accept_invite(shop.tx, fresh, host.id) is ReferralInvitation.TAKEN


class TestAdmins:
    async def unban(self, shop, who="playground:42"):
        return await admin_actions.unban(shop.tx, shop.addresses, BOSS, who, shop.now)

    async def ban(self, shop, who="playground:42"):
        return await admin_actions.ban(shop.tx, shop.addresses, BOSS, who, shop.now)

    async def test_pardon_somebody_who_came_back(self, shop):
        await erased(shop, banned=True)
        again = await shop.arrives("42")
        assert (await self.unban(shop)).id == again.id
        assert not (await users.lock(shop.tx, again.id)).banned
        await erased(shop)
        assert not (await shop.arrives("42")).banned, "nor is it kept that they were banned"

    async def test_pardon_somebody_who_is_not_back(self, shop):
        await erased(shop, banned=True)
        assert await self.unban(shop) is None
        [past] = await kept(shop)
        assert (past.banned, past.ends_at) == (False, shop.now + REMEMBERED)
        assert not (await shop.arrives("42")).banned

    async def test_ban_somebody_who_was_erased_in_time(self, shop):
        await erased(shop)
        assert await self.ban(shop) is None
        assert (await shop.arrives("42")).banned

    async def test_a_ban_of_who_came_back_is_there_at_once(self, shop):
        await erased(shop)
        await shop.arrives("42")
        await self.ban(shop)
        [past] = await kept(shop)
        assert past.banned

    async def test_nobody_is_named_by_an_unknown_address_or_an_erased_id(self, shop):
        for unknown in ("playground:43", "telegram:42", "nobody", ""):
            with pytest.raises(NotFound):
                await self.ban(shop, unknown)
        await erased(shop)
        [gone] = await shop.tx.find(User)
        with pytest.raises(NotAllowed):
            await self.ban(shop, gone.id)
        shop.now += REMEMBERED + DAY
        with pytest.raises(NotFound):
            await self.ban(shop)

    async def test_the_audit_which_is_kept_for_ever_has_neither_address_nor_hash(self, shop):
        await erased(shop)
        await self.ban(shop)
        [entry] = await shop.tx.find(AuditEntry)
        assert (entry.command, entry.target, entry.outcome) == ("ban", "a past account", "banned")

    async def test_an_account_of_before_is_remembered_as_well(self, shop):
        old = await users.get_or_create(shop.tx, TELEGRAM, "7", "en", shop.now)
        assert old.address_hash == ""
        await admin_actions.erase(shop.tx, shop.addresses, BOSS, "telegram:7", shop.now)
        assert [past.id for past in await kept(shop)] == [shop.addresses(TELEGRAM, "7")]


async def test_an_account_of_before_gets_its_hash_when_they_write(shop):
    old = await users.get_or_create(shop.tx, PLAYGROUND, "42", "en", shop.now)
    now = await shop.arrives("42")
    assert now == replace(old, address_hash=shop.addresses(PLAYGROUND, "42"))
    assert await shop.arrives("42") == now


async def test_the_language_follows_the_hint_until_it_is_chosen(shop):
    async def arrives(hint):
        found = await past_accounts.arrive(
            shop.tx, shop.addresses, PLAYGROUND, "42", hint, shop.now
        )
        return found.language

    assert [await arrives(hint) for hint in ("ko", "", "fr-CA")] == ["ko", "ko", "fr"]
