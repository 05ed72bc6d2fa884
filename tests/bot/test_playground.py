"""The playground over HTTP: who may do what, and what is refused."""

import asyncio
import io
import secrets

import pytest
from aiohttp import ClientSession, CookieJar
from PIL import Image

from bot.playground import PLAYGROUND
from bot.playground.driver import NoButton, Silence, open_chat
from bot.playground.language import PAGE_WORDS, words_of
from bot.playground.routes import COOKIE, HEADER, LARGEST
from bot.playground.signed_cookie import SignedCookie
from bot.playground.transcript import Transcript
from shop.jobs import outbox
from shop.people.users import LANGUAGES
from shop.records import (
    CHAT,
    Avatar,
    AvatarId,
    AvatarState,
    OrderId,
    Photo,
    PhotoState,
    Portrait,
    PortraitId,
    ShootId,
    Subject,
    User,
    new_id,
)
from tests.doubles import photo

AGREE = ("terms", "agree:terms", "agree:training", "subject:woman")


@pytest.fixture
async def http():
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


async def posted(http, base, path, **kwargs):
    headers = {HEADER: "1"} | kwargs.pop("headers", {})
    async with http.post(f"{base}/playground/{path}", headers=headers, **kwargs) as answer:
        return answer.status


def event() -> str:
    return secrets.token_hex(16)


async def greet(chat) -> None:
    await chat.say("/start")
    await chat.wait(lambda seen: bool(seen.buttons))


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
    assert '<html lang="ko">' in page
    assert "{{" not in page
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page
    assert 'style="' not in page
    assert 'onclick="' not in page


async def test_the_same_browser_stays_the_same_person(http, base):
    first, second = [(await http.get(f"{base}/playground")).cookies[COOKIE].value for _ in range(2)]
    assert first == second


@pytest.mark.parametrize("path", ["stream", "picture/x", "picture/preview:noir"])
async def test_without_a_cookie_nothing_is_shown(http, base, path):
    async with http.get(f"{base}/playground/{path}") as answer:
        assert answer.status == 401


async def test_a_cookie_that_we_did_not_sign_is_nobodys(http, base, house):
    genuine = SignedCookie(house.settings.master_key).cookie("me")
    other = SignedCookie(b"x" * 32).cookie("me")
    for forged in (
        other,
        genuine[:-1] + ("A" if genuine[-1] != "A" else "B"),
        "you." + genuine.split(".")[1],
        "",
        "me",
        ".",
    ):
        async with http.get(f"{base}/playground/stream", cookies={COOKIE: forged}) as answer:
            assert answer.status == 401, forged


async def test_a_cookie_is_no_ticket_and_a_ticket_no_cookie(http, base, house):
    """Or a link with my cookie in it would bring your photos into my chat."""
    passes = SignedCookie(house.settings.master_key)
    mine = passes.cookie("me")
    async with http.get(f"{base}/playground", params={"pass": mine}) as answer:
        assert not answer.history
    assert not any(one.value == mine for one in http.cookie_jar)
    cookies = {COOKIE: passes.ticket("me")}
    stream = f"{base}/playground/stream"
    async with ClientSession() as other, other.get(stream, cookies=cookies) as answer:
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


async def test_what_is_sent_twice_is_answered_once(http, base, house):
    await http.get(f"{base}/playground")
    once = event()
    for _ in range(3):
        assert await posted(http, base, "say", json={"event": once, "text": "/start"}) == 200
    person = SignedCookie(house.settings.master_key).of_cookie(
        next(c.value for c in http.cookie_jar if c.key == COOKIE)
    )
    shown, _ = await Transcript(house.redis).snapshot(person)
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
            await chat.press("no such button")


async def test_photos_go_in_as_an_album_and_the_tally_comes_back(base, house):
    async with open_chat(base) as chat:
        await greet(chat)
        for action in AGREE:
            await chat.press(action)
        await chat.send_photos([photo(number) for number in range(4)])
        await chat.wait(lambda seen: "1" in seen.text)
    async with house.database.begin() as tx:
        assert await tx.count(Photo, state=PhotoState.CHECKING) == 4


