"""What a restore must not bring back. The database as it was at a backup is what a rollback leaves;
the journal has all that was noted, before the backup and after it."""

from shop import erasure_replay, linking, privacy
from shop.adapters.memory import MemoryBlobs
from shop.clips import endings
from shop.erasure_journal import ErasureJournal, ErasureLine
from shop.people import consent, linked_chats, users
from shop.photos import comparison
from shop.ports import Above
from shop.records import (
    Clip,
    ClipState,
    Compared,
    ConsentKind,
    ErasureKind,
    ErasureNote,
    Job,
    JobState,
    LinkedChat,
    Photo,
    Portrait,
    User,
)
from tests.channels import PLAYGROUND
from tests.shop import linked, moving
from tests.shop.conftest import Shop

STORIES = (
    "a+b b!",
    "a+b a!",
    "a+b b! a.",
    "a+b a! b.",
    "a+b a.",
    "a+b b- b.",
    "a+b a- a.",
    "a+b b- a.",
    "a+b b-",
    "a+b b- a+b",
    "a+b a- b+a",
    "a+b b- a+b b!",
    "a+b a- c+b b!",
    "a+b b- c+b b!",
    "a+b c+b b!",
    "a+b c+b a! b!",
    "a+b c+b b- a- b.",
    "a+b c+a c! a- b.",
    "a+b a+c a!",
    "a+b a+c a- a. b!",
)
"""Chats: a+b are linked by a's code, b- is unlinked, b! erased alone, b. erased with all that its
person has."""


class Lost(Exception):
    """The database is as it was at the backup."""


async def happens(shop: Shop, step: str, names: dict[str, str]) -> None:
    async def who(letter: str) -> User:
        found = await users.find(shop.tx, PLAYGROUND, names[letter], lock=True)
        assert found
        return found

    chat, what, other = step[0], step[1], step[2:]
    owner = await who(chat)
    if what == "+":
        await linked.link(shop, owner, await who(other))
    elif what == ".":
        await privacy.erase(shop.tx, owner, shop.now)
    else:
        theirs = await linked_chats.of(shop.tx, owner.id)
        [here] = [one for one in theirs if one.platform_id == names[chat]]
        if what == "!":
            await linking.erase_chat(shop.tx, owner, here, shop.now)
        else:
            await linking.unlink(shop.tx, owner, [here], here, shop.now)


async def known(tx, names: dict[str, str]) -> dict[str, bool]:
    """The chats that are somebody's, and whether with others."""
    links = {one.platform_id for one in await tx.find(LinkedChat)}
    alone = {one.platform_id for one in await tx.find(User, erased_at=None)}
    return {one: name in links for one, name in names.items() if name in links | alone}


async def noted(tx) -> list[ErasureLine]:
    return [ErasureLine(one.kind, one.subject, one.at) for one in await tx.find(ErasureNote)]


def addresses(lines: list[ErasureLine]) -> set[str]:
    return {one.subject for one in lines if one.kind is ErasureKind.ADDRESS}


async def restored(database, lines: list[ErasureLine], now) -> None:
    journal = ErasureJournal(MemoryBlobs(), bytes(32))
    await journal.append(lines, now)
    await erasure_replay.replay(database, journal.read())
    await erasure_replay.replay(database, journal.read())


async def test_no_chat_that_was_erased_comes_back_and_no_other_goes(database, now):
    """Of whichever moment the backup is. A chat that was unlinked begins anew, with nothing, if it
    is linked in the backup, or if what its person had is erased with all of the other's; and of
    that alone an older backup knows nothing."""
    for story in STORIES:
        steps = story.split()
        for moment in range(len(steps) + 1):
            names = {one: f"{story} {moment} {one}" for one in "abc"}
            async with database.begin() as tx:
                shop = Shop(tx, now)
                await tx.remove(ErasureNote, id=Above(""))
                for name in names.values():
                    await shop.customer(name)
                for step in steps[:moment]:
                    await happens(shop, step, names)
                then = await known(tx, names)
            try:
                async with database.begin() as tx:
                    for step in steps[moment:]:
                        await happens(Shop(tx, now), step, names)
                    lost, lines = await known(tx, names), await noted(tx)
                    raise Lost
            except Lost:
                await restored(database, lines, now)
            async with database.snapshot() as tx:
                found, again = await known(tx, names), addresses(await noted(tx))
            assert found.keys() <= lost.keys(), f"{story}, backup after {moment}"
            anew = {
                step[0] for step in steps if step[1] == "-" and ("." in story or then.get(step[0]))
            }
            assert lost.keys() - found.keys() <= anew, f"{story}, backup after {moment}"
            assert "." in story or again <= addresses(lines), f"{story}, backup after {moment}"


async def test_a_withdrawn_consent_takes_with_it_what_it_takes_live(database, now):
    """Of each kind: the marks of photos that were compared, and clips under way of portraits, too,
    whose keys are not theirs."""
    async with database.begin() as tx:
        shop = Shop(tx, now)
        album = await shop.collecting(2, "compares")
        owner = await tx.get(User, album.user_id)
        job = await comparison.request(tx, owner, album, now)
        planned = await comparison.plan(tx, shop.cipher, job, now)
        words = dict.fromkeys(planned.sealed, Compared.UNLIKE)
        await comparison.apply(tx, planned, words, now)
        pending = await comparison.request(tx, owner, album, now)
        _, _, shoot = await shop.ready("films")
        await shop.painted(shoot)
        [portrait, *_] = await tx.find(Portrait)
        clip = await moving.begun(shop, "films", portrait=portrait)
        films = await tx.get(User, clip.user_id)
    try:
        async with database.begin() as tx:
            await comparison.withdraw(tx, owner, now)
            await endings.withdraw_consent(tx, films, now)
            lines = await noted(tx)
            raise Lost
    except Lost:
        await restored(database, lines, now)
    async with database.snapshot() as tx:
        assert [one.compared for one in await tx.find(Photo, order_id=album.id)] == [None, None]
        assert (await tx.get(Job, pending.id)).state is JobState.CANCELLED
        assert (await tx.get(Clip, clip.id)).state is ClipState.GIVEN_UP
        assert not await consent.is_given(tx, owner, ConsentKind.COMPARE_PHOTOS)
        assert await consent.is_given(tx, films, ConsentKind.TERMS)
