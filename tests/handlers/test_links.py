"""Deep links: a friend's, a style's, a portrait's. They show and remember, and never spend."""

from dataclasses import replace

import pytest

from handlers.chat import Show
from handlers.intents import Intent, read_words
from shop.money import ledger
from shop.records import Avatar, Order, Portrait, Shoot, User
from tests.handlers.dialogue_harness import DialogueHarness, catalog
from tests.handlers.guests import Guest, buttons
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO


async def link_of(harness: DialogueHarness, guest: Guest) -> str:
    """What the person's own link says behind ``/start``."""
    await harness.type(guest, "/invite")
    return next(one.start for one in buttons(guest.heard[-1]) if one.start)


async def credits(harness: DialogueHarness, *guests: Guest) -> list[int]:
    async with harness.database.begin() as tx:
        people = [await harness.user_in(tx, one) for one in guests]
        return [await ledger.balance(tx, one.id) for one in people]


@pytest.mark.parametrize(
    ("typed", "payload"),
    [
        ("/start r-0a_-Z", "r-0a_-Z"), ("/start@EiderBot t-noir", "t-noir"),
        ("/START  t-noir \n", "t-noir"),
        ("/start", ""), ("/start two words", ""), ("/start " + "x" * 65, ""), ("/start é", ""),
        ("/start " + "x" * 64, "x" * 64),
    ],
)  # fmt: skip
def test_start_keeps_what_a_link_can_carry(typed: str, payload: str) -> None:
    assert read_words(typed) == (Intent.START, payload)


def test_no_other_command_keeps_anything() -> None:
    assert read_words("/erase yes") == (Intent.ERASE, "")


@pytest.mark.parametrize(
    "payload",
    ["", "x", "r-", "r-nobody", "t-", "t-no-such-style", "p-" + "0" * 32, "z-1", "-", "--"],
)
async def test_a_link_to_nowhere_is_a_plain_start(harness: DialogueHarness, payload: str) -> None:
    await harness.play(harness.guest("anna"), f"> /start {payload}\n< For ¥9.90, once")
    await harness.play(harness.guest("ben"), TO_PHOTOS + f"\n> /start {payload}\n< Welcome back")


async def test_a_friend_brings_a_friend(harness: DialogueHarness) -> None:
    host, guest = harness.guest("host"), harness.guest("guest")
    await harness.play(host, "> /invite\n< you each get 8 credits\n< [Send to a friend]")
    link = await link_of(harness, host)
    await harness.play(
        guest,
        f"""
        > /start {link}
        < A friend sent you: welcome. Once your first avatar is ready, you each get 8 credits.
        < For ¥9.90, once
        """,
    )
    await harness.play(
        guest, TO_BILL + "\n< because a friend sent you, you each get 8 credits more"
    )
    assert await credits(harness, host, guest) == [0, 0]
    await harness.play(guest, "[Pay here in the chat]\n! friend")
    assert await credits(harness, host, guest) == [0, 0]
    await harness.play(
        guest,
        "* a worker trains\n* the avatar is made\n< Because a friend sent you: 8 credits more",
    )
    assert "The avatar of a friend you invited is ready. 8 credits for you" in host.text
    assert await credits(harness, host, guest) == [8, 48]
    host.heard.clear()
    boss = harness.guest("boss")
    async with harness.database.begin() as tx:
        [order] = await tx.find(Order)
    await harness.play(boss, f"> /refund {order.id}\n< /refund done")
    assert "8 credits of the thanks, still unspent, have been taken back" in host.text
    assert await credits(harness, host, guest) == [0, 0]


async def test_later_thanks_make_up_for_undone_ones(harness: DialogueHarness) -> None:
    """What was spent of an undone invitation comes off the next one, and it is said."""
    host, boss = harness.guest("host"), harness.guest("boss")
    link = await link_of(harness, host)
    await brought(harness, "first", link)
    async with harness.database.begin() as tx:
        user, [order] = await harness.user_in(tx, host), await tx.find(Order)
        await ledger.hold(tx, user.id, "shoot:spent", 8, harness.now)
    await harness.play(boss, f"> /refund {order.id}\n< /refund done")
    host.heard.clear()
    await brought(harness, "second", link)
    assert "8 credits of an invitation’s thanks made up for an earlier one" in host.text
    assert "for you, with thanks" not in host.text
    assert (await credits(harness, host))[0] == 0


async def brought(harness: DialogueHarness, name: str, link: str) -> None:
    made = "\n[Pay here in the chat]\n* a worker trains\n* the avatar is made"
    await harness.play(harness.guest(name), f"> /start {link}" + TO_BILL + made)


async def test_ones_own_link_and_one_that_comes_too_late(harness: DialogueHarness) -> None:
    host, ben = harness.guest("host"), harness.guest("ben")
    link = await link_of(harness, host)
    await harness.play(host, f"> /start {link}\n< your own invitation link")
    await harness.play(
        ben, TO_PHOTOS + f"\n> /start {link}\n< you have been here before\n< 20 is best"
    )
    await harness.play(ben, "+ 20 photos\n* the photos are checked\n[Use these]\n! friend")


