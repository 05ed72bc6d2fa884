"""The Chinese dialogue as it stands on a phone in WeChat, whole: pleasant without a button."""

import re
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.choices import number_in
from handlers.chat import Said, SentPhoto
from handlers.texts import texts
from shop.people.users import LANGUAGES
from tests.bot.wechat.phone import Phone
from tests.bot.wechat.read_aloud import TO_BILL, TO_PORTRAITS, walk
from tests.bot.wechat.studio import WechatStudio

ZH = texts("zh_CN")
PHOTO = r"\(eider-.*\)"


@pytest.fixture
async def studio(valkey, tmp_path):
    async with Redis.from_url(valkey) as redis:
        studio = WechatStudio(tmp_path, redis)
        yield studio
        await studio.till.close()


async def no_photo(reserve: object) -> bytes:
    """It is not to be fetched where it is refused."""
    raise AssertionError


def words(phone: Phone) -> list[str]:
    return [seen for seen in phone.seen if not re.fullmatch(PHOTO, seen)]


async def test_the_whole_way_reads_well_and_keeps_to_the_budget(studio):
    guest = await walk(studio)
    phone = studio.phones[guest.name]
    assert studio.phones.refused == []
    assert phone.templates == []
    for said in words(phone):
        assert not re.search("按钮|点下面|点“|按一下", said), said
        assert not re.search(r"(?<![\w/])/[a-z]", said), said  # a command
        assert "Telegram" not in said
        assert "星" not in said
        # Not an order, whose number may be eight digits by chance.
        numbers = [line for line in said.splitlines() if re.match(r"\d{1,2} \S", line)]
        given = [number_in(line.partition(" ")[0]) for line in numbers]
        assert given == sorted(set(given)), said
        assert len(given) <= 9, said
    assert "又看了一遍" in words(phone)[-1]


async def test_one_thing_is_said_once_and_in_few_messages(studio):
    """Twenty photos, a payment and a training: what may cost a message, and how many."""
    guest = studio.customer()
    await studio.play(guest, TO_BILL + TO_PORTRAITS)
    phone = studio.phones[guest.name]
    amount = ZH.money(990, studio.till.currency)
    assert sum(ZH("paid", amount=amount) in said for said in phone.seen) == 1
    assert sum("40%" in said for said in phone.seen) == 1  # asked for
    assert sum("第一组写真：" in said for said in phone.seen) == 1
    # Since they asked for the progress: the avatar, three of four portraits, and what they are.
    shown = [bool(re.fullmatch(PHOTO, one)) for one in phone.seen[-5:]]
    assert shown == [False, True, True, True, False]
    assert (await studio.budget.allowance(guest.name)).left == 0


async def test_a_number_is_the_choice_of_the_last_message_that_offered_one(studio):
    guest = studio.customer()
    await studio.play(
        guest,
        """
        > 你好
        < 1 拍我的写真
        > 语言
        < 2 English
        > 二、
        < All right, English it is.
        < 1 Portraits of me
        > 7
        < No choice has that number.
        < 1 Portraits of me
        > 4
        < Which language shall we speak?
        > 中文
        < 好，以后我说中文。
        """,
    )


async def test_a_menu_click_is_answered_like_the_words(studio):
    guest = studio.customer()
    await studio.type(guest, "你好")
    for action, said in (
        ("credits", "你有 0 点"),
        ("help", "看到带数字的选项"),
        ("terms", "说白话"),
    ):
        await studio.click(guest, action)
        assert said in guest.text
    await studio.click(guest, "language")
    await studio.press(guest, "English")
    assert "English it is" in guest.text


async def test_an_answer_to_photos_that_comes_late_takes_no_number_from_the_terms(studio):
    """A photo, and a word before it is answered: the terms stand below, and "1" must not agree to
    them while the phone shows something else, nor do something else while it shows them."""
    guest = studio.customer()
    await studio.type(guest, "你好")
    studio.held = late = []
    await studio.send(guest, SentPhoto(no_photo))
    at, studio.held = studio.now.replace(microsecond=0), None
    studio.now += timedelta(seconds=2)
    await studio.press(guest, "拍我的写真")
    assert "1 可以，我已成年" in guest.text
    await studio.adapter.send_late(studio.outbound, guest.name, late, (), at)
    last = studio.phones[guest.name].seen[-1]
    assert "没有打开" in last
    assert not re.search(r"^\d ", last, re.MULTILINE), "its screen is another's now"
    await studio.type(guest, "1")
    assert "同意我用你发来的照片" in guest.text


async def test_choices_begin_at_1_where_nothing_else_is_read(studio):
    """A photo in the studio, a payment, a set: what the phone shows is all there is to answer."""
    guest = studio.customer()
    await studio.play(guest, TO_BILL + "[在聊天里付款]\n< 1 看看进度\n* a worker trains")
    studio.now += timedelta(minutes=5)
    await studio.play(guest, "* the avatar is made")
    studio.now += timedelta(minutes=2)
    await studio.play(guest, "* the portraits are painted\n< 1 更像我")
    studio.now += timedelta(seconds=5)
    await studio.photos(guest, 1)
    assert "不用再发照片" in guest.text
    assert re.findall(r"^\d+ ", guest.text, re.MULTILINE)[0] == "1 "
    await studio.play(
        guest, "> 更像我\n< 8 点\n> 1\n* the portraits are painted\n< 更像我\n< 更好看"
    )
    menu = studio.phones[guest.name].seen[-1].splitlines()
    labels = [line.partition(" ")[2] for line in menu if re.match(r"\d+ \S", line)]
    assert labels[:2] == ["更像我 · 8 点", "更好看 · 8 点"]