async def test_a_photo_that_is_too_large_is_refused_while_it_streams(http, base, house):
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
            async with chat._http.post(
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
        cookie = next(c for c in chat._http.cookie_jar if c.key == COOKIE)
        lines = [
            f"POST /playground/photo?event={event()}&album={event()} HTTP/1.1",
            "Host: x",
            f"Cookie: {COOKIE}={cookie.value}",
        ]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert b" 413 " in await asyncio.wait_for(reader.readline(), 5)
        writer.close()


async def portrait_of(house, person: str) -> Portrait:
    """Somebody's finished portrait, as the shop would have left it."""
    now = house.clock()
    async with house.database.begin() as tx:
        found = await tx.find(User, platform=PLAYGROUND, platform_id=person)
        user, key = found[0], await house.cipher.new_key(tx, now)
        avatar = Avatar(
            AvatarId(new_id()), user.id, OrderId(new_id()), AvatarState.READY, "mini",
            Subject.WOMAN, 1, now, key,
        )  # fmt: skip
        id = PortraitId(new_id())
        path = f"portraits/{avatar.id}/{id}"
        out = io.BytesIO()
        Image.new("RGB", (64, 80), "plum").save(out, "JPEG")
        await house.blobs.put(path, await house.cipher.seal(tx, key, out.getvalue(), path))
        await tx.add(avatar)
        portrait = Portrait(
            id, ShootId(new_id()), user.id, avatar.id, path, 1, 64, 80, "image/jpeg", now
        )
        await tx.add(portrait)
    return portrait


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


async def test_a_portrait_is_its_owners_alone(base, house):
    passes = SignedCookie(house.settings.master_key)
    async with (
        open_chat(base, ticket=passes.ticket("anna")) as anna,
        open_chat(base, ticket=passes.ticket("bert")) as bert,
        open_chat(base) as stranger,
    ):
        for chat in (anna, bert, stranger):
            await greet(chat)
        portrait = await portrait_of(house, "anna")
        assert Image.open(io.BytesIO(await anna.picture(portrait.id))).size == (64, 80)
        for other in (bert, stranger):
            url = f"{base}/playground/picture/{portrait.id}"
            async with other._http.get(url) as answer:
                assert answer.status == 404


async def test_a_download_is_named_and_never_cached(base, house):
    async with open_chat(
        base, ticket=SignedCookie(house.settings.master_key).ticket("anna")
    ) as anna:
        await greet(anna)
        portrait = await portrait_of(house, "anna")
        async with anna._http.get(f"{base}/playground/picture/{portrait.id}?download=1") as answer:
            assert (
                f'filename="eider-{portrait.id[:8]}.jpg"' in answer.headers["Content-Disposition"]
            )
            assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "id",
    [
        "..%2f..%2fetc%2fpasswd",
        "preview:..%2f..%2fprices",
        "preview:nothing",
        "sample:x",
        "%00",
        "a" * 200,
        "uploads%2fx",
    ],
)
async def test_no_path_leads_anywhere_else(http, base, id):
    await http.get(f"{base}/playground")
    await posted(http, base, "say", json={"event": event(), "text": "/start"})
    async with http.get(f"{base}/playground/picture/{id}") as answer:
        assert answer.status == 404
    async with http.get(f"{base}/playground/static/..%2froom.py") as answer:
        assert answer.status in (403, 404)


async def test_previews_are_everybodys(base, house):
    async with open_chat(base) as chat:
        await greet(chat)
        template = house.catalog.templates[0].id
        assert (await chat.picture(f"preview:{template}")).startswith(b"\xff\xd8")


async def test_a_ticket_makes_an_admin_and_only_the_real_one(base, house):
    ticket = SignedCookie(house.settings.master_key).ticket("boss")
    async with open_chat(base, ticket=ticket) as boss, open_chat(base, ticket="boss.x") as nobody:
        for chat in (boss, nobody):
            await greet(chat)
        since = boss.revision
        await boss.say("/stats")
        stats = await boss.wait(lambda seen: bool(seen.text), since=since)
        since = nobody.revision
        await nobody.say("/stats")
        assert (await nobody.wait(lambda seen: bool(seen.text), since=since)).text != stats.text


async def test_a_held_photo_opens_for_admins_alone(base, house):
    passes = SignedCookie(house.settings.master_key)
    async with (
        open_chat(base, ticket=passes.ticket("boss")) as boss,
        open_chat(base, ticket=passes.ticket("anna")) as anna,
    ):
        await greet(boss)
        await greet(anna)
        for action in AGREE:
            await anna.press(action)
        await anna.send_photos([photo(1)])
        async with house.database.begin() as tx:
            (sent,) = await tx.find(Photo)
        url = f"{base}/playground/picture/{sent.id}"
        async with boss._http.get(url) as answer:
            assert answer.status == 404, "not held: none of an admin's business"
        async with house.database.begin() as tx:
            from dataclasses import replace

            await tx.put(replace(sent, state=PhotoState.HELD))
        async with boss._http.get(url) as answer:
            assert answer.status == 200
        async with anna._http.get(url) as answer:
            assert answer.status == 404


async def test_news_of_the_courier_reaches_an_open_page(base, house):
    async with open_chat(
        base, ticket=SignedCookie(house.settings.master_key).ticket("anna")
    ) as anna:
        await greet(anna)
        async with house.database.begin() as tx:
            (user,) = await tx.find(User, platform_id="anna")
            await outbox.notify(tx, user.id, "granted", house.clock(), credits=5)
        await house.flush_outbox()
        rings = await house.redis.zrange("eider:chat", 0, -1)
        assert rings, "the courier was rung for"
        async with house.database.begin() as tx:
            from shop.records import OutboxMessage

            (message,) = await tx.find(OutboxMessage, queue=CHAT)
        since = anna.revision
        await house.outbox_handlers.answer({"message": message.id})
        assert "5" in (await anna.wait(lambda seen: bool(seen.text), since=since)).text


async def test_silence_is_told(base):
    async with open_chat(base) as chat:
        await greet(chat)
        with pytest.raises(Silence):
            await chat.wait(lambda seen: "never" in seen.text, seconds=0.1)


def test_the_page_has_its_words_in_every_language():
    for language in LANGUAGES:
        words = words_of(language)
        assert all(words.values())
        assert len(words) > len(PAGE_WORDS)


def test_every_word_that_the_page_uses_is_sent_to_it():
    import re

    from bot.playground.routes import STATIC

    used: set[str] = set()
    for path in [*STATIC.glob("*.js"), *STATIC.glob("*.html")]:
        text = path.read_text("utf-8")
        used |= set(re.findall(r'"(page-[a-z-]+)"', text))
        used |= set(re.findall(r"\{\{(page-[a-z-]+)\}\}", text))
    used |= {f"page-{state}" for state in ("failed", "sending", "sent", "seen")}
    assert used == {key for key in words_of("en") if key.startswith("page-")}
