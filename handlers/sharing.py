"""Sharing into other chats (inline mode): the person's own portraits and clips, their invitation.

For every channel that can offer it. Nothing is sent or written and no lock is waited for, because
a channel asks at every letter that somebody types.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from handlers.chat import Person
from handlers.context import DialogueDependencies
from handlers.progress.clips import motion_title
from handlers.steps.styles import title_in
from handlers.texts import Texts, texts
from shop.avatars import portraits
from shop.catalog import Catalog
from shop.clips import clips
from shop.people import users
from shop.ports import OneOf, Tx
from shop.records import Clip, ClipId, ClipState, Portrait, PortraitId, Shoot, User

INVITE: Final = "invite"
"""The value of :attr:`handlers.chat.Button.share` that means the invitation."""

MAX_PORTRAITS: Final = 32  # portraits that are offered to choose from
MAX_CLIPS: Final = 16
_ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class SharedPortrait:
    """One of the person's portraits. ``start`` is the deep link that shows it to them again."""

    id: PortraitId
    title: str
    caption: str
    start: str


@dataclass(frozen=True, slots=True)
class SharedClip:
    """One of the person's clips; otherwise as :class:`SharedPortrait`."""

    id: ClipId
    title: str
    caption: str
    start: str


@dataclass(frozen=True, slots=True)
class ShareableInvitation:
    """A text to send, with a button below it that opens the bot by the person's link."""

    title: str
    about: str
    text: str
    button: str
    start: str


@dataclass(frozen=True, slots=True)
class Shareable:
    """What can be shared. ``show_first`` labels a button to a portrait or clip that the channel
    cannot offer yet, ``open`` one to the bot for those who have nothing to share."""

    portraits: tuple[SharedPortrait, ...]
    invitation: ShareableInvitation | None
    show_first: str
    open: str
    clips: tuple[SharedClip, ...] = ()


def invite_payload(user: User) -> str:
    """The payload of the deep link by which a person invites."""
    return f"r-{user.id}"


async def shareable(deps: DialogueDependencies, person: Person, query: str) -> Shareable:
    """Everything for an empty query, newest first; for a portrait's or clip's id that one, if it is
    theirs and still there; for :data:`INVITE` the invitation. Creates no user."""
    async with deps.database.snapshot() as tx:
        user = await users.find(tx, person.platform, person.id)
        say = texts(user.language if user else users.language_for(person.language))
        found = await _portraits(tx, user, query) if user else []
        offered = await _shared_portraits(tx, deps.catalog, say, found)
        moving = await _clips(tx, user, query) if user else []
    invites = user is not None and not user.banned and not _ID.fullmatch(query)
    return Shareable(
        offered,
        _invitation(deps.catalog, say, user) if user and invites else None,
        say("share-show-first"),
        say("share-open"),
        tuple(_shared_clip(deps.catalog, say, one) for one in moving),
    )


def nothing(person: Person) -> Shareable:
    """What a stranger may show: only the way to the bot. Reads nothing."""
    say = texts(users.language_for(person.language))
    return Shareable((), None, say("share-show-first"), say("share-open"))


async def _portraits(tx: Tx, user: User, query: str) -> list[Portrait]:
    if query == INVITE:
        return []
    if not _ID.fullmatch(query):
        return await portraits.newest_portraits(tx, user.id, MAX_PORTRAITS)
    found = await tx.get(Portrait, PortraitId(query))
    return [found] if found and found.user_id == user.id else []


async def _clips(tx: Tx, user: User, query: str) -> list[Clip]:
    if query == INVITE:
        return []
    if not _ID.fullmatch(query):
        return await clips.newest(tx, user, MAX_CLIPS)
    found = await tx.get(Clip, ClipId(query))
    theirs = found is not None and found.user_id == user.id and found.state is ClipState.DONE
    return [found] if found and theirs else []


def _shared_clip(catalog: Catalog, say: Texts, clip: Clip) -> SharedClip:
    title = motion_title(catalog, say, clip.motion)
    return SharedClip(clip.id, title, say("share-clip-caption"), f"c-{clip.id}")


async def _shared_portraits(
    tx: Tx, catalog: Catalog, say: Texts, found: Sequence[Portrait]
) -> tuple[SharedPortrait, ...]:
    shoots = await tx.find(Shoot, id=OneOf(list({one.shoot_id for one in found}))) if found else []
    titles = {one.id: title_in(catalog, say.language, one.template) for one in shoots}
    return tuple(
        SharedPortrait(one.id, titles.get(one.shoot_id, ""), say("share-caption"), f"p-{one.id}")
        for one in found
    )


def _invitation(catalog: Catalog, say: Texts, user: User) -> ShareableInvitation:
    credits = catalog.referral_credits
    return ShareableInvitation(
        say("invitation-title"),
        say("invitation-about", credits=credits),
        say("invitation", credits=credits),
        say("invitation-button-open"),
        invite_payload(user),
    )
