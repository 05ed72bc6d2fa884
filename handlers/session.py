"""The session (FSM state and data) of a person. What matters is in the shop's database."""

from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from handlers.chat import Person


class State(StrEnum):
    """The states of the dialogue."""

    NEW = "new"
    LANGUAGE = "language"
    WELCOME = "welcome"
    AGREE = "agree"  # terms, then the separate consent to training
    SUBJECT = "subject"  # woman, man, or neither: for the class word and the templates
    PHOTOS = "photos"
    CHECKOUT = "checkout"
    WAITING = "waiting"  # paid: the avatar is being made
    STUDIO = "studio"  # an avatar exists: choose a style, receive, adjust
    ERASING = "erasing"  # asked to erase: are you sure
    LINKING = "linking"  # asked for a code of another chat, or whether to link with it
    VERIFYING = "verifying"  # asked to verify: the next file is not an order's
    RELATION = "relation"  # asked who is on the picture that is to come alive
    WISH = "wish"  # asked for the words that are to be painted, or told what they are heard as
    CLIP = "clip"  # a clip is being prepared: the next photo is its source


AIM: Final = "aim"
"""In the session data: what is wanted once that is agreed to: what is to come alive, a portrait's
id, :data:`PHOTO` or :data:`TOGETHER`, or a picture in one's own words, :data:`WISH`."""

PHOTO: Final = "photo"
WISH: Final = "wish"

ALBUM: Final = "source_album"
"""In the session data: the album of which one photo was taken as a source."""

TOGETHER: Final = "together"
"""As :data:`AIM`: somebody is to stand beside who is on the clip that is being prepared."""


@dataclass(frozen=True, slots=True)
class Session:
    """``data`` holds small choices (the subject). ``version`` is that of the optimistic lock."""

    state: State = State.NEW
    data: dict[str, str] = field(default_factory=dict)
    version: int = 0


class SessionStore(Protocol):
    """Stores sessions by (platform, person), with a lock each: one update of a person at a time."""

    async def load(self, platform: str, person: str) -> Session | None: ...

    async def save(self, platform: str, person: str, session: Session) -> None:
        """Refuses (``StaleSession``) unless ``session.version`` is one above the stored one."""

    async def drop(self, platform: str, person: str) -> None: ...

    def lock(self, platform: str, person: str) -> "PersonLock": ...

    def named_lock(self, purpose: str, platform: str, person: str) -> "PersonLock":
        """A lock of that person for another purpose than the dialogue."""


class PersonLock(Protocol):
    """An async context manager, held by one process at a time, lost when its holder dies."""

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *exc: object) -> None: ...


class StaleSession(Exception):
    """The optimistic lock failed: somebody else saved in between."""


async def save_session(
    store: SessionStore, person: Person, known: Session, state: State, data: dict[str, str]
) -> None:
    """Save over ``known``; if another save came in between, over that one: the last write wins,
    because what matters is in the records. Two conflicts in a row are given up silently."""
    try:
        await store.save(person.platform, person.id, Session(state, data, known.version + 1))
    except StaleSession:
        newer = await store.load(person.platform, person.id) or Session()
        with suppress(StaleSession):
            await store.save(person.platform, person.id, Session(state, data, newer.version + 1))
