import pytest

from shop.errors import ConsentMissing
from shop.people import consent
from shop.people.users import get_or_create
from shop.records import Consent, ConsentKind
from tests.channels import PLAYGROUND

TERMS, TRAINING, COMPARE, COMPARE_PHOTOS, MOTION = ConsentKind


@pytest.fixture
async def user(tx, now):
    return await get_or_create(tx, PLAYGROUND, "42", "en", now)


async def test_each_kind_is_given_by_itself(tx, user, now):
    await consent.give(tx, user, TERMS, now)

    assert await consent.is_given(tx, user, TERMS)
    assert not await consent.is_given(tx, user, TRAINING)
    with pytest.raises(ConsentMissing):
        await consent.require(tx, user)

    await consent.give(tx, user, TRAINING, now)
    await consent.require(tx, user)


async def test_yes_twice_is_one_yes(tx, user, now):
    first = await consent.give(tx, user, TERMS, now)

    assert await consent.give(tx, user, TERMS, now) == first
    assert await tx.count(Consent) == 1


async def test_a_withdrawn_yes_stays_as_evidence_and_counts_no_more(tx, user, now):
    await consent.give(tx, user, TERMS, now)
    await consent.give(tx, user, TRAINING, now)
    await consent.withdraw(tx, user, TRAINING, now)

    assert not await consent.is_given(tx, user, TRAINING)
    assert await consent.is_given(tx, user, TERMS)
    assert await tx.count(Consent, withdrawn_at=now) == 1

    await consent.give(tx, user, TRAINING, now)
    assert await consent.is_given(tx, user, TRAINING)


async def test_new_words_ask_again(tx, user, now, monkeypatch):
    await consent.give(tx, user, TERMS, now)
    monkeypatch.setitem(consent.VERSION, TERMS, "2031-01")

    assert not await consent.is_given(tx, user, TERMS)


@pytest.mark.parametrize(("one", "other"), [(COMPARE, COMPARE_PHOTOS), (COMPARE_PHOTOS, COMPARE)])
async def test_those_to_comparing_are_nobodys_duty_and_none_is_the_other(tx, user, now, one, other):
    for kind in (TERMS, TRAINING):
        await consent.give(tx, user, kind, now)
    await consent.require(tx, user)
    assert not await consent.is_given(tx, user, one)

    await consent.give(tx, user, one, now)
    assert not await consent.is_given(tx, user, other)
    await consent.withdraw(tx, user, one, now)
    assert await consent.given_kinds(tx, user) == {TERMS, TRAINING}
    assert await consent.was_ever_given(tx, user, one)


async def test_without_the_one_to_training_nothing_is_compared(tx, user, now):
    for kind in ConsentKind:
        await consent.give(tx, user, kind, now)
    await consent.withdraw(tx, user, TRAINING, now)
    assert await consent.given_kinds(tx, user) == {TERMS, MOTION}


async def test_pictures_come_alive_by_a_consent_of_its_own(tx, user, now):
    for kind in (TERMS, TRAINING, COMPARE):
        await consent.give(tx, user, kind, now)
    with pytest.raises(ConsentMissing):
        await consent.require_for_clips(tx, user)

    await consent.give(tx, user, MOTION, now)
    await consent.require_for_clips(tx, user)
    await consent.withdraw(tx, user, MOTION, now)
    with pytest.raises(ConsentMissing):
        await consent.require_for_clips(tx, user)
    await consent.require(tx, user)
