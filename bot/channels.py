"""Channels: one record for each chat platform, and the registry of them.

A channel is a package with one :class:`Channel` record, and one line in
:mod:`bot.registered_channels`. The composition root, the web side and the command line go through
the registry, and name no channel.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any

from aiohttp import web
from redis.asyncio import Redis

from bot.outbound import GatheringOutbound, Outbound
from bot.preview_sheet import PreviewSheets
from bot.state.sessions import MessageIds, RedisSessions
from handlers.chat import Reply
from handlers.dispatcher import Dispatcher
from handlers.limits import Limiter
from shop.catalog import Catalog
from shop.catalog.signed_previews import SignedPreviews
from shop.encryption import EnvelopeCipher
from shop.labels.signing import PictureSigner
from shop.photos.decoding import PhotoDecoder
from shop.ports import Blobs, Clock, Database, Till
from shop.records import ChannelName, OutboxMessage, User
from shop.settings import Settings


class PhotoMarks(Enum):
    """How a channel shows what became of a photo that somebody sent: by its number in the tally
    alone; by a reply to it as well, where it does not count; or by a mark on it."""

    NONE = auto()
    REPLIES = auto()
    TILES = auto()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel's messages can do. :mod:`bot.fitting` makes every reply fit.

    ``pictures``: the most in one message, at least 1. ``edits``: a message can be changed in
    place. ``files``: a picture can be sent as a file that the platform leaves unchanged.
    ``video``: the largest clip that it plays, in bytes; 0: none, and the first frame is shown.
    ``message_budget``: how many messages may answer one update; None: any number. ``scannable``:
    what only a deep link can do (:attr:`handlers.chat.Button.start`) can be shown as a picture to
    scan, without ``buttons``. ``needs_contact``: the platform takes messages only for a while
    after the person did something; its outbound is a :class:`bot.outbound.GatheringOutbound`, and
    news wait. ``reaches_closed``: somebody who has closed the chat notices what is said there;
    otherwise no text promises it. ``marks``: how each photo's own fate is shown.
    """

    buttons: bool = True
    pictures: int = 10
    edits: bool = True
    files: bool = True
    video: int = 50 * 2**20
    message_budget: int | None = None
    scannable: bool = False
    needs_contact: bool = False
    reaches_closed: bool = True
    marks: PhotoMarks = PhotoMarks.NONE


@dataclass(frozen=True, slots=True)
class ChannelDependencies:
    """What a channel is connected with. ``flush_outbox`` is to be called after each update that
    was handled: it may have left messages in the outbox. ``album_link``: the address of a person's
    album page for their chat at ``user.platform``, "" where there is none. ``send_late`` shows what
    was answered ``later`` (:meth:`bot.adaptation.ReplyAdapter.send_late`). ``count_wait`` is told
    of each answer of the platform that asks to wait (429)."""

    settings: Settings
    clock: Clock
    redis: Redis
    database: Database
    blobs: Blobs
    cipher: EnvelopeCipher
    catalog: Catalog
    signer: PictureSigner
    previews: SignedPreviews
    sessions: RedisSessions
    message_ids: MessageIds
    dispatcher: Dispatcher
    limiter: Limiter
    tills: Mapping[str, Till]
    flush_outbox: Callable[[], Awaitable[None]]
    album_link: Callable[[User], str]
    send_late: "SendLate"
    decoder: PhotoDecoder
    sheets: PreviewSheets
    count_wait: Callable[[ChannelName], None] = lambda _: None


SendLate = Callable[
    [ChannelName, GatheringOutbound, str, Sequence[Reply], Sequence[Reply], datetime],
    Awaitable[None],
]


@dataclass(frozen=True, slots=True)
class PageLogin:
    """How people of a channel prove to a page of ours (:mod:`bot.pages`) who is looking.

    ``redeem`` says whom a proof names, by the platform's own id; None for one that is forged or too
    old. It raises :class:`shop.errors.Unavailable` when that cannot be found out now. The proof is
    a code that the browser brings from the address ``authorize(back, state)``: it is sent on from
    there to ``back``, with ``code`` and the same ``state``. Without ``authorize`` the platform puts
    the proof into the fragment of the page's address, as the field ``fragment``.

    ``embedded_by``: the origin whose pages show ours in a frame; "" for none. ``sells``: whether a
    browser with that ``User-Agent`` may be shown prices.
    """

    redeem: Callable[[str], Awaitable[str | None]]
    authorize: Callable[[str, str], str] | None = None
    fragment: str = ""
    embedded_by: str = ""
    sells: Callable[[str], bool] = lambda _: True


async def _nowhere() -> str:
    """For a channel without an address."""
    return ""


async def _never(stop: asyncio.Event) -> None:
    """For a channel that is not polled."""


