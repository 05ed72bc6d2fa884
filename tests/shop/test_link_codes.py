"""One-time codes: unguessable, good once, for ten minutes, and silent about why they are not."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop import linking
from shop.errors import Banned, LinkExpired
from shop.people import link_codes, linked_chats, users
from shop.people.link_codes import ALPHABET, LASTS, LENGTH, MOST_WRONG, WrongCode
from shop.records import LinkCode, WrongTry
from tests.shop.linked import HASHED, chat, claimed, link, web

SECOND = timedelta(seconds=1)
WRONG = "2" * LENGTH
DIGITS = frozenset(link_codes.DIGITS)


async def typed(shop, typist, code=WRONG):
    return await link_codes.claim(shop.tx, HASHED, typist, code, shop.now)


async def shown(shop, owner):
    return await link_codes.issue(shop.tx, HASHED, owner, shop.now)


async def test_codes_are_long_random_and_unambiguous(shop):
    owner = await web(shop)
    codes = {await shown(shop, owner) for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == LENGTH >= 8 and set(code) <= set(ALPHABET) for code in codes)
    assert not set("01ILOU") & set(ALPHABET)
    assert all(DIGITS & set(code) for code in codes), "no word is a code"
    assert len(set(ALPHABET)) ** LENGTH - len(set(ALPHABET) - DIGITS) ** LENGTH > 2**39


async def test_only_a_hash_is_stored_and_one_at_a_time(shop):
    owner, typist = await web(shop), await chat(shop)
    first, second = await shown(shop, owner), await shown(shop, owner)
    [stored] = await shop.tx.find(LinkCode)
    assert first not in repr(stored)
    assert second not in repr(stored)
    assert isinstance(await typed(shop, typist, first), WrongCode), "the one of before"
    assert isinstance(await typed(shop, typist, second), LinkCode)


@pytest.mark.parametrize("after", [LASTS, LASTS + SECOND])
async def test_ten_minutes(shop, after):
    owner, typist = await web(shop), await chat(shop)
    code = await shown(shop, owner)
    shop.now += after
    assert await typed(shop, typist, code) == WrongCode(MOST_WRONG - 1)


async def test_the_yes_comes_in_time_too(shop):
    owner, typist = await web(shop), await chat(shop)
    code = await claimed(shop, owner, typist)
    shop.now += LASTS
    assert await link_codes.claimed_by(shop.tx, typist, shop.now) == []
    with pytest.raises(LinkExpired):
        await linking.link(shop.tx, shop.addresses, code, typist, shop.now)


async def test_good_once(shop):
    owner, typist, third = await web(shop), await chat(shop), await chat(shop, "8")
    code = await shown(shop, owner)
    claim = await typed(shop, typist, code)
    assert isinstance(await typed(shop, third, code), WrongCode), "it is the first one's"
    assert await typed(shop, typist, code) == claim, "who may type it again"
    await linking.link(shop.tx, shop.addresses, claim, typist, shop.now)
    for one in (third, owner):
        assert isinstance(await typed(shop, one, code), WrongCode)
    with pytest.raises(LinkExpired):
        await linking.link(shop.tx, shop.addresses, claim, third, shop.now)


async def test_every_code_that_is_not_good_has_one_answer(shop):
    """Unknown, expired, claimed, one's own, of somebody banned or erased: nobody can tell."""
    owner, own = await web(shop), await shown(shop, await chat(shop, "own"))
    expired = await shown(shop, owner)
    shop.now += LASTS
    taken, banned = await web(shop, "taken"), await web(shop, "banned")
    mine = (await claimed(shop, taken, await chat(shop, "thief"))).id
    assert mine
    of_banned = await shown(shop, banned)
    await users.ban(shop.tx, banned)
    answers = [
        await typed(shop, await chat(shop, f"t{number}"), code)
        for number, code in enumerate((WRONG, expired, of_banned))
    ]
    answers.append(await typed(shop, await chat(shop, "own"), own))
    assert set(answers) == {WrongCode(MOST_WRONG - 1)}


async def test_five_wrong_ones_close_the_door_for_good_ones_too(shop):
    owner, typist = await web(shop), await chat(shop)
    lefts = [(await typed(shop, typist)).left for _ in range(MOST_WRONG)]
    assert lefts == [4, 3, 2, 1, 0]
    code = await shown(shop, owner)
    closed = await typed(shop, typist, code)
    assert closed == WrongCode(0, 600.0)
    assert await shop.tx.count(WrongTry) == MOST_WRONG, "nothing more is counted meanwhile"
    shop.now += timedelta(minutes=10)
    code = await shown(shop, owner)
    assert isinstance(await typed(shop, typist, code), LinkCode)


async def test_tries_are_the_persons_in_whichever_chat(shop):
    kept = await link(shop, await web(shop), await chat(shop))
    for _ in range(3):
        await typed(shop, kept)
    joined = await link(shop, kept, await chat(shop, "8"))
    assert (await typed(shop, joined)).left == 1
    assert {one.user_id for one in await shop.tx.find(WrongTry)} == {joined.id}


async def test_a_good_one_forgives_no_wrong_ones(shop):
    typist = await chat(shop)
    for _ in range(MOST_WRONG - 1):
        await typed(shop, typist)
    await claimed(shop, await web(shop), typist)
    assert (await typed(shop, typist)).left == 0


async def test_nobody_banned_is_shown_one(shop):
    with pytest.raises(Banned):
        await shown(shop, await users.ban(shop.tx, await web(shop)))


async def test_they_are_forgotten(shop):
    await shown(shop, await web(shop))
    await typed(shop, await chat(shop))
    assert await link_codes.prune(shop.tx, shop.now) == 0
    assert await link_codes.prune(shop.tx, shop.now + timedelta(minutes=11)) == 2


@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH).filter(DIGITS.intersection))
def test_typed_as_shown_or_as_one_likes(code):
    assert link_codes.read(link_codes.shown(code)) == code
    assert link_codes.read(f" {link_codes.shown(code).lower()}\n") == code
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    assert link_codes.read(wide) == code


@pytest.mark.parametrize(
    "text", ["", "hello", "K7QM3XW", "K7QM3XWDD", "0O1ILU22", "K7QM 3XW/", "BESTEVER"]
)
def test_what_is_no_code(text):
    assert link_codes.read(text) == ""


async def test_parting_and_linking_again_count_each_wrong_code_once(shop):
    owner, typist = await web(shop), await chat(shop)
    for left in (4, 3):
        assert await typed(shop, typist) == WrongCode(left)
    person = await link(shop, owner, typist)
    for _ in range(2):
        chats = await linked_chats.of(shop.tx, person.id)
        here = next(one for one in chats if one.platform_id == typist.platform_id)
        await linking.unlink(shop.tx, person, [here], here, shop.now)
        parted = await users.find(shop.tx, here.platform, here.platform_id)
        person = await link(shop, await web(shop), parted)
    parted = await users.lock(shop.tx, person.id)
    assert await typed(shop, parted) == WrongCode(2), "two were wrong before, and this one is"
