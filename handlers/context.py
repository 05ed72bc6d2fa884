"""The request context that a step (a handler) is given, and the outcome that it returns.

A step takes a :class:`RequestContext` and returns an :class:`Outcome`; it never sends and never
commits.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import TypeVar

from handlers.chat import Keyboard, Person, Reply, Say, Tone
from handlers.limits import Counted, Limiter
from handlers.session import State
from handlers.texts import Texts, Wording, texts
from shop.avatars import avatars
from shop.catalog import Catalog
from shop.catalog.signed_previews import SignedPreviews
from shop.clips import clips
from shop.clips.sources import StoredSource
from shop.encryption import EnvelopeCipher, KeyedHash
from shop.errors import NotFound, PhotoRefused, ShopError
from shop.labels.labelling import Labelling
from shop.labels.verification import Verification
from shop.orders import orders
from shop.orders.booking_failures import BookingFailures
from shop.people import consent, past_accounts, users
from shop.photos.decoding import PhotoDecoder
from shop.photos.photos import StoredUpload
from shop.ports import Blobs, Database, Till, Tx
from shop.records import (
    Avatar,
    ChannelName,
    Clip,
    ConsentKind,
    Currency,
    Order,
    OrderState,
    Product,
    Prompt,
    Shoot,
    User,
)
from shop.settings import Settings

Owned = TypeVar("Owned", Avatar, Clip, Order, Prompt, Shoot)


def no_album(user: User) -> str:
    """Where no album can be opened."""
    return ""


def uncounted(channel: ChannelName, outcome: str) -> None:
    """For a dialogue that is not measured."""


@dataclass(frozen=True, slots=True)
class DialogueDependencies:
    """The dependencies of the dialogue, given by the composition root. ``till_names``: the name of
    each channel's till. ``limiter`` counts what people ask for (:mod:`handlers.limits`).
    ``booking_failures`` hears of money that could not be booked. ``labelling`` signs what leaves
    the house and verifies what is sent; ``previews`` are the catalogue's, signed.
    ``needs_contact``: the channels whose people must write first, and whose news wait for it;
    ``wordings``: how each channel's texts are worded (:class:`handlers.texts.Texts`).
    ``album_link``: the address of a person's album, "" where there is none. ``count_update`` is
    told of each update's channel and what became of it."""

    database: Database
    blobs: Blobs
    cipher: EnvelopeCipher
    decoder: PhotoDecoder
    catalog: Catalog
    tills: Mapping[str, Till]
    till_names: Mapping[ChannelName, str]
    settings: Settings
    limiter: Limiter
    booking_failures: BookingFailures
    labelling: Labelling
    previews: SignedPreviews
    needs_contact: frozenset[ChannelName] = frozenset()
    wordings: Mapping[ChannelName, Wording] = field(default_factory=dict)
    album_link: Callable[[User], str] = no_album
    count_update: Callable[[ChannelName, str], None] = uncounted

    def texts(self, language: str, channel: ChannelName) -> Texts:
        """The messages of a language as that channel's people read them."""
        return texts(language, self.wordings.get(channel, Wording()))

    def till(self, channel: ChannelName) -> Till:
        """Where people of that channel pay."""
        return self.tills[self.till_names[channel]]

    @property
    def addresses(self) -> KeyedHash:
        """The hash of chat addresses that outlives an erasure."""
        return past_accounts.address_hash(self.settings.signing_key)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One update of one person: the open transaction, the user, their state and records.

    ``order`` is the open avatar order, ``avatar`` the newest that can be painted, ``clip`` the one
    that is being prepared, ``given`` the consents in force; ``photo`` is set for a photo where
    photos are taken: what came of it for the order; ``source`` where it is to come alive: stored,
    or why not; ``verified`` where a file was to be verified: what its labels prove.
    ``message``: by which message a photo came, as :class:`shop.records.Photo` has it.
    ``counted``: the limits that were asked for this update (:func:`handlers.limits.counting`).
    """

    deps: DialogueDependencies
    tx: Tx
    user: User
    now: datetime
    state: State
    data: Mapping[str, str] = field(default_factory=dict)
    order: Order | None = None
    avatar: Avatar | None = None
    clip: Clip | None = None
    given: frozenset[ConsentKind] = frozenset()
    argument: str = ""
    photo: StoredUpload | PhotoRefused | None = None
    source: StoredSource | ShopError | None = None
    verified: Verification | PhotoRefused | None = None
    counted: Counted = field(default_factory=dict)
    message: str = ""
    loaded_writes: int = -1  # ``tx.writes`` when the records were loaded

    @property
    def person(self) -> Person:
        """The user as their platform knows them."""
        return Person(self.user.platform, self.user.platform_id, self.user.language)

    @property
    def till(self) -> Till:
        """Where this person pays."""
        return self.deps.till(self.user.platform)

    @property
    def currency(self) -> Currency:
        return self.till.currency

    @property
    def avatar_price(self) -> str:
        """What an avatar costs this person, as they read money."""
        price = self.deps.catalog.price(Product.AVATAR, self.currency)
        return self.texts.money(price.amount, price.currency)

    @property
    def texts(self) -> Texts:
        return self.deps.texts(self.user.language, self.user.platform)

    @property
    def staying(self) -> State:
        """Their state, for an answer that leads nowhere; by it a new person has been welcomed."""
        return State.WELCOME if self.state is State.NEW else self.state

    @property
    def typed(self) -> bool:
        """Whether there are no buttons where this person reads: a question that stands above is
        no choice any more once something else was offered."""
        return self.deps.wordings.get(self.user.platform, Wording()).typed

    @property
    def names_numbers(self) -> bool:
        """Whether photos are named by their numbers where this person reads: none is marked."""
        return self.deps.wordings.get(self.user.platform, Wording()).numbers

    def say(
        self,
        key: str,
        buttons: Keyboard = (),
        *,
        message_key: str = "",
        tone: Tone = Tone.PLAIN,
        **variables: str | int,
    ) -> Say:
        return Say(self.texts(key, **variables), buttons, message_key, tone)


class Then(Enum):
    """What the dispatcher adds to a step's replies: nothing, or the screen of the new state."""

    NOTHING = "nothing"
    SCREEN = "screen"


