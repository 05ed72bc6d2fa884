"""What a browser posts to the playground, for the tests of its routes."""

import io
import secrets

from PIL import Image

from bot.container import Container
from bot.playground import PLAYGROUND
from bot.playground.passes import LASTS
from bot.playground.routes import HEADER
from bot.playground.signed_cookie import SignedCookie
from shop.records import (
    Avatar,
    AvatarId,
    AvatarState,
    OrderId,
    Portrait,
    PortraitId,
    ShootId,
    Subject,
    User,
    new_id,
)


def ticket(container: Container, person: str) -> str:
    """What a pass link for that person holds, made now."""
    until = container.clock() + LASTS
    return SignedCookie(container.settings.signing_key).ticket(person, until)


AGREE = ("terms", "agree:terms", "agree:training", "subject:woman")


async def posted(http, base, path, **kwargs):
    headers = {HEADER: "1"} | kwargs.pop("headers", {})
    async with http.post(f"{base}/playground/{path}", headers=headers, **kwargs) as answer:
        return answer.status


def event() -> str:
    return secrets.token_hex(16)


async def greet(chat) -> None:
    await chat.say("/start")
    await chat.wait(lambda seen: bool(seen.buttons))


async def portrait_of(container, person: str) -> Portrait:
    """Somebody's finished portrait, as the shop would have left it."""
    now = container.clock()
    async with container.database.begin() as tx:
        found = await tx.find(User, platform=PLAYGROUND, platform_id=person)
        user, key = found[0], await container.cipher.new_key(tx, now)
        avatar = Avatar(
            AvatarId(new_id()), user.id, OrderId(new_id()), AvatarState.READY, "mini",
            Subject.WOMAN, 1, now, key,
        )  # fmt: skip
        id = PortraitId(new_id())
        path = f"portraits/{avatar.id}/{id}"
        out = io.BytesIO()
        Image.new("RGB", (64, 80), "plum").save(out, "JPEG")
        await container.blobs.put(path, await container.cipher.seal(tx, key, out.getvalue(), path))
        await tx.add(avatar)
        portrait = Portrait(
            id, ShootId(new_id()), user.id, avatar.id, path, 1, 64, 80, "image/jpeg", now
        )
        await tx.add(portrait)
    return portrait
