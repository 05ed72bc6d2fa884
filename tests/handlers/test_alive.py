"""A photo comes alive: who is on it, the photo, the motion, the clip; and every way aside."""

import pytest

from handlers.chat import Reply, Reserve, Say, SentPhoto, Show, ShowClip
from handlers.session import State
from handlers.texts import texts
from shop.catalog import Catalog
from shop.clips import filming
from shop.money import ledger
from shop.people import users
from shop.people.users import LANGUAGES
from shop.records import Clip, ClipState, Consent, ConsentKind, Job, Photo, Relation
from tests.doubles import photo
from tests.handlers.clip_events import AFTER, BEFORE, MP4, POSTER
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest, buttons
from tests.handlers.test_journey import TO_PHOTOS, TO_STUDIO

TO_RELATION = """
> hello
[Bring a photo alive]
[Yes, and I’m an adult]
"""
TO_PHOTO = TO_RELATION + "[Somebody who has died]"
TO_MOTIONS = (
    TO_PHOTO
    + """
+ 1 photo
* the photo is looked at
"""
)
TO_CLIP = (
    TO_MOTIONS
    + """
[B · Smile]
* the clip is made
"""
)


async def clips_of(harness: DialogueHarness) -> list[Clip]:
    async with harness.database.snapshot() as tx:
        return await tx.find(Clip, order="created_at")


async def state_of(harness: DialogueHarness, guest: Guest) -> State:
    session = await harness.sessions.load("playground", guest.name)
    assert session is not None
    return session.state


async def sends(
    harness: DialogueHarness, guest: Guest, number: int, album: str = ""
) -> list[Reply]:
    async def read(_: Reserve) -> bytes:
        return photo(number)

    return await harness.send(guest, SentPhoto(read, album))


async def test_a_stranger_brings_a_photo_alive(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        """
        > hello
        < a photo comes alive
        < first clip is a gift
        [Bring a photo alive]
        < What happens to your photos
        [Yes, and I’m an adult]
        < who is in it?
        ! digital avatar, yours alone
        [Somebody who has died]
        < one photo of them
        + 1 photo
        < looking at the photo
        * the photo is looked at
        < (1 pictures)
        < This is the picture I’ll move, with one face in it
        < How shall it move?
        < first clip is a gift
        [B · Smile]
        < “Smile” is in the queue. It’s a gift.
        * a worker makes the clip
        < “Smile” is coming alive: 50%
        * the clip is made
        < (clip of 5 s)
        < “Smile”. It’s yours
        < the key of the photo you sent is destroyed
        """,
    )
    (clip,) = await clips_of(harness)
    assert (clip.state, clip.relation, clip.gift) == (ClipState.DONE, Relation.DEAD, True)
    assert clip.sources == ()
    shown = next(reply for reply in guest.heard if isinstance(reply, ShowClip))
    assert (shown.clip.data, shown.clip.poster) == (MP4, POSTER)
    kept = [path async for path in harness.blobs.walk("sources")]
    assert kept == []


async def test_the_choice_is_the_consent_and_nothing_else_is(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_RELATION + "> yes\n< who is in it?\n> what?\n< First choose who")
    async with harness.database.snapshot() as tx:
        assert await tx.count(Consent, kind=ConsentKind.MOTION) == 0
    await harness.play(guest, "> somebody living")
    async with harness.database.snapshot() as tx:
        (given,) = await tx.find(Consent, kind=ConsentKind.MOTION)
        assert given.version == "2027-02"
        assert await tx.count(Consent, kind=ConsentKind.TRAINING) == 0


async def test_no_byte_is_read_before_the_choice(harness: DialogueHarness) -> None:
    guest, reads = harness.guest("anna"), []

    async def read(_: Reserve) -> bytes:
        reads.append(1)
        return photo(1)

    for script in ("> hello", "[Bring a photo alive]", "[Yes, and I’m an adult]"):
        await harness.play(guest, script)
        await harness.send(guest, SentPhoto(read))
        assert buttons(guest.heard[-1])
    assert "First choose who is in it" in guest.text
    assert reads == []
    await harness.play(guest, "[It’s me]")
    await harness.send(guest, SentPhoto(read))
    assert reads == [1]


