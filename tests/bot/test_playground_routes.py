"""The playground over HTTP: who may do what, and what is refused."""

import asyncio

import pytest
from aiohttp import ClientResponseError

from bot.playground.driver import NoButton, ReplyTimeout, open_chat
from bot.playground.messages import MessageKind
from bot.playground.routes import COOKIE, HEADER, LARGEST
from bot.playground.signed_cookie import SignedCookie
from bot.playground.transcript import Transcript
from shop.jobs import outbox
from shop.records import (
    CHAT,
    Photo,
    PhotoState,
    User,
)
from tests.bot.playground_requests import AGREE, event, greet, posted, ticket
from tests.doubles import photo


async def test_a_stranger_is_greeted_in_the_browsers_language(base):
    for language, word in (
        ("en-GB", "portraits"),
        ("fr", "portraits"),
        ("ko", "사진"),
        ("zh", "照片"),
    ):
        async with open_chat(base, language) as chat:
            await greet(chat)
            assert word in chat.messages[-1].text


async def test_the_page_is_served_with_its_cookie_and_walls(http, base):
    async with http.get(f"{base}/playground", headers={"Accept-Language": "ko"}) as answer:
        page = await answer.text()
        cookie = answer.headers["Set-Cookie"]
        policy = answer.headers["Content-Security-Policy"]
    assert '<html lang="ko"' in page
    assert "{{" not in page
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page
    assert 'style="' not in page
    assert 'onclick="' not in page


@pytest.mark.parametrize("path", ["stream", "picture/x", "picture/preview:noir"])
async def test_without_a_cookie_nothing_is_shown(http, base, path):
    async with http.get(f"{base}/playground/{path}") as answer:
        assert answer.status == 401


async def test_a_form_of_another_site_cannot_speak_for_anybody(http, base):
    await http.get(f"{base}/playground")
    async with http.post(
        f"{base}/playground/say", json={"event": event(), "text": "/erase"}
    ) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    "body",
    [
        {}, {"event": "short", "text": "hi"}, {"event": "../../etc/passwd", "text": "hi"},
        {"event": "0123456789abcdef", "text": ""}, {"event": "0123456789abcdef", "text": 7},
        {"event": "0123456789abcdef", "text": "x" * 4001}, [], "text", None,
    ],
)  # fmt: skip
async def test_malformed_words_are_refused(http, base, body):
    await http.get(f"{base}/playground")
    assert await posted(http, base, "say", json=body) == 400


async def test_malformed_presses_and_photos_are_refused(http, base):
    await http.get(f"{base}/playground")
    for action in ("", "ünïcode", "x" * 65, "two words", 5):
        assert await posted(http, base, "press", json={"event": event(), "action": action}) == 400
    assert await posted(http, base, "say", data=b"{not json") == 400
    assert await posted(http, base, "say", data=b"x" * 70_000) in (400, 413)
    assert await posted(http, base, "photo?event=x&album=y", data=b"jpeg") == 400


async def test_what_is_sent_twice_is_answered_once(http, base, container):
    await http.get(f"{base}/playground")
    once = event()
    for _ in range(3):
        assert await posted(http, base, "say", json={"event": once, "text": "/start"}) == 200
    person = SignedCookie(container.settings.signing_key).of_cookie(
        next(c.value for c in http.cookie_jar if c.key == COOKIE)
    )
    shown, _ = await Transcript(container.redis).snapshot(person)
    assert len([one for one in shown if one.message.text]) == 1


async def test_odd_words_and_buttons_are_answered_kindly(base):
    async with open_chat(base) as chat:
        await greet(chat)
        for text in (
            "🦆",
            "DROP TABLE users",
            "x" * 3000,
            "/nonsense",
            "<script>alert(1)</script>",
        ):
            since = chat.revision
            await chat.say(text)
            assert (await chat.wait(lambda seen: bool(seen.text), since=since)).buttons
        with pytest.raises(NoButton):
            chat.button("no such button")


async def test_photos_go_in_as_an_album_and_the_tally_comes_back(base, container):
    async with open_chat(base) as chat:
        await greet(chat)
        for action in AGREE:
            await chat.press(action)
        await chat.send_photos([photo(number) for number in range(4)])
        await chat.wait(lambda seen: "1" in seen.text)
    async with container.database.begin() as tx:
        assert await tx.count(Photo, state=PhotoState.CHECKING) == 4


async def test_photos_that_cannot_be_sent_are_told_as_one_error(base):
    """And not as a group of them, which nobody expects."""
    async with open_chat(base) as chat:
        chat.http.cookie_jar.clear()
        with pytest.raises(ClientResponseError) as refused:
            await chat.send_photos([photo(number) for number in range(4)])
    assert refused.value.status == 401


