"""Replies within the budget: what is said now, what is sent beside it, what waits."""

from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.outbound import GatheringOutbound, RetryLater, Unreachable, WaitsForContact
from bot.state.sessions import MessageIds
from bot.wechat import WECHAT
from bot.wechat.budget import Contact, MessageBudget
from bot.wechat.errors import AddressNotAllowed, ApiRefused, BudgetSpent, NotReached
from bot.wechat.media import MediaIds
from bot.wechat.outbound import WechatOutbound
from handlers.chat import Button, Incoming, Invoice, Person, Picture, Said, Say, Show, Tone
from handlers.texts import texts
from shop.records import Currency
from tests.bot.wechat.phone import WechatPhones
from tests.bot.wechat.test_media import drawn
from tests.conftest import SetClock
from tests.keys import MASTER_KEY

ZH = texts("zh_CN")
JPEG = drawn("JPEG", 16)
PORTRAITS = tuple(Picture(f"p{number}", JPEG, "image/jpeg") for number in range(4))
SHOWN = [f"(eider-p{number})" for number in range(4)]
SET = Show(PORTRAITS, "写真")
PREVIEWS = Show(tuple(Picture(f"preview:{n}", JPEG, "image/jpeg") for n in "abcdef"), "风格")
SAMPLE = Show((Picture("sample:1", JPEG, "image/jpeg"),), "试拍")
PROGRESS = Say("40%", tone=Tone.PROGRESS)
HALTED = Say("停了", tone=Tone.HALTED)
RECEIPT = Say("退款", tone=Tone.RECEIPT)
LONG = "很长的一句话。" * 200  # 4,200 bytes: three messages
ALBUM = "https://studio.example/album/x"


class Chat:
    """One person in WeChat."""

    def __init__(self, redis: Redis, clock: SetClock) -> None:
        self.clock, self.redis = clock, redis
        self.phones = WechatPhones(clock)
        self.message_ids = MessageIds(redis)
        self.budget = MessageBudget(redis, MASTER_KEY, clock)
        self.events = 0
        self.outbound = self.build()

    def build(
        self, album: str = "", template_id: str = "", paid: datetime | None = None
    ) -> WechatOutbound:
        async def texts_of(chat: str):
            return ZH

        async def album_link(chat: str) -> str:
            return album

        async def paid_at(chat: str) -> datetime | None:
            return paid

        media = MediaIds(self.phones, self.message_ids, self.clock)
        self.outbound = WechatOutbound(
            self.phones, self.budget, media, self.message_ids, texts_of,
            album_link=album_link, paid_at=paid_at, template_id=template_id,
        )  # fmt: skip
        return self.outbound

    @property
    def seen(self) -> list[str]:
        return self.phones["ada"].seen

    async def does(self, contact: Contact = Contact.MESSAGE) -> Incoming:
        self.events += 1
        self.clock.forward(seconds=1)
        self.phones["ada"].contacted(contact, self.clock())
        await self.outbound.contacted("ada", contact, self.clock().replace(microsecond=0))
        person = Person(WECHAT, "ada", "zh-CN")
        return Incoming(f"wechat:{self.events}", person, self.clock(), Said("?"))

    async def asks(self, *replies, contact: Contact = Contact.MESSAGE) -> str | None:
        return await self.outbound.answer(await self.does(contact), replies)

    async def news(self, *replies) -> bool:
        return await self.outbound.send_together("ada", replies)

    def fails(self, what: str, error: BaseException, *, reached: bool = False) -> None:
        def trouble(call: str, after: bool) -> None:
            if call == what and after is reached:
                self.phones.trouble = lambda call, after: None
                raise error

        self.phones.trouble = trouble


@pytest.fixture
async def chat(valkey, clock):
    async with Redis.from_url(valkey) as redis:
        yield Chat(redis, clock)


def test_it_is_a_gathering_outbound(chat):
    assert isinstance(chat.outbound, GatheringOutbound)


# Answers


async def test_an_answer_of_words_is_one_passive_reply_and_costs_nothing(chat):
    assert await chat.asks(Say("一"), Say("二\x00]]>")) == "一\n\n二]]>"
    assert await chat.asks() is None
    assert chat.seen == []
    assert (await chat.budget.allowance("ada")).left == 5


async def test_pictures_of_an_answer_come_before_its_words_and_leave_one_message(chat):
    assert await chat.asks(Say("前"), SET) == "前\n\n写真"
    assert chat.seen == SHOWN
    assert (await chat.budget.allowance("ada")).left == 1


