"""What may be shown in another chat: one's own, and looking creates no user."""

from handlers import sharing
from handlers.chat import Person
from handlers.sharing import Shareable
from shop.avatars import portraits
from shop.people import users
from shop.records import ProcessedEvent, User, new_id
from tests.channels import PLAYGROUND
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest, buttons
from tests.handlers.test_journey import TO_PHOTOS, TO_STUDIO


async def offered(harness: DialogueHarness, guest: Guest, query: str = "") -> Shareable:
    return await harness.dispatcher.shareable(Person(PLAYGROUND, guest.name, guest.tag), query)


async def sets(harness: DialogueHarness, guest: Guest) -> list[list[str]]:
    """The ids of the person's portraits, the newest set first."""
    async with harness.database.begin() as tx:
        user = await users.find(tx, PLAYGROUND, guest.name)
        assert user is not None
        shoots = await portraits.recent_shoots(tx, user)
        return [
            [one.id for one in await portraits.pictures_of_shoot(tx, shoot)] for shoot in shoots
        ]


async def test_choosing_which_portrait_to_send(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO + "\n[Share]\n< Which one?\n< [Picture 1] [Picture 2]")
    (ids,) = await sets(harness, anna)
    assert [one.share for one in buttons(anna.heard[0]) if one.share] == ids
    await harness.play(anna, "> send to a friend\n< Which one?")


async def test_nothing_to_share_yet(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS + "\n> share\n< no portraits to download yet")


async def test_everything_is_offered_newest_first_with_the_invitation(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO + "\n[More like me]\n* the portraits are painted")
    newest, oldest = await sets(harness, anna)
    for query in ("", "something typed"):
        offer = await offered(harness, anna, query)
        assert [one.id for one in offer.portraits] == newest + oldest
        assert {one.title for one in offer.portraits} == {"Portrait session"}
        assert all("AI-generated" in one.caption for one in offer.portraits)
        assert offer.invitation is not None
    assert offer.portraits[0].start == f"p-{newest[0]}"


async def test_one_portrait_or_the_invitation_alone(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    (ids,) = await sets(harness, anna)
    offer = await offered(harness, anna, ids[2])
    assert ([one.id for one in offer.portraits], offer.invitation) == ([ids[2]], None)
    offer = await offered(harness, anna, sharing.INVITE)
    assert offer.portraits == ()
    assert offer.invitation is not None
    async with harness.database.begin() as tx:
        (user,) = await tx.find(User)
    assert offer.invitation.start == f"r-{user.id}"
    assert "8 credits" in offer.invitation.text


async def test_anothers_an_erased_and_an_invented_portrait_are_nothing(
    harness: DialogueHarness,
) -> None:
    anna, eve = harness.guest("anna"), harness.guest("eve")
    await harness.play(anna, TO_STUDIO)
    await harness.play(eve, TO_PHOTOS)
    (ids,) = await sets(harness, anna)
    for query in (ids[0], new_id(), "0" * 32):
        offer = await offered(harness, eve, query)
        assert (offer.portraits, offer.invitation) == ((), None), query
    await harness.play(anna, "> /revoke\n[Withdraw and erase]")
    assert (await offered(harness, anna, ids[0])).portraits == ()
    await harness.play(anna, "> /erase\n[Erase everything]")
    assert await offered(harness, anna) == await offered(harness, harness.guest("zoe"))


async def test_strangers_get_a_way_in_and_stay_strangers(harness: DialogueHarness) -> None:
    offer = await offered(harness, harness.guest("zoe", "ko-KR"))
    assert (offer.portraits, offer.invitation, offer.open) == ((), None, "에이더 열기")
    async with harness.database.begin() as tx:
        assert await tx.count(User) == await tx.count(ProcessedEvent) == 0


async def test_banned_people_may_show_what_is_theirs_and_invite_nobody(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    await harness.play(harness.guest("boss"), "> /ban playground:anna")
    await harness.play(anna, "> share\n< Which one?\n> invite\n< closed to new orders")
    offer = await offered(harness, anna)
    assert len(offer.portraits) == 4
    assert offer.invitation is None


async def test_it_waits_for_no_lock(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    async with harness.sessions.lock("playground", "anna"):
        assert (await offered(harness, anna)).portraits
