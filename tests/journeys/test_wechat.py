"""A customer's whole way through WeChat, over the double: it counts every message, refuses what
WeChat would refuse, and never had to."""

import argparse
import asyncio
import io
import random
import re
from datetime import UTC, datetime

import pytest
from PIL import Image

from bot.wechat.command import operate_wechat
from shop import privacy
from shop.records import (
    Avatar,
    AvatarState,
    Charge,
    Order,
    OrderState,
    Photo,
    Portrait,
    Shoot,
    ShootKind,
    User,
)  # fmt: skip
from tests.doubles import photo
from tests.journeys import wechat_steps
from tests.journeys.test_whole import everything_is_done
from tests.journeys.wechat_steps import (
    PATIENCE,
    SAY,
    agree,
    choose,
    kept_to_the_rules,
    pay,
    pay_by_wechat,
    says,
    send_photos,
    words_of,
)
from tests.traces import traces_of
from tests.wechatapi import Account, Person, Wechat, serving, until
from tests.wechatapi.hostile import attacks
from tests.wechatpay.records import RefundRecord
from tests.wechatpay.stand import merchant_env, open_double

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
BOSS = "oBoss0000000000000000000_-b1"


@pytest.fixture(params=["safe"])
async def wechat(request):
    async with serving(Wechat(Account(mode=request.param))) as wechat:
        yield wechat


@pytest.fixture
async def house(wechat, open_studio):
    """A studio whose WeChat is the double, which has verified its address."""
    env = wechat_steps.account_of(wechat) | {"EIDER_ADMINS": f"wechat:{BOSS}"}
    async with open_studio(**env) as house:
        wechat.callbacks.url = f"{house.container.settings.public_url}/wechat"
        assert await wechat.callbacks.verify()
        yield house


async def first_set(person: Person) -> None:
    """Until the first portraits are there. What the budget leaves no room for comes later."""
    await person.sees(
        words_of("portraits-first", style="", strength="", top="", beauty="")[:6], seconds=90
    )


@pytest.mark.parametrize("wechat", ["safe", "plain"], indirect=True)
async def test_from_the_follow_to_the_erasure(wechat, house):
    ada = Person(wechat)
    await agree(ada)
    before = len(ada.seen())
    await send_photos(ada)
    assert len(ada.seen()) == before + 1, "twenty photos, one answer"

    await pay(ada)
    await ada.sees("收到 ¥9.90")
    await first_set(ada)
    await everything_is_done(house)  # or what is still being told counts to her next words
    first = len(ada.pictures())
    await says(ada, SAY.word("originals"))
    await until(lambda: len(ada.pictures()) >= first + 4, "the whole set", ada.read)
    for data in ada.pictures():
        assert Image.open(io.BytesIO(data)).format == "JPEG"
        assert len(data) <= 2 * 1024 * 1024
    await ada.sees(SAY("news-training-erased", count=20)[:12], seconds=PATIENCE)

    await choose(ada, SAY("portraits-button-more"))
    await ada.sees("一套写真。分身强度 9（最高 ", seconds=PATIENCE)
    await says(ada, SAY("portraits-button-styles"))
    await choose(ada, "黑白肖像")
    await ada.sees("黑白肖像。", seconds=PATIENCE)
    await everything_is_done(house)

    container = house.container
    assert await privacy.uploads_left(container.database, container.blobs) == 0
    async with container.database.begin() as tx:
        (order,), (avatar,) = await tx.find(Order), await tx.find(Avatar)
        shoots = await tx.find(Shoot, order="created_at")
        assert (order.state, order.amount) == (OrderState.DONE, 990)
        assert avatar.state is AvatarState.READY
        assert [shoot.kind for shoot in shoots] == [
            ShootKind.FIRST, ShootKind.MORE_LIKE_ME, ShootKind.STYLE
        ]  # fmt: skip
        assert (await tx.count(Photo), await tx.count(Charge)) == (0, 1)
        assert set((await tx.totals()).values()) == {0}
    assert await traces_of(ada.openid, container.database, container.redis) != []
    await says(ada, "全部删除")
    await choose(ada, SAY("erase-button-yes"))
    await ada.sees("写真：12 张")
    await ada.sees(SAY("news-erased")[:12])
    await everything_is_done(house)
    async with container.database.begin() as tx:
        (user,) = await tx.find(User)
        assert user.erased_at is not None
        assert await tx.count(Shoot) == 0
        assert set((await tx.totals()).values()) == {0}
    assert await traces_of(ada.openid, container.database, container.redis) == []
    kept_to_the_rules(wechat)