async def test_an_old_photo_is_shown_before_and_after(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_PHOTO
        + """
        + 1 photo
        * the old photo is mended
        < (2 pictures)
        < 2 faces in it move together
        < Before and after: cropped from its paper and scratches softened. Cracks that
        """,
    )
    shown = next(reply for reply in guest.heard if isinstance(reply, Show))
    assert [one.data for one in shown.pictures] == [BEFORE, AFTER]
    assert [one.alt for one in shown.pictures] == [
        "The photo as it came", "The photo as it will move",
    ]  # fmt: skip


async def test_where_no_face_can_move_the_camera_still_can(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_PHOTO
        + """
        + 1 photo
        * no face can move
        < too far to the side
        < the camera can move
        ! [B · Smile]
        [G · Push in]
        < “Push in” is in the queue
        """,
    )


async def test_a_photo_that_is_refused_is_gone_and_another_may_come(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_PHOTO
        + """
        + 1 photo
        * the photo shows a crowd
        < too many people
        < has been erased
        [Another photo]
        [It’s me]
        + 1 photo
        < looking at the photo
        """,
    )
    refused, another = await clips_of(harness)
    assert (refused.state, another.state) == (ClipState.REFUSED, ClipState.PREPARING)


async def test_who_may_be_a_minor_is_looked_at_first(harness: DialogueHarness) -> None:
    await harness.play(
        harness.guest("anna"),
        TO_PHOTO
        + """
        + 1 photo
        * somebody looks young
        < a member of staff will look at it first
        ! How shall it move?
        * the photo is approved
        < How shall it move?
        """,
    )


async def test_an_unreadable_photo_is_told_and_the_next_is_taken(harness: DialogueHarness) -> None:
    await harness.play(
        harness.guest("anna"),
        TO_PHOTO
        + """
        + unreadable photo
        < couldn’t open
        < Send one photo
        + lost photo
        < didn’t come through
        + 1 photo
        < looking at the photo
        """,
    )


async def test_a_failed_clip_costs_nothing_and_the_photo_is_erased(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_MOTIONS
        + """
        [B · Smile]
        * the clip fails
        < no clip came of it
        < Your gift is still yours
        < the key of the photo you sent is destroyed
        [Another photo]
        [It’s me]
        + 1 photo
        * the photo is looked at
        < This first clip is a gift
        """,
    )


async def test_how_far_a_clip_is_is_all_that_is_answered(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_MOTIONS
        + """
        [B · Smile]
        [How far is it?]
        < “Smile”
        ! What shall it be
        * the clip is made
        [How far is it?]
        < What shall it be
        """,
    )


async def test_the_second_clip_is_paid_with_credits(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_CLIP
        + """
        [Another photo]
        [It’s me]
        + 1 photo
        * the photo is looked at
        < The clip costs 10 credits; you have 0.
        [A · Gentle]
        < this takes 10 and you have 0
        """,
    )
    await harness.play(
        guest,
        """
        > /credits
        [60 credits · ¥6.00]
        [Pay here in the chat]
        < 60 credits added
        [Choose how the photo moves]
        < you have 60
        [A · Gentle]
        < 10 credits are held for it
        [A · Gentle]
        < “Gentle”
        > never mind
        < “Gentle” is stopped
        < 10 credits are back with you
        < This clip was cancelled.
        < Receipt of erasure
        [Bring a photo alive]
        [It’s me]
        + 1 photo
        * the photo is looked at
        < you have 60
        [A · Gentle]
        * a worker makes the clip
        > /cancel
        < is being made already
        < coming alive
        * the clip fails
        < 10 credits are back with you
        """,
    )
    async with harness.database.snapshot() as tx:
        assert await ledger.balance(tx, (await harness.user_in(tx, guest)).id) == 60


