"""A customer's whole way through WeChat, over the double: it counts every message, refuses what
WeChat would refuse, and never had to."""

import io

import pytest
from PIL import Image

from shop import privacy
from shop.records import (
    Avatar,
    AvatarState,
    Charge,
    Order,
    OrderState,
    Photo,
    Shoot,
    ShootKind,
    User,
)  # fmt: skip
from tests.journeys import wechat_steps
from tests.journeys.test_whole import everything_is_done
from tests.journeys.wechat_steps import SAY, agree, choose, kept_to_the_rules, pay, send_photos
from tests.labels import is_ai_labelled
from tests.traces import traces_of
from tests.wechatapi import Account, Person, Wechat, serving, until

pytestmark = pytest.mark.timeout(180)
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


async def test_from_the_follow_to_the_erasure(wechat, house):
    ada = Person(wechat)
    await agree(ada)
    before = len(ada.seen())
    await send_photos(ada)
    assert len(ada.seen()) == before + 1, "twenty photos, one answer"

    await pay(ada)
    await ada.sees("9.90", seconds=60)
    await until(lambda: ada.pictures(), "portraits", ada.read, 90)
    portrait = Image.open(io.BytesIO(ada.pictures()[-1]))
    assert portrait.format == "JPEG"
    await choose(ada, SAY("portraits-button-more"))
    await until(lambda: len(await_shoots(ada)) >= 2, "more like me", ada.read, 90)
    kept_to_the_rules(wechat)
