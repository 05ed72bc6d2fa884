"""The hostile requests: a careful bot refuses each, a careless one is found out."""

import hmac
import time
import xml.etree.ElementTree as ET

import aiohttp
import pytest
from aiohttp import web
from wechatpy import parse_message

from tests.wechatapi import Account, Person, Wechat, serving
from tests.wechatapi.conftest import hosted
from tests.wechatapi.control import Control
from tests.wechatapi.crypto import Broken, sign
from tests.wechatapi.hostile import LARGE, attacks
from tests.wechatapi.test_libraries import wechatpy_bot


def careful(account, worked):
    """A bot that does what the documentation says, and no more."""

    async def handle(request):
        body = await request.read()
        query = request.query
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not stamp.isdecimal() or abs(time.time() - int(stamp)) > 300 or not nonce:
            raise web.HTTPForbidden
        if account.mode != "plain" and query.get("encrypt_type") != "aes":
            raise web.HTTPForbidden
        if len(body) >= LARGE:
            raise web.HTTPRequestEntityTooLarge(LARGE, len(body))
        if account.mode == "plain":
            require(query.get("signature", ""), account.token, stamp, nonce)
        try:
            root = parsed(body)
            if account.mode != "plain":
                sealed = root.findtext("Encrypt") or ""
                require(query.get("msg_signature", ""), account.token, stamp, nonce, sealed)
                root = parsed(account.sealer().open(sealed))
            if int(root.findtext("CreateTime", "")) and root.findtext("FromUserName"):
                worked.append(root.find("MsgType").text)
        except (Broken, ET.ParseError, UnicodeDecodeError, ValueError, AttributeError):
            raise web.HTTPBadRequest from None
        if not root.findtext("FromUserName"):
            raise web.HTTPBadRequest
        return web.Response(text="success")

    return handle


def require(given, *parts):
    if not hmac.compare_digest(given, sign(*parts)):
        raise web.HTTPForbidden


def parsed(body):
    if b"<!DOCTYPE" in body:
        raise ET.ParseError
    return ET.fromstring(body.decode())


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_a_careful_bot_refuses_them_all_and_works_at_none(mode):
    worked = []
    async with (
        serving(Wechat(Account(mode=mode))) as wechat,
        hosted(careful(wechat.account, worked)) as wechat.callbacks.url,
    ):
        told = {}
        for attack in attacks(wechat, "oAda"):
            attempt = await wechat.callbacks.raw(attack.body, attack.query)
            assert attack.name not in told
            told[attack.name] = attempt.status
        assert set(told.values()) <= {400, 403, 413}, told
        assert worked == []
        await Person(wechat).follow()
        assert worked == ["event"]
        assert wechat.problems == []
    assert len(told) >= {"plain": 20, "compatible": 22, "safe": 32}[mode]


async def test_a_careless_bot_is_found_out():
    """wechatpy's own guide: several attacks end in errors that nobody caught."""
    async with serving(Wechat()) as wechat:
        heard = lambda message: parse_message(b"<xml></xml>")  # noqa: E731
        async with hosted(wechatpy_bot(wechat, heard)) as wechat.callbacks.url:
            statuses = [
                (await wechat.callbacks.raw(attack.body, attack.query)).status
                for attack in attacks(wechat, "oAda")
            ]
    assert 500 in statuses


async def test_by_json(wechat, site):
    site.answer = lambda request, body: web.Response(status=403)
    async with (
        serving(wechat, more=Control(wechat).routes()),
        aiohttp.ClientSession(wechat.url) as session,
        session.post("/control/attacks") as answer,
    ):
        told = (await answer.json())["result"]
    assert set(told.values()) == {403}
    assert len(told) == len(site.asked)
