"""A customer's whole way over HTTP, with a real store, a real database and real arq workers."""

import asyncio
import io

import pytest
from PIL import Image

from bot.playground.messages import MessageKind
from handlers.chat import Tone
from shop import privacy
from shop.jobs import outbox
from shop.records import (
    CHAT,
    Avatar,
    AvatarState,
    Charge,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    Shoot,
    ShootKind,
    User,
)  # fmt: skip
from tests.journeys.conftest import agree, is_sample, is_set, pay, send_photos, sets
from tests.traces import traces_of

pytestmark = pytest.mark.timeout(120)


async def test_from_the_first_word_to_the_last_receipt(studio):
    async with studio.enter() as chat:
        await agree(chat)
        await send_photos(chat)
        await pay(chat)
        paid = await chat.wait(lambda seen: seen.message.tone is Tone.RECEIPT)
        assert "9.90" in paid.text
        first = await chat.wait(is_set)
        assert len(first.message.pictures) == 4
        picture = Image.open(io.BytesIO(await chat.picture(first.message.pictures[0].id)))
        assert picture.format == "JPEG"
        await chat.wait(lambda seen: "Receipt of erasure" in seen.text)

        since = chat.revision
        await chat.press("more:")
        liker = await chat.wait(is_set, since=since)
        assert "Strength 9 of 12" in liker.text
        since = chat.revision
        await chat.press("styles")
        menu = await chat.wait(lambda seen: seen.message.kind is MessageKind.PICTURES, since=since)
        since = chat.revision
        await chat.press(next(b.action for b in menu.buttons if b.action.startswith("s:")))
        await chat.wait(is_set, since=since)
        assert len(sets(chat)) == 3

        assert await privacy.uploads_left(studio.container.database, studio.container.blobs) == 0
        async with studio.container.database.begin() as tx:
            (order,), (avatar,) = await tx.find(Order), await tx.find(Avatar)
            shoots = await tx.find(Shoot, order="created_at")
            assert (order.state, order.amount) == (OrderState.DONE, 990)
            assert avatar.state is AvatarState.READY
            assert [shoot.kind for shoot in shoots] == [
                ShootKind.FIRST, ShootKind.MORE_LIKE_ME, ShootKind.STYLE
            ]  # fmt: skip
            assert shoots[0].seeds == shoots[1].seeds
            assert shoots[0].weight < shoots[1].weight
            assert await tx.count(Photo) == 0
            assert await tx.count(Charge) == 1
            assert set((await tx.totals()).values()) == {0}

            (user,) = await tx.find(User)
        person = user.platform_id
        assert await traces_of(person, studio.container.database, studio.container.redis) != []
        await chat.say("/mydata")
        await chat.say("/erase")
        await chat.press("erase:yes-")
        await chat.wait(
            lambda seen: seen.message.tone is Tone.RECEIPT and "portraits: 12" in seen.text
        )
        await chat.wait(lambda seen: not sets(chat))
        async with studio.container.database.begin() as tx:
            (user,) = await tx.find(User)
            assert user.erased_at is not None
            assert await tx.count(Shoot) == 0
            assert set((await tx.totals()).values()) == {0}
        await chat.wait(lambda seen: "nothing is left" in seen.text)
        await everything_is_done(studio)
        assert await traces_of(person, studio.container.database, studio.container.redis) == []


async def everything_is_done(studio) -> None:
    """The outbox is empty, and nobody works at a message any more."""
    async with asyncio.timeout(30):
        while True:
            async with studio.container.database.begin() as tx:
                left = await tx.count(OutboxMessage, queue=CHAT, state=outbox.PENDING)
            if not left and not await studio.container.redis.keys("arq:in-progress:chat:*"):
                return
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_the_progress_is_one_bubble_and_a_sample_comes_between(studio):
    studio.engine.pause = 2.5  # long enough for a beat
    async with studio.enter() as chat:
        await agree(chat)
        await send_photos(chat)
        await pay(chat)
        await chat.wait(is_sample)
        await chat.wait(is_set)
        await everything_is_done(studio)
        assert [seen for seen in chat.messages if seen.message.tone is Tone.PROGRESS] == []
        assert not any(map(is_sample, chat.messages)), "it went when the training ended"


@pytest.mark.slow
async def test_paying_at_the_cashiers_page_is_told_in_the_chat(studio):
    async with studio.enter() as chat:
        await agree(chat)
        await send_photos(chat)
        await chat.press("done")
        bill = await chat.wait(lambda seen: seen.message.kind is MessageKind.BILL)
        async with chat.http.post(f"{bill.message.url}/pay") as answer:
            assert "Paid" in await answer.text()
        await chat.wait(is_set)
        async with studio.container.database.begin() as tx:
            assert await tx.count(Charge) == 1


@pytest.mark.slow
async def test_two_customers_see_only_their_own(studio):
    async with studio.enter() as anna, studio.enter("fr") as bert:
        for chat in (anna, bert):
            await agree(chat)
        await send_photos(anna)
        await pay(anna)
        shown = await anna.wait(is_set)
        assert not sets(bert)
        picture = shown.message.pictures[0].id
        url = f"{studio.container.settings.public_url}/playground/picture/{picture}"
        async with bert.http.get(url) as answer:
            assert answer.status == 404