AfterCommit = Callable[[], Awaitable[Sequence[Reply]]]
"""Run after the commit, outside the transaction: asking a till, reading pictures."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a step. ``state`` None: what the records say. ``forget`` drops the session."""

    replies: tuple[Reply, ...] = ()
    state: State | None = None
    data: Mapping[str, str] | None = None
    then: Then = Then.NOTHING
    after_commit: AfterCommit | None = None
    forget: bool = False


Step = Callable[[RequestContext], Awaitable[Outcome]]
Screen = Callable[[RequestContext], Awaitable[Outcome]]
"""All that a state shows to somebody who enters it or asks where they are."""
FallbackPrompt = Callable[[RequestContext], Awaitable[Say]]
"""One sentence on what to do in a state, with its buttons: ends the answer to odd input."""


def reply(*replies: Reply, state: State | None = None) -> Outcome:
    return Outcome(replies, state)


def reply_and_show(*replies: Reply, state: State | None = None) -> Outcome:
    """These replies, then the screen of the new state."""
    return Outcome(replies, state, then=Then.SCREEN)


async def load_context(
    deps: DialogueDependencies,
    tx: Tx,
    user: User,
    now: datetime,
    state: State,
    data: Mapping[str, str],
) -> RequestContext:
    """The context of a user. The state follows from the shop's records, refined by the session's
    ``state`` where they leave it open: a lost session, or a payment that came in by a webhook,
    does not lose their place."""
    ctx = RequestContext(deps, tx, user, now, state, data)
    ctx = replace(
        ctx,
        order=await orders.current(tx, user),
        avatar=await avatars.newest_of(tx, user),
        clip=await clips.current(tx, user),
        given=await consent.given_kinds(tx, user),
        loaded_writes=tx.writes,
    )
    return replace(ctx, state=_refined_by_session(ctx, state))


async def reload_context(ctx: RequestContext, state: State | None = None) -> RequestContext:
    """The same request after a step, with the records loaded anew if anything was written."""
    state = ctx.state if state is None else state
    if ctx.tx.writes == ctx.loaded_writes:
        return replace(ctx, state=_refined_by_session(ctx, state))
    user = await users.lock(ctx.tx, ctx.user.id)
    return await load_context(ctx.deps, ctx.tx, user, ctx.now, state, ctx.data)


async def own_record(ctx: RequestContext, kind: type[Owned], id: str) -> Owned:
    """The record of that id, if it is the person's own. Raises :class:`NotFound` otherwise."""
    found = await ctx.tx.get(kind, id)
    if found is None or found.user_id != ctx.user.id:
        raise NotFound
    return found


_STATE_BY_ORDER = {
    OrderState.COLLECTING: State.PHOTOS,
    OrderState.AWAITING: State.CHECKOUT,
    OrderState.PAID: State.WAITING,
}

_REFINED_BY_SESSION: Mapping[State, frozenset[State]] = {
    State.NEW: frozenset({State.WELCOME, State.AGREE}),
    State.WELCOME: frozenset({State.AGREE}),
    State.STUDIO: frozenset({State.AGREE, State.SUBJECT}),
}
"""States that a session may refine: welcomed but not agreed yet, a second avatar."""

QUESTIONS = frozenset(
    {
        State.LANGUAGE, State.ERASING, State.LINKING, State.VERIFYING, State.RELATION, State.CLIP,
        State.WISH,
    }
)  # fmt: skip
"""States that ask something: any other answer ends them."""


def _state_by_records(ctx: RequestContext) -> State:
    paid = ctx.order is not None and ctx.order.state is OrderState.PAID
    if ctx.order is not None and (paid or consent.is_sufficient(ctx.given)):
        return _STATE_BY_ORDER[ctx.order.state]
    if ctx.avatar is not None and ctx.order is None:
        return State.STUDIO
    if not ctx.given.intersection(consent.REQUIRED):
        return State.NEW
    if consent.is_sufficient(ctx.given):
        return State.SUBJECT
    # Whoever came for clips, or for pictures of nobody, is not asked about training before they
    # want an avatar; nor is who withdrew their consent to it.
    trains = ctx.order is not None or ConsentKind.TRAINING in ctx.given
    return State.AGREE if trains or ConsentKind.TERMS not in ctx.given else State.WELCOME


def _refined_by_session(ctx: RequestContext, session: State) -> State:
    recorded = _state_by_records(ctx)
    if session is State.CLIP and ctx.clip is None:
        return recorded
    if session in QUESTIONS or session in _REFINED_BY_SESSION.get(recorded, frozenset()):
        return session
    return recorded
