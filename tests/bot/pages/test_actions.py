"""What is pressed on the album is the dialogue's own, once, and within its limits."""

import asyncio
import json

import pytest

from bot.wechat import WECHAT
from handlers import limits
from handlers.chat import Invoice
from handlers.intents import Intent
from handlers.texts import texts
from shop.people import users
from shop.records import Order, OrderState, Shoot, ShootState, User, new_id
from tests.bot.pages.albums import (
    images,
    links,
    open_album,
    plain,
    press,
    somebody,
    with_avatar,
    with_set,
)
from tests.bot.pages.wechat_visitors import enter
from tests.storing import CAPACITY

EN, ZH = texts("en"), texts("zh_CN")
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.50(0x1800323d)"


@pytest.fixture
async def ada(container):
    return await somebody(container, "oAda", WECHAT, "en")


@pytest.fixture
async def avatar(container, ada):
    return await with_avatar(container, ada, 40)


@pytest.fixture
async def portraits(container, avatar):
    return await with_set(container, avatar, [plain()] * 4)


@pytest.fixture
async def url(http, base, container, ada, oauth):
    """Her album, which she has opened."""
    address = links(container).address(ada)
    await enter(http, address, oauth, "oAda")
    return address


async def shoots(container) -> list[Shoot]:
    async with container.database.begin() as tx:
        return await tx.find(Shoot, state=ShootState.WAITING)


def words(said: dict) -> str:
    return json.dumps(said, ensure_ascii=False)


async def test_the_sets_stand_there_newest_first_with_what_another_costs(
    http, container, avatar, portraits, url
):
    older = await with_set(container, avatar, [plain("teal")] * 2, "studio", 9)
    status, page = await open_album(http, url)
    assert status == 200
    assert [one.rpartition("/")[2] for one in images(page)] == [
        one.id for one in (*portraits, *older)
    ]
    assert EN("album-balance", count=40) in page
    for key in ("more", "fairer", "again", "expression"):
        label, cost = EN(f"portraits-button-{key}"), EN("album-cost", cost=8)
        assert f"<span>{label}</span><small>{cost}</small>" in page
    assert page.count('width="64" height="80"') == 6  # nothing jumps when they come


async def test_more_like_me_holds_what_it_costs(http, container, portraits, url):
    status, said = await press(http, url, f"more:{portraits[0].shoot_id}")
    assert status == 200
    told = EN(
        "shoot-liker", strength="9", top="12", beauty="0%", strength_before="8", beauty_before="25%"
    )
    assert told in words(said)
    (shoot,) = await shoots(container)
    assert (shoot.template, shoot.credits) == ("noir", 8)
    async with http.get(f"{url}/sets") as answer:
        text = await answer.text()
    assert EN("album-balance", count=32) in text
    assert 'data-waiting="1"' in text


async def test_pressed_twice_it_is_done_once(http, container, portraits, url):
    action, event = f"again:{portraits[0].shoot_id}", new_id()
    answers = await asyncio.gather(*(press(http, url, action, event) for _ in range(3)))
    assert {status for status, _ in answers} == {200}
    assert len(await shoots(container)) == 1


async def test_another_persons_event_of_the_same_name_is_another(
    http, container, portraits, url, oauth
):
    event = new_id()
    await press(http, url, f"again:{portraits[0].shoot_id}", event)
    bert = await somebody(container, "oBert", WECHAT)
    theirs = await with_set(container, await with_avatar(container, bert, 40), [plain()])
    address = links(container).address(bert)
    await enter(http, address, oauth, "oBert")
    await press(http, address, f"again:{theirs[0].shoot_id}", event)
    assert {one.user_id for one in await shoots(container)} == {portraits[0].user_id, bert.id}


async def test_another_persons_set_is_not_there(http, container, portraits, url):
    bert = await somebody(container, "oBert", WECHAT)
    theirs = await with_set(container, await with_avatar(container, bert, 40), [plain()])
    _, said = await press(http, url, f"more:{theirs[0].shoot_id}")
    assert EN("error-not-found") in words(said)
    assert await shoots(container) == []


