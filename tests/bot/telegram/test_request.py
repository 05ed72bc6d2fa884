"""python-telegram-bot over aiohttp: against small servers on loopback that behave badly."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import (
    BadRequest,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram.calls import seconds
from bot.telegram.client import open_client
from bot.telegram.log_redaction import redact
from bot.telegram.request import DOWNLOADS, AiohttpRequest, TooMuch
from tests.bot.telegram.conftest import TOKEN
from tests.botapi import until

MESSAGE = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "hello"}


@asynccontextmanager
async def server(answer: Callable[[web.Request], object]) -> AsyncIterator[str]:
    async def handle(request: web.Request) -> web.StreamResponse:
        done = answer(request)
        return await done if asyncio.iscoroutine(done) else done

    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def bot(url: str, connections: int = 8, **seconds: float) -> AsyncIterator[Bot]:
    redact(TOKEN)
    async with AiohttpRequest(connections, **seconds) as request:
        yield Bot(TOKEN, base_url=f"{url}/bot", request=request, get_updates_request=request)


def ok(result: object) -> web.Response:
    return web.json_response({"ok": True, "result": result})


async def test_parameters_and_files_arrive_as_they_were_sent():
    came = {}

    async def keep(request: web.Request) -> web.Response:
        came["kind"] = request.content_type
        is_json = came["kind"] == "application/json"
        came.update(await request.json() if is_json else await request.post())
        if "photo" in came:
            came["bytes"] = came["photo"].file.read()
        return ok(MESSAGE)

    async with server(keep) as url, bot(url) as it:
        await it.send_message(1, "Größe & 大小 = 100 %")
        assert (came["kind"], came["text"]) == (
            "application/json",
            "Größe & 大小 = 100 %",
        )
        data = bytes(range(256)) * 12_000  # three megabytes
        await it.send_photo(1, data, caption="é 像", filename="a b.jpg")
    assert came["kind"] == "multipart/form-data"
    assert came["caption"] == "é 像"
    assert (came["photo"].filename, came["photo"].content_type) == ("a b.jpg", "image/jpeg")
    assert came["bytes"] == data


async def test_connections_are_kept_and_shared():
    peers = set()

    async def answer(request: web.Request) -> web.Response:
        peers.add(request.transport.get_extra_info("peername"))
        await asyncio.sleep(0.01)
        return ok(MESSAGE)

    async with server(answer) as url, bot(url, connections=4) as it:
        for _ in range(3):
            await asyncio.gather(*(it.send_message(1, "x") for _ in range(12)))
    assert len(peers) == 4


async def test_telegrams_refusals_are_the_librarys_errors(monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # as open_client does
    answers = [
        (401, {"ok": False, "description": "Unauthorized"}),
        (429, {"ok": False, "description": "Too Many", "parameters": {"retry_after": 7}}),
    ]
    answer = lambda request: web.json_response(answers[0][1], status=answers[0][0])  # noqa: E731
    async with server(answer) as url, bot(url) as it:
        with pytest.raises(InvalidToken):
            await it.get_me()
        answers.pop(0)
        with pytest.raises(RetryAfter) as wait:
            await it.get_me()
    assert seconds(wait.value) == 7.0


NOT_FOUND = {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_what_a_server_does_not_do_is_a_refusal_of_that_call_and_no_bad_token():
    async with server(lambda _: web.json_response(NOT_FOUND, status=404)) as url, bot(url) as it:
        with pytest.raises(BadRequest):
            await it.send_message(1, "x")
        with pytest.raises(BadRequest):
            await it.delete_webhook()
        with pytest.raises(InvalidToken):
            await it.get_me()
    async with server(lambda _: web.Response(status=404)) as url, bot(url) as it:
        with pytest.raises(BadRequest):
            await it.send_message(1, "x")


@pytest.mark.parametrize(
    "body",
    ["", "<html>", '{"ok":true,"result":{"mess', "[]", "null", "{}", '{"ok": true}',
     '{"ok": false}', '{"ok": false, "error_code": 200}', '"ok"'],
)  # fmt: skip
async def test_a_200_that_no_bot_api_answers_is_an_outage(body, caplog):
    caplog.set_level(logging.DEBUG)
    async with server(lambda _: web.Response(text=body)) as url, bot(url) as it:
        with pytest.raises(NetworkError) as refused:
            await it.send_message(1, "a secret of theirs")
    assert not isinstance(refused.value, BadRequest | TimedOut)
    assert not body or body not in caplog.text


async def test_a_refusal_that_comes_as_a_200_is_a_refusal():
    said = [{"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}]
    async with server(lambda _: web.json_response(said[0])) as url, bot(url) as it:
        with pytest.raises(BadRequest, match="Chat not found"):
            await it.send_message(1, "x")
        said[0] = NOT_FOUND
        with pytest.raises(BadRequest):
            await it.send_message(1, "x")


async def hang(request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return ok(True)


async def drop(request: web.Request) -> web.Response:
    request.transport.abort()
    return ok(True)


async def trickle(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b" ")
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("behaviour", "error"), [(hang, TimedOut), (trickle, TimedOut), (drop, NetworkError)]
)
async def test_a_server_that_behaves_badly_is_a_network_error_in_time(behaviour, error, caplog):
    caplog.set_level(logging.DEBUG)
    async with server(behaviour) as url, bot(url, connect=0.2, read=0.2, write=0.2) as it:
        async with asyncio.timeout(20):  # two of them would never end
            with pytest.raises(error) as trouble:
                await it.get_me()
    assert TOKEN not in repr(trouble.value) + str(trouble.value.__cause__)
    assert trouble.value.__suppress_context__
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://no-such-host.invalid", "http://"])
async def test_nobody_there_is_a_network_error_that_keeps_the_token(url):
    async with bot(url, connect=2.0) as it:
        with pytest.raises(NetworkError) as trouble:
            await it.get_me()
    assert TOKEN not in repr(trouble.value) + str(trouble.value)


async def test_a_slow_upload_has_its_own_time():
    async def read_slowly(request: web.Request) -> web.Response:
        await asyncio.sleep(2.2)  # longer than all the others together
        await request.post()
        return ok(MESSAGE)

    patience = {"connect": 1.0, "read": 1.0, "write": 0.1, "upload": 60.0}
    async with server(read_slowly) as url, bot(url, **patience) as it:
        await it.send_photo(1, bytes(8 * 2**20), filename="a.jpg")


async def test_a_request_after_the_end_is_a_network_error():
    async with bot("http://127.0.0.1:9") as it:
        pass
    with pytest.raises(NetworkError, match="not open"):
        await it.get_me()


async def test_proxies_are_taken_from_the_environment(monkeypatch):
    asked = []

    def proxy(request: web.Request) -> web.Response:
        asked.append(request.raw_path if "://" in request.raw_path else str(request.url))
        return ok({"id": 1, "is_bot": True, "first_name": "x"})

    async with server(proxy) as url:
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.setenv("no_proxy", "inside.example")
        async with bot("http://telegram.example") as it:
            await it.get_me()
        async with bot("http://inside.example", connect=0.5) as it:
            with pytest.raises(TelegramError):
                await it.get_me()
    assert len(asked) == 1
    assert asked[0].startswith("http://telegram.example/bot")


async def test_polls_are_not_starved_by_what_is_sent(monkeypatch):
    held = 0

    async def takes_nothing(request: web.Request) -> web.Response:
        nonlocal held
        if request.path.endswith("/getUpdates"):
            return ok([])
        held += 1
        await asyncio.Event().wait()
        return ok(MESSAGE)

    async with server(takes_nothing) as url, open_client(TOKEN, url) as client:
        sends = [asyncio.create_task(client.send_message(1, "x")) for _ in range(200)]
        await until(lambda: held == 128)  # there are no more connections for what is sent
        assert await client.fetch(0, 0) == []
        assert not any(task.done() for task in sends)
        for task in sends:
            task.cancel()
        await asyncio.gather(*sends, return_exceptions=True)


# Downloads


async def test_a_download_ends_where_it_is_too_much():
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(1000):
            await answer.write(bytes(64 * 1024))
            sent += 64 * 1024
        return answer

    async with server(endless) as url, AiohttpRequest(4) as request:
        with pytest.raises(TooMuch):
            await request.download(f"{url}/file", 300_000)
    assert sent < 20 * 2**20


async def test_a_download_that_says_that_it_is_too_much_is_not_read():
    big = lambda request: web.Response(body=bytes(10**6))  # noqa: E731
    async with server(big) as url, AiohttpRequest(4) as request:
        assert len(await request.download(f"{url}/file", 10**6)) == 10**6
        with pytest.raises(TooMuch):
            await request.download(f"{url}/file", 10**6 - 1)


@pytest.mark.parametrize("behaviour", [hang, drop, lambda request: web.Response(status=404)])
async def test_a_download_that_fails_is_a_network_error(behaviour):
    quick = AiohttpRequest(4, connect=0.1, write=0.1, upload=0.2)
    async with server(behaviour) as url, quick as request:
        with pytest.raises(NetworkError) as trouble:
            await request.download(f"{url}/file/bot{TOKEN}/photos/1.jpg", 100)
    assert TOKEN not in repr(trouble.value)


async def test_no_more_than_some_downloads_at_a_time():
    now = most = 0
    full = asyncio.Event()

    async def count(request: web.Request) -> web.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == DOWNLOADS:
            full.set()
        await full.wait()
        await asyncio.sleep(0.02)
        now -= 1
        return web.Response(body=b"photo")

    async with server(count) as url, AiohttpRequest(128) as request:
        photos = await asyncio.gather(
            *(request.download(f"{url}/file", 10) for _ in range(DOWNLOADS * 4))
        )
    assert photos == [b"photo"] * DOWNLOADS * 4
    assert most == DOWNLOADS
