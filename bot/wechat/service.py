"""Opens what WeChat needs: the outbound with its photo queue, and the dialogue by the callback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from aiohttp import web

from bot.channels import ChannelConnection, ChannelDependencies
from bot.wechat import WECHAT, WECHAT_PAY
from bot.wechat.api import WechatApi, open_api
from bot.wechat.budget import MessageBudget, contact_of
from bot.wechat.callback import Callback
from bot.wechat.domain_file import domain_file
from bot.wechat.envelope import Envelope
from bot.wechat.inbound import Received
from bot.wechat.media import MediaIds
from bot.wechat.nonces import Nonces
from bot.wechat.outbound import WechatOutbound
from bot.wechat.page_login import wechat_page_login
from bot.wechat.pay.checkout import checkout_routes
from bot.wechat.photo_batches import PhotoBatches
from bot.wechat.photo_queue import PHOTO, PhotoQueue
from bot.wechat.processor import CallbackProcessor
from bot.wechat.quiet_outbound import AnswersToPhotos, QuietOutbound
from handlers.texts import Texts, texts
from shop.encryption import KeyedHash
from shop.people import users
from shop.ports import Database
from shop.records import Charge, ChargePayer, Order
from shop.settings import Settings

GRACE_SECONDS: Final = 20.0
"""For what is under way when the process ends: a supervisor kills after thirty."""
_EVENT_IDS: Final = "wechat/events/1"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What both directions share."""

    deps: ChannelDependencies
    api: WechatApi
    queue: PhotoQueue
    outbound: WechatOutbound


@asynccontextmanager
async def connect(deps: ChannelDependencies) -> AsyncIterator[ChannelConnection]:
    """The channel, without a call to WeChat."""
    settings = deps.settings
    async with open_api(settings, deps.redis) as api:
        queue = PhotoQueue(deps.database, deps.redis, settings.signing_key)
        outbound = WechatOutbound(
            api,
            MessageBudget(deps.redis, settings.signing_key, deps.clock),
            MediaIds(api, deps.message_ids, deps.clock),
            deps.message_ids,
            partial(_texts_of, deps.database),
            album_link=partial(_album_link, deps),
            paid_at=partial(last_payment, deps.database),
            template_id=settings.wechat_template_id,
            sheets=deps.sheets,
        )
        parts = _Parts(deps, api, queue, outbound)
        quiet = QuietOutbound(outbound, queue, deps.database)
        photos = PhotoBatches(
            deps.database, queue, deps.dispatcher, api, deps.redis,
            partial(deps.send_late, WECHAT, AnswersToPhotos(quiet)),
            photos_asked=settings.photos_asked,
        )  # fmt: skip
        yield ChannelConnection(
            quiet,
            partial(_receive, parts),
            messages={PHOTO: photos.handle},
            page_login=wechat_page_login(api, settings.wechat_app_id),
        )


def envelope_of(settings: Settings) -> Envelope:
    """The account's."""
    return Envelope(settings.wechat_token, settings.wechat_aes_key, settings.wechat_app_id)


@asynccontextmanager
async def _receive(parts: _Parts) -> AsyncIterator[list[web.RouteDef]]:
    """The dialogue by the callback: serve the routes within the block."""
    deps, outbound = parts.deps, parts.outbound

    async def contacted(received: Received) -> None:
        if received.kind == "event" and received.event == "unsubscribe":
            await outbound.left(received.openid, received.at)
        if contact := contact_of(received.kind, received.event):
            await outbound.contacted(received.openid, contact, received.at)

    login = wechat_page_login(parts.api, deps.settings.wechat_app_id)
    processor = CallbackProcessor(
        deps.dispatcher, parts.queue, outbound, contacted, deps.flush_outbox
    )
    callback = Callback(
        envelope_of(deps.settings),
        Nonces(deps.redis),
        KeyedHash(deps.settings.signing_key, _EVENT_IDS),
        processor.take,
        deps.limiter,
        deps.clock,
    )
    files = domain_file(deps.settings.wechat_domain_file)
    try:
        yield [*callback.routes(), *files, *checkout_routes(deps, login)]
    finally:
        await processor.drain(GRACE_SECONDS)


async def _album_link(deps: ChannelDependencies, openid: str) -> str:
    """The address of that person's album page; "" where there is none."""
    async with deps.database.snapshot() as tx:
        user = await users.find(tx, WECHAT, openid)
    return deps.album_link(replace(user, platform=WECHAT)) if user else ""


async def last_payment(database: Database, openid: str) -> datetime | None:
    """When an order of that person's was last paid by WeChat Pay, from this chat: a friend who
    scans the code opens their own window with the account, and not the owner's."""
    async with database.snapshot() as tx:
        user = await users.find(tx, WECHAT, openid)
        if user is None:
            return None
        paid = await tx.find(Order, user_id=user.id, till=WECHAT_PAY)
        found = [await tx.get(Charge, f"{WECHAT_PAY}:{one.charge}") for one in paid if one.charge]
        charges = [one for one in found if one is not None]
        payers = [await tx.get(ChargePayer, one.id) for one in charges]
    theirs = [
        charge.at
        for charge, noted in zip(charges, payers, strict=True)
        if noted is not None and noted.payer == openid
    ]
    return max(theirs, default=None)


async def _texts_of(database: Database, openid: str) -> Texts:
    """In the language of that person."""
    async with database.snapshot() as tx:
        user = await users.find(tx, WECHAT, openid)
    return texts(user.language if user else "zh_CN")