async def test_a_style_is_chosen_by_its_picture(http, container, portraits, url):
    _, said = await press(http, url, "styles")
    (menu,) = said["answers"]
    assert [one["action"].partition(":")[0] for one in menu["pictures"]] == ["s"] * 6
    first = menu["pictures"][0]
    assert first["about"]
    assert first["label"] not in menu["text"]  # its line stands below its picture
    assert EN("album-cost", cost=8) in menu["text"]  # said before the press
    keys = [one["action"] for row in menu["buttons"] for one in row]
    assert keys == ["styles:2", "where"]
    async with http.get(url.partition("/album")[0] + first["src"]) as answer:
        assert (answer.status, answer.content_type) == (200, "image/jpeg")
    await press(http, url, first["action"])
    assert [f"s:{one.template}" for one in await shoots(container)] == [first["action"]]


async def test_originals_are_files_with_their_names(http, container, portraits, url):
    _, said = await press(http, url, f"orig:{portraits[0].shoot_id}")
    (files,) = said["answers"]
    assert files["files"] is True
    assert len(files["pictures"]) == 4
    address = f"{url.partition('/album')[0]}{files['pictures'][0]['src']}?download=1"
    async with http.get(address) as answer:
        name = f'attachment; filename="eider-{portraits[0].id[:8]}.jpg"'
        assert answer.headers["Content-Disposition"] == name
        assert await answer.read() == plain()


async def test_what_only_a_chat_can_do_is_left_out(http, container, portraits, url):
    for action in ("invite", f"share:{portraits[0].shoot_id}", "where"):
        _, said = await press(http, url, action)
        keys = [key for one in said["answers"] for row in one["buttons"] for key in row]
        assert all(key.get("action") or key.get("url") for key in keys)
        assert "/album/" not in words(said)  # this page is open already


async def test_the_page_speaks_of_the_chat_that_it_was_opened_from(http, portraits, url):
    """In WeChat there are no buttons under portraits, and no commands."""
    _, page = await open_album(http, url)
    assert EN("album-share-in-chat") not in page
    assert EN("album-share-in-chat-typed") in page
    _, said = await press(http, url, "paysupport")
    assert "/orders" not in words(said)
    assert f"“{EN.word('orders')}”" in words(said)


async def test_an_erasure_asks_and_then_leaves_nothing(http, container, ada, portraits, url):
    _, said = await press(http, url, "erase")
    (yes,) = [key for row in said["answers"][0]["buttons"] for key in row if key.get("danger")]
    async with container.database.begin() as tx:
        assert (await tx.get(User, ada.id)).erased_at is None
    _, said = await press(http, url, yes["action"])
    assert "receipt" in [one["tone"] for one in said["answers"]]
    assert (await press(http, url, yes["action"]))[0] == 410
    async with container.database.begin() as tx:
        assert [one.id for one in await tx.find(User, platform=WECHAT)] == [ada.id]  # nobody new
    async with http.get(f"{url}/picture/{portraits[0].id}") as answer:
        assert answer.status == 410


async def test_of_two_who_erase_at_once_the_second_makes_nobody_new(
    http, container, ada, portraits, url
):
    """Both were let in before either had the person's lock."""
    _, said = await press(http, url, "erase")
    (yes,) = [key for row in said["answers"][0]["buttons"] for key in row if key.get("danger")]
    async with container.sessions.lock(WECHAT, "oAda"):
        presses = [asyncio.create_task(press(http, url, yes["action"])) for _ in range(2)]
        presses.append(asyncio.create_task(press(http, url, "mydata")))
        _, late = await asyncio.wait(presses, timeout=0.5)
        assert len(late) == 3
    statuses = [status for status, _ in await asyncio.gather(*presses)]
    assert 200 in statuses
    assert 410 in statuses
    async with container.database.begin() as tx:
        (only,) = await tx.find(User, platform=WECHAT)
    assert (only.id, only.erased_at is None) == (ada.id, False)


