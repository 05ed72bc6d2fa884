"""Group chats: the few commands that are answered there, and nothing else.

What is said in a group is read by others. So there is no dialogue, no session and no consent;
no user is created by writing there; and a portrait is posted only for its owner, who asked for
it in that very group.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from handlers.chat import Button, Incoming, Picture, Reply, Said, Say, Show
from handlers.context import DialogueDependencies
from handlers.sharing import MAX_PORTRAITS
from handlers.steps.styles import title_in
from handlers.texts import Texts, texts
from shop.avatars import portraits
from shop.errors import NotFound
from shop.people import users
from shop.ports import Tx
from shop.records import Portrait, Shoot, User

PORTRAIT: Final = "portrait"
COMMANDS: Final = ("portrait", "start", "help")
"""In the order of the platform's menu; each has a message ``group-command-...``."""

START_PAYLOAD: Final = "room"
"""The deep link of the buttons below; it means nothing by itself."""


def read_command(text: str) -> tuple[str, str] | None:
    """A command of the bot and what follows it; None for anything else said in a group."""
    command, *rest = text.split(maxsplit=1) or [""]
    name = command.removeprefix("/").lower()
    if not command.startswith("/") or name not in COMMANDS:
        return None
    return name, rest[0].strip() if rest else ""


def is_answered(incoming: Incoming) -> bool:
    """Whether :func:`answer` has anything to say."""
    content = incoming.content
    return isinstance(content, Said) and read_command(content.text) is not None


async def answer(deps: DialogueDependencies, incoming: Incoming) -> list[Reply]:
    """The replies to post in the group. Reads only; the same update twice is answered twice."""
    parsed = read_command(incoming.content.text) if isinstance(incoming.content, Said) else None
    if parsed is None:
        return []
    command, rest = parsed
    person = incoming.person
    async with deps.database.snapshot() as tx:
        user = await users.find(tx, person.platform, person.id)
        say = texts(user.language if user else users.language_for(person.language))
        if command != PORTRAIT or user is None or user.banned:
            return [_open_button(say, "group-hello")]
        found = await _portrait(deps, tx, user, say, rest)
    if isinstance(found, Say):
        return [found]
    try:
        return [await found()]
    except NotFound:  # erased a moment ago
        return [_open_button(say, "group-no-portrait")]


async def _portrait(
    deps: DialogueDependencies, tx: Tx, user: User, say: Texts, number: str
) -> Say | Callable[[], Awaitable[Show]]:
    """The asker's own: the first of their newest set, or the one they number."""
    theirs = await portraits.newest_portraits(tx, user.id, MAX_PORTRAITS)
    if not theirs:
        return _open_button(say, "group-no-portrait")
    position = int(number) if number.isdecimal() and len(number) <= len(str(MAX_PORTRAITS)) else 1
    if not 1 <= position <= len(theirs):
        return Say(say("group-no-such-portrait"))
    try:
        return await _find_portrait(deps, tx, say, theirs[position - 1])
    except NotFound:  # erased a moment ago
        return _open_button(say, "group-no-portrait")


async def _find_portrait(
    deps: DialogueDependencies, tx: Tx, say: Texts, portrait: Portrait
) -> Callable[[], Awaitable[Show]]:
    sealed = await portraits.find_picture(tx, deps.cipher, portrait)
    shoot = await tx.get(Shoot, portrait.shoot_id)
    style = title_in(deps.catalog, say.language, shoot.template) if shoot else ""

    async def show() -> Show:
        data = await sealed.open(deps.blobs, deps.labelling.signer)
        picture = Picture(portrait.id, data, portrait.media_type, style)
        return Show((picture,), say("group-portrait", style=style))

    return show


def _open_button(say: Texts, key: str) -> Say:
    return Say(say(key), ((Button(say("share-open"), start=START_PAYLOAD),),))