async def test_after_a_click_there_is_room_for_two_pictures(chat):
    said = await chat.asks(SET, contact=Contact.EVENT)
    assert chat.seen == SHOWN[:2]
    assert said == "写真\n\n" + ZH("album-more", count=2, word="原图")


async def test_of_previews_that_do_not_fit_nothing_is_said(chat):
    assert await chat.asks(PREVIEWS) == "风格"
    assert len(chat.seen) == 4


async def test_the_album_is_one_link_under_portraits_and_nothing_else(chat):
    chat.build(album=ALBUM)
    assert await chat.asks(SET) == "写真\n\n" + ZH("album-link", url=ALBUM)
    assert await chat.asks(PREVIEWS) == "风格"


async def test_a_long_answer_is_sent_in_order_and_ends_in_the_passive_reply(chat):
    said = await chat.asks(Say(LONG + "完"))
    assert len(chat.seen) == 2
    assert "".join([*chat.seen, said]) == LONG + "完"


async def test_the_same_update_again_is_answered_with_the_same_and_sends_nothing_twice(chat):
    update = await chat.does()
    replies = [SET, Say(LONG)]
    first = await chat.outbound.answer(update, replies)
    seen = list(chat.seen)
    assert await chat.outbound.answer(update, replies) == first
    assert chat.seen == seen


@pytest.mark.parametrize(
    "error", [BudgetSpent(), NotReached("down"), ConnectionError("cut"), RetryLater(5)]
)
async def test_what_an_answer_could_not_say_is_in_the_next_one_and_no_later(chat, error):
    chat.fails("text", error)
    first = await chat.asks(Say(LONG + "完"))
    assert chat.seen == []
    update = await chat.does()
    second = await chat.outbound.answer(update, [Say("下一个")])
    assert "".join([first, *chat.seen, second]).replace("\n", "") == LONG + "完" + "下一个"
    seen = list(chat.seen)
    assert await chat.outbound.answer(update, [Say("下一个")]) == second  # WeChat had not heard it
    assert chat.seen == seen
    assert await chat.asks(Say("再下一个")) == "再下一个"


async def test_without_pictures_an_answer_still_has_its_words(chat):
    chat.fails("upload", ConnectionError("cut"))
    assert await chat.asks(PREVIEWS) == "风格\n\n" + ZH("pictures-missing")
    assert chat.seen == []


async def test_a_bill_is_a_link_or_a_code_to_scan(chat):
    bill = Invoice("绒鸭", "¥9.90", 990, Currency.CNY, "b1", "https://pay.example/1")
    assert await chat.asks(bill) == "绒鸭\n\n¥9.90\n\n" + ZH(
        "bill-link", url="https://pay.example/1"
    )
    assert chat.seen == []
    code = Invoice(
        "绒鸭", "¥9.90", 990, Currency.CNY, "b1", qr_content="weixin://wxpay/bizpayurl?pr=1"
    )
    assert await chat.asks(code) == "绒鸭\n\n¥9.90\n\n" + ZH("bill-scan")
    assert chat.seen == ["(eider-code-b1)"]


async def test_a_receipt_stands_below_what_is_said_of_pictures(chat):
    """It came between them, and is not about them; what is answered stands last."""
    receipt = Say("receipt", tone=Tone.RECEIPT)
    await chat.asks()
    await chat.news(receipt, Show(PORTRAITS[:1], "your portraits\n\n1 More"))
    assert chat.phones["ada"].seen[-1] == "your portraits\n\nreceipt\n\n1 More"


async def test_a_deep_link_is_a_code_to_hand_on(chat):
    invitation = Say("叫上朋友", ((Button("我的邀请", start="r-abc"),),))
    assert await chat.asks(invitation) == "叫上朋友\n\n" + ZH("link-scan", days=30)
    assert chat.seen == ["(eider-code-r-abc)"]
    chat.fails("qrcode", RetryLater(60))
    assert await chat.asks(invitation) == "叫上朋友\n\n" + ZH("pictures-missing")


async def test_an_answer_that_came_too_late_is_a_message_or_waits(chat):
    await chat.does()
    await chat.outbound.say("ada", "晚了")
    await chat.outbound.say("ada", "晚了")
    assert chat.seen == ["晚了", "晚了"]
    chat.clock.forward(hours=49)
    await chat.outbound.say("ada", "更晚")
    assert await chat.asks(Say("新的")) == "更晚\n\n新的"