async def test_a_portrait_comes_alive_and_can_again(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_STUDIO
        + """
        [Bring it alive]
        < Which one shall come alive?
        [Picture 2]
        < Shall this portrait come alive?
        [Yes, bring it alive]
        < How shall it move?
        [D · Turn]
        * the clip is made
        < “Turn”. It’s yours
        ! the photo you sent
        [Another motion]
        < How shall it move?
        [C · Nod]
        < “Nod”
        """,
    )
    first, second = await clips_of(harness)
    assert first.portrait_id == second.portrait_id
    assert first.portrait_id is not None
    assert await state_of(harness, guest) is State.STUDIO


async def test_anothers_portrait_cannot_come_alive(harness: DialogueHarness) -> None:
    ada, bert = harness.guest("ada"), harness.guest("bert")
    await harness.play(ada, TO_STUDIO + "\n[Bring it alive]")
    theirs = ada.button("Picture 1")
    await harness.play(bert, TO_RELATION)
    bert.all_heard.extend(ada.all_heard)  # an action can be invented
    await harness.play(bert, f"[{theirs}]\n< can’t find that")
    assert await clips_of(harness) == []


async def test_in_the_middle_of_an_order_the_photo_belongs_to_what_was_asked_last(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS + "\n+ 2 photos\n> bring a photo alive\n[It’s me]")
    await harness.play(guest, "+ 1 photo\n< looking at the photo\n* the photo is looked at")
    await harness.play(
        guest, "[B · Smile]\n+ 1 photo\n* the photos are checked\n< 3 photos received"
    )
    (clip,) = await clips_of(harness)
    assert clip.state is ClipState.WAITING
    async with harness.database.snapshot() as tx:
        assert await tx.count(Photo) == 3


async def test_in_the_middle_of_an_order_continue_leads_back_and_the_clip_waits(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_PHOTOS
        + """
        > bring a photo alive
        [It’s me]
        > continue
        < just send it
        < Now send me your photos
        + 1 photo
        < 1 photo received
        [Go on with it]
        + 1 photo
        < looking at the photo
        """,
    )


async def test_of_an_album_the_first_photo_is_taken(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS + "\n> bring a photo alive\n[It’s me]")
    for number in range(3):
        replies = await sends(harness, guest, number, album="one")
        assert ("looking at the photo" in guest.text) == (number == 0)
    assert "One photo at a time" in guest.text
    assert replies[0].message_key == "photo-note"
    (clip,) = await clips_of(harness)
    assert len(clip.sources) == 1
    async with harness.database.snapshot() as tx:
        assert await tx.count(Photo) == 0  # not one of them became an order's


async def test_a_second_photo_takes_the_place_of_the_first(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_MOTIONS)
    await sends(harness, guest, 5)
    assert "looking at the photo" in guest.text
    first, second = await clips_of(harness)
    assert (first.state, first.sources) == (ClipState.GIVEN_UP, ())
    assert (second.state, second.relation) == (ClipState.PREPARING, first.relation)
    kept = [path async for path in harness.blobs.walk("sources")]
    assert {path.split("/")[1] for path in kept} == {second.id}
    assert [one.text for one in guest.heard if isinstance(one, Say) and one.closes] == [
        "This photo was put aside."
    ], "nothing says any more that the first is looked at"
    assert guest.text.count("Receipt of erasure") == 1


async def test_never_mind_erases_the_photo_with_a_receipt(harness: DialogueHarness) -> None:
    for script in ("> cancel", "> no", "[Never mind]"):
        guest = harness.guest(script)
        await harness.play(guest, TO_MOTIONS + script + "\n< being erased\n< Receipt of erasure")
        assert await state_of(harness, guest) is State.WELCOME
    assert [path async for path in harness.blobs.walk("sources")] == []


async def test_nothing_sent_nothing_erased(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTO + "\n> cancel\n< nothing comes alive\n! Receipt")
    await harness.play(guest, "> /start alive\n> cancel\n! Receipt")


async def test_who_leaves_and_comes_back_goes_on(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_PHOTO
        + """
        * the sessions are lost
        > /start
        < just send it
        < bring a photo alive, or make studio portraits
        + 1 photo
        < looking at the photo
        * the photo is looked at
        * the sessions are lost
        > continue
        < waiting to come alive
        [Go on with it]
        < How shall it move?
        [B · Smile]
        > continue
        < “Smile” is in the queue
        """,
    )


