"""The life of a clip: what is held, kept and erased at each step, and who may not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from shop import blob_erasure, feature_flags, privacy
from shop.clips import clips, endings, filming, sources
from shop.clips.delivery import find_clip
from shop.clips.filming import FILM
from shop.clips.sources import PREPARE
from shop.clips.verdict import MOST_PEOPLE
from shop.errors import (
    Banned,
    ClipsPaused,
    ConsentMissing,
    NoFaceToMove,
    NotAllowed,
    NotFound,
    TooFewCredits,
)
from shop.jobs import dispatch
from shop.money import ledger
from shop.people import consent, users
from shop.ports import Tx
from shop.records import (
    Clip,
    ClipState,
    ConsentKind,
    Currency,
    FeatureFlag,
    Job,
    JobState,
    OutboxMessage,
    Portrait,
    Relation,
    SealedKey,
    User,
)
from tests.conftest import SetClock
from tests.locks import WatchedDatabase, not_watched
from tests.shop.conftest import FILM as PRICE
from tests.shop.conftest import notices, payloads
from tests.shop.linked import chat, link, web
from tests.shop.moving import (
    NOD,
    PUSH_IN,
    begun,
    delivered,
    filmed,
    looked_at,
    ready,
    send,
    wanted,
    with_gift_used,
)
from tests.storing import opened

DAY = timedelta(days=1)


@pytest.fixture
async def tx(clock: SetClock) -> AsyncIterator[Tx]:
    """A transaction that holds the rules to the order of locks."""
    async with WatchedDatabase(clock).begin() as tx:
        with not_watched():
            yield tx


async def rich(shop, platform_id="42", credits=10):
    """A customer whose gift is used, with credits to spend."""
    user = await with_gift_used(shop, platform_id)
    await ledger.grant(shop.tx, user.id, credits, f"grant:{user.id}", shop.now)
    return user


async def handle_outbox(shop):
    """The outbox worker's part."""
    for message in await shop.tx.find(OutboxMessage):
        told = message.payload
        if message.name == "erase_source":
            await blob_erasure.erase_source(
                shop.database, shop.blobs, told["clip"], told["count"], told["why"]
            )
        elif message.name == "erase_blobs":
            await blob_erasure.erase_blobs(shop.blobs, told["prefix"])


async def credits_of(shop, user):
    held = await shop.tx.total(ledger.held_account(user.id), Currency.CREDITS)
    return await ledger.balance(shop.tx, user.id), held


async def test_from_the_wish_to_the_file(shop):
    clip = await begun(shop, relation=Relation.DEAD)
    assert (clip.state, clip.relation) == (ClipState.COLLECTING, Relation.DEAD)
    sent = await send(shop, clip)
    assert await shop.owes(PREPARE, clip.id)
    seen = await looked_at(shop, sent, done=("straightened",))
    assert (seen.state, seen.faces, seen.done) == (ClipState.READY, 1, ("straightened",))
    [moving] = await sources.find_sources(shop.tx, shop.cipher, seen)
    [before] = await sources.find_before(shop.tx, shop.cipher, seen)
    assert (await moving.open(shop.blobs), await before.open(shop.blobs)) == (b"after", b"before")
    waiting = await wanted(shop, seen)
    assert (waiting.state, waiting.motion, waiting.engine) == (
        ClipState.WAITING, "nod", filming.EMBEDDED,
    )  # fmt: skip
    done = await filmed(shop, waiting)
    assert (done.state, done.frames, done.seconds) == (ClipState.DONE, 50, 2.0)
    files = await find_clip(shop.tx, shop.cipher, done)

    async def found(file):
        return file

    for file, data in ((files.video, b"mp4"), (files.poster, b"poster"), (files.preview, b"pre")):
        assert (await opened(shop.blobs, found(file))).startswith(data)
    assert await notices(shop) == ["source_ready", "progress_ended", "clip_ready"]
    assert not await shop.tx.count(Job, state=JobState.WAITING)


