"""The people who run the studio; and strangers, who learn nothing."""

import pytest

from handlers.admin import COMMANDS
from handlers.admin.commands import read_amount
from handlers.chat import Pressed, Show
from shop.records import AuditEntry, Currency, Flaw, Order, Photo, PhotoState, Product
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.photo_findings import flawed
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO
from tests.shop.conftest import Shop
from tests.shop.moving import ready


@pytest.mark.parametrize("command", [*COMMANDS, "erase playground:anna"])
async def test_a_stranger_hears_what_anybody_hears(harness: DialogueHarness, command: str) -> None:
    eve = harness.guest("eve")
    await harness.play(eve, "> hello\n> /nonsense")
    ordinary = eve.text
    await harness.type(eve, f"/{command}")
    if command.startswith("erase"):  # everybody's own
        assert "Erase everything about you?" in eve.text
    else:
        assert eve.text == ordinary
    async with harness.database.begin() as tx:
        assert await tx.count(AuditEntry) == 0


async def test_figures_queues_and_orders(harness: DialogueHarness) -> None:
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(anna, TO_STUDIO)
    async with harness.database.begin() as tx:
        (order,) = await tx.find(Order)
    await harness.play(
        boss,
        f"""
        > /stats
        < Earned: ¥9.90
        < Books off by: 0
        < Sales: on
        < done: 1
        > /queue@EiderBot
        < train: waiting 0, running 0
        > /order {order.id[:8].upper()}
        < Customer: playground:anna
        < Amount: ¥9.90 (charges: 1)
        < Avatar: ready
        < ¥9.90 received, charge sandbox:
        < ready
        > /order https://t.me/EiderBot?start=r-{order.user_id}
        < {order.id[:8].upper()}
        ! anna
        > /order r-{"0" * 32}
        < find that
        > /order 12345678
        < find that
        > /order
        < Usage: /order NUMBER
        > /refund {order.id}
        < being refunded
        """,
    )
    assert "¥9.90 has been returned" in "\n".join(anna.lines)
    await harness.play(
        anna,
        """
        > more like me
        < You have no avatar yet
        > hm, and now this
        < Your last order’s ¥9.90 has gone back to you
        < begin again below
        < I didn’t
        [Woman]
        < 20 is best
        > hm, and now this
        ! has gone back
        """,
    )
    async with harness.database.begin() as tx:
        said = [audit.command for audit in await tx.find(AuditEntry, order="at")]
    assert said == ["stats", "queue", "order", "orders", "refund"]


ENDS = {
    "": "work on it ends here, and its photos are being erased",
    "* the avatar is made": "the avatar and its portraits are being erased, and unspent credits",
    "* a worker trains\n> /revoke\n[Withdraw and erase]": "has been erased already",
}


@pytest.mark.parametrize("happens", ENDS)
async def test_a_refund_says_what_ends(harness: DialogueHarness, happens: str) -> None:
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(anna, f"{TO_BILL}\n[Pay here in the chat]\n{happens}")
    async with harness.database.begin() as tx:
        (order,) = await tx.find(Order)
    anna.lines.clear()
    await harness.play(boss, f"> /refund {order.id}\n> /refund {order.id}")
    said = "\n".join(anna.lines)
    assert said.count("The studio is giving ¥9.90 back to you") == 1
    assert [end for end in ENDS.values() if end in said] == [ENDS[happens]]
    assert said.index("is giving") < said.index("has been returned")


@pytest.mark.parametrize(
    "ends", ["> /erase\n[Erase everything]", "> /revoke\n[Withdraw and erase]"]
)
async def test_a_part_of_an_order_of_which_nothing_is_left(
    harness: DialogueHarness, ends: str
) -> None:
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(anna, f"{TO_BILL}\n[Pay here in the chat]\n* a worker trains\n{ends}")
    async with harness.database.begin() as tx:
        (order,) = await tx.find(Order)
    await harness.play(
        boss,
        f"""
        > /refund {order.id} 1
        < ¥1.00 are on their way back. What was bought had been erased before
        ! nothing is taken back
        """,
    )


async def test_parts_go_back_and_everything_stays(harness: DialogueHarness) -> None:
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(anna, TO_STUDIO)
    async with harness.database.begin() as tx:
        (order,) = await tx.find(Order)
    await harness.play(
        boss,
        f"""
        > /refund {order.id} 3.5
        < ¥3.50 are on their way back; nothing is taken back for it
        > /refund {order.id} 2
        < ¥2.00 are on their way back
        > /refund {order.id} 4.40
        < less than what is left of the payment (¥4.40)
        > /refund {order.id} 0
        < less than what is left of the payment (¥4.40)
        > /refund {order.id} 1.234
        < Usage: /refund NUMBER (all that is left
        > /refund {order.id} 1 2
        < Usage: /refund NUMBER
        > /order {order.id}
        < Amount: ¥9.90 (charges: 1)
        < Refunded in parts: ¥5.50 (2 parts)
        """,
    )
    said = "\n".join(anna.lines)
    assert "¥3.50 of what you paid has been returned to you" in said
    assert "¥2.00 of what you paid has been returned to you" in said
    await harness.play(anna, "> credits\n< You have 40 credits")
    anna.lines.clear()
    await harness.play(boss, f"> /stats\n< Earned: ¥4.40\n> /refund {order.id}\n< being refunded")
    assert "The studio is giving ¥4.40 back to you" in "\n".join(anna.lines)
    await harness.play(boss, f"> /refund {order.id} 1\n> /stats\n< Books off by: 0")


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("3", Currency.CNY, 300),
        ("3.5", Currency.CNY, 350),
        ("3,50", Currency.CNY, 350),
        ("0.01", Currency.CNY, 1),
        ("3", Currency.XTR, 3),
        ("3.5", Currency.XTR, None),
        ("3.505", Currency.CNY, None),
        ("-3", Currency.CNY, None),
        ("¥3", Currency.CNY, None),
        ("٣", Currency.CNY, None),
        ("", Currency.CNY, None),
    ],
)
def test_amounts_as_admins_type_them(typed: str, currency: Currency, amount: int | None) -> None:
    assert read_amount(typed, currency) == amount


