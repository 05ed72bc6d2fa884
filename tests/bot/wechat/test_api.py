"""The calls to WeChat: as its rules want them, and each error as its cause demands."""

import asyncio

import pytest
from aiohttp import web
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.outbound import RetryLater, Unreachable
from bot.wechat.api import LARGEST_IMAGE, WechatApi
from bot.wechat.errors import (
    AccessTokenRefused,
    AddressNotAllowed,
    ApiRefused,
    BudgetSpent,
    WindowClosed,
)
from bot.wechat.token_store import FORCED_A_DAY
from bot.wechat.transport import LARGEST_ANSWER
from shop.errors import PhotoTooLarge
from tests.bot.wechat.account import APP_ID, SECRET, FakeWechat, open_api_of

SEND = "/cgi-bin/message/custom/send"
STABLE_TOKEN = "/cgi-bin/stable_token"
MEDIA = "/cgi-bin/media/get"
ADA = "oAda_0123456789-abcdefghijkl"


async def unbounded(size: int) -> None:
    pass


def error(code: int) -> dict[str, object]:
    return {"errcode": code, "errmsg": "some words rid: 1-2-3"}


async def test_a_text_goes_as_utf8_that_people_can_read(api: WechatApi, wechat: FakeWechat):
    await api.send_text(ADA, '你好 \U0001f600 "quoted"\n<a> & \udc00')
    (call,) = wechat.made(SEND)
    assert "你好 \U0001f600".encode() in call.body
    assert rb"\u" not in call.body
    assert call.json == {
        "touser": ADA,
        "msgtype": "text",
        "text": {"content": '你好 \U0001f600 "quoted"\n<a> & ?'},
    }
    assert call.query == {"access_token": "token-1"}


async def test_what_is_sent_has_the_form_that_wechat_wants(api: WechatApi, wechat: FakeWechat):
    await api.send_image(ADA, "media-1")
    (image,) = (call.json for call in wechat.made(SEND))
    assert image == {"touser": ADA, "msgtype": "image", "image": {"media_id": "media-1"}}
    await api.send_template(ADA, "t" * 43, "https://e.example/a", {"thing1": "Portraits"})
    (template,) = wechat.made("/cgi-bin/message/template/send")
    assert template.json["data"] == {"thing1": {"value": "Portraits"}}


async def test_an_image_is_uploaded_with_its_name_its_type_and_its_size(
    api: WechatApi, wechat: FakeWechat
):
    path = "/cgi-bin/media/upload"
    wechat.plan(path, {"type": "image", "media_id": "m-1", "created_at": 1})
    assert await api.upload_image(b"\xff\xd8jpeg", "portrait.jpg", "image/jpeg") == "m-1"
    (call,) = wechat.made(path)
    assert call.query == {"access_token": "token-1", "type": "image"}
    assert call.content_type == "multipart/form-data"
    assert b'name="media"; filename="portrait.jpg"' in call.body
    assert b"Content-Type: image/jpeg" in call.body
    with pytest.raises(ValueError, match="not an image"):
        await api.upload_image(bytes(LARGEST_IMAGE + 1), "p.jpg", "image/jpeg")
    with pytest.raises(ValueError, match="not an image"):
        await api.upload_image(b"x", "portrait", "image/jpeg")
    assert len(wechat.made(path)) == 1


async def test_media_come_whole_and_never_larger_than_asked_for(api: WechatApi, wechat: FakeWechat):
    asked = 0

    async def reserve(size: int) -> None:
        nonlocal asked
        asked += size

    photo = bytes(range(256)) * 1000
    wechat.plan(MEDIA, photo, photo, {"video_url": "http://x"}, error(40007))
    assert await api.fetch_media("m-1", reserve, len(photo)) == photo
    assert asked == len(photo)
    with pytest.raises(PhotoTooLarge):
        await api.fetch_media("m-1", unbounded, len(photo) - 1)
    for _ in range(2):
        with pytest.raises(ApiRefused, match="40007"):
            await api.fetch_media("m-1", unbounded, 1 << 20)