async def test_the_source_dies_with_its_key_when_the_clip_is_delivered(shop):
    seen = await ready(shop)
    done = await filmed(shop, await wanted(shop, seen))
    assert (done.sources, done.before, done.source_key_id) == ((), (), None)
    assert await shop.tx.get(SealedKey, seen.source_key_id) is None
    assert await shop.tx.count(SealedKey) == 1, "the clip's own"
    assert await privacy.uploads_left(shop.database, shop.blobs) > 0, "noise, as yet"
    await handle_outbox(shop)
    await handle_outbox(shop)
    assert await privacy.uploads_left(shop.database, shop.blobs) == 0
    told = [one for one in await payloads(shop, "notice") if one["kind"] == "source_erased"]
    assert [(one["count"], one["left"], one["why"]) for one in told] == [(1, 0, "delivered")]
    assert len(await shop.blob_paths("clips")) == 3


async def test_the_first_clip_is_a_gift_and_the_second_is_not(shop):
    user = await shop.customer()
    assert (await filming.price(shop.tx, shop.catalog, user)).gift
    await with_gift_used(shop)
    assert await filming.price(shop.tx, shop.catalog, user) == filming.offer.ClipPrice(PRICE)
    seen = await ready(shop)
    with pytest.raises(TooFewCredits):
        await wanted(shop, seen)
    await ledger.grant(shop.tx, user.id, 10, "g", shop.now)
    waiting = await wanted(shop, seen)
    assert (waiting.credits, waiting.gift) == (PRICE, False)
    assert await credits_of(shop, user) == (10 - PRICE, PRICE)
    await filmed(shop, waiting)
    assert await credits_of(shop, user) == (10 - PRICE, 0)
    assert await shop.tx.total(ledger.SPENT, Currency.CREDITS) == PRICE


async def test_a_price_may_be_without_a_gift(shop):
    user = await shop.customer()
    plain = replace(shop.catalog, gift_clip=False)
    assert not (await filming.price(shop.tx, plain, user)).gift
    assert not (await filming.price(shop.tx, shop.catalog, user, "a video base")).gift


async def test_a_gift_that_failed_can_be_given_again(shop):
    waiting = await wanted(shop, await ready(shop))
    failed = await filming.fail(shop.tx, waiting, "broken", shop.now)
    assert (failed.state, failed.sources, failed.reason) == (ClipState.FAILED, (), "broken")
    assert await notices(shop) == ["source_ready", "progress_ended", "clip_failed"]
    again = await wanted(shop, await ready(shop))
    assert again.gift


async def test_two_gifts_cannot_wait_at_once(shop):
    first = await wanted(shop, await ready(shop))
    assert first.gift
    with pytest.raises(TooFewCredits):
        await wanted(shop, await ready(shop))


async def test_a_gift_is_given_once_also_to_who_was_erased_or_has_erased_the_clip(shop):
    user = await with_gift_used(shop)
    [done] = await shop.tx.find(Clip)
    await endings.erase(shop.tx, done, shop.now)
    assert not (await filming.price(shop.tx, shop.catalog, user)).gift
    await privacy.erase(shop.tx, user, shop.now)
    again = await shop.customer()
    assert again.returned
    assert not (await filming.price(shop.tx, shop.catalog, again)).gift


async def test_a_gift_that_waited_when_its_clip_was_erased_was_none(shop):
    waiting = await wanted(shop, await ready(shop))
    gone = await endings.erase(shop.tx, waiting, shop.now)
    assert not gone.gift
    assert (await filming.price(shop.tx, shop.catalog, await shop.customer())).gift


async def test_linked_chats_have_one_gift(shop):
    owner, typist = await web(shop), await chat(shop)
    await with_gift_used(shop, owner.platform_id)
    person = await link(shop, owner, typist)
    assert not (await filming.price(shop.tx, shop.catalog, person)).gift
    assert {one.user_id for one in await shop.tx.find(Clip)} == {person.id}


async def test_a_failed_clip_costs_nothing(shop):
    user = await rich(shop)
    waiting = await wanted(shop, await ready(shop))
    failed = await filming.fail(shop.tx, waiting, "BadSource", shop.now, reason="profile")
    assert (failed.reason, failed.key_id) == ("profile", None)
    assert await credits_of(shop, user) == (10, 0)
    [job] = await shop.tx.find(Job, ref=waiting.id, kind=FILM.name)
    assert (job.state, job.error) == (JobState.FAILED, "BadSource")


