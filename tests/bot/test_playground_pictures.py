"""Which pictures the playground opens, and for whom."""

import io

import pytest
from PIL import Image

from bot.playground.driver import open_chat
from shop import linking
from shop.people import linked_chats, users
from shop.records import (
    Photo,
    PhotoState,
)
from tests.bot.playground_requests import AGREE, event, greet, portrait_of, posted, ticket
from tests.channels import TELEGRAM
from tests.doubles import photo
from tests.shop.conftest import Shop
from tests.shop.linked import chat, link, web


async def test_a_portrait_is_its_owners_alone(base, container):
    async with (
        open_chat(base, ticket=ticket(container, "anna")) as anna,
        open_chat(base, ticket=ticket(container, "bert")) as bert,
        open_chat(base) as stranger,
    ):
        for chat in (anna, bert, stranger):
            await greet(chat)
        portrait = await portrait_of(container, "anna")
        assert Image.open(io.BytesIO(await anna.picture(portrait.id))).size == (64, 80)
        for other in (bert, stranger):
            url = f"{base}/playground/picture/{portrait.id}"
            async with other.http.get(url) as answer:
                assert answer.status == 404


async def test_a_portrait_opens_at_the_page_for_who_spoke_last_in_another_chat(base, container):
    """Of linked chats each shows all that is theirs; a parted one nothing any more."""
    async with open_chat(base, ticket=ticket(container, "anna")) as anna:
        await greet(anna)
        portrait = await portrait_of(container, "anna")
        url = f"{base}/playground/picture/{portrait.id}"
        async with container.database.begin() as tx:
            shop = Shop(tx, await tx.now())
            kept = await link(shop, await web(shop, "anna"), await chat(shop))
            assert kept.platform == TELEGRAM
        async with anna.http.get(url) as answer:
            assert answer.status == 200
        async with container.database.begin() as tx:
            user = await users.lock(tx, kept.id)
            here = [one for one in await linked_chats.of(tx, user.id) if one.platform_id == "anna"]
            await linking.unlink(tx, user, here, here[0], await tx.now())
        async with anna.http.get(url) as answer:
            assert answer.status == 404


async def test_a_download_is_named_and_never_cached(base, container):
    async with open_chat(base, ticket=ticket(container, "anna")) as anna:
        await greet(anna)
        portrait = await portrait_of(container, "anna")
        async with anna.http.get(f"{base}/playground/picture/{portrait.id}?download=1") as answer:
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


async def test_previews_are_everybodys(base, container):
    async with open_chat(base) as chat:
        await greet(chat)
        template = container.catalog.templates[0].id
        assert (await chat.picture(f"preview:{template}")).startswith(b"\xff\xd8")


async def test_a_held_photo_opens_for_admins_alone(base, container):
    async with (
        open_chat(base, ticket=ticket(container, "boss")) as boss,
        open_chat(base, ticket=ticket(container, "anna")) as anna,
    ):
        await greet(boss)
        await greet(anna)
        for action in AGREE:
            await anna.press(action)
        await anna.send_photos([photo(1)])
        async with container.database.begin() as tx:
            (sent,) = await tx.find(Photo)
        url = f"{base}/playground/picture/{sent.id}"
        async with boss.http.get(url) as answer:
            assert answer.status == 404, "not held: none of an admin's business"
        async with container.database.begin() as tx:
            from dataclasses import replace

            await tx.put(replace(sent, state=PhotoState.HELD))
        async with boss.http.get(url) as answer:
            assert answer.status == 200
        async with anna.http.get(url) as answer:
            assert answer.status == 404