async def test_a_refund_of_credits_says_what_ends(harness: DialogueHarness) -> None:
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(anna, TO_STUDIO + "\n> credits\n[buy:60]\n[Pay here in the chat]")
    async with harness.database.begin() as tx:
        (pack,) = await tx.find(Order, product=Product.CREDITS)
    await harness.play(boss, f"> /refund {pack.id}")
    assert "so the credits it had bought are taken back" in "\n".join(anna.lines)
    await harness.play(anna, "> credits\n< You have 40 credits")


async def test_granting_credits(harness: DialogueHarness) -> None:
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(anna, TO_STUDIO)
    await harness.play(
        boss,
        """
        > /grant playground:anna 10
        < /grant done: 10 given, balance 50
        > /grant playground:nobody 10
        < find that
        > /grant playground:anna -5
        < Usage: /grant
        > /grant playground:anna 9999999
        < Usage: /grant
        > /grant playground:anna 99999
        < can’t be done
        """,
    )
    assert "10 credits for you, on the house. You now have 50." in "\n".join(anna.lines)


async def test_pausing_sales(harness: DialogueHarness) -> None:
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(anna, TO_PHOTOS + "\n+ 20 photos\n* the photos are checked")
    await harness.play(boss, "> /pause\n< /pause done\n> /stats\n< Sales: paused")
    await harness.play(anna, "[Use these]\n< isn’t taking new orders\n> continue\n< 20 usable")
    await harness.play(boss, "> /resume\n< /resume done")
    await harness.play(anna, "[Use these]\n< (bill:")


async def test_reviewing_held_photos(harness: DialogueHarness) -> None:
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(boss, "> /review\n< No photos wait")
    harness.verdict = lambda number: flawed(number, Flaw.MINOR)
    await harness.play(anna, TO_PHOTOS + "\n+ 2 photos\n* the photos are checked")
    assert "I’m unsure about" in anna.text
    await harness.play(anna, "> that's all\n< I only make avatars of adults")
    told = [line.strip() for line in boss.lines if "pictures wait" in line]
    words = (
        "2 pictures wait to be looked at: /review. What nobody has looked at after 24 h is erased."
    )
    assert told == [words], "once"
    await harness.play(boss, "> /review\n< photos wait to be looked at")
    shown = [reply for reply in boss.heard if isinstance(reply, Show)]
    assert {reply.caption for reply in shown} == {"Perhaps a minor."}
    assert all(reply.pictures[0].data[:2] == b"\xff\xd8" for reply in shown)
    async with harness.database.begin() as tx:
        first, second = await tx.find(Photo, state=PhotoState.HELD, order="created_at")
    await harness.send(boss, Pressed(f"ok:{first.id}"))
    assert "done: accepted" in boss.text
    assert "photo 1: it’s fine, and it counts" in "\n".join(anna.lines)
    await harness.send(boss, Pressed(f"nok:{second.id}"))
    assert "done: rejected" in boss.text
    assert "looks like someone under age" in "\n".join(anna.lines)
    assert "photo 2: it can’t be used" in "\n".join(anna.lines)
    await harness.send(boss, Pressed(f"ok:{second.id}"))
    assert "can’t be done" in boss.text
    # the same buttons in a stranger's hand
    await harness.send(anna, Pressed(f"nok:{first.id}"))
    assert "out of date" in anna.text


async def test_erasing_for_somebody(harness: DialogueHarness) -> None:
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(anna, TO_BILL)
    await harness.play(boss, "> /erase playground:anna\n< photos 20, avatars 0")
    assert "nothing is left" in "\n".join(anna.lines)
    await harness.play(anna, "> continue\n< For ¥9.90")
    await harness.play(boss, "> /erase\n< Erase everything about you?")


async def test_reviewing_pictures_that_are_to_come_alive(harness: DialogueHarness) -> None:
    boss = harness.guest("boss")
    await harness.play(boss, "> hello")
    async with harness.database.begin() as tx:
        shop = Shop(tx, harness.now, harness.blobs, harness.cipher)
        first, second = [await ready(shop, name, youth=0.7, people=1) for name in ("anna", "ben")]
    await harness.outbox.run()
    assert "2 pictures wait to be looked at" in "\n".join(boss.lines)
    await harness.play(boss, "> /review\n< 2 photos wait to be looked at")
    shown = [reply for reply in boss.heard if isinstance(reply, Show)]
    assert [one.pictures[0].data for one in shown] == [b"after", b"after"]
    assert all("A picture that is to come alive" in one.caption for one in shown)
    await harness.send(boss, Pressed(f"ok:{first.id}"))
    assert "done: ready" in boss.text
    await harness.send(boss, Pressed(f"nok:{second.id}"))
    assert "done: refused" in boss.text
    await harness.send(boss, Pressed(f"ok:{second.id}"))
    assert "can’t be done" in boss.text
    await harness.play(
        boss, "> /pauseclips\n< done\n> /stats\n< Clips: paused\n> /resumeclips\n< done"
    )