async def test_an_admin_gives_the_money_back_and_nothing_is_left_of_it(wechat, house):
    ada, boss = Person(wechat), Person(wechat, BOSS)
    await boss.follow()
    await agree(ada)
    await send_photos(ada)
    await pay(ada)
    await first_set(ada)
    await says(ada, "订单")
    number = (await ada.sees("数字分身 · ¥9.90")).text
    (order,) = re.findall(r"^([0-9A-F]{8}) ·", number, re.MULTILINE)
    await says(boss, f"/refund {order}")
    await ada.sees("¥9.90 已经退回", seconds=PATIENCE)
    await ada.sees("分身和写真正在删除", seconds=PATIENCE)
    await everything_is_done(house)
    async with house.container.database.begin() as tx:
        (order,) = await tx.find(Order)
        assert order.state is OrderState.REFUNDED
        assert await tx.count(Portrait) == 0
        assert set((await tx.totals()).values()) == {0}
    kept_to_the_rules(wechat)


async def test_news_beyond_the_budget_wait_for_the_next_word_and_none_is_lost(wechat, house):
    ada, boss = Person(wechat), Person(wechat, BOSS)
    await boss.follow()
    await ada.follow()
    await says(ada, "点数")
    async with house.container.database.begin() as tx:
        user = next(each for each in await tx.find(User) if each.platform_id == ada.openid)
    for number in range(1, 10):
        await says(boss, f"/grant {user.id} {number}")
    await until(lambda: len(ada.seen("custom")) >= 3, "some news", ada.read)
    before = len(ada.seen("custom"))
    await ada.say("帮助")
    for number in range(1, 10):
        await ada.sees(f"送你 {number} 点，", seconds=PATIENCE)
    text = "\n".join(ada.texts())
    assert [text.count(f"送你 {number} 点，") for number in range(1, 10)] == [1] * 9
    assert len(ada.seen("custom")) - before <= 2, "what waited goes out together"
    kept_to_the_rules(wechat)


async def test_a_storm_of_shuffled_tripled_and_hostile_callbacks_is_done_once(wechat, house):
    dice = random.Random(7)
    people = [Person(wechat) for _ in range(3)]
    for person in people:
        await agree(person)
    shown = {person.openid: len(person.seen()) for person in people}
    with wechat.callbacks.holding() as held:
        for number in range(6):
            for place, person in enumerate(people):
                person.send_photo(photo(100 * place + number))
    evil = [each for person in people for each in attacks(wechat, person.openid)]
    work = [*held * 3, *evil]
    dice.shuffle(work)

    async def post(each):
        if each in evil:
            attempt = await wechat.callbacks.raw(each.body, each.query)
            assert attempt.status in (400, 403, 413), (each.name, attempt)
        else:
            await wechat.callbacks.deliver(each, copies=1)

    await asyncio.gather(*(post(each) for each in work))
    for person in people:
        await person.sees(words_of("tally-head", sent=6, accepted=6), seconds=PATIENCE)
    await everything_is_done(house)
    async with house.container.database.begin() as tx:
        assert await tx.count(User) == 3
        assert await tx.count(Photo) == 18
    for person in people:
        assert len(person.seen()) == shown[person.openid] + 1, person.read()
    kept_to_the_rules(wechat)


async def test_words_are_answered_once_however_often_they_come(wechat, house):
    ada = Person(wechat)
    wechat.callbacks.copies = 3
    await ada.follow()
    await choose(ada, SAY("welcome-button-begin"))
    await says(ada, "点数")
    assert len([text for text in ada.texts() if text]) == 3
    assert len(ada.seen("custom")) == 1, "the samples, as one picture, once"
    kept_to_the_rules(wechat)


