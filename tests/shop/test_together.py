"""A clip of two pictures: whoever stands beside is held, kept and erased as the first one is."""

from datetime import timedelta

import pytest

from shop import blob_erasure, privacy
from shop.clips import clips, endings, filming, sources
from shop.clips.sources import PREPARE
from shop.errors import NoFaceToMove, NotAllowed, NotFound, TooFewCredits
from shop.jobs import dispatch, jobs
from shop.labels.signing import NoCredentials
from shop.money import ledger
from shop.records import Clip, ClipState, Job, JobState, Portrait, Relation, SealedKey, User
from tests.shop.conftest import TOGETHER, notices, payloads
from tests.shop.linked import chat, link, web
from tests.shop.money_invariants import demand_clips_are_whole
from tests.shop.moving import (
    begun,
    beside,
    filmed,
    looked_at,
    ready,
    send,
    two_ready,
    wanted,
    with_gift_used,
)
from tests.shop.test_clips import handle_outbox


async def keys(shop) -> set[str]:
    return {one.id for one in await shop.tx.find(SealedKey)}


async def test_two_pictures_make_one_clip(shop):
    half = await beside(shop, await ready(shop), Relation.DEAD)
    assert (half.state, half.relation_beside) == (ClipState.COLLECTING, Relation.DEAD)
    assert clips.missing(half) == 1
    assert (await beside(shop, half)).relation_beside is Relation.LIVING, "they meant another one"
    with pytest.raises(NotAllowed):
        await wanted(shop, half)
    both = await looked_at(shop, await send(shop, half, 1), joined=b"both")
    assert (both.state, len(both.sources), both.faces) == (ClipState.READY, 2, 1)
    joined = await sources.find_joined(shop.tx, shop.cipher, both)
    assert await joined.open(shop.blobs, NoCredentials()) == b"both"
    assert both.beside_key_id not in (None, both.source_key_id)
    await handle_outbox(shop)
    await blob_erasure.sweep_blobs(shop.database, shop.blobs)
    assert await joined.open(shop.blobs, NoCredentials()) == b"both", "what will be shown is kept"
    with pytest.raises(NotAllowed):
        await beside(shop, both)
    done = await filmed(shop, await wanted(shop, both))
    assert (done.sources, done.before, done.joined, done.source_key_id) == ((), (), "", None)
    await handle_outbox(shop)
    assert await shop.blob_paths("sources") == []
    assert [one["count"] for one in await payloads(shop, "erase_source")] == [2]


async def test_nobody_comes_beside_after_all(shop):
    half = await beside(shop, await ready(shop))
    alone = await clips.keep_alone(shop.tx, half, shop.now)
    assert (alone.state, alone.pictures, alone.relation_beside) == (ClipState.READY, 1, None)
    assert await clips.keep_alone(shop.tx, alone, shop.now) == alone
    assert (await wanted(shop, alone)).state is ClipState.WAITING


async def test_nobody_comes_beside_where_no_face_moves(shop):
    with pytest.raises(NoFaceToMove):
        await beside(shop, await ready(shop, faces=0, reason="profile"))


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"indecency": 0.99}, "indecent"),
        ({"people": 2, "faces": 1, "apart": "face_cut_off"}, "face_cut_off"),
        ({"youth": 0.9, "apart": "face_cut_off"}, "face_cut_off"),
    ],
)
async def test_a_second_picture_that_is_of_no_use_costs_the_first_nothing(shop, found, reason):
    first = await ready(shop)
    refused = await looked_at(shop, await send(shop, await beside(shop, first), 1), **found)
    assert (refused.state, refused.pictures, refused.reason) == (ClipState.COLLECTING, 2, "")
    assert (refused.sources, refused.before) == (first.sources, first.before)
    assert (await notices(shop))[-1] == "second_refused"
    assert await keys(shop) == {first.source_key_id}, "nobody can open the second any more"
    assert len(await sources.find_sources(shop.tx, shop.cipher, refused)) == 1
    await handle_outbox(shop)
    assert len(await shop.blob_paths("sources")) == 2, "the first one's"
    both = await looked_at(shop, await send(shop, refused, 2), joined=b"both")
    assert both.state is ClipState.READY


