"""The album over the real container: whom it opens for, and what it does."""

import pytest

from shop.records import Shoot, ShootState
from tests.bot.pages.albums import (
    enter_playground,
    images,
    links,
    open_album,
    plain,
    press,
    somebody,
    with_avatar,
    with_set,
)


@pytest.fixture
async def anna(container):
    return await somebody(container, "anna")


@pytest.fixture
def url(container, anna):
    return links(container).address(anna)


async def test_it_shows_its_owner_their_sets(http, base, container, anna, url):
    avatar = await with_avatar(container, anna, 40)
    older = await with_set(container, avatar, [plain()] * 4, "studio", 9)
    newer = await with_set(container, avatar, [plain("teal")] * 3, "noir", 1)
    await enter_playground(http, base, container, "anna")
    status, page = await open_album(http, url)
    assert status == 200
    assert [one.rpartition("/")[2] for one in images(page)] == [
        one.id for one in (*newer, *older)
    ]
    assert "40 credits" in page


async def test_more_like_me_is_the_dialogues_own(http, base, container, anna, url):
    avatar = await with_avatar(container, anna, 40)
    (first, *_) = await with_set(container, avatar, [plain()] * 4)
    await enter_playground(http, base, container, "anna")
    await open_album(http, url)
    status, said = await press(http, url, f"more:{first.shoot_id}")
    assert status == 200
    print(said)
    async with container.database.begin() as tx:
        (waiting,) = await tx.find(Shoot, user_id=anna.id, state=ShootState.WAITING)
    assert waiting.template == "noir"
