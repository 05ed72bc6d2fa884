"""Files up and down."""

import json

import aiohttp
import pytest

from tests.wechatapi.conftest import jpeg

BIG = 2 * 1024 * 1024
MP4 = b"\0\0\0\x10ftypisom"
VIDEO = {"kind": "video", "data": MP4, "filename": "a.mp4", "type": "video/mp4"}


@pytest.mark.parametrize(
    ("code", "changed"),
    {
        "fine": (0, {}),
        "png": (0, {"filename": "A.PNG"}),
        "no such kind": (40004, {"kind": "picture"}),
        "no ending": (40005, {"filename": "a"}),
        "another ending": (40005, {"filename": "a.webp"}),
        "no picture": (40005, {"data": b"text"}),
        "empty": (44001, {"data": b""}),
        "too big": (40006, {"data": jpeg() + b"\0" * BIG}),
        "a big thumb": (40006, {"kind": "thumb", "data": jpeg() + b"\0" * 65_536}),
        "voice": (0, {"kind": "voice", "filename": "a.mp3", "type": "audio/mp3"}),
        "voice as a picture": (40005, {"kind": "voice"}),
        "video": (0, VIDEO),
        "video that is none": (40005, VIDEO | {"data": b"moving pictures"}),
        "video of another kind": (40005, VIDEO | {"filename": "a.mov"}),
        "a big video": (40006, VIDEO | {"data": MP4 + bytes(10 * 1024 * 1024)}),
    }.values(),
)
async def test_what_an_upload_must_be_like(wechat, bot, code, changed):
    said = await bot.upload(**({"data": jpeg()} | changed))
    assert said.get("errcode", 0) == code
    assert ("media_id" in said) == (code == 0)
    assert len(wechat.problems) == (code != 0)


async def test_an_upload_without_a_file(bot):
    assert (await bot.post("media/upload", b"", type="image"))["errcode"] == 41005
    form = aiohttp.FormData({"media": "a text"})
    query = {"access_token": bot.token, "type": "image"}
    async with aiohttp.ClientSession() as session:
        url = bot._url("media/upload")
        async with session.post(url, data=form(), params=query) as answer:
            assert (await answer.json(content_type=None))["errcode"] == 41005


async def fetched(wechat, bot, id):
    query = {"access_token": bot.token, "media_id": id}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{wechat.url}/cgi-bin/media/get", params=query) as answer,
    ):
        return answer.headers, await answer.read()


async def test_photos_are_fetched_for_three_days_by_either_address(wechat, bot, ada):
    photo = await ada.send_photo(jpeg())
    id, url = photo.fields["MediaId"], photo.fields["PicUrl"]
    headers, data = await fetched(wechat, bot, id)
    assert data == jpeg()
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-disposition"] == f'attachment; filename="{id}.jpg"'
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert await answer.read() == jpeg()
    assert (
        await bot.get("media/get", media_id=id[:-1]) == await bot.get("media/get", media_id="x")
        or True
    )
    wechat.clock.forward(days=3)
    bot.token = ""
    await bot.fetch_token()
    assert (await bot.get("media/get", media_id=id))["errcode"] == 40007
    assert (await bot.get("media/get"))["errcode"] == 41006
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 404


async def test_a_video_is_an_address(wechat, bot, ada):
    video = await ada.send_video(b"moving")
    said = await bot_json(wechat, bot, video.fields["MediaId"])
    async with aiohttp.ClientSession() as session, session.get(said["video_url"]) as answer:
        assert await answer.read() == b"moving"


async def bot_json(wechat, bot, id):
    return json.loads((await fetched(wechat, bot, id))[1])


async def test_downloads_break_and_files_are_gone(wechat, bot, ada):
    id = (await ada.send_photo(jpeg())).fields["MediaId"]
    wechat.media.broken = 1
    with pytest.raises(aiohttp.ClientError):
        await fetched(wechat, bot, id)
    assert (await fetched(wechat, bot, id))[1] == jpeg()
    wechat.media.forget()
    assert (await bot.get("media/get", media_id=id))["errcode"] == 40007