async def test_beside_a_picture_without_room_nobody_comes(shop):
    half = await beside(shop, await ready(shop))
    alone = await looked_at(shop, await send(shop, half, 1), apart="no_room_beside")
    assert (alone.state, alone.pictures, len(alone.sources)) == (ClipState.READY, 1, 1)


@pytest.mark.parametrize("why", ["BadPhotos", "poisoned"])
async def test_a_second_picture_that_nobody_could_look_at(shop, why):
    sent = await send(shop, await beside(shop, await ready(shop)), 1)
    [job] = await shop.tx.find(Job, kind=PREPARE.name, state=JobState.WAITING)
    await dispatch.give_up(shop.tx, job, PREPARE, why, shop.now)
    half = await shop.tx.get(Clip, sent.id)
    assert (half.state, len(half.sources)) == (ClipState.COLLECTING, 1)
    await handle_outbox(shop)
    assert len(await shop.blob_paths("sources")) == 2


async def test_an_admin_decides_about_a_second_picture(shop):
    half = await beside(shop, await ready(shop))
    held = await looked_at(shop, await send(shop, half, 1), youth=0.7, joined=b"both")
    assert held.state is ClipState.HELD
    half = await sources.reject(shop.tx, held, shop.now)
    assert (half.state, len(half.sources), half.joined) == (ClipState.COLLECTING, 1, "")
    held = await looked_at(shop, await send(shop, half, 2), youth=0.7, joined=b"both")
    assert (await sources.approve(shop.tx, held, shop.now)).state is ClipState.READY
    await handle_outbox(shop)
    assert len(await shop.blob_paths("sources")) == 5


async def left(shop, clip):
    await clips.give_up(shop.tx, clip, shop.now)


async def failed(shop, clip):
    await filming.fail(shop.tx, await wanted(shop, clip), "why", shop.now)


async def delivered(shop, clip):
    await filmed(shop, await wanted(shop, clip))


async def abandoned(shop, clip):
    assert await endings.expire(shop.tx, clip, shop.now + timedelta(1), shop.now)


async def withdrawn(shop, clip):
    user = await shop.tx.get(User, clip.user_id)
    assert await endings.withdraw_consent(shop.tx, user, shop.now) == 1


async def erased(shop, clip):
    await privacy.erase(shop.tx, await shop.tx.get(User, clip.user_id), shop.now)


async def another(shop, clip):
    await begun(shop, relation=Relation.DEAD)


@pytest.mark.parametrize("end", [left, failed, delivered, abandoned, withdrawn, erased, another])
async def test_whatever_ends_a_clip_of_two_erases_both(shop, end):
    both = await two_ready(shop)
    await handle_outbox(shop)  # the pictures as they came
    assert await privacy.uploads_left(shop.database, shop.blobs) == 5 + 2, "blobs and keys"
    held = await privacy.holdings(shop.database, shop.blobs, await shop.customer())
    assert (held.sources_left, held.keys_left) == (5, 2)
    await end(shop, both)
    ended = await shop.tx.get(Clip, both.id)
    assert ended.state not in clips.HAS_SOURCE
    assert (ended.sources, ended.before, ended.joined) == ((), (), "")
    assert not {both.source_key_id, both.beside_key_id} & await keys(shop)
    await demand_clips_are_whole(shop.tx)
    with pytest.raises(NotFound):
        await sources.find_joined(shop.tx, shop.cipher, ended)
    await handle_outbox(shop)
    assert await shop.blob_paths(f"sources/{both.id}") == []
    assert (await payloads(shop, "erase_source"))[0]["count"] == 2
    if end is erased:
        assert (ended.relation, ended.relation_beside) == (None, None)
        assert await privacy.count_remaining(shop.database, shop.blobs, both.user_id) == 0


