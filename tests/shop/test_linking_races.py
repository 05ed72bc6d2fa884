"""Two at the same moment link, part, pay, spend or erase, on each database."""

import asyncio
from functools import partial

import pytest

from shop import linking, privacy
from shop.errors import LinkExpired, ShopError
from shop.money import ledger
from shop.people import link_codes, linked_chats, users
from shop.ports import Tx
from shop.records import LinkCode, LinkedChat, User, WrongTry
from shop.transactions import run_transaction
from tests.shop.conftest import GRANTED, SHOOT, Shop
from tests.shop.linked import HASHED, chat, claimed, link, web
from tests.shop.money_invariants import demand_people_are_whole


async def done(database, now, step):
    """One transaction, done again after a conflict as the product does it."""

    async def run(tx: Tx):
        return await step(Shop(tx, now))

    return await run_transaction(database, run)


async def together(database, now, *steps):
    """All at once; what each returned, or was refused by."""
    found = await asyncio.gather(
        *(done(database, now, step) for step in steps), return_exceptions=True
    )
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, ShopError):
            raise one
    return found


async def people_of(database, now):
    async def look(shop):
        await demand_people_are_whole(shop.tx)
        found = (
            await users.find(shop.tx, "playground", "42"),
            await users.find(shop.tx, "telegram", "7"),
        )
        return [one.id if one else None for one in found]

    return await done(database, now, look)


async def types(shop, code, typist):
    return await link_codes.claim(shop.tx, HASHED, await typist(shop), code, shop.now)


async def says_yes(shop, code, typist):
    return await linking.link(shop.tx, shop.addresses, code, await typist(shop), shop.now)


async def prepared(shop):
    """Somebody with an avatar at the page, and their code, typed in Telegram."""
    await shop.ready()
    return await claimed(shop, await web(shop), await chat(shop))


async def test_of_two_who_type_a_code_one_has_it(database, now):
    async def prepare(shop):
        await chat(shop)
        await chat(shop, "8")
        return await link_codes.issue(shop.tx, HASHED, await web(shop), shop.now)

    code = await done(database, now, prepare)
    eighth = partial(chat, platform_id="8")
    found = await together(
        database, now, *(partial(types, code=code, typist=one) for one in (chat, eighth))
    )
    assert sum(isinstance(one, LinkCode) for one in found) == 1
    assert await done(database, now, lambda shop: shop.tx.count(WrongTry)) == 1


async def test_two_yeses_are_one_link(database, now):
    code = await done(database, now, prepared)
    found = await together(database, now, *[partial(says_yes, code=code, typist=chat)] * 2)
    assert sum(isinstance(one, LinkExpired) for one in found) == 1
    page, phone = await people_of(database, now)
    assert page == phone


async def test_two_who_link_each_other_are_one(database, now):
    async def prepare(shop):
        one, other = await web(shop), await chat(shop)
        return await claimed(shop, one, other), await claimed(shop, other, one)

    first, second = await done(database, now, prepare)
    await together(
        database, now,
        partial(says_yes, code=first, typist=chat), partial(says_yes, code=second, typist=web),
    )  # fmt: skip
    page, phone = await people_of(database, now)
    assert page == phone


@pytest.mark.parametrize("what", ["pay", "spend", "erase", "speak", "erase the other"])
async def test_whatever_happens_while_they_are_linked(database, now, what):
    """Nothing is lost, doubled, or left with somebody who is nobody any more."""

    async def prepare(shop):
        order = await shop.awaiting("43")
        return await prepared(shop), order

    code, order = await done(database, now, prepare)

    async def happens(shop):
        if what == "pay":
            await shop.pay(order)
        elif what == "spend":
            user = await web(shop)
            await ledger.hold(shop.tx, user.id, "shoot:x", GRANTED, shop.now)
            await ledger.capture(shop.tx, user.id, "shoot:x", GRANTED, shop.now)
        elif what == "speak":
            await web(shop)
        else:
            await privacy.erase(shop.tx, await (chat if what == "erase" else web)(shop), shop.now)

    await together(database, now, partial(says_yes, code=code, typist=chat), happens)
    await people_of(database, now)

    async def left(shop):
        live = await shop.tx.find(User, erased_at=None)
        return sum([await ledger.unspent(shop.tx, one.id) for one in live])

    everything = GRANTED + SHOOT
    expected = {"spend": {SHOOT}, "erase": {everything, 0}, "erase the other": {0}}
    assert await done(database, now, left) in expected.get(what, {everything})


async def test_who_writes_while_their_chat_leaves_is_one_person(database, now):
    async def prepare(shop):
        return await link(shop, await web(shop), await chat(shop))

    kept = await done(database, now, prepare)

    async def leaves(shop):
        user = await users.lock(shop.tx, kept.id)
        chats = await linked_chats.of(shop.tx, user.id)
        here = [one for one in chats if one.platform_id == "7"]
        await linking.unlink(shop.tx, user, here, here[0], shop.now)

    await together(database, now, leaves, chat, web, chat)
    page, phone = await people_of(database, now)
    assert page == kept.id != phone
    assert await done(database, now, lambda shop: shop.tx.count(User, erased_at=None)) == 2
    assert await done(database, now, lambda shop: shop.tx.count(LinkedChat)) == 0
