"""The playground as a channel: its record in the registry."""

import argparse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Final

from aiohttp import web

from bot.channels import (
    Capabilities,
    Channel,
    ChannelCommand,
    ChannelConnection,
    ChannelDependencies,
    PhotoMarks,
)
from bot.playground import PLAYGROUND
from bot.playground.door import Door
from bot.playground.hub import ChangesHub, StreamPlaces
from bot.playground.language import LanguageResolver, words_of
from bot.playground.outbound import PlaygroundOutbound
from bot.playground.page_login import PlaygroundIdentity
from bot.playground.passes import LASTS, PATH, Passes
from bot.playground.pictures import Pictures
from bot.playground.routes import PlaygroundRoutes
from bot.playground.signed_cookie import SignedCookie, require_plain
from bot.playground.transcript import Transcript
from handlers.chat import Incoming, Picture, Reply
from handlers.steps import first_sight
from shop.errors import NotFound
from shop.records import Subject
from shop.settings import Settings

HOME: Final = "/playground"
ABSENT: Final = "EIDER_PLAYGROUND: is not yes, as it is in the demo and for development"

_MINUTES: Final = int(LASTS.total_seconds() // 60)


@asynccontextmanager
async def connect(deps: ChannelDependencies) -> AsyncIterator[ChannelConnection]:
    """Open it: a transcript in Redis, that both sides of the channel share."""
    transcript = Transcript(deps.redis)
    yield ChannelConnection(
        PlaygroundOutbound(transcript),
        partial(_receive, deps, transcript),
        page_login=_identity(deps).page_login(),
        way_back=_way_back,
    )


async def _sheet(deps: ChannelDependencies, language: str, subject: Subject) -> Picture:
    """See :data:`bot.playground.pictures.SheetOf`."""
    base = deps.settings.base
    shown = await first_sight.samples(deps.catalog, deps.previews, base, subject, language)
    if not shown:
        raise NotFound
    return await deps.sheets.of(shown)


async def _way_back() -> str:
    return HOME


def _identity(deps: ChannelDependencies) -> PlaygroundIdentity:
    return PlaygroundIdentity(SignedCookie(deps.settings.signing_key), deps.clock)


@asynccontextmanager
async def _receive(
    deps: ChannelDependencies, transcript: Transcript
) -> AsyncIterator[Sequence[web.AbstractRouteDef]]:
    async def handle(incoming: Incoming) -> Sequence[Reply]:
        replies = await deps.dispatcher.handle(incoming)
        await deps.flush_outbox()
        return replies

    hub = ChangesHub(deps.redis, transcript)
    pictures = Pictures(
        deps.database,
        deps.cipher,
        deps.blobs,
        deps.signer,
        deps.previews,
        deps.settings.admins,
        deps.decoder,
        partial(_sheet, deps),
    )
    settings = deps.settings
    language = LanguageResolver(deps.database).language
    cookies = SignedCookie(settings.signing_key)
    page = PlaygroundRoutes(
        handle=handle,
        transcript=transcript,
        hub=hub,
        # Half of the connections, so that who opens streams keeps nobody from the page itself.
        places=StreamPlaces(
            settings.connections // 2, max(1, settings.connections_per_address // 2)
        ),
        cookies=cookies,
        language=language,
        words=words_of,
        picture=pictures.open,
        door=Door(deps.limiter, deps.dispatcher.wait_for, language, deps.sessions, deps.database),
        secure=deps.settings.public_url.startswith("https:"),
    )
    try:
        passes = Passes(deps.redis, cookies, deps.clock, page.enter)
        yield [*page.routes(), *passes.routes(), *_identity(deps).routes()]
    finally:
        await hub.close()


def _missing(settings: Settings) -> str:
    return "" if settings.playground else ABSENT


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", type=_name, help="as in EIDER_ADMINS=playground:NAME")


def _name(text: str) -> str:
    try:
        return require_plain(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


async def _print_link(chosen: argparse.Namespace, settings: Settings) -> int:
    if absent := _missing(settings):
        _print(absent)
        return 2
    until = datetime.now(UTC) + LASTS
    ticket = SignedCookie(settings.signing_key).ticket(chosen.name, until)
    _print(f"{settings.public_url}{PATH}?ticket={ticket}")
    _print(f"It lets one person in, once, until {until:%H:%M} UTC: {_MINUTES} minutes from now.")
    return 0


def _print(words: str) -> None:
    print(words)  # noqa: T201 - the output of a command


CHANNEL: Final = Channel(
    name=PLAYGROUND,
    capabilities=Capabilities(reaches_closed=False, marks=PhotoMarks.TILES),
    connect=connect,
    till=lambda settings: settings.till,
    missing=_missing,
    has_pages=lambda _: True,
    no_till=(
        "EIDER_PLAYGROUND: nobody could pay there; leave it out of a shop that sells, or set "
        "EIDER_TILL=sandbox, the only till that it has"
    ),
    home=HOME,
    commands=(
        ChannelCommand(
            "pass",
            "a link that lets one person in as NAME",
            _add_name,
            _print_link,
        ),
    ),
)