async def test_wechat_stumbles_and_nothing_is_lost_or_said_twice(wechat, house):
    """Busy, slow, broken downloads, a token that ends: all in one journey."""
    ada = Person(wechat)
    await agree(ada)
    wechat.media.broken = 3
    wechat.fail("media/get", -1, times=3)
    wechat.tokens.revoke()
    await send_photos(ada)
    wechat.fail("message/custom/send", -1, times=2)
    wechat.drop("media/upload", times=1)
    wechat.delays["message/custom/send"] = 0.5
    await pay(ada)
    wechat.tokens.expire()
    await first_set(ada)
    await says(ada, SAY.word("orders"))
    await ada.sees(SAY("news-training-erased", count=20)[:12], seconds=PATIENCE)
    await everything_is_done(house)
    text = "\n".join(ada.texts())
    for once in (
        "收到 ¥9.90",
        "你的分身做好了",
        "第一组写真：",
        SAY("news-training-erased", count=20)[:14],
    ):
        assert text.count(once) == 1, ada.read()
    assert wechat.tokens.fetched <= 4
    kept_to_the_rules(wechat)


async def test_the_menu_that_the_operator_sets_leads_somewhere(wechat, house):
    settings = house.container.settings
    assert await operate_wechat(argparse.Namespace(verb="menu"), settings) == 0
    ada = Person(wechat)
    await ada.follow()
    names = [name for top in wechat.menu.shown().items() for name in (top[1] or [top[0]])]
    assert len(names) >= 6
    for name in names:
        before = len(ada.seen())
        await ada.click(name)
        assert len(ada.seen()) > before, name
    assert not [text for text in ada.texts() if SAY("odd-button") in text]
    kept_to_the_rules(wechat)


async def test_a_friend_scans_an_invitation(wechat, house):
    ada, bob = Person(wechat), Person(wechat)
    await ada.follow()
    await says(ada, SAY.word("invite"))
    await until(ada.pictures, "a code to scan", ada.read)
    (made,) = wechat.made("qrcode/create")
    scene = made.said["action_info"]["scene"]["scene_str"]
    code = next(each for each in wechat.qrcodes.all() if each.scene == scene)
    await bob.scan(code.url)
    assert bob.texts(), "a welcome"
    async with house.container.database.begin() as tx:
        users = {each.platform_id: each for each in await tx.find(User)}
    assert users[bob.openid].invited_by == users[ada.openid].id
    kept_to_the_rules(wechat)


@pytest.fixture
async def gateway():
    async with open_double(lambda: datetime.now(UTC)) as gateway:
        yield gateway


async def test_paid_by_wechat_pay_all_portraits_come_and_a_refund_goes_back(
    wechat, gateway, open_studio
):
    """A payment to the account's merchant opens the budget: nothing has to wait for it."""
    env = merchant_env(gateway) | wechat_steps.account_of(wechat)
    env |= {"EIDER_ADMINS": f"wechat:{BOSS}", "EIDER_TILL": "", "EIDER_PLAYGROUND": "no"}
    async with open_studio(**env) as house:
        wechat.callbacks.url = f"{house.container.settings.public_url}/wechat"
        ada, boss = Person(wechat), Person(wechat, BOSS)
        await boss.follow()
        await agree(ada)
        await send_photos(ada)
        await choose(ada, SAY("photos-button-done"))
        await until(lambda: gateway.trades.trades, "a bill", ada.read)
        before = len(ada.seen("custom"))
        pay_by_wechat(ada, gateway)
        (notice,) = await gateway.notices.post_due()
        assert notice.answers == [200]
        await first_set(ada)
        await ada.sees(SAY("news-training-erased", count=20)[:12], seconds=PATIENCE)
        assert len(ada.seen("custom")) - before > 5, "more than a message of theirs allows"
        assert len([each for each in ada.seen("custom") if each.kind == "image"]) >= 4
        await says(ada, SAY.word("orders"))
        (order,) = re.findall(r"^([0-9A-F]{8}) ·", ada.texts()[-1], re.MULTILINE)
        await says(boss, f"/refund {order}")
        (refund,) = await refunds(gateway)
        gateway.settle(refund, "SUCCESS")
        await gateway.notices.post_due()
        await ada.sees("已经退回", seconds=PATIENCE)
        async with house.container.database.begin() as tx:
            (order,) = await tx.find(Order)
            assert order.state is OrderState.REFUNDED
            assert set((await tx.totals()).values()) == {0}
    kept_to_the_rules(wechat)


async def refunds(gateway) -> list[RefundRecord]:
    """Waits until one was asked for."""
    await until(lambda: gateway.trades.refunds, "a refund")
    return list(gateway.trades.refunds.values())
