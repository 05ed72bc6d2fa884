"""Who says that they are a minor, after agreeing as an adult: read, held, and told to admins."""

import pytest

from handlers.stated_age import says_minor
from shop import admin_reviews
from shop.orders import orders
from shop.photos import reviews
from shop.records import Order, OrderState, Photo, PhotoState
from tests.channels import TELEGRAM
from tests.handlers.dialogue_harness import BOSS, DialogueHarness
from tests.handlers.test_album import TO_ALBUM
from tests.handlers.test_alive import TO_RELATION
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO
from tests.handlers.test_linking import link

MINORS = (
    "17岁", "我今年十六岁", "我今年17", "你好，我17岁了，可以拍吗？",
    "我是17岁的高中生", "我还未成年", "我没满18岁",
    "I'm 17", "im 16 btw", "I am 17 years old", "I’m only 15, is that ok?", "17 years old",
    "hi! I'm seventeen", "I'm 17 and I want portraits", "I am a minor", "I'm not 18 yet",
    "j'ai 16 ans", "J’ai 17 ans, c’est possible ?", "j'ai seize ans", "je n'ai que 15 ans",
    "16 ans", "je suis mineure", "j'ai 17 ans et je voudrais un portrait",
    "열일곱 살", "저는 17살이에요", "저 16살인데요", "만 17세입니다",
    "미성년자예요", "나 열여섯 살이야",
)  # fmt: skip
OTHERS = (
    "I'm 17 years married", "my son is 17", "my son says I'm 17", "17 photos", "17 minutes", "17",
    "I'm 17 minutes late", "I'm 5.9 feet tall", "I'm 37", "I'm 18", "if I'm 17 can I use it?",
    "when I was 17", "i'm 9 months pregnant", "I'm 15th in line", "I'm not a minor",
    "paint me as I was at 17",
    "我儿子17岁", "17张照片", "17分钟", "我17岁的儿子",
    "我17岁时拍的照片", "我结婚17年了", "我十八岁", "我二十岁",
    "我三十五岁", "17岁能用吗", "如果我17岁", "我不是未成年",
    "j'ai 17 ans de mariage", "mon fils a 17 ans", "j'ai 17 photos", "j'ai dix-huit ans",
    "j'ai vingt-sept ans", "j'ai 15 ans d'expérience",
    "아들이 열일곱 살이에요", "열일곱 살 아들 사진",
    "사진 17장", "17분", "스물일곱 살이에요", "열여덟 살이에요",
    "우리 딸, 열여섯 살", "미성년자 아니에요",
)  # fmt: skip


@pytest.mark.parametrize("text", MINORS)
def test_of_themselves(text: str) -> None:
    assert says_minor(text)


@pytest.mark.parametrize("text", OTHERS)
def test_of_somebody_or_something_else(text: str) -> None:
    assert not says_minor(text)


async def test_unpaid_photos_wait_for_a_person_who_finds_an_adult(harness: DialogueHarness) -> None:
    boss, anna = harness.guest(BOSS), harness.guest("anna")
    await harness.play(boss, "> hello")
    await harness.play(anna, TO_ALBUM)
    await harness.play(
        anna,
        """
        > I'm 17
        < This bill is out of date
        < adults only: 18 and over. Your photos are held until a member of staff has looked at them
        < I’m telling a member of staff
        > that's all
        < I only make avatars of adults
        """,
    )
    told = "\n".join(boss.lines)
    assert "⚠ playground:anna writes that they are a minor" in told
    assert "photos held: 20" in told
    assert "20 pictures wait to be looked at" in told
    async with harness.database.begin() as tx:
        held = await tx.find(Photo, state=PhotoState.HELD)
        for photo in held[:16]:
            await reviews.approve(tx, photo, harness.now)
    await harness.play(anna, "* the photos are checked\n> that's all\n[done:go]\n< (bill:")


async def test_nobody_to_tell(harness: DialogueHarness) -> None:
    """No button leads to a person, and none is promised."""
    anna = harness.guest("anna")
    await harness.play(
        anna,
        TO_ALBUM
        + """
        > I'm 17
        < Nobody at the studio can be reached through me at the moment; /erase deletes everything.
        ! Ask a person
        ! telling a member of staff
        ! say so to a person
        """,
    )


async def test_what_is_paid_goes_on_until_an_admin_decides(harness: DialogueHarness) -> None:
    boss, anna = harness.guest(BOSS), harness.guest("anna")
    await harness.play(boss, "> hello")
    await harness.play(anna, TO_BILL + "[Pay here in the chat]\n* a worker trains")
    await harness.play(
        anna, "> 17岁\n< adults only\n! Your photos are held\n> 열일곱 살\n> j'ai 16 ans"
    )
    async with harness.database.snapshot() as tx:
        (order,) = await tx.find(Order)
        assert order.state is OrderState.PAID
    told = [line for line in boss.lines if "writes that they are a minor" in line]
    assert f"Order: {order.id[:8].upper()} (paid, in the making), photos held: 0" in told[0]
    await harness.play(boss, f"> /refund {order.id}\n< /refund done")
    async with harness.database.snapshot() as tx:
        assert await orders.current(tx, await harness.user_in(tx, anna)) is None


