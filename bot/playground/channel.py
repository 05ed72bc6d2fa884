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
from bot.playground.door import Door
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

    pictures = Pictures(deps.database, deps.cipher, deps.blobs, deps.catalog, deps.settings.admins)
    language = LanguageResolver(deps.database).language
    yield PlaygroundRoutes(
        handle=handle,
        transcript=transcript,
        cookies=SignedCookie(deps.settings.master_key),
        language=language,
        words=words_of,
        picture=pictures.open,
        door=Door(deps.limiter, deps.dispatcher.wait_for, language, deps.sessions, deps.database),
        secure=deps.settings.public_url.startswith("https:"),
    ).routes()


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
