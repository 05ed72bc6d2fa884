"""One update of one person, as a step sees it: who, where, what they have, and what to do with it.

A step takes a :class:`RequestContext` and gives an :class:`Outcome`; it never sends and never
commits.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import TypeVar

from handlers.chat import Keyboard, Reply, Say, Tone
from handlers.session import State
from handlers.texts import Texts, texts
from shop.avatars import avatars
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound, PhotoRefused
from shop.orders import orders
from shop.people import consent, users
from shop.photos.sanitizer import SanitizedPhoto
from shop.ports import Blobs, Database, Till, Tx
from shop.records import Avatar, ChannelName, ConsentKind, Currency, Order, OrderState, Shoot, User
from shop.settings import Settings

Kind = TypeVar("Kind", Avatar, Order, Shoot)


@dataclass(frozen=True, slots=True)
class DialogueDependencies:
    """What the dialogue was built with. ``till_names``: each channel's till, by its name."""

    database: Database
    blobs: Blobs
    cipher: EnvelopeCipher
    catalog: Catalog
    tills: Mapping[str, Till]
    till_names: Mapping[ChannelName, str]
    settings: Settings

    def till(self, channel: ChannelName) -> Till:
        """Where people of that channel pay."""
        return self.tills[self.till_names[channel]]


@dataclass(frozen=True, slots=True)
class RequestContext:
    """``order`` is the open avatar order, ``avatar`` the newest that can be painted. ``given`` are
    the consents that stand. ``photo`` is there for a photo that may be taken."""

    deps: DialogueDependencies
    tx: Tx
    user: User
    now: datetime
    state: State
    data: Mapping[str, str] = field(default_factory=dict)
    order: Order | None = None
    avatar: Avatar | None = None
    given: frozenset[ConsentKind] = frozenset()
    argument: str = ""
    photo: SanitizedPhoto | PhotoRefused | None = None
    looked: int = -1  # ``tx.writes`` when the records were read

    @property
    def till(self) -> Till:
        """Where this person pays."""
        return self.deps.till(self.user.platform)

    @property
    def currency(self) -> Currency:
        return self.till.currency

    @property
    def texts(self) -> Texts:
        return texts(self.user.language)

    def say(
        self,
        key: str,
        buttons: Keyboard = (),
        *,
        message_key: str = "",
        tone: Tone = Tone.PLAIN,
        **blanks: str | int,
    ) -> Say:
        return Say(self.texts(key, **blanks), buttons, message_key, tone)


class Then(Enum):
    """What the desk adds to a step's replies: nothing, or all that the new place has to say."""

    NOTHING = "nothing"
    SCREEN = "screen"


After = Callable[[], Awaitable[Sequence[Reply]]]
"""Done after the commit, outside the transaction: asking a till, reading pictures."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``state`` None: wherever the records say the person is now. ``forget`` drops the session."""

    replies: tuple[Reply, ...] = ()
    state: State | None = None
    data: Mapping[str, str] | None = None
    then: Then = Then.NOTHING
    after: After | None = None
    forget: bool = False


Step = Callable[[RequestContext], Awaitable[Outcome]]
Screen = Callable[[RequestContext], Awaitable[Outcome]]
"""All that a place has to say to somebody who asks where they are."""
Nudge = Callable[[RequestContext], Awaitable[Say]]
"""One line on what to do here, with the buttons: follows the answer to odd input."""


def reply(*replies: Reply, state: State | None = None) -> Outcome:
    return Outcome(replies, state)


def reply_and_show(*replies: Reply, state: State | None = None) -> Outcome:
    """Say this, then all that the new place has to say."""
    return Outcome(replies, state, then=Then.SCREEN)


async def load_context(
    deps: DialogueDependencies,
    tx: Tx,
    user: User,
    now: datetime,
    state: State,
    data: Mapping[str, str],
) -> RequestContext:
    """Where the person is: by the shop's records, refined by the session's ``state`` where the
    records leave it open. So a lost session, or a payment that came in by another door, loses
    nobody."""
    ctx = RequestContext(deps, tx, user, now, state, data)
    ctx = replace(
        ctx,
        order=await orders.current(tx, user),
        avatar=await avatars.newest_of(tx, user),
        given=await consent.all_given(tx, user),
        looked=tx.writes,
    )
    return replace(ctx, state=_refined(_recorded(ctx), state))


async def reload_context(ctx: RequestContext, state: State | None = None) -> RequestContext:
    """The same turn after a step: read anew, with the user's new language, if anything changed."""
    state = ctx.state if state is None else state
    if ctx.tx.writes == ctx.looked:
        return replace(ctx, state=_refined(_recorded(ctx), state))
    user = await users.lock(ctx.tx, ctx.user.id)
    return await load_context(ctx.deps, ctx.tx, user, ctx.now, state, ctx.data)


async def own_record(ctx: RequestContext, kind: type[Kind], id: str) -> Kind:
    """The person's own record. Raises :class:`NotFound`."""
    found = await ctx.tx.get(kind, id)
    if found is None or found.user_id != ctx.user.id:
        raise NotFound
    return found


_BY_ORDER = {
    OrderState.COLLECTING: State.PHOTOS,
    OrderState.AWAITING: State.CHECKOUT,
    OrderState.PAID: State.WAITING,
}

_OPEN: Mapping[State, frozenset[State]] = {
    State.NEW: frozenset({State.WELCOME, State.AGREE}),
    State.STUDIO: frozenset({State.AGREE, State.SUBJECT}),
}
"""What a session may say where the records know less: welcomed but not agreed, a second avatar."""

_ANYWHERE = frozenset({State.LANGUAGE, State.ERASING})


def _recorded(ctx: RequestContext) -> State:
    if ctx.order is not None:
        return _BY_ORDER[ctx.order.state]
    if ctx.avatar is not None:
        return State.STUDIO
    if not ctx.given.intersection(consent.DEMANDED):
        return State.NEW
    return State.SUBJECT if consent.enough(ctx.given) else State.AGREE


def _refined(recorded: State, session: State) -> State:
    if session in _ANYWHERE or session in _OPEN.get(recorded, frozenset()):
        return session
    return recorded