async def test_whichever_of_several_buttons_comes_is_found(base, monkeypatch):
    async with open_chat(base) as chat:
        await chat.say("/start")
        seen, button = await chat.look_for("no such button", "terms")
        assert button.action == "terms"
        assert button in seen.buttons
        monkeypatch.setattr("bot.playground.driver.LOOKING_SECONDS", 0.01)
        with pytest.raises(NoButton, match="one, other"):
            await chat.look_for("one", "other")


async def test_a_photo_that_never_arrived_is_not_shown_as_sent(base):
    async with open_chat(base) as chat:
        await greet(chat)
        for action in AGREE:
            await chat.press(action)
        gone = asyncio.Event()

        async def breaks_off():
            yield photo(1)[:1000]
            gone.set()
            await asyncio.sleep(3600)

        url = f"{base}/playground/photo?event={event()}&album={event()}"
        sending = asyncio.create_task(
            chat.http.post(url, headers={HEADER: "1"}, data=breaks_off()).__aenter__()
        )
        await gone.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        since = chat.revision
        await chat.say("continue")
        await chat.wait(lambda seen: "20" in seen.text, since=since)
        assert MessageKind.MY_PHOTO not in {one.message.kind for one in chat.messages}


async def test_a_photo_that_is_too_large_is_refused_while_it_streams(http, base, container):
    async with open_chat(base) as chat:
        await greet(chat)
        for action in AGREE:
            await chat.press(action)
        taken = 0

        async def endless():
            nonlocal taken
            while taken < 8 * LARGEST:
                taken += 1 << 20
                yield b"\0" * (1 << 20)

        status = 413
        try:
            async with chat.http.post(
                f"{base}/playground/photo?event={event()}&album={event()}",
                headers={HEADER: "1"},
                data=endless(),
            ) as answer:
                status = answer.status
        except OSError:
            pass  # it hung up on us, which is as good
        assert status == 413
        assert taken < 4 * LARGEST
        await chat.wait(lambda seen: "20" in seen.text and "MB" in seen.text)


async def test_a_declared_size_is_enough_to_refuse(base):
    async with open_chat(base) as chat:
        await greet(chat)
        headers = {HEADER: "1", "Content-Length": str(LARGEST + 1)}
        reader, writer = await asyncio.open_connection(*base.removeprefix("http://").split(":"))
        cookie = next(c for c in chat.http.cookie_jar if c.key == COOKIE)
        lines = [
            f"POST /playground/photo?event={event()}&album={event()} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: {COOKIE}={cookie.value}",
        ]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert b" 413 " in await asyncio.wait_for(reader.readline(), 20)
        writer.close()


async def test_an_answer_comes_below_what_was_pressed_or_said(base):
    async with open_chat(base) as chat:
        await greet(chat)
        for action in AGREE:
            await chat.press(action)
        how = await chat.wait(lambda seen: "20" in seen.text)
        await chat.send_photos([photo(1)])
        tally = await chat.wait(lambda seen: "received" in seen.text, since=how.revision)
        await chat.send_photos([photo(2)])
        await chat.say("continue")
        moved = await chat.wait(lambda seen: "received" in seen.text and seen.at > tally.at)
        assert (moved.id, chat.messages[-1].id) == (tally.id, tally.id)


async def test_a_press_may_not_name_just_anything_as_its_message(http, base):
    await http.get(f"{base}/playground")
    told = {"event": event(), "action": "where", "message": "x y"}
    assert await posted(http, base, "press", json=told) == 400
    assert await posted(http, base, "press", json=told | {"message": event()}) == 200


async def test_news_of_the_outbox_worker_reaches_an_open_page(base, container):
    async with open_chat(base, ticket=ticket(container, "anna")) as anna:
        await greet(anna)
        async with container.database.begin() as tx:
            (user,) = await tx.find(User, platform_id="anna")
            await outbox.notify(tx, user.id, "granted", container.clock(), credits=5)
        await container.flusher.flush()
        signals = await container.redis.zrange("eider:chat", 0, -1)
        assert signals, "the outbox worker was woken up"
        async with container.database.begin() as tx:
            from shop.records import OutboxMessage

            (message,) = await tx.find(OutboxMessage, queue=CHAT)
        since = anna.revision
        await container.outbox_handlers.answer({"message": message.id})
        assert "5" in (await anna.wait(lambda seen: bool(seen.text), since=since)).text


async def test_silence_is_told(base):
    async with open_chat(base) as chat:
        await greet(chat)
        with pytest.raises(ReplyTimeout):
            await chat.wait(lambda seen: "never" in seen.text, seconds=0.1)