async def test_after_a_day_the_photo_is_gone_and_an_old_button_says_so(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_MOTIONS + "* the photo waits a day\n< Receipt of erasure")
    await harness.play(guest, "[B · Smile]\n< no photo waiting any more\n[Bring a photo alive]")
    assert "who is in it?" in guest.text


async def test_the_consent_is_withdrawn_and_what_is_unfinished_ends(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_CLIP + "[Another photo]\n[It’s me]\n+ 1 photo")
    await harness.play(guest, "> /revoke\n< is withdrawn\n< Finished clips stay")
    done, ended = await clips_of(harness)
    assert (done.state, ended.state) == (ClipState.DONE, ClipState.GIVEN_UP)
    async with harness.database.snapshot() as tx:
        given = await tx.find(Consent, kind=ConsentKind.MOTION)
    assert all(one.withdrawn_at for one in given)
    await harness.play(guest, "> /start\n< bring a photo alive, or make studio portraits")


async def test_beside_an_avatar_either_consent_can_be_withdrawn(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_STUDIO + "\n[Bring a photo alive]\n[It’s me]\n> /revoke")
    await harness.play(guest, "[Withdraw my consent to bring pictures alive]\n< is withdrawn")
    await harness.play(guest, "> /revoke\n! bring pictures alive")


async def test_the_file_and_the_newest_clip_can_be_had_again(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, "> my clip\n< no clip yet\n" + TO_CLIP)
    for script in ("[Original file]", "> my clip"):
        await harness.play(guest, script)
        (shown,) = guest.heard
        assert isinstance(shown, ShowClip)
        assert shown.original
        assert shown.clip.data == MP4


async def test_deep_links_lead_straight_in(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        """
        > /start alive
        < What happens to your photos
        [Yes, and I’m an adult]
        < who is in it?
        """,
    )
    studio = harness.guest("ada")
    await harness.play(studio, TO_STUDIO + "\n[Bring it alive]")
    portrait = studio.button("Picture 1").partition(":")[2]
    await harness.play(studio, f"> /start alive-{portrait}\n< Shall this portrait come alive?")
    await harness.play(studio, f"> /start alive-{'0' * 32}\n< Welcome back")


async def test_portraits_are_one_press_away_for_who_came_for_clips(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest, TO_CLIP + "> continue\n[Portraits of me]\n< digital avatar, yours alone"
    )
    assert await state_of(harness, guest) is State.AGREE


@pytest.mark.parametrize("language", LANGUAGES)
async def test_all_of_it_in_every_language(harness: DialogueHarness, language: str) -> None:
    guest, say = harness.guest(language, language.replace("_", "-")), texts(language)
    for key in ("alive-button", "terms-button-yes", "alive-who-living"):
        await harness.type(guest, "/start") if key == "alive-button" else None
        await harness.press(guest, say(key))
    assert say("alive-send-living") in guest.text
    await harness.play(guest, "+ 1 photo\n* the old photo is mended")
    assert say("motions-gift") in guest.text
    await harness.play(guest, "[motion:nod]\n* the clip is made")
    nod = harness.catalog.motions["nod"].names[language]
    assert say("clip-ready-erased", motion=nod, count=1) in guest.text


async def test_a_clip_by_a_video_base_is_waited_for_under_its_effects_name(
    harness: DialogueHarness,
) -> None:
    """Its job is of another kind than the animator's."""
    await harness.play(harness.guest("anna"), TO_MOTIONS)
    [clip] = await clips_of(harness)
    catalog, base = Catalog.load(), "wan22-ti2v-5b"
    hug = catalog.video_bases[base].effect("hug")
    async with harness.database.begin() as tx:
        await users.lock(tx, clip.user_id)
        await ledger.grant(tx, clip.user_id, catalog.video_credits, "grant:hug", harness.now)
        await filming.request(tx, catalog, clip, hug, harness.now, engine=base)
        [job] = await tx.find(Job, ref=clip.id, kind=filming.VIDEO.name)
    told = {"kind": "progress", "user": clip.user_id, "job": job.id}
    replies = await harness.notifications.replies(told)
    assert replies is not None
    assert any("Hug" in str(reply) for reply in replies)
