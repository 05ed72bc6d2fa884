"""Clips in WeChat: one message of the budget each; what does not fit plays on the album page."""

import pytest
from redis.asyncio import Redis

from bot.fitting import adapt
from bot.outbound import WaitsForContact
from bot.wechat.api import LARGEST_VIDEO
from bot.wechat.outbound import CAPABILITIES
from handlers.chat import ClipFile, Say, ShowClip, Tone
from tests.bot.wechat.test_media import drawn
from tests.bot.wechat.test_outbound import ALBUM, SET, Chat

JPEG = drawn("JPEG", 16)
MP4 = b"\0\0\0\x10ftypisom"


def clip(id: str = "c1", size: int = 0) -> ClipFile:
    return ClipFile(id, MP4 + bytes(size), JPEG, 720, 540, 5.0)


READY = ShowClip(clip(), "“点头”，是你的了。")


@pytest.fixture
async def chat(valkey, clock):
    async with Redis.from_url(valkey) as redis:
        yield Chat(redis, clock)


async def test_a_clip_is_a_message_and_its_words_another(chat):
    await chat.does()
    assert await chat.news(READY)
    assert chat.seen == ["[eider-c1]", "“点头”，是你的了。"]
    assert (await chat.budget.allowance("ada")).left == 3


async def test_in_an_answer_its_words_are_the_passive_reply(chat):
    assert await chat.asks(READY) == "“点头”，是你的了。"
    assert chat.seen == ["[eider-c1]"]
    assert (await chat.budget.allowance("ada")).left == 4


async def test_a_clip_shown_again_is_not_uploaded_again(chat):
    for _ in range(2):
        await chat.does()
        await chat.news(READY)
    assert chat.phones.uploads == ["eider-c1.mp4"]


async def test_where_there_is_room_for_words_alone_they_say_where_it_plays(chat):
    chat.build(album=ALBUM)
    await chat.does()
    for word in "一二三四":
        await chat.news(Say(word, tone=Tone.RECEIPT))  # one message is left
    assert await chat.news(READY)
    assert chat.seen[-1] == f"“点头”，是你的了。\n\n视频在相册里放：{ALBUM}"
    assert "[eider-c1]" not in chat.seen
    with pytest.raises(WaitsForContact):
        await chat.news(READY)


async def test_a_clip_that_is_too_large_is_shown_as_its_first_frame_and_plays_in_the_album(chat):
    chat.build(album=ALBUM)
    (large,) = adapt([ShowClip(clip(size=LARGEST_VIDEO), "大")], CAPABILITIES)
    await chat.does()
    assert await chat.news(large)
    assert chat.seen == ["(eider-poster-c1)", f"大\n\n视频在相册里放：{ALBUM}"]


async def test_without_an_album_it_can_be_asked_for(chat):
    (large,) = adapt([ShowClip(clip(size=LARGEST_VIDEO), "大")], CAPABILITIES)
    await chat.does()
    await chat.news(large)
    assert chat.seen[-1] == "大\n\n视频没发出来，回复“视频”再要一次。"


async def test_portraits_and_a_clip_are_told_apart(chat):
    chat.build(album=ALBUM)
    await chat.does()
    await chat.news(SET, READY)
    assert "视频在相册里放" in chat.seen[-1]
    assert "全部写真和原图在相册里" in chat.seen[-1]


async def test_the_moving_samples_are_no_clip_of_theirs(chat):
    chat.build(album=ALBUM)
    samples = ShowClip(clip("preview:motions"), "想让它怎么动？")
    await chat.does()
    await chat.news(samples)
    assert chat.seen == ["[eider-preview-motions]", "想让它怎么动？"]