async def test_what_comes_later_is_held_too_also_in_another_order(harness: DialogueHarness) -> None:
    """Said to a stranger's screen, between two photos, and in spite of a new beginning; until
    somebody of the studio has seen an adult."""
    anna = harness.guest("anna")
    await harness.play(anna, "> hello\n> I'm 17\n< wait until a member of staff\n! telling")
    await harness.play(
        anna,
        TO_PHOTOS
        + """
        + 3 photos
        * the photos are checked
        < I’m unsure about 3 photos. A member of staff will look at them
        > that's all
        < I only make avatars of adults
        > /mydata
        < you said you’re under 18
        > /cancel
        [Cancel it]
        [Portraits of me]
        [Woman]
        """
        + "+ 20 photos\n> I'm 17\n* the photos are checked\n> that's all\n< only make avatars of",
    )
    async with harness.database.begin() as tx:
        assert not await tx.find(Photo, state=PhotoState.ACCEPTED)
        unseen, first, *others = await tx.find(Photo, state=PhotoState.HELD)
        assert len(others) == 18
        # A button from before: what was shown there was not what they say.
        await admin_reviews.approve(tx, "playground:boss", unseen.id, harness.now)
        assert (await harness.user_in(tx, anna)).stated_minor_at
        await admin_reviews.look(tx, harness.cipher, "playground:boss", first.id, harness.now)
        await admin_reviews.approve(tx, "playground:boss", first.id, harness.now)
    await harness.play(anna, "+ 2 photos\n* the photos are checked\n> /mydata\n! under 18")
    async with harness.database.begin() as tx:
        assert await tx.count(Photo, state=PhotoState.ACCEPTED) == 4
        assert await tx.count(Photo, state=PhotoState.HELD) == 18, "each has an ok of its own"


@pytest.mark.parametrize("said", ["before", "while it is looked at", "after"])
async def test_a_picture_that_is_to_come_alive_is_held_too(
    harness: DialogueHarness, said: str
) -> None:
    boss, anna = harness.guest(BOSS), harness.guest("anna")
    word, held = "> I'm 17\n< adults only\n", "< a member of staff will look at it first\n"
    before = word if said == "before" else ""
    while_looked = word if said == "while it is looked at" else ""
    after = word if said == "after" else ""
    send = f"+ 1 photo\n{while_looked}* the photo is looked at\n{after}{held}"
    await harness.play(boss, "> hello")
    await harness.play(anna, TO_RELATION + before + "[It’s me]\n" + send)
    await harness.play(boss, "> /review\n< Perhaps a minor: who sent it says so")
    await harness.play(anna, "* the photo is approved\n< How shall it move?")
    await harness.play(anna, "[Bring a photo alive]\n[It’s me]\n+ 1 photo")
    await harness.play(anna, "* the photo is looked at\n< How shall it move?")


async def test_who_links_a_chat_in_which_they_said_so(harness: DialogueHarness) -> None:
    """What had been accepted in the other one waits as well."""
    anna, phone = harness.guest("anna"), harness.guest("7001", platform=TELEGRAM)
    await harness.play(anna, TO_ALBUM)
    await harness.play(phone, "> hello\n> I'm 17\n< adults only")
    await link(harness, anna, phone)
    async with harness.database.begin() as tx:
        assert not await tx.count(Photo, state=PhotoState.ACCEPTED)
        assert await tx.count(Photo, state=PhotoState.HELD) == 20
    await harness.play(anna, "> that's all\n< only make avatars of")


async def test_before_the_terms_and_in_a_finished_studio(harness: DialogueHarness) -> None:
    """Before agreeing nobody has said that they are an adult, and no admin is called."""
    boss, anna = harness.guest(BOSS), harness.guest("anna")
    await harness.play(boss, "> hello")
    await harness.play(anna, "> hello\n> I'm 17\n! telling a member of staff")
    assert "minor" not in "\n".join(boss.lines)
    bea = harness.guest("bea")
    await harness.play(bea, TO_STUDIO + "> I'm 17\n< I’m telling a member of staff")
    async with harness.database.snapshot() as tx:
        (order,) = await tx.find(Order)
    number = order.id[:8].upper()
    told = f"Order: {number} (done), photos held: 0. Stop and give back what is paid: /refund"
    assert f"{told} {number}. Let nothing" in "\n".join(boss.lines)
    await harness.play(boss, f"> /refund {number}\n< /refund done")
    await harness.play(bea, "> I'm 17")
    assert f"Order: {number} (refunded), photos held: 0. Let nothing" in "\n".join(boss.lines)