async def test_no_referral_credits_are_promised_without_any(
    harness: DialogueHarness,
) -> None:
    harness.rebuild(catalog=replace(harness.catalog, referral_credits=0))
    host, guest = harness.guest("host"), harness.guest("guest")
    link = await link_of(harness, host)
    assert "credit" not in host.text
    await harness.play(guest, f"> /start {link}\n< A friend sent you: welcome.\n! credit")
    await harness.play(guest, TO_BILL + "\n! because a friend")


async def test_a_styles_link_before_the_first_portraits(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(
        anna, "> /start t-noir\n< “Film noir” it is, for your first portraits\n< For ¥9.90"
    )
    await harness.play(anna, TO_BILL.split("\n", 2)[2].replace("> hello\n", ""))
    await harness.play(
        anna, "< in the style “Film noir”\n[Pay here in the chat]\n* the avatar is made"
    )
    async with harness.database.begin() as tx:
        (shoot,) = await tx.find(Shoot)
    assert shoot.template == "noir"


async def test_a_styles_link_that_the_base_cannot_show(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(
        anna, "> /start t-hanfu\n< needs a larger image model\n[Change the first style]\n< All are"
    )
    await harness.play(anna, "> hello\n< For ¥9.90")


async def test_a_styles_link_with_an_avatar_shows_a_card_and_spends_nothing(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    before = await credits(harness, anna)
    await harness.play(
        anna, "> /start t-noir\n< (1 pictures)\n< Film noir\n< [Shoot this set · 8 credits]"
    )
    assert await credits(harness, anna) == before
    await harness.play(anna, "[Shoot this set · 8 credits]\n< Credits held: 8")
    await harness.play(anna, "> /start t-hanfu\n< won’t take your credits")


async def test_a_portraits_link_shows_ones_own_and_nobody_elses(harness: DialogueHarness) -> None:
    anna, eve = harness.guest("anna"), harness.guest("eve")
    await harness.play(anna, TO_STUDIO)
    await harness.play(eve, TO_PHOTOS)
    async with harness.database.begin() as tx:
        portrait = (await tx.find(Portrait))[2]
    await harness.type(anna, f"/start p-{portrait.id}")
    (shown,) = anna.heard
    assert isinstance(shown, Show)
    assert [one.id for one in shown.pictures] == [portrait.id]
    assert [one.share for one in buttons(shown)] == [portrait.id, ""]
    await harness.play(eve, f"> /start p-{portrait.id}\n< Welcome back\n! pictures")


async def test_another_style_at_the_bill_at_the_same_price(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(
        anna,
        TO_BILL
        + """
        [Change the first style]
        < All are included in the price
        ! credits each
        [Next]
        [Film noir]
        < “Film noir” it is
        < (bill: Eider
        < ¥9.90, once
        < in the style “Film noir”
        * the sessions are lost
        > continue
        < in the style “Film noir”
        + 1 photo
        * the photos are checked
        > that's all
        < made from your photos (21)
        < in the style “Film noir”
        [Pay here in the chat]
        # and while the avatar is made
        > Warm film
        < it is, for your first portraits
        * the avatar is made
        * the portraits are painted
        """,
    )
    async with harness.database.begin() as tx:
        (shoot,) = await tx.find(Shoot)
    assert shoot.template == "warm-film"


async def test_a_first_style_that_is_not_for_them(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    harness.rebuild(settings=harness.settings.model_copy(update={"base": "sdxl"}))
    await harness.play(anna, TO_BILL + "\n> Black Tie\n< doesn’t go with your choice of woman, man")
    await harness.play(
        anna, "[Change the first style]\n! Black Tie\n> hanfu\n< (bill: Eider\n< “Hanfu”"
    )


async def test_a_second_avatar_begins_without_the_firsts_style(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, "> hello\n> film noir\n< it is, for your first portraits")
    await harness.play(anna, TO_STUDIO + "\n> new avatar\n[Yes, start over]\n[Woman]")
    shown, _ = catalog().offered("mini", (await _avatar(harness)).subject)
    await harness.play(anna, "+ 20 photos\n* the photos are checked\n[Use these]\n! “Film noir”")
    await harness.play(
        anna,
        f"< in the style “{shown[0].names['en']}”\n[Change the first style]\n[Next]\n[Film noir]",
    )
    assert "in the style “Film noir”" in anna.text
    assert "Credits held" not in anna.text


async def test_an_old_button_for_a_first_style_spends_nothing(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_BILL + "\n[Change the first style]\n> pay\n[Pay here in the chat]")
    await harness.play(anna, "* the avatar is made\n* the portraits are painted\n[first:id-blue]")
    assert "[Shoot this set · 8 credits]" in anna.text


async def _avatar(harness: DialogueHarness) -> Avatar:
    async with harness.database.begin() as tx:
        user = (await tx.find(User))[0]
        return (await tx.find(Avatar, user_id=user.id))[0]