async def test_who_erases_nothing_is_told_of_no_credits(studio):
    guest = studio.customer()
    await studio.play(guest, "> 你好\n> 全部删除\n< 谁也恢复不了。先把想留的写真存好。\n! 作废")
    await studio.play(guest, "> 留着")
    await studio.play(guest, TO_BILL + TO_PORTRAITS + "> 全部删除\n< 点也会作废。先把")


async def test_before_paying_people_look_at_who_is_on_their_photos_once(studio):
    guest = studio.customer()
    await studio.play(guest, TO_BILL)
    told = [said for said in studio.phones[guest.name].seen if "都是你本人" in said]
    assert len(told) == 1
    assert "¥9.90" in told[0]


async def test_an_invitation_is_a_code_to_forward(studio):
    guest = studio.customer()
    await studio.play(guest, "> 你好\n> 邀请\n< 长按它，转发给朋友\n! 点下面")
    assert re.fullmatch(PHOTO, studio.phones[guest.name].seen[-2])


async def test_limits_are_told_in_words_that_can_be_typed(studio):
    guest = studio.customer()
    for _ in range(63):
        await studio.callback(guest, Said("你好"))
        studio.now -= timedelta(seconds=1)
    said = studio.phones[guest.name].seen[-1]
    assert "“取消”" in said
    assert "“全部删除”" in said


async def test_after_a_set_was_shown_again_its_choices_are_offered(studio):
    guest = studio.customer()
    await studio.play(guest, TO_BILL + TO_PORTRAITS)
    await studio.play(guest, "> 再看这一组\n< 更像我\n< 换风格")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("多少钱", "¥9.90"), ("人工", "联系不到工作人员"), ("人工客服", "联系不到工作人员"),
        ("好了吗", "绒鸭"), ("完成了", "绒鸭"),
    ],
)  # fmt: skip
async def test_what_people_ask_is_understood(studio, said: str, heard: str):
    guest = studio.customer()
    await studio.play(guest, f"> 你好\n> {said}\n< {heard}\n! {ZH('odd-text')}")


async def test_a_photo_sent_as_a_file_is_asked_for_as_a_photo(studio):
    guest = studio.customer()
    await studio.play(guest, f"> 你好\n+ file\n< {ZH('odd-file-pictures')}")


async def test_the_album_is_one_picture_within_the_budget_and_numbers_are_typed(studio):
    guest = studio.customer()
    await studio.play(guest, TO_BILL)
    phone = studio.phones[guest.name]
    answer = phone.seen[-2:]
    assert [bool(re.fullmatch(r"\(eider-album-.*\)", one)) for one in answer] == [True, False]
    assert "这些都是你本人吗？能用的有 20 张" in answer[1]
    assert "去付款" in answer[1]
    await studio.play(
        guest,
        """
        > 拿掉 3 和 7
        < 第 3和7 张拿掉了
        < 哪几张不是你？
        > 没有这样的话 3
        ! 拿掉了
        """,
    )
    assert studio.phones.refused == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_photos_unlike_the_rest_are_named_and_taken_out_by_a_number(studio, language):
    """Eight marks, two people: within a message's bytes, in every language."""
    guest, say = studio.customer(), texts(language)
    await studio.play(guest, TO_BILL)
    await studio.type(guest, say("language-name"))
    studio.odd = set(range(11, 19))
    await studio.send_action(guest, "compare")
    assert say("compare-button-yes") in guest.text
    await studio.send_action(guest, "agree:compare_photos")
    await studio.play(guest, "* the photos are compared")
    numbers = say.listing([str(one) for one in range(11, 19)])
    assert say("faces-marked", numbers=numbers, count=8, two="yes") in guest.text
    await studio.play(guest, f"> {say('faces-button-marked')}")
    assert say("faces-alike") in guest.text
    assert studio.phones.refused == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_stranger_s_samples_are_one_message_and_leave_room(studio, language):
    """Also for the same stranger again: WeChat has the sheet already."""
    guest = studio.customer()
    await studio.type(guest, "你好")
    await studio.type(guest, texts(language)("language-name"))
    phone = studio.phones[guest.name]
    for _ in range(2):
        before = len(phone.sent)
        await studio.type(guest, "/start")
        [sheet, words] = phone.seen[-2:]
        assert sheet == f"(eider-preview-first-{language}-person)"
        assert len(phone.sent) == before + 1
        assert texts(language)("welcome-samples") in words
        assert words.splitlines()[-4].startswith("1 ")
        assert len(words.encode()) <= 2048
    assert len(studio.phones.uploads) == len({"zh_CN", language})