async def test_media_without_a_length_end_where_they_are_too_large(
    api: WechatApi, wechat: FakeWechat
):
    def chunked() -> web.Response:
        answer = web.Response(body=bytes(100_000), content_type="image/jpeg")
        answer.enable_chunked_encoding()
        return answer

    wechat.plan(MEDIA, chunked)
    with pytest.raises(PhotoTooLarge):
        await api.fetch_media("m-1", unbounded, 99_999)


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        (45015, WindowClosed),
        (45047, BudgetSpent),
        (43004, Unreachable),
        (48002, Unreachable),
        (40003, Unreachable),
        (-1, RetryLater),
        (45009, RetryLater),
        (45011, RetryLater),
        (40007, ApiRefused),
        (48001, ApiRefused),
    ],
)
async def test_an_error_is_what_its_cause_demands_and_the_call_is_made_once(
    api: WechatApi, wechat: FakeWechat, code, raised
):
    wechat.plan(SEND, error(code))
    with pytest.raises(raised) as caught:
        await api.send_text(ADA, "hello")
    assert getattr(caught.value, "code", code) == code
    assert len(wechat.made(SEND)) == len(wechat.made(STABLE_TOKEN)) == 1


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (lambda: web.Response(status=502), RetryLater),
        (lambda: web.Response(status=404), ConnectionError),
        (lambda: web.Response(status=302, headers={"Location": "/elsewhere"}), ConnectionError),
        (lambda: web.Response(text="<html>"), ConnectionError),
        (lambda: web.Response(text="[]"), ConnectionError),
        (lambda: web.Response(body=b"{" + bytes(LARGEST_ANSWER)), ConnectionError),
        (lambda: web.Response(text='{"errcode": "x"}'), RetryLater),
    ],
)
async def test_what_is_no_answer_is_an_outage(api: WechatApi, wechat: FakeWechat, answer, raised):
    wechat.plan(SEND, answer)
    with pytest.raises(raised) as caught:
        await api.send_text(ADA, "hello")
    assert len(wechat.made(SEND)) == 1
    assert not wechat.made("/elsewhere")
    assert "token-1" not in repr(caught.value)


async def test_wechat_out_of_reach_is_said_without_the_address(valkey: str):
    async with Redis.from_url(valkey) as redis, open_api_of("http://127.0.0.1:9", redis) as api:
        with pytest.raises(ConnectionError) as caught:
            await api.oauth_openid("code")
    shown = f"{caught.value!r} {caught.value.__cause__!r}"
    assert SECRET not in shown
    assert caught.value.__suppress_context__


async def test_a_code_gives_an_openid_once(api: WechatApi, wechat: FakeWechat):
    path = "/sns/oauth2/access_token"
    wechat.plan(path, {"access_token": "t", "openid": ADA, "scope": "snsapi_base"}, error(40163))
    assert await api.oauth_openid("c0de") == ADA
    assert wechat.made(path)[0].query == {
        "appid": APP_ID, "secret": SECRET, "code": "c0de", "grant_type": "authorization_code",
    }  # fmt: skip
    with pytest.raises(ApiRefused, match="40163"):
        await api.oauth_openid("c0de")
    assert not wechat.made(STABLE_TOKEN)


async def test_menu_and_qr_code(api: WechatApi, wechat: FakeWechat):
    menu = {"button": [{"type": "click", "name": "写真", "key": "styles"}]}
    await api.create_menu(menu)
    (call,) = wechat.made("/cgi-bin/menu/create")
    assert call.json == menu
    assert "写真".encode() in call.body
    wechat.plan("/cgi-bin/menu/get", {"menu": menu}, error(46003))
    assert await api.get_menu() == menu
    assert await api.get_menu() == {}

    qr = "/cgi-bin/qrcode/create"
    wechat.plan(qr, *[{"ticket": "T", "url": "http://weixin.qq.com/q/x"}] * 2)
    assert await api.create_qrcode("i-abc", 60) == ("T", "http://weixin.qq.com/q/x")
    await api.create_qrcode("i-abc", 0)
    short, lasting = (call.json for call in wechat.made(qr))
    scene = {"scene": {"scene_str": "i-abc"}}
    assert short == {"action_name": "QR_STR_SCENE", "expire_seconds": 60, "action_info": scene}
    assert lasting == {"action_name": "QR_LIMIT_STR_SCENE", "action_info": scene}
    with pytest.raises(ValueError, match="scene"):
        await api.create_qrcode("x" * 65, 60)


async def test_one_token_for_many_callers_and_processes(
    wechat: FakeWechat, wechat_url: str, valkey: str
):
    async with (
        Redis.from_url(valkey) as one,
        Redis.from_url(valkey) as other,
        open_api_of(wechat_url, one) as first,
        open_api_of(wechat_url, other) as second,
    ):
        await asyncio.gather(*(api.send_text(ADA, "x") for api in [first, second] * 10))
        (call,) = wechat.made(STABLE_TOKEN)
        assert call.json == {
            "grant_type": "client_credential", "appid": APP_ID, "secret": SECRET,
            "force_refresh": False,
        }  # fmt: skip
        stored = [await one.get(key) async for key in one.scan_iter("*token*") if key]
    assert not any(b"token-1" in value for value in stored if value)