async def test_a_second_press_is_the_first(shop):
    user = await rich(shop)
    clip = await begun(shop)
    assert await begun(shop) == clip
    seen = await looked_at(shop, await send(shop, clip))
    first = await wanted(shop, seen)
    assert await wanted(shop, seen) == first
    assert await credits_of(shop, user) == (10 - PRICE, PRICE)
    assert await shop.tx.count(Job, ref=clip.id, kind=FILM.name) == 1
    with pytest.raises(NotAllowed):
        await wanted(shop, seen, PUSH_IN)


async def test_another_wish_ends_the_one_before_with_its_source(shop):
    first = await ready(shop)
    second = await begun(shop, relation=Relation.LIVING)
    assert second.id != first.id
    ended = await shop.tx.get(Clip, first.id)
    assert (ended.state, ended.source_key_id) == (ClipState.GIVEN_UP, None)
    assert await clips.current(shop.tx, await shop.customer()) == second


@pytest.mark.parametrize(
    ("found", "state", "reason"),
    [
        ({"indecency": 0.9}, ClipState.REFUSED, "indecent"),
        ({"people": MOST_PEOPLE + 1}, ClipState.REFUSED, "crowd"),
        ({"youth": 0.6}, ClipState.HELD, "minor"),
        ({"indecency": 0.6}, ClipState.HELD, "indecent"),
        ({"people": MOST_PEOPLE, "faces": MOST_PEOPLE}, ClipState.READY, ""),
        ({"people": 1, "faces": 0, "reason": "profile"}, ClipState.READY, "profile"),
        ({"people": 0, "faces": 0, "reason": "no_face", "youth": 0.9}, ClipState.READY, "no_face"),
    ],
)
async def test_what_is_decided_about_a_source(shop, found, state, reason):
    seen = await ready(shop, **found)
    assert (seen.state, seen.reason) == (state, reason)
    assert (seen.source_key_id is None) == (state is ClipState.REFUSED)
    told = {"REFUSED": "source_refused", "HELD": "source_held", "READY": "source_ready"}
    assert await notices(shop) == [told[state.name]]
    await handle_outbox(shop)
    left = 0 if state is ClipState.REFUSED else 2
    assert len(await shop.blob_paths("sources")) == left, "not the picture as it came"


async def test_faces_that_cannot_move_leave_the_camera(shop):
    seen = await ready(shop, faces=0, reason="profile")
    with pytest.raises(NoFaceToMove):
        await wanted(shop, seen, NOD)
    assert (await wanted(shop, seen, PUSH_IN)).state is ClipState.WAITING


async def test_an_admin_decides_about_what_is_held(shop):
    held = await ready(shop, youth=0.7)
    with pytest.raises(NotAllowed):
        await wanted(shop, held)
    accepted = await sources.approve(shop.tx, held, shop.now)
    assert (accepted.state, accepted.reason) == (ClipState.READY, "")
    with pytest.raises(NotAllowed):
        await sources.reject(shop.tx, held, shop.now)

    held = await ready(shop, "43", youth=0.7)
    refused = await sources.reject(shop.tx, held, shop.now)
    assert (refused.state, refused.reason) == (ClipState.REFUSED, "minor")
    assert refused.source_key_id is None


@pytest.mark.parametrize(("why", "reason"), [("BadPhotos", "unreadable"), ("poisoned", "broken")])
async def test_a_source_that_nobody_could_look_at(shop, why, reason):
    sent = await send(shop, await begun(shop))
    [job] = await shop.tx.find(Job, kind=PREPARE.name)
    await dispatch.give_up(shop.tx, job, PREPARE, why, shop.now)
    gone = await shop.tx.get(Clip, sent.id)
    assert (gone.state, gone.reason, gone.sources) == (ClipState.REFUSED, reason, ())
    assert await notices(shop) == ["source_refused"]


async def test_a_portrait_needs_no_source(shop):
    order, avatar, first = await shop.ready()
    await shop.painted(first)
    [portrait, *_] = await shop.tx.find(Portrait, order="created_at")
    clip = await begun(shop, portrait=portrait)
    assert (clip.state, clip.source_key_id) == (ClipState.READY, None)
    assert await begun(shop, portrait=portrait) == clip
    done = await filmed(shop, await wanted(shop, clip))
    assert (done.state, done.portrait_id) == (ClipState.DONE, portrait.id)
    assert await payloads(shop, "erase_source") == [], "nothing was sent"
    await endings.revoke_avatar(shop.tx, order, "refunded", shop.now)
    gone = await shop.tx.get(Clip, clip.id)
    assert (gone.state, gone.portrait_id, gone.key_id) == (ClipState.ERASED, None, None)
    await handle_outbox(shop)
    assert await shop.blob_paths("clips") == []
    assert avatar.id