HandleMessage = Callable[[OutboxMessage], Awaitable[None]]
"""Does what an outbox message of the channel's own says. Safe to run twice; raises what
:meth:`bot.outbound.Outbound.send` may raise, but for Unreachable."""


@dataclass(frozen=True, slots=True)
class ChannelConnection:
    """A channel that is open in this process. ``page_login``: how its people open our pages.

    ``receive`` opens the inbound side by HTTP: the routes to serve within its block. ``poll`` is
    the inbound side as a task that runs until the event is set. ``messages`` are the outbox
    messages that it handles itself, by name. ``way_back`` is the address that opens the chat in a
    browser; "" where there is none, as where an app must close the page.
    """

    outbound: Outbound
    receive: Callable[[], AbstractAsyncContextManager[Sequence[web.AbstractRouteDef]]]
    poll: Callable[[asyncio.Event], Coroutine[Any, Any, None]] = _never
    messages: Mapping[str, HandleMessage] = field(default_factory=dict)
    page_login: PageLogin | None = None
    way_back: Callable[[], Awaitable[str]] = _nowhere


@dataclass(frozen=True, slots=True)
class ChannelCommand:
    """A command of the operator's: ``python -m bot NAME``. ``run`` returns the exit status."""

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Settings], Coroutine[Any, Any, int]]


@dataclass(frozen=True, slots=True)
class Channel:
    """A chat platform.

    ``connect`` opens it, without a call to the platform. ``till`` names the till where its
    people pay: one of its own, the setting ``till``, or "" where the settings give it none, which
    ``no_till`` says in a sentence with the way out. ``missing`` says which setting it lacks to be
    enabled, in a sentence; "" if none.
    ``has_pages``: whether its people can open our pages, by its connection's ``page_login``.
    ``tills`` open the tills that the platform brings itself; None for one that the settings have
    no account for. ``polls``: it has a
    :attr:`ChannelConnection.poll`. ``home``: the path to which ``/`` leads; "" for none.
    ``examine`` asks the platform what it has to say against the settings: a sentence each, which
    ends with the command that mends it where there is one (": python -m bot ..."); it raises
    nothing.
    """

    name: ChannelName
    capabilities: Capabilities
    connect: Callable[[ChannelDependencies], AbstractAsyncContextManager[ChannelConnection]]
    till: Callable[[Settings], str]
    missing: Callable[[Settings], str] = lambda _: ""
    no_till: str = "EIDER_TILL: is missing, and a channel's people would have no way to pay"
    has_pages: Callable[[Settings], bool] = lambda _: False
    tills: tuple[Callable[[Settings], AbstractAsyncContextManager[Till | None]], ...] = ()
    polls: bool = False
    home: str = ""
    commands: tuple[ChannelCommand, ...] = ()
    examine: Callable[[Settings], Awaitable[Sequence[str]]] | None = None


class ChannelRegistry:
    """The channels of one program, by their names. Raises ValueError for a name that comes twice.

    It never changes: another one is made with another channel, ``ChannelRegistry(*old, new)``.
    """

    def __init__(self, *channels: Channel) -> None:
        self._channels = {channel.name: channel for channel in channels}
        if len(self._channels) < len(channels):
            raise ValueError("two channels of one name")

    def __iter__(self) -> Iterator[Channel]:
        return iter(self._channels.values())

    def enabled(self, settings: Settings) -> list[Channel]:
        """Those that the settings have everything for."""
        return [channel for channel in self if not channel.missing(settings)]

    def selling_tills(self, settings: Settings) -> set[str]:
        """The tills of enabled channels that take money."""
        return {channel.till(settings) for channel in self.enabled(settings)} - {settings.till, ""}

    def problems(self, settings: Settings) -> Iterator[str]:
        """What is wrong between settings and channels, a sentence each: a rule of
        :meth:`shop.settings.Settings.from_env`.

        Admins of an unknown channel; no channel at all; people without a till; the sandbox till
        beside one that takes money, where it would give away what the other sells.
        """
        if {admin.partition(":")[0] for admin in settings.admins} - set(self._channels):
            yield f"EIDER_ADMINS: the channel must be one of: {', '.join(self._channels)}"
        enabled = self.enabled(settings)
        if not enabled:
            lacking = (channel.missing(settings) for channel in self)
            yield f"there is no chat to sell in: {'; or '.join(lacking)}"
        yield from (channel.no_till for channel in enabled if not channel.till(settings))
        own = self.selling_tills(settings)
        if settings.till and own:
            yield (
                f"EIDER_TILL: {settings.till} moves no money and cannot stand beside "
                f"{', '.join(sorted(own))}: leave it out to sell for money, or take out "
                "their prices or merchant's settings to try without"
            )