async def test_a_bill_with_an_address_is_paid_there(http, container, portraits, url):
    _, said = await press(http, url, "buy:60")
    (bill,) = said["answers"]
    assert bill["pay"]["label"] == EN("album-pay", amount="¥6.00")
    assert "/till/sandbox/" in bill["pay"]["url"]
    assert "pay" not in [key["action"].partition(":")[0] for row in bill["buttons"] for key in row]
    async with http.get(bill["pay"]["url"]) as answer:
        assert answer.status == 200


@pytest.fixture
def only_in_chats(container, monkeypatch):
    """A till whose bills only a chat can show, as Stars are."""
    from dataclasses import replace

    till = container.tills["sandbox"]
    bill = till.bill

    async def without_address(order, title):
        return replace(await bill(order, title), pay_url="")

    monkeypatch.setattr(till, "bill", without_address)


async def test_a_bill_without_one_goes_to_the_chat(
    http, container, portraits, url, chats, only_in_chats
):
    event = new_id()
    _, said = await press(http, url, "buy:60", event)
    assert EN("album-bill-sent") in words(said)
    ((chat, bill, key),) = chats.sent
    assert (chat, isinstance(bill, Invoice)) == ("oAda", True)
    assert event in key
    chats.away = True
    _, said = await press(http, url, "buy:200")
    assert EN("album-bill-not-sent") in words(said)


async def test_what_is_no_button_of_ours_is_refused(http, url):
    """Nor is what an admin could press, nor an event without a proper name."""
    headers, good = {"X-Eider-Page": "1"}, {"event": new_id(), "action": "where"}
    actions = ("stats", "ok:1", "refund:x", "?", "", "more:\u00e4", "x" * 41, None, 7, ["a"])
    events = ("", "short", "x" * 65, "a:b" * 9, "0123456789abcdef\n", None, 7)
    bodies = [
        *(good | {"action": one} for one in actions), *(good | {"event": one} for one in events),
        [], "where", 7, None, {},
    ]  # fmt: skip
    for body in bodies:
        async with http.post(f"{url}/act", json=body, headers=headers) as answer:
            assert answer.status == 400, body


async def test_who_presses_without_end_is_told_to_wait(http, container, url, monkeypatch):
    monkeypatch.setattr(limits, "UPDATES", limits.Limit("updates", 2, 3600.0))
    for _ in range(2):
        assert (await press(http, url, "styles"))[0] == 200
    status, said = await press(http, url, "styles")
    assert status == 429
    assert said["text"].startswith(EN("limit-kept", wait="X").partition("X")[0])
    assert (await press(http, url, "mydata"))[0] == 200  # a right


async def test_the_pages_and_pictures_of_one_person_are_counted(
    http, container, portraits, url, monkeypatch
):
    for name in ("PAGES", "PICTURES"):
        few = limits.Limit(f"few-{name.lower()}", 2, 3600.0)
        monkeypatch.setattr(limits, name, few)
    for place in ("", f"/picture/{portraits[0].id}"):
        answers = []
        for _ in range(3):
            async with http.get(url + place) as answer:
                answers.append((answer.status, "Retry-After" in answer.headers))
        assert answers == [(200, False), (200, False), (429, True)]


async def test_nothing_new_is_not_sent_again(http, container, portraits, url):
    async with http.get(f"{url}/sets") as answer:
        revision = (await answer.text()).partition('data-revision="')[2][:16]
    async with http.get(f"{url}/sets", params={"revision": revision}) as answer:
        assert answer.status == 204
    await press(http, url, f"again:{portraits[0].shoot_id}")
    async with http.get(f"{url}/sets", params={"revision": revision}) as answer:
        assert answer.status == 200