async def test_nobody_moves_anothers_portrait(shop):
    _, _, first = await shop.ready("mallory")
    await shop.painted(first)
    [portrait, *_] = await shop.tx.find(Portrait)
    with pytest.raises(NotFound):
        await begun(shop, "42", portrait=portrait)


async def test_without_the_consent_nothing_begins(shop):
    user = await shop.arrives("42")
    for kind in consent.REQUIRED:
        await consent.give(shop.tx, user, kind, shop.now)
    with pytest.raises(ConsentMissing):
        await clips.begin(shop.tx, shop.cipher, user, Relation.SELF, shop.now)


async def test_a_withdrawn_consent_ends_what_is_not_finished(shop):
    user = await rich(shop)
    [done] = await shop.tx.find(Clip)
    waiting = await wanted(shop, await ready(shop))
    late = await filming.begin_work(shop.tx, shop.cipher, waiting.id, shop.now)
    seen = await ready(shop)
    held = replace(seen, state=ClipState.HELD)
    await shop.tx.put(held)
    assert await endings.withdraw_consent(shop.tx, user, shop.now) == 2
    assert not await consent.is_given(shop.tx, user, ConsentKind.MOTION)
    assert await credits_of(shop, user) == (10, 0)
    for one in (waiting, seen):
        ended = await shop.tx.get(Clip, one.id)
        assert (ended.state, ended.source_key_id) == (ClipState.GIVEN_UP, None)
    assert (await shop.tx.get(Clip, done.id)).state is ClipState.DONE
    assert (await delivered(shop, late)).state is ClipState.GIVEN_UP, "by a late worker"
    await handle_outbox(shop)
    assert len(await shop.blob_paths("clips")) == 3
    assert await shop.blob_paths("sources") == []


@pytest.mark.parametrize("step", ["begin", "send", "want"])
async def test_who_was_banned_gets_no_clip(shop, step):
    clip = await begun(shop)
    seen = await ready(shop, "43") if step == "want" else None
    for one in await shop.tx.find(User):
        await users.ban(shop.tx, one)
    steps = {"begin": begun(shop), "send": send(shop, clip), "want": wanted(shop, seen or clip)}
    with pytest.raises(Banned):
        await steps.pop(step)
    for other in steps.values():
        other.close()
    left = 3 if seen else 0  # the picture as it came is not removed yet
    assert len(await shop.blob_paths(f"sources/{(seen or clip).id}")) == left


async def test_clips_can_be_turned_off(shop):
    seen = await ready(shop)
    await shop.tx.add(FeatureFlag(feature_flags.CLIPS, False, "telegram:1", shop.now))
    with pytest.raises(ClipsPaused):
        await begun(shop, "43")
    with pytest.raises(ClipsPaused):
        await wanted(shop, seen)


async def test_while_nothing_is_sold_nothing_is_given_away(shop):
    await rich(shop, "43")
    gift, bought = await ready(shop), await ready(shop, "43")
    await shop.tx.add(FeatureFlag(feature_flags.SALES, False, "telegram:1", shop.now))
    with pytest.raises(ClipsPaused):
        await wanted(shop, gift)
    assert (await wanted(shop, bought)).state is ClipState.WAITING, "its credits were paid for"


async def test_what_nobody_chose_a_motion_for_is_erased_after_its_time(shop):
    held = await ready(shop, "43", youth=0.7)
    seen = await ready(shop)
    waiting = await wanted(shop, await ready(shop, "44"))
    assert await endings.stale(shop.tx, shop.now) == []
    late = shop.now + DAY
    stale = await endings.stale(shop.tx, late)
    assert [one.id for one in stale] == [held.id, seen.id, waiting.id]
    for one in stale[:2]:
        assert await endings.expire(shop.tx, one, late, late)
        assert not await endings.expire(shop.tx, one, late, late)
    await handle_outbox(shop)
    assert {path.split("/")[1] for path in await shop.blob_paths("sources")} == {waiting.id}
    told = [one for one in await payloads(shop, "notice") if one["kind"] == "source_erased"]
    assert [one["why"] for one in told] == ["expired", "expired"]


