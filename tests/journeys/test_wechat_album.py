"""The album in WeChat, from the link in the chat to the erasure, all of it on the page."""

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PIL import Image

from shop.records import Shoot, ShootKind, ShootState, User, new_id
from tests.journeys.test_whole import everything_is_done
from tests.journeys.wechat_steps import (
    PATIENCE,
    SAY,
    account_of,
    agree,
    choose,
    kept_to_the_rules,
    links,
    pay_by_wechat,
    send_photos,
)
from tests.wechatapi import Browser, Person, Wechat, serving, until
from tests.wechatpay.stand import merchant_env, open_double

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
SHOWN = re.compile(r'src="(/album/[^"]+/picture/[^"?]+)')


@pytest.fixture
async def wechat():
    async with serving(Wechat()) as wechat:
        wechat.oauth.domains = {"127.0.0.1"}
        yield wechat


@pytest.fixture
async def gateway():
    async with open_double(lambda: datetime.now(UTC)) as gateway:
        yield gateway


@pytest.fixture
async def house(wechat, gateway, open_studio):
    env = merchant_env(gateway) | account_of(wechat) | {"EIDER_TILL": "", "EIDER_PLAYGROUND": "no"}
    async with open_studio(**env) as house:
        wechat.callbacks.url = f"{house.container.settings.public_url}/wechat"
        yield house


async def bought(person: Person, gateway) -> str:
    """The album's address, once the first portraits are there."""
    await agree(person)
    await send_photos(person)
    await choose(person, SAY("photos-button-done"))
    await until(lambda: gateway.trades.trades, "a bill", person.read)
    pay_by_wechat(person, gateway)
    await gateway.notices.post_due()
    await until(lambda: links(person, "/album/"), "the album's link", person.read, 90)
    return links(person, "/album/")[-1]


async def press(browser: Browser, album: str, action: str) -> list[str]:
    """Press that: the actions of what is offered then."""
    body = {"event": new_id(), "action": action}
    page = await browser.post(f"{album}/act", json=body, headers={"X-Eider-Page": "1"})
    assert page.status == 200, page.text
    return list(actions_in(json.loads(page.text)))


def actions_in(said: object) -> Iterator[str]:
    if isinstance(said, list):
        for one in said:
            yield from actions_in(one)
    elif isinstance(said, dict):
        if "action" in said:
            yield said["action"]
        for one in said.values():
            yield from actions_in(one)


async def test_look_choose_more_like_me_and_erase_on_the_page(wechat, gateway, house):
    ada, bob = Person(wechat), Person(wechat)
    await bob.follow()
    album = await bought(ada, gateway)
    await everything_is_done(house)
    said = len(ada.seen("passive"))
    async with ada.browser() as browser:
        page = await browser.get(album)
        assert page.status == 200, page.text
        assert any("/connect/oauth2/authorize" in hop for hop in page.hops)
        shown = SHOWN.findall(page.text)
        assert len(shown) == 4
        origin = album.partition("/album/")[0]
        for path in shown:
            picture = await browser.get(origin + path)
            assert Image.open(io.BytesIO(picture.body)).size

        styles = await press(browser, album, "styles")
        other = next(one for one in styles if one.startswith("s:") and one != "s:session")
        await press(browser, album, other)
        await ada.sees(SAY("portraits-button-more"), times=2, seconds=PATIENCE)
        await everything_is_done(house)
        page = await browser.get(album)
        assert len(SHOWN.findall(page.text)) == 8

        (more, *_) = re.findall(r'data-action="(more:[^"]+)"', page.text)
        await press(browser, album, more)
        await ada.sees("经典棚拍。分身强度 9（最高 12），修饰 0%", seconds=PATIENCE)
        await everything_is_done(house)
        assert len(SHOWN.findall((await browser.get(album)).text)) == 12
        async with house.container.database.begin() as tx:
            shoots = await tx.find(Shoot, order="created_at")
        assert [(one.kind, one.state) for one in shoots] == [
            (kind, ShootState.DONE)
            for kind in (ShootKind.FIRST, ShootKind.STYLE, ShootKind.MORE_LIKE_ME)
        ]

        async with bob.browser() as stranger:
            assert (await stranger.get(album)).status == 403

        (yes,) = [
            one for one in await press(browser, album, "erase") if one.startswith("erase:yes")
        ]
        await press(browser, album, yes)
        await everything_is_done(house)
        assert (await browser.get(album)).status == 410
        assert (await browser.get(origin + shown[0])).status in (404, 410)
    async with house.container.database.begin() as tx:
        erased = [one for one in await tx.find(User) if one.erased_at is not None]
        assert len(erased) == 1
        assert await tx.count(Shoot) == 0
    assert len(ada.seen("passive")) == said, "nothing was typed"
    kept_to_the_rules(wechat)
