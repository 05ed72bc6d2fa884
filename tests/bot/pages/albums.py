"""Albums for tests: their people, their sets of portraits, and who visits them."""

import io
import re
from collections.abc import Sequence
from datetime import timedelta

from aiohttp import ClientSession
from PIL import Image

from bot.container import Container
from bot.pages.album import ALBUM
from bot.pages.door import HEADER
from bot.pages.links import PageLinks
from bot.playground import PLAYGROUND
from bot.playground.passes import PATH as PASS
from shop.money import ledger
from shop.people import users
from shop.records import (
    Avatar,
    AvatarId,
    AvatarState,
    ChannelName,
    OrderId,
    Portrait,
    PortraitId,
    Shoot,
    ShootId,
    ShootKind,
    ShootState,
    Subject,
    User,
    new_id,
)
from tests.bot.playground_requests import ticket
from tests.test_house import CHECKOUT

PREVIEWS = CHECKOUT / "shop" / "catalog" / "previews"


def plain(colour: str = "plum", size: tuple[int, int] = (64, 80)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def preview(name: str) -> bytes:
    """A style's preview: as near to a portrait as there is without a model."""
    return (PREVIEWS / f"{name}.jpg").read_bytes()


async def somebody(
    container: Container, name: str, channel: ChannelName = PLAYGROUND, language: str = "en"
) -> User:
    """A person of that chat, who is known there."""
    async with container.database.begin() as tx:
        return await users.get_or_create(tx, channel, name, language, container.clock())


async def with_avatar(container: Container, user: User, credits: int = 0) -> Avatar:
    """Somebody's finished avatar, and so many credits."""
    now = container.clock()
    async with container.database.begin() as tx:
        avatar = Avatar(
            AvatarId(new_id()), user.id, OrderId(new_id()), AvatarState.READY, "mini",
            Subject.WOMAN, 1, now, await container.cipher.new_key(tx, now), ("a",), 0, 0.8, 0, 0.8,
            0.1, 1.2, 600, 240.0, 0.2, 0.1, now, 0.25,
        )  # fmt: skip
        await tx.add(avatar)
        if credits:
            await ledger.grant(tx, user.id, credits, f"test:{new_id()}", now)
    return avatar


async def with_set(
    container: Container,
    avatar: Avatar,
    pictures: Sequence[bytes],
    template: str = "noir",
    minutes_ago: int = 0,
    state: ShootState = ShootState.DONE,
) -> list[Portrait]:
    """A set as the studio would have left it."""
    at = container.clock() - timedelta(minutes=minutes_ago)
    made = []
    async with container.database.begin() as tx:
        shoot = Shoot(
            ShootId(new_id()), avatar.user_id, avatar.id, template, ShootKind.STYLE, state, 0.8,
            (1, 2, 3, 4), 8, at, at if state is ShootState.DONE else None, 0, "smile", 0.25,
        )  # fmt: skip
        await tx.add(shoot)
        for number, data in enumerate(pictures):
            id = PortraitId(new_id())
            path = f"portraits/{avatar.id}/{id}"
            sealed = await container.cipher.seal(tx, avatar.key_id, data, path)
            await container.blobs.put(path, sealed)
            with Image.open(io.BytesIO(data)) as opened:
                width, height = opened.size
            portrait = Portrait(
                id, shoot.id, avatar.user_id, avatar.id, path, number, width, height,
                "image/jpeg", at + timedelta(microseconds=number),
            )  # fmt: skip
            await tx.add(portrait)
            made.append(portrait)
    return made


def links(container: Container) -> PageLinks:
    settings = container.settings
    return PageLinks(ALBUM, settings.signing_key, settings.public_url, container.clock)


async def enter_playground(http: ClientSession, base: str, container: Container, name: str) -> None:
    """That browser is that person's, at the playground."""
    form = {"ticket": ticket(container, name)}
    async with http.post(f"{base}{PASS}", data=form, allow_redirects=False) as answer:
        assert answer.status == 303


async def open_album(http: ClientSession, url: str) -> tuple[int, str]:
    """Follow the link, whatever it asks on the way: status and text of what is shown."""
    async with http.get(url) as answer:
        return answer.status, await answer.text()


async def press(
    http: ClientSession, url: str, action: str, event: str = "", **kwargs: object
) -> tuple[int, dict]:
    """Press a button of the album's."""
    body = {"event": event or new_id(), "action": action}
    headers = {HEADER: "1"} | dict(kwargs.pop("headers", {}))  # type: ignore[call-overload]
    async with http.post(f"{url}/act", json=body, headers=headers) as answer:
        return answer.status, await answer.json() if "json" in answer.content_type else {}


def images(page: str) -> list[str]:
    """The addresses of the portraits on that page."""
    return re.findall(r'<img src="([^"]+/picture/[^"]+)"', page)