async def test_what_nobody_makes_in_time_fails_and_is_erased(shop):
    """The source's time is a promise, also where no worker is there."""
    user = await rich(shop)
    before = await ledger.balance(shop.tx, user.id)
    waiting = await wanted(shop, await ready(shop))
    late = shop.now + DAY
    [job] = await shop.tx.find(Job, ref=waiting.id, state=JobState.WAITING)
    soon = late + timedelta(seconds=30)
    await shop.tx.put(replace(job, state=JobState.RUNNING, worker="w", lease_until=soon))
    assert not await endings.expire(shop.tx, waiting, late, late), "a worker has it"
    assert await endings.expire(shop.tx, waiting, late, soon)
    [fresh] = await shop.tx.find(Clip, id=waiting.id)
    assert (fresh.state, fresh.reason, fresh.sources) == (ClipState.FAILED, "late", ())
    assert await ledger.balance(shop.tx, user.id) == before
    await handle_outbox(shop)
    assert await shop.blob_paths("sources") == []
    assert not await endings.expire(shop.tx, waiting, late, soon)


async def test_a_choice_in_the_last_moment_counts(shop):
    seen = await ready(shop)
    late = shop.now + DAY
    [stale] = await endings.stale(shop.tx, late)
    await shop.tx.put(replace(await wanted(shop, seen), touched_at=late))
    assert not await endings.expire(shop.tx, stale, late, late)


async def test_erasing_leaves_nothing_in_whatever_state(shop):
    user = await rich(shop)
    await wanted(shop, await ready(shop))
    await ready(shop, youth=0.7)
    await send(shop, await begun(shop))
    counted = await privacy.holdings(shop.database, shop.blobs, user)
    assert (counted.clips, counted.sources_left > 0, counted.keys_left) == (1, True, 3)
    erasure = await privacy.erase(shop.tx, user, shop.now)
    assert (erasure.clips, erasure.photos, erasure.credits) == (1, 3, 10)
    await handle_outbox(shop)
    assert await privacy.count_remaining(shop.database, shop.blobs, user.id) == 0
    assert await shop.blob_paths() == []
    assert await shop.tx.count(SealedKey) == 0
    assert set((await shop.tx.totals()).values()) <= {0}
    for clip in await shop.tx.find(Clip):
        assert (clip.state, clip.relation, clip.motion, clip.sources) == (
            ClipState.ERASED, None, "", (),
        )  # fmt: skip


async def test_a_late_worker_keeps_nothing(shop):
    waiting = await wanted(shop, await ready(shop))
    begun_twice = await filming.begin_work(shop.tx, shop.cipher, waiting.id, shop.now)
    first = await delivered(shop, begun_twice)
    assert (await delivered(shop, begun_twice)).blob == first.blob
    assert await filming.fail(shop.tx, waiting, "late", shop.now) == first
    assert await filming.begin_work(shop.tx, shop.cipher, waiting.id, shop.now) is None
    assert len(await shop.blob_paths("clips")) == 3
    sent = await send(shop, await begun(shop))
    await clips.give_up(shop.tx, sent, shop.now)
    assert (await looked_at(shop, sent)).state is ClipState.GIVEN_UP
    await handle_outbox(shop)
    assert await shop.blob_paths("sources") == []


async def test_the_sweep_leaves_what_is_needed(shop):
    done = await filmed(shop, await wanted(shop, await ready(shop)))
    seen = await ready(shop)
    collecting = await begun(shop, "43")
    await handle_outbox(shop)
    needed = set(await shop.blob_paths())
    orphans = (
        "sources/gone/1", "clips/gone/2/video", f"sources/{done.id}/late",
        f"clips/{done.id}/late/video", f"sources/{seen.id}/late/after",
    )  # fmt: skip
    for path in (*orphans, f"sources/{collecting.id}/coming"):
        await shop.blobs.put(path, b"sealed")
    assert await blob_erasure.sweep_blobs(shop.database, shop.blobs) == len(orphans)
    assert set(await shop.blob_paths()) == {*needed, f"sources/{collecting.id}/coming"}