async def test_a_token_is_renewed_ahead_of_its_end_and_not_at_every_call(
    api: WechatApi, wechat: FakeWechat
):
    wechat.expires_in = 200  # WeChat has the next one, five minutes before the end
    await api.send_text(ADA, "x")
    wechat.token += 1
    await api.send_text(ADA, "x")
    assert len(wechat.made(STABLE_TOKEN)) == 1, "asked a moment ago"


async def test_near_its_end_the_next_is_taken_and_an_outage_of_that_hurts_nobody(
    api: WechatApi, wechat: FakeWechat, redis: Redis
):
    wechat.expires_in = 200
    await api.send_text(ADA, "x")
    await redis.delete(f"eider:wechat:token:{APP_ID}:asked")  # time goes by
    wechat.plan(STABLE_TOKEN, lambda: web.Response(status=500))
    await api.send_text(ADA, "x")
    wechat.token += 1
    await api.send_text(ADA, "x")
    assert [call.query["access_token"] for call in wechat.made(SEND)] == [
        "token-1", "token-1", "token-2",
    ]  # fmt: skip


async def test_a_token_that_another_program_replaced_is_fetched_without_force(
    api: WechatApi, wechat: FakeWechat
):
    await api.send_text(ADA, "x")
    wechat.token += 1
    wechat.plan(SEND, error(40001))
    await api.send_text(ADA, "y")
    assert [call.query["access_token"] for call in wechat.made(SEND)] == [
        "token-1", "token-1", "token-2",
    ]  # fmt: skip
    assert wechat.forced == 0


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_once_for_everybody_then_the_call_is_repeated(
    api: WechatApi, wechat: FakeWechat, code
):
    await api.send_text(ADA, "x")
    wechat.plan(SEND, *[error(code)] * 10)
    await asyncio.gather(*(api.send_text(ADA, "y") for _ in range(10)))
    assert wechat.forced == 1
    assert len(wechat.made(SEND)) == 21


async def test_a_token_that_stays_refused_ends_in_an_error_and_in_no_loop(
    api: WechatApi, wechat: FakeWechat
):
    wechat.plan(SEND, *[error(40001)] * 100)
    for _ in range(20):
        with pytest.raises(AccessTokenRefused):
            await api.send_text(ADA, "x")
    assert wechat.forced == 1, "again only after a while"
    assert len(wechat.made(SEND)) <= 40
    assert len(wechat.made(STABLE_TOKEN)) <= 41


async def test_forced_renewals_are_counted_over_the_day(
    api: WechatApi, wechat: FakeWechat, redis: Redis
):
    key = f"eider:wechat:token:{APP_ID}:forced"
    seconds, micros = await redis.time()
    now = seconds * 1_000_000 + micros
    hour = 3600 * 1_000_000
    past = [now - n * hour for n in range(1, FORCED_A_DAY + 1)]
    await redis.zadd(key, {str(at): at for at in past})
    wechat.plan(SEND, error(40001))
    with pytest.raises(AccessTokenRefused):
        await api.send_text(ADA, "x")
    assert wechat.forced == 0
    oldest = str(past[-1])
    await redis.zrem(key, oldest)
    await redis.zadd(key, {oldest: now - 25 * hour})
    wechat.plan(SEND, error(40001))
    await api.send_text(ADA, "x")
    assert wechat.forced == 1, "yesterday's do not count"


async def test_an_address_that_is_not_allowed_is_told_and_not_tried_again(
    api: WechatApi, wechat: FakeWechat
):
    wechat.plan(STABLE_TOKEN, error(40164))
    with capture_logs() as logs, pytest.raises(AddressNotAllowed, match="allow-list"):
        await api.send_text(ADA, "x")
    assert len(wechat.calls) == 1
    (line,) = [one for one in logs if one["event"] == "wechat_address_not_allowed"]
    assert line["repeats"], "once a minute, see shop.logs"


@pytest.mark.parametrize("code", [40013, 40125, 40001])
async def test_a_wrong_secret_is_the_operators_to_mend(api: WechatApi, wechat: FakeWechat, code):
    wechat.plan(STABLE_TOKEN, error(code))
    with pytest.raises(AccessTokenRefused, match="EIDER_WECHAT_SECRET"):
        await api.send_text(ADA, "x")
    assert len(wechat.calls) == 1
