"""The playground as a channel: its record in the registry."""

import argparse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from aiohttp import web

from bot.channels import (
    Capabilities,
    Channel,
    ChannelCommand,
    ChannelConnection,
    ChannelDependencies,
)
from bot.playground import PLAYGROUND
from bot.playground.hub import ChangesHub, StreamPlaces
from bot.playground.language import LanguageResolver, words_of
from bot.playground.outbound import PlaygroundOutbound
from bot.playground.pictures import Pictures
from bot.playground.routes import PlaygroundRoutes
from bot.playground.signed_cookie import SignedCookie
from bot.playground.transcript import Transcript
from handlers.chat import Incoming, Reply
from shop.settings import Settings

HOME: Final = "/playground"


@asynccontextmanager
async def connect(deps: ChannelDependencies) -> AsyncIterator[ChannelConnection]:
    """Open it: a transcript in Redis, that both sides of the channel share."""
    transcript = Transcript(deps.redis)
    yield ChannelConnection(PlaygroundOutbound(transcript), partial(_receive, deps, transcript))


@asynccontextmanager
async def _receive(
    deps: ChannelDependencies, transcript: Transcript
) -> AsyncIterator[Sequence[web.AbstractRouteDef]]:
    async def handle(incoming: Incoming) -> Sequence[Reply]:
        replies = await deps.dispatcher.handle(incoming)
        await deps.flush_outbox()
        return replies

    hub = ChangesHub(deps.redis, transcript)
    pictures = Pictures(deps.database, deps.cipher, deps.blobs, deps.catalog, deps.settings.admins)
    settings = deps.settings
    routes = PlaygroundRoutes(
        handle=handle,
        transcript=transcript,
        hub=hub,
        # Half of the connections, so that who opens streams keeps nobody from the page itself.
        places=StreamPlaces(
            settings.connections // 2, max(1, settings.connections_per_address // 2)
        ),
        cookies=SignedCookie(deps.settings.master_key),
        language=LanguageResolver(deps.database).language,
        words=words_of,
        picture=pictures.open,
        secure=deps.settings.public_url.startswith("https:"),
    )
    try:
        yield routes.routes()
    finally:
        await hub.close()


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="as in EIDER_ADMINS=playground:NAME")


async def _print_link(chosen: argparse.Namespace, settings: Settings) -> int:
    ticket = SignedCookie(settings.master_key).ticket(chosen.name)
    print(f"{settings.public_url}{HOME}?pass={ticket}")  # noqa: T201 - the answer
    return 0


CHANNEL: Final = Channel(
    name=PLAYGROUND,
    capabilities=Capabilities(),
    connect=connect,
    till=lambda settings: settings.till,
    home=HOME,
    commands=(
        ChannelCommand(
            "pass", "a link to the playground as a certain person", _add_name, _print_link
        ),
    ),
)