async def test_whatever_ends_a_portrait_and_a_photo_erases_the_photo(shop):
    """The portrait stays its avatar's; of the photo nothing does."""
    order, _, initial = await shop.ready()
    await shop.painted(initial)
    [portrait, *_] = await shop.tx.find(Portrait, order="created_at")
    half = await beside(shop, await begun(shop, portrait=portrait))
    assert clips.source_keys(half) == [], "nothing was sent yet"
    others = await privacy.uploads_left(shop.database, shop.blobs)
    both = await looked_at(shop, await send(shop, half), joined=b"both")
    assert both.state is ClipState.READY
    assert (both.source_key_id, len(both.sources)) == (None, 1)
    await handle_outbox(shop)
    assert await privacy.uploads_left(shop.database, shop.blobs) == others + 3 + 1
    await endings.revoke_avatar(shop.tx, order, "refunded", shop.now)
    assert both.beside_key_id not in await keys(shop)
    await handle_outbox(shop)
    assert await shop.blob_paths("sources") == []


async def test_another_second_picture_takes_the_place_of_the_one_before(shop):
    """Also while that is being looked at; never the place of the first."""
    both = await two_ready(shop)
    half = await clips.send_beside_again(shop.tx, both, shop.now)
    assert (half.state, half.sources) == (ClipState.COLLECTING, both.sources[:1])
    assert both.beside_key_id not in await keys(shop)
    looking = await send(shop, half, 2)
    half = await clips.send_beside_again(shop.tx, looking, shop.now)
    assert await shop.tx.count(Job, ref=both.id, state=jobs.OWED) == 0
    assert (await looked_at(shop, looking, joined=b"late")).sources == both.sources[:1]
    again = await looked_at(shop, await send(shop, half, 3), joined=b"again")
    joined = await sources.find_joined(shop.tx, shop.cipher, again)
    assert await joined.open(shop.blobs, NoCredentials()) == b"again"
    await handle_outbox(shop)
    assert len(await shop.blob_paths("sources")) == 5
    await demand_clips_are_whole(shop.tx)
    alone = await ready(shop, "43")
    with pytest.raises(NotAllowed):
        await clips.send_beside_again(shop.tx, alone, shop.now)


async def test_two_together_cost_what_the_prices_say(shop):
    user = await with_gift_used(shop)
    await ledger.grant(shop.tx, user.id, TOGETHER - 1, "grant", shop.now)
    both = await two_ready(shop)
    shown = await filming.price(shop.tx, shop.catalog, user, pictures=both.pictures)
    assert (shown.credits, shown.gift) == (TOGETHER, False)
    with pytest.raises(TooFewCredits):
        await wanted(shop, both)
    await ledger.grant(shop.tx, user.id, 1, "grant:2", shop.now)
    assert (await wanted(shop, both)).credits == TOGETHER
    assert await ledger.balance(shop.tx, user.id) == 0


async def test_a_picture_that_was_stored_and_not_taken_in_opens_no_more_once_nobody_comes(shop):
    half = await beside(shop, await ready(shop))
    key = await sources.source_key(shop.tx, shop.cipher, half)
    assert (await sources.source_key(shop.tx, shop.cipher, half)).key_id == key.key_id
    await clips.keep_alone(shop.tx, half, shop.now)
    assert key.key_id not in await keys(shop)
    with pytest.raises(NotAllowed):
        await sources.source_key(shop.tx, shop.cipher, half)


async def test_a_clip_of_two_moves_when_chats_become_one_person_s(shop):
    owner, typist = await web(shop), await chat(shop)
    both = await two_ready(shop, owner.platform_id)
    person = await link(shop, owner, typist)
    moved = await shop.tx.get(Clip, both.id)
    assert (moved.user_id, moved.sources) == (person.id, both.sources)
    await privacy.erase(shop.tx, await shop.tx.get(User, person.id), shop.now)
    await handle_outbox(shop)
    assert await shop.blob_paths("sources") == []
    assert await privacy.count_remaining(shop.database, shop.blobs, person.id) == 0