# News


async def test_news_go_out_as_one_text_and_leave_a_message(chat):
    chat.build(album=ALBUM)
    await chat.does()
    assert await chat.news(Say("好了"), SET, RECEIPT)
    assert chat.seen[:3] == SHOWN[:3]
    link = ZH("album-link", url=ALBUM)
    assert chat.seen[3:] == [f"好了\n\n写真\n\n退款\n\n{ZH('album-rest', count=1)}\n\n{link}"]
    assert (await chat.budget.allowance("ada")).left == 1


async def test_without_an_album_portraits_may_take_the_last_message_too(chat):
    await chat.does()
    assert await chat.news(SET)
    assert chat.seen == [*SHOWN, "写真"]
    await chat.does()
    await chat.news(Say("好了"))
    assert await chat.news(SET)
    assert chat.seen[6:] == [*SHOWN[:3], "写真\n\n" + ZH("album-more", count=1, word="原图")]


async def test_after_a_payment_all_of_it_is_shown(chat):
    await chat.does()
    await chat.does(Contact.PAYMENT)
    for first in (True, False, False):
        assert await chat.news(SET)
        assert await chat.news(SAMPLE) is first, "progress is no news a second time"
        assert not await chat.news(PROGRESS)
    portraits = [*SHOWN, "写真"]
    assert chat.seen == [*portraits, "(eider-sample-1)", "试拍", *portraits, *portraits]
    assert len(chat.phones.uploads) == 4 + 1  # of a sample nothing is kept


async def test_progress_costs_no_message_and_whoever_asks_is_told(chat):
    await chat.does()
    assert not await chat.news(PROGRESS)
    assert not await chat.news(SAMPLE)  # a picture and its words would leave too little
    assert chat.seen == []
    assert await chat.asks(PROGRESS) == "40%"
    chat.clock.forward(hours=49)
    assert not await chat.news(PROGRESS)


async def test_a_standstill_is_news_but_never_takes_the_last_message(chat):
    await chat.does()
    assert await chat.news(HALTED)
    left = (await chat.budget.allowance("ada")).left
    for _ in range(left - 1):
        await chat.news(Say("一般"))
    with pytest.raises(WaitsForContact):
        await chat.news(HALTED)
    assert (await chat.budget.allowance("ada")).left == 1
    assert chat.seen.count("停了") == 1


async def test_progress_beside_news_is_told_with_them(chat):
    await chat.does()
    assert await chat.news(Say("一般"), PROGRESS)
    assert chat.seen == ["一般\n\n40%"]


async def test_the_last_message_is_for_what_matters(chat):
    await chat.does()
    for number in range(4):
        assert await chat.news(Say(f"{number}"))
    with pytest.raises(WaitsForContact):
        await chat.news(Say("一般"))
    assert await chat.news(RECEIPT)
    with pytest.raises(WaitsForContact):
        await chat.news(RECEIPT)
    assert chat.seen == ["0", "1", "2", "3", "退款"]
    assert chat.phones.refused == []


async def test_long_news_go_on_at_the_next_contact_where_they_stopped(chat):
    """Whoever keeps them brings them again, as they were."""
    await chat.does()
    for number in range(3):
        await chat.news(Say(f"{number}", tone=Tone.RECEIPT))
    news = [Say(LONG, tone=Tone.RECEIPT)]
    with pytest.raises(WaitsForContact):
        await chat.news(*news)
    await chat.does()
    assert await chat.news(*news)
    assert "".join(chat.seen[3:]) == LONG
    assert await chat.news(*news)  # another time it is another delivery
    assert "".join(chat.seen[3:]) == LONG * 2


@pytest.mark.parametrize("call", ["upload", "image", "text"])
@pytest.mark.parametrize("error", [ConnectionError("cut"), RetryLater(5), AddressNotAllowed()])
async def test_a_delivery_that_broke_off_goes_on_and_shows_nothing_twice(chat, call, error):
    await chat.does()
    await chat.does(Contact.PAYMENT)
    chat.fails(call, error)
    with pytest.raises(type(error)):
        await chat.news(SET, Say(LONG))
    assert await chat.news(SET, Say(LONG))
    assert chat.seen[:4] == SHOWN
    assert "".join(chat.seen[4:]).replace("\n", "") == "写真" + LONG


