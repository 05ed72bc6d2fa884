"""The album in WeChat's browser, over the WeChat double: OAuth with its own codes."""

import json
from collections.abc import AsyncIterator

import pytest

from bot.container import Container, open_container
from bot.wechat import WECHAT
from handlers.texts import texts
from shop.settings import Settings
from tests.bot.pages.albums import images, links, plain, somebody, with_avatar, with_set
from tests.journeys.wechat_steps import account_of
from tests.wechatapi import Person, Wechat, serving
from tests.wechatapi.people.browser import IPHONE

EN, ZH = texts("en"), texts("zh_CN")


@pytest.fixture
async def wechat() -> AsyncIterator[Wechat]:
    async with serving(Wechat()) as wechat:
        wechat.oauth.domains = {"127.0.0.1"}
        yield wechat


@pytest.fixture
def env(env: dict[str, str], wechat: Wechat) -> dict[str, str]:
    return env | account_of(wechat)


@pytest.fixture
async def container(env: dict[str, str]) -> AsyncIterator[Container]:
    """With the channel as it is shipped."""
    async with open_container(Settings.from_env(env)) as container:
        yield container


async def test_only_its_owner_opens_it_and_what_they_press_is_done(base, container, wechat):
    ada, bert = Person(wechat, "oAda"), Person(wechat, "oBert")
    user = await somebody(container, "oAda", WECHAT, "zh")
    (portrait, *_) = await with_set(container, await with_avatar(container, user, 40), [plain()])
    url = links(container).address(user)
    async with ada.browser() as browser:
        page = await browser.get(url)
        assert (page.status, page.url) == (200, url)
        assert images(page.text) == [f"/album/{url.rpartition('/')[2]}/picture/{portrait.id}"]
        assert any(
            hop.startswith("https://open.weixin.qq.com/connect/oauth2/") for hop in page.hops
        )
        assert (await browser.get(f"{url}/picture/{portrait.id}")).body == plain()
        body = {"event": "0123456789abcdef", "action": "buy:60"}
        said = await browser.post(f"{url}/act", json=body, headers={"X-Eider-Page": "1"})
        assert "¥6.00" in json.loads(said.text)["answers"][0]["text"]
    async with bert.browser() as browser:
        page = await browser.get(url)
        assert (page.status, EN("album-not-yours-title") in page.text) == (403, True)
        assert portrait.id not in page.text
        assert (await browser.get(f"{url}/picture/{portrait.id}")).status == 401
        code = next(one for one in page.hops if "code=" in one)
        assert (await browser.get(code)).status == 403
    async with ada.browser(IPHONE) as browser:
        page = await browser.get(url)
        assert page.status == 200
        assert 'data-action="credits"' not in page.text
        said = await browser.post(f"{url}/act", json=body, headers={"X-Eider-Page": "1"})
        assert json.loads(said.text)["answers"][0]["text"] == ZH("album-not-sold")
    assert wechat.problems == []


async def test_a_code_that_wechat_does_not_take_opens_nothing(base, container, wechat):
    user = await somebody(container, "oAda", WECHAT, "zh")
    url = links(container).address(user)
    async with Person(wechat, "oAda").browser() as browser:
        wechat.fail("sns/oauth2/access_token", 40029)
        assert (await browser.get(url)).status == 403
        wechat.fail("sns/oauth2/access_token", -1)
        assert (await browser.get(url)).status == 503
        assert (await browser.get(url)).status == 200