async def test_older_sets_come_when_asked_for(http, container, avatar, url):
    for ago in range(10):
        await with_set(container, avatar, [plain()], minutes_ago=ago)
    _, page = await open_album(http, url)
    assert len(images(page)) == 8
    assert f"{url.partition('8099')[2] or ''}?sets=16" in page
    for wanted, shown in (("16", 10), ("99999", 8), ("-1", 8), ("x", 8), ("1", 8)):
        _, page = await open_album(http, f"{url}?sets={wanted}")
        assert len(images(page)) == shown
    assert "?sets=" not in (await open_album(http, f"{url}?sets=16"))[1]


async def test_the_page_speaks_its_owners_language(http, container, ada, portraits, url):
    async with container.database.begin() as tx:
        await users.set_language(tx, ada, "zh_CN")
    _, page = await open_album(http, url)
    assert '<html lang="zh-CN">' in page
    assert ZH("album-title") in page


async def test_somebody_without_portraits_is_led_on(http, url):
    _, page = await open_album(http, url)
    assert EN("album-empty") in page
    assert 'data-action="where"' in page


async def test_on_ios_in_wechat_no_price_is_shown(http, container, ada, portraits, url):
    """Nor is a bill made; everything else works, and each refusal says where one can buy."""
    agent = {"User-Agent": IPHONE}
    async with http.get(url, headers=agent) as answer:
        page = await answer.text()
    assert 'data-action="credits"' not in page
    assert 'data-action="new"' not in page
    for intent in Intent:
        status, said = await press(http, url, intent.value, headers=agent)
        assert status == 200, intent
        assert "¥" not in words(said), intent
        rows = [row for one in said["answers"] for row in one["buttons"]]
        led_to = {key.get("action", "").partition(":")[0] for row in rows for key in row}
        assert not led_to & {"credits", "new", "buy", "pay"}, intent
    for action in ("credits", "buy:60", "new", "new:yes", "pay"):
        _, said = await press(http, url, action, headers=agent)
        assert [one["text"] for one in said["answers"]] == [EN("album-not-sold")]
    async with container.database.begin() as tx:
        assert await tx.find(Order, user_id=ada.id) == []


async def test_on_ios_a_newcomer_is_told_no_price_either(http, base, container, oauth):
    """Whose next screen is the welcome, with its price in the first sentence."""
    eve = await somebody(container, "oEve", WECHAT)
    address = links(container).address(eve)
    await enter(http, address, oauth, "oEve")
    assert "¥" in words((await press(http, address, "start"))[1])  # as it is elsewhere
    for action in ("start", "where", "decline", "cancel", "terms", "agree:terms", "help"):
        _, said = await press(http, address, action, headers={"User-Agent": IPHONE})
        assert "¥" not in words(said), action


async def test_on_ios_what_is_ones_own_still_names_its_money(http, container, ada, portraits, url):
    async with container.database.begin() as tx:
        from shop.orders import orders

        order = await orders.buy_credits(
            tx, container.catalog, ada, "sandbox", container.tills["sandbox"].currency,
            container.clock(), 60, capacity=CAPACITY)  # fmt: skip
    assert order.state is OrderState.AWAITING
    _, said = await press(http, url, "orders", headers={"User-Agent": IPHONE})
    assert "¥6.00" in words(said)


async def test_an_outage_is_said_and_loses_nothing(http, container, portraits, url, monkeypatch):
    from shop.errors import Unavailable

    action, event = f"again:{portraits[0].shoot_id}", new_id()
    handle = container.page_dispatcher.handle

    async def away(incoming):
        raise Unavailable("the database does not answer")

    monkeypatch.setattr(container.page_dispatcher, "handle", away)
    assert (await press(http, url, action, event))[0] == 503
    monkeypatch.setattr(container.page_dispatcher, "handle", handle)
    assert (await press(http, url, action, event))[0] == 200
    assert len(await shoots(container)) == 1


async def test_news_of_a_set_comes_to_the_chat_as_ever(http, container, portraits, url, chats):
    """What the page answers is not said in the chat as well."""
    await press(http, url, f"again:{portraits[0].shoot_id}")
    assert chats.sent == []
