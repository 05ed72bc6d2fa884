"""Two bots by libraries that others wrote: what they say and understand, over the double."""

import asyncio
import io

import pytest
from aiohttp import web
from wechatpy import WeChatClient, create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatClientException
from wechatpy.replies import ArticlesReply, ImageReply
from wechatpy.utils import check_signature
from werobot import WeRoBot

from tests.wechatapi import BANNER, Account, Person, Wechat, serving
from tests.wechatapi.conftest import hosted, jpeg

MODES = ("plain", "compatible", "safe")


@pytest.fixture(params=MODES)
async def account(request):
    async with serving(Wechat(Account(mode=request.param))) as wechat:
        yield wechat


def wechatpy_bot(wechat, answer):
    """The handler that wechatpy's own guide has; ``answer`` makes a reply of a message."""
    account = wechat.account
    crypto = WeChatCrypto(account.token, account.aes_key, account.app_id)

    async def handle(request):
        query = request.query
        check_signature(account.token, query["signature"], query["timestamp"], query["nonce"])
        if "echostr" in query:
            return web.Response(text=query["echostr"])
        body = await request.read()
        enciphered = query.get("encrypt_type") == "aes"
        if enciphered:
            stamps = (query["msg_signature"], query["timestamp"], query["nonce"])
            body = crypto.decrypt_message(body, *stamps)
        reply = answer(parse_message(body)).render()
        if enciphered and reply:
            reply = crypto.encrypt_message(reply, query["nonce"], query["timestamp"])
        return web.Response(text=reply, content_type="text/xml")

    return handle


def werobot_bot(wechat, robot):
    """WeRoBot behind aiohttp."""

    async def handle(request):
        query = request.query
        stamps = (query["timestamp"], query["nonce"])
        if not robot.check_signature(*stamps, query["signature"]):
            return web.Response(status=403)
        if "echostr" in query:
            return web.Response(text=query["echostr"])
        message = robot.parse_message(await request.read(), *stamps, query.get("msg_signature", ""))
        return web.Response(text=robot.get_encrypted_reply(message), content_type="application/xml")

    return handle


async def test_wechatpy_talks(account):
    picture = account.media.keep("image", jpeg(), ".jpg", by_person=False).id

    def answer(message):
        if message.type == "event":
            return create_reply(f"{message.event} {getattr(message, 'scene_id', '')}", message)
        if message.type == "image":
            return ImageReply(media_id=picture, message=message)
        if message.type == "link":
            reply = ArticlesReply(message=message)
            reply.add_article({"title": "T", "description": "D", "image": "I", "url": "U"})
            return reply
        if message.type == "text":
            return create_reply(f"{message.content}!", message)
        return create_reply("", message)

    async with hosted(wechatpy_bot(account, answer)) as account.callbacks.url:
        assert await account.callbacks.verify()
        ada = Person(account)
        told = account.qrcodes.create(
            {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "r-abc"}}}
        )
        await ada.scan(told["ticket"])
        await ada.scan(told["ticket"])
        await ada.say("你好 <&>")
        await ada.send_photo(jpeg(shade=1))
        await ada.send_link("https://x.example")
        await ada.send_voice()
        await ada.send_location()
        await ada.send_video()
    assert ada.texts() == ["subscribe_scan r-abc", "scan r-abc", "你好 <&>!", "", "T D U"]
    assert ada.pictures() == [jpeg()]
    assert account.problems == []


@pytest.mark.filterwarnings("ignore:enable_session:DeprecationWarning")
async def test_werobot_talks(account):
    its = account.account
    key = {} if its.mode == "plain" else {"encoding_aes_key": its.aes_key, "app_id": its.app_id}
    robot = WeRoBot(token=its.token, enable_session=False, **key)

    @robot.text
    def text(message):
        return f"{message.content}!"

    @robot.image
    def image(message):
        return message.img

    @robot.subscribe
    def subscribe(message):
        return f"welcome {message.source == ada.openid}"

    @robot.click
    def click(message):
        return message.key

    @robot.scan
    def scan(message):
        return [["title", "about", "img", "https://u"]]

    async with hosted(werobot_bot(account, robot)) as account.callbacks.url:
        assert await account.callbacks.verify()
        account.menu.create({"button": [{"type": "click", "name": "开始", "key": "go"}]})
        told = account.qrcodes.create(
            {"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 7}}}
        )
        ada = Person(account)
        await ada.follow()
        await ada.say("你好 ]> x")
        await ada.send_photo(jpeg())
        await ada.click("开始")
        await ada.scan(told["url"])
        await ada.send_voice()
    assert ada.texts()[:2] == ["welcome True", "你好 ]> x!"]
    assert ada.texts()[2].startswith(f"{account.url}/mmbiz_jpg/")
    assert ada.texts()[3:] == ["go", "title about https://u"]
    assert account.problems == []


async def test_what_wechatpy_does_not_escape_is_found(account):
    """Its reply writes ``]]>`` into CDATA as it is: people would get the banner."""
    handler = wechatpy_bot(account, lambda message: create_reply("a ]]> b", message))
    async with hosted(handler) as account.callbacks.url:
        ada = Person(account)
        await ada.follow()
    assert ada.texts() == [BANNER]
    assert len(account.problems) == 1


async def test_wechatpys_client_sends_uploads_and_fetches(wechat, ada):
    class Client(WeChatClient):
        API_BASE_URL = f"{wechat.url}/cgi-bin/"

        def _fetch_access_token(self, url, params):
            place = url.replace("https://api.weixin.qq.com", wechat.url)
            return super()._fetch_access_token(place, params)

    def work():
        client = Client(wechat.account.app_id, wechat.account.secret)
        for name in ("message", "media", "menu", "qrcode", "user"):
            getattr(client, name).API_BASE_URL = client.API_BASE_URL
        client.message.send_text(ada.openid, "你好")
        up = client.media.upload("image", ("a.jpg", io.BytesIO(jpeg()), "image/jpeg"))
        client.message.send_image(ada.openid, up["media_id"])
        card = {"title": "T", "description": "D", "url": "https://u", "image": "https://i"}
        client.message.send_articles(ada.openid, [card])
        client.menu.create({"button": [{"type": "click", "name": "开始", "key": "go"}]})
        code = client.qrcode.create(
            {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x"}}}
        )
        assert client.media.download(up["media_id"]).content == jpeg()
        assert client.user.get(ada.openid)["subscribe"] == 1
        wechat.tokens.revoke()
        client.message.send_text(ada.openid, "again")  # it fetches another
        with pytest.raises(WeChatClientException) as refused:
            client.message.send_text("oNobody", "x")
        return code["ticket"], refused.value.errcode

    await ada.say("一")
    ticket, code = await asyncio.to_thread(work)
    assert code == 40003
    assert wechat.qrcodes.find(ticket).scene == "x"
    assert ada.texts() == ["你好", "", "T D https://u", "again"]
    assert wechat.refusals == [
        ("message/custom/send", 40001),
        ("message/custom/send", 40003),
    ]