@pytest.mark.parametrize(
    ("error", "reached", "left"),
    [
        (NotReached("down"), False, 5), (ApiRefused(45002), False, 5), (Unreachable(), False, 5),
        (AddressNotAllowed(), False, 5),
        (ConnectionError("cut"), False, 4), (ConnectionError("cut"), True, 4),
        (RetryLater(5), False, 4),
        (BudgetSpent(), False, 0),
    ],
)  # fmt: skip
async def test_only_what_surely_was_not_sent_is_given_back(chat, error, reached, left):
    await chat.does()
    chat.fails("text", error, reached=reached)
    with pytest.raises((WaitsForContact, type(error))):
        await chat.news(RECEIPT)
    assert (await chat.budget.allowance("ada")).left == left


async def test_a_refusal_of_wechats_closes_the_budget_and_is_not_asked_for_again(chat):
    """45047 or 45015 though we counted: another program sent as well."""
    await chat.does()
    for _ in range(5):
        await chat.phones.send_text("ada", "another program's")
    for _ in range(3):
        with pytest.raises(WaitsForContact):
            await chat.news(RECEIPT)
    assert chat.phones.refused == ["45047"]
    await chat.does()
    assert await chat.news(RECEIPT)


async def test_a_picture_that_wechat_has_forgotten_is_uploaded_again(chat):
    await chat.does()
    await chat.asks(SET)
    chat.phones.media.clear()
    assert await chat.asks(SET) == "写真"
    assert chat.seen == SHOWN * 2


async def test_somebody_away_gets_one_template_message_for_what_matters(chat):
    chat.build(album=ALBUM, template_id="T1")
    await chat.does()
    chat.clock.forward(hours=49)
    with pytest.raises(WaitsForContact):
        await chat.news(Say("一般"))
    assert chat.phones["ada"].templates == []
    for news in (SET, RECEIPT, SET):
        with pytest.raises(WaitsForContact):
            await chat.news(news)
    told = {"template": "T1", "url": ALBUM, "thing1": ZH("waits-portraits")}
    assert chat.phones["ada"].templates == [told]
    await chat.does()
    chat.clock.forward(hours=49)
    chat.fails("template", RetryLater(5))
    with capture_logs() as logged, pytest.raises(WaitsForContact):
        await chat.news(RECEIPT)
    assert [one["event"] for one in logged] == ["wechat_template_not_sent"]
    assert chat.seen == []
    assert chat.phones.refused == []


async def test_without_a_template_nothing_is_sent_to_somebody_away(chat):
    with pytest.raises(WaitsForContact):
        await chat.news(SET)
    assert chat.phones["ada"].templates == []


async def test_nothing_of_an_erased_person_stays_but_a_count_that_ends(chat, redis_keys):
    await chat.asks(SET)
    await chat.outbound.forget("ada", datetime.now(UTC))
    assert not any("ada" in key for key in await redis_keys(chat))
    assert await chat.news(RECEIPT)  # the last receipt


@pytest.fixture
def redis_keys():
    async def keys(chat: Chat) -> list[str]:
        return [key.decode() for key in await chat.redis.keys("*")]

    return keys


@pytest.mark.parametrize("call", ["text", "image", "template"])
async def test_no_error_and_no_log_names_a_person(chat, call):
    chat.build(template_id="T1")
    await chat.does()
    chat.fails(call, ConnectionError("cut"))
    with capture_logs() as logged:
        await chat.asks(SET, Say(LONG))
    assert "ada" not in str(logged)


async def test_a_payment_that_was_booked_opens_the_budget(chat):
    """Nobody tells the chat of it: whoever sends asks when they paid last."""
    await chat.does()
    chat.phones["ada"].contacted(Contact.PAYMENT, chat.clock())
    chat.build(paid=chat.clock())
    for _ in range(3):
        assert await chat.news(SET)
    assert chat.seen == [*SHOWN, "写真"] * 3
    assert (await chat.budget.allowance("ada")).left is None
    chat.clock.forward(hours=48)
    with pytest.raises(WaitsForContact):
        await chat.news(SET)
    assert chat.phones.refused == []


async def test_of_two_sets_all_is_said_once_and_whose_the_choices_are(chat):
    chat.build(album=ALBUM)
    await chat.does()
    assert await chat.news(SET, Show(PORTRAITS, "写真\n\n1 更像我"), Say("写真"))
    said = chat.seen[-1].split("\n\n")
    assert said.count(ZH("album-link", url=ALBUM)) == 1
    assert said[-3:] == [ZH("album-link", url=ALBUM), ZH("sets-last"), "1 更像我"]
    assert ZH("album-rest", count=5) in said
