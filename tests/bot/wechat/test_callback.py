"""``/wechat``: WeChat's own posts are taken in once and answered; nobody else's do anything."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xmltodict
from aiohttp import ClientSession, web
from redis.asyncio import Redis
from structlog.testing import capture_logs
from wechatpy.crypto import PrpCrypto
from werobot.crypto import MessageCrypt

from bot.state.limiter import RedisLimiter
from bot.web.client_address import TRUSTED_PROXIES
from bot.web.middleware import ALLOWED_HOSTS, admit, guard, harden
from bot.wechat import processor
from bot.wechat.callback import LARGEST, PATH, TOLERATED_SECONDS, Callback
from bot.wechat.envelope import Envelope
from bot.wechat.nonces import Nonces
from bot.wechat.photo_queue import PHOTO, PhotoQueue
from bot.wechat.processor import CallbackProcessor
from handlers.chat import Left, Pressed, Said, Say, SentOther
from shop import inbox
from shop.adapters.memory import MemoryDatabase
from shop.encryption import KeyedHash
from shop.records import OutboxMessage
from tests.bot.wechat.account import AES_KEY, APP_ID, TOKEN
from tests.bot.wechat.doubles import Mouth, Scribe
from tests.bot.wechat.posting import (
    ACCOUNT,
    ADA,
    NOW,
    Poster,
    event,
    image,
    signature,
    text,
    xml_of,
)
from tests.keys import MASTER_KEY
from tests.redis_server import RedisServer

MODES = ("plain", "compatible", "safe")


@dataclass
class Shop:
    """The route of one process, and what stands behind it."""

    scribe: Scribe
    mouth: Mouth
    queue: PhotoQueue
    redis: Redis
    http: ClientSession
    stack: AsyncExitStack
    contacts: list[str]

    async def open(self, mode: str, patience: float = 4.3) -> Poster:
        """Another process that serves the route, and WeChat that posts to it."""

        async def contacted(received) -> None:
            self.contacts.append(received.kind)

        async def flush() -> None:
            pass

        taking = CallbackProcessor(self.scribe, self.queue, self.mouth, contacted, flush)
        self.stack.push_async_callback(taking.drain, 10.0)
        route = Callback(
            Envelope(TOKEN, "" if mode == "plain" else AES_KEY, APP_ID),
            Nonces(self.redis),
            KeyedHash(MASTER_KEY, "tests"),
            taking.take,
            RedisLimiter(self.redis, MASTER_KEY, 100),
            lambda: datetime.fromtimestamp(NOW, UTC),
            patience,
        )
        app = web.Application(middlewares=[guard, admit])
        app[TRUSTED_PROXIES], app[ALLOWED_HOSTS] = (), {"127.0.0.1"}
        app.on_response_prepare.append(harden)
        app.add_routes(route.routes())
        runner = web.AppRunner(app)
        await runner.setup()
        self.stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return Poster(self.http, f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}", mode)

    @property
    def said(self) -> list[object]:
        return [one.content for one in self.scribe.handled]

    async def photos(self) -> int:
        async with self.scribe.database.begin() as tx:
            return await tx.count(OutboxMessage, name=PHOTO)


@pytest.fixture
async def shop(redis: Redis, memory_database: MemoryDatabase) -> AsyncIterator[Shop]:
    queue = PhotoQueue(memory_database, redis, MASTER_KEY)
    async with AsyncExitStack() as stack, ClientSession() as http:
        yield Shop(Scribe(memory_database), Mouth(), queue, redis, http, stack, [])
        await stack.aclose()


@pytest.fixture(params=MODES)
async def wechat(shop: Shop, request: pytest.FixtureRequest) -> Poster:
    return await shop.open(request.param)


def passive(answer: str) -> dict[str, str]:
    """The fields of a passive reply."""
    return xmltodict.parse(answer)["xml"]


async def test_the_operators_address_is_verified_by_echo(shop: Shop, wechat: Poster):
    asked = {"timestamp": str(NOW), "nonce": "7", "signature": signature(str(NOW), "7")}
    for wrong in ({}, {"signature": "0" * 40}, {"timestamp": str(NOW - TOLERATED_SECONDS - 1)}):
        query = asked | {"echostr": "5838479218127813673"} | wrong
        if "timestamp" in wrong:
            query["signature"] = signature(query["timestamp"], "7")
        async with shop.http.get(wechat.url, params=query) as answer:
            if wrong:
                assert answer.status == 403
            else:
                assert (answer.status, answer.content_type) == (200, "text/plain")
                assert await answer.text() == "5838479218127813673"
    async with shop.http.get(wechat.url) as answer:
        assert answer.status == 400


async def test_words_are_answered_in_the_response(shop: Shop, wechat: Poster):
    shop.scribe.replies = [Say("你好 ]]> <b>\x08&")]
    status, answer = await wechat.post(text("hello"))
    assert status == 200
    assert passive(answer) == {
        "ToUserName": ADA,
        "FromUserName": ACCOUNT,
        "CreateTime": str(NOW),
        "MsgType": "text",
        "Content": "你好 ]]> <b>&",
    }
    assert shop.said == [Said("hello")]
    assert shop.contacts == ["text"]


async def test_without_an_answer_it_is_success(shop: Shop, wechat: Poster):
    shop.scribe.replies = []
    for xml in (event("unsubscribe"), event("VIEW", "https://e.example"), event("LOCATION")):
        assert await wechat.post(xml) == (200, "success")
    assert shop.said == [Left()]


async def test_clicks_scans_and_what_is_no_photo_reach_the_dialogue(shop: Shop, wechat: Poster):
    for xml in (
        event("subscribe"),
        event("SCAN", "t-noir"),
        event("CLICK", "help"),
        xml_of(MsgType="voice", MsgId="1", MediaId="v"),
    ):
        status, answer = await wechat.post(xml)
        assert (status, passive(answer)["Content"]) == (200, "hello")
    assert shop.said == [
        Pressed("start"), Pressed("start:t-noir"), Pressed("help"), SentOther("voice"),
    ]  # fmt: skip


async def test_a_photo_is_stored_once_and_acknowledged_at_once(shop: Shop, wechat: Poster):
    xml = image("media-1")
    answers = await asyncio.gather(*(wechat.post(xml) for _ in range(4)))
    assert set(answers) == {(200, "success")}
    assert await shop.photos() == 1
    assert shop.scribe.seen == 0
    async with shop.scribe.database.begin() as tx:
        (row,) = await tx.find(OutboxMessage)
    assert ADA not in repr(row)
    assert "media-1" not in repr(row)


@pytest.mark.parametrize("xml", [text("hello"), event("CLICK", "help")])
async def test_attempts_join_the_work_of_the_first_and_hear_the_same(
    shop: Shop, wechat: Poster, xml: str
):
    shop.scribe.gate.clear()
    attempts = [asyncio.create_task(wechat.post(xml)) for _ in range(3)]
    while not shop.scribe.seen:
        await asyncio.sleep(0.01)
    shop.scribe.gate.set()
    answers = [await one for one in attempts]
    answers.append(await wechat.post(xml))  # after the answer was out
    assert {status for status, _ in answers} == {200}
    assert {passive(answer)["Content"] for _, answer in answers} == {"hello"}
    assert len(shop.scribe.handled) == shop.scribe.seen == 1


async def test_an_attempt_in_another_process_does_nothing_twice(shop: Shop):
    one, other = [await shop.open("safe") for _ in range(2)]
    xml = text("hello")
    answers = await asyncio.gather(one.post(xml), other.post(xml))
    assert {status for status, _ in answers} == {200}
    assert len(shop.scribe.handled) == 1


async def test_while_the_work_takes_long_wechat_is_told_to_come_again(shop: Shop):
    wechat = await shop.open("safe", patience=0.2)
    xml = text("hello")
    shop.scribe.gate.clear()
    assert (await wechat.post(xml))[0] == 503
    again = asyncio.create_task(wechat.post(xml))
    await asyncio.sleep(0)
    shop.scribe.gate.set()
    status, answer = await again
    assert (status, passive(answer)["Content"]) == (200, "hello")
    assert shop.scribe.seen == 1


async def test_an_answer_for_which_no_attempt_comes_any_more_is_sent(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(processor, "LAST_ATTEMPT_SECONDS", 0.0)
    wechat = await shop.open("safe", patience=0.1)
    shop.scribe.gate.clear()
    xml = text("hello")
    assert (await wechat.post(xml))[0] == 503, "nothing is stored"
    shop.scribe.gate.set()
    while not shop.mouth.read:
        await asyncio.sleep(0.01)
    assert await wechat.post(xml) == (200, "success"), "it is not said twice"
    assert shop.mouth.read == ["hello"]


async def test_the_last_attempt_is_acknowledged_once_the_effect_is_stored(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(processor, "LAST_ATTEMPT_SECONDS", 0.0)
    wechat = await shop.open("safe", patience=0.2)
    shop.mouth.gate.clear()
    assert await wechat.post(text("hello")) == (200, "success")
    assert shop.said == [Said("hello")]
    shop.mouth.gate.set()
    while not shop.mouth.read:
        await asyncio.sleep(0.01)
    assert shop.mouth.read == ["hello"]


async def test_an_answer_that_breaks_is_logged_and_not_repeated(shop: Shop):
    wechat = await shop.open("safe")
    shop.mouth.trouble = [ZeroDivisionError("s3cret")]
    with capture_logs() as logs:
        assert await wechat.post(text("hello")) == (200, "success")
    (line,) = [one for one in logs if one["event"] == "wechat_reply_lost"]
    assert "s3cret" not in str(line)
    assert shop.said == [Said("hello")]


async def test_a_short_outage_is_waited_out_and_a_long_one_is_503(shop: Shop):
    shop.scribe.outages = 2
    wechat = await shop.open("plain", patience=3.0)
    status, answer = await wechat.post(text("hello"))
    assert (status, passive(answer)["Content"]) == (200, "hello")
    shop.scribe.outages = 1000
    quick = await shop.open("plain", patience=0.1)
    quick.nonces = wechat.nonces
    xml = text("hello again")
    assert (await quick.post(xml))[0] == 503
    shop.scribe.outages = 0
    assert (await quick.post(xml))[0] == 200
    assert shop.said == [Said("hello"), Said("hello again")]


async def test_without_redis_it_is_503_and_nothing_is_done(shop: Shop, tmp_path: Path):
    async with RedisServer(tmp_path) as server, Redis.from_url(server.url) as redis:
        shop.redis = redis
        wechat = await shop.open("plain", patience=0.1)
        await server.stop()
        assert (await wechat.post(text("hello")))[0] == 503
        assert shop.said == []
        await server.start()


async def test_words_wait_until_the_photos_before_them_are_taken_in(shop: Shop):
    wechat = await shop.open("plain")
    await wechat.post(image("media-1"))
    words = asyncio.create_task(wechat.post(text("done")))
    async with shop.scribe.database.begin() as tx:
        (row,) = await tx.find(OutboxMessage)
    while await shop.queue.quiet_in(ADA):  # they expect no more photos now
        await asyncio.sleep(0.01)
    assert not shop.scribe.seen
    photo = shop.queue.read(row)
    async with shop.scribe.database.begin() as tx:
        await inbox.already_processed(tx, photo.event_id, await tx.now())
    assert (await words)[0] == 200
    assert shop.said == [Said("done")]


SAFE_ONLY = {
    "no encryption": lambda made: (text("x").encode(), made[1]),
    "no msg_signature": lambda made: (made[0], {**made[1], "msg_signature": ""}),
    "the address's signature in its place": lambda made: (
        made[0],
        {**made[1], "msg_signature": made[1]["signature"]},
    ),
    "another body": lambda made: (made[0].replace(b"[CDATA[", b"[CDATA[AAAA"), made[1]),
}


@pytest.mark.parametrize("how", SAFE_ONLY)
@pytest.mark.parametrize("mode", ["compatible", "safe"])
async def test_where_messages_are_encrypted_no_other_is_taken(shop: Shop, how: str, mode: str):
    wechat = await shop.open(mode)
    body, query = SAFE_ONLY[how](wechat.made(text("x")))
    query = {name: value for name, value in query.items() if value}
    async with shop.http.post(wechat.url, params=query, data=body) as answer:
        assert answer.status in (400, 403)
    assert shop.scribe.seen == 0
    assert shop.contacts == []


def encrypted(plain: bytes) -> str:
    return f"<xml><Encrypt>{base64.b64encode(plain).decode()}</Encrypt></xml>"


HOSTILE = {
    "nothing": b"",
    "no XML": b"hello",
    "JSON": b"{}",
    "cut": text("hello").encode()[:-20],
    "cut within a character": text("你好").encode().replace("好".encode(), "好".encode()[:2]),
    "a control character": text("a\x08b").encode(),
    "a null": text("a\x00b").encode(),
    "entities": b'<!DOCTYPE x [<!ENTITY a "b">]>' + text("&a;").encode(),
    "an entity bomb": (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY b%d "%s">' % (n, b"&a;" * 10) for n in range(10))
        + b"]><xml><Content>&b9;</Content></xml>"
    ),
    "a foreign file": (
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>'
    ),
    "a megabyte": text("x" * 1_000_000).encode(),
    "a bit too much": text("x" * LARGEST).encode(),
    "deep": b"<xml>" * 10_000,
    "no sender": xml_of(MsgId="1", Content="x", FromUserName="").encode(),
    "no kind": xml_of(MsgId="1", Content="x", MsgType="").encode(),
    "another kind": xml_of(MsgId="1", MsgType="hologram").encode(),
    "no number": xml_of(Content="x").encode(),
    "no media": xml_of(MsgId="1", MsgType="image").encode(),
    "fields within fields": b"<xml><MsgType><a/></MsgType></xml>",
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("mode", ["plain", "safe"])
async def test_hostile_messages_are_400_and_no_work(shop: Shop, what: str, mode: str):
    """Though whoever sends them knows the token, and the key."""
    wechat = await shop.open(mode)
    if mode == "plain":
        status, _ = await wechat.post(HOSTILE[what])
    else:
        body, query = await asyncio.to_thread(_sealed, wechat, HOSTILE[what])
        async with shop.http.post(wechat.url, params=query, data=body) as answer:
            status = answer.status
    assert status == 400
    assert (shop.scribe.seen, shop.contacts, await shop.photos()) == (0, [], 0)


def _sealed(wechat: Poster, raw: bytes) -> tuple[bytes, dict[str, str]]:
    """In the safe mode, whatever it is: also what no library would seal."""
    stamp, nonce = str(NOW), str(next(wechat.nonces))
    inner = PrpCrypto(base64.b64decode(AES_KEY + "=")).encrypt(raw, APP_ID).decode()
    body = f"<xml><Encrypt><![CDATA[{inner}]]></Encrypt></xml>".encode()
    return body, wechat.signed({"timestamp": stamp, "nonce": nonce}, inner)


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "%%%%",
        "AAA",
        base64.b64encode(bytes(15)).decode(),
        base64.b64encode(bytes(32)).decode(),
        base64.b64encode(bytes(range(32))).decode(),
        base64.b64encode(bytes(range(160)) * 2).decode(),
    ],
)
async def test_what_cannot_be_decrypted_is_refused(shop: Shop, inner: str):
    wechat = await shop.open("safe")
    query = wechat.signed({"timestamp": str(NOW), "nonce": "5"}, inner)
    body = f"<xml><Encrypt><![CDATA[{inner}]]></Encrypt></xml>".encode()
    async with shop.http.post(wechat.url, params=query, data=body) as answer:
        assert answer.status in (400, 403)
    assert shop.scribe.seen == 0


async def test_a_message_for_another_account_is_403(shop: Shop):
    wechat = await shop.open("safe")
    other = MessageCrypt(TOKEN, AES_KEY, "wxffffffffffffffff")
    sealed = other.encrypt_message(text("x"), str(NOW), "5")
    inner = sealed.partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]
    query = wechat.signed({"timestamp": str(NOW), "nonce": "5"}, inner)
    async with shop.http.post(wechat.url, params=query, data=sealed.encode()) as answer:
        assert answer.status == 403
    assert shop.scribe.seen == 0


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"signature": "0" * 40, "msg_signature": "0" * 40}, 403),
        ({"signature": "", "msg_signature": ""}, 403),
        ({"signature": "é" * 40, "msg_signature": "é" * 40}, 403),
        ({"nonce": "another"}, 403),
        ({"timestamp": str(NOW + 1)}, 403),
        ({"timestamp": ""}, 400),
        ({"nonce": ""}, 400),
        ({"timestamp": "soon"}, 400),
        ({"timestamp": "1" * 40}, 400),
        ({"timestamp": f"0{NOW}"}, 400),
        ({"timestamp": str(NOW)[:-1]}, 400),
        ({"nonce": "x" * 200}, 400),
    ],
)
async def test_without_wechats_signature_nothing_is_done(
    shop: Shop, wechat: Poster, wrong: dict[str, str], status: int
):
    assert (await wechat.post(text("hello"), **wrong))[0] == status
    assert (shop.scribe.seen, shop.contacts) == (0, [])


@pytest.mark.parametrize("off", [TOLERATED_SECONDS + 1, -TOLERATED_SECONDS - 1])
async def test_beside_its_time_a_true_signature_is_refused(shop: Shop, wechat: Poster, off: int):
    wechat.timestamp = NOW + off
    assert (await wechat.post(text("hello")))[0] == 403
    wechat.timestamp = NOW + off // 2
    assert (await wechat.post(text("hello")))[0] == 200
    assert len(shop.said) == 1


async def test_a_signature_serves_one_message_and_its_repetition(shop: Shop):
    wechat = await shop.open("plain")
    xml = text("hello")
    body, query = wechat.made(xml)
    statuses = []
    for posted in (body, body, text("steal").encode(), image("m").encode(), body):
        async with shop.http.post(wechat.url, params=query, data=posted) as answer:
            statuses.append(answer.status)
    assert statuses == [200, 200, 403, 403, 200]
    assert shop.said == [Said("hello")]
    assert await shop.photos() == 0


async def test_a_flood_of_forgeries_is_403_each(shop: Shop):
    wechat = await shop.open("plain")
    for _ in range(30):
        assert (await wechat.post(text("x"), signature="0" * 40))[0] == 403
    assert (await wechat.post(text("x")))[0] == 200, "from the same address"


async def test_a_signature_serves_no_other_message_by_another_cut_of_what_it_signs(shop: Shop):
    """Time and nonce are signed without a mark between them."""
    wechat = await shop.open("plain")
    stamp, nonce = str(NOW), "00"  # the nonce stands first
    asked = {"timestamp": stamp, "nonce": nonce, "signature": signature(stamp, nonce)}
    assert (await wechat.post(text("hello"), **asked))[0] == 200
    moved = {"timestamp": f"0{stamp}", "nonce": "0"}
    assert signature(*moved.values()) == asked["signature"]
    assert (await wechat.post(text("steal"), **asked | moved))[0] == 400
    assert shop.said == [Said("hello")]


async def test_another_pair_of_the_same_signature_is_no_other_signature(shop: Shop):
    nonces = Nonces(shop.redis)
    assert await nonces.serve(["a" * 40], "1")
    assert await nonces.serve(["a" * 40, "b" * 40], "1")
    assert not await nonces.serve(["b" * 40], "2")
    assert not await nonces.serve(["c" * 40, "a" * 40], "2")
