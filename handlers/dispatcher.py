"""The one door of the dialogue: every update of every chat comes in here, and replies go out.

One update of a person at a time, one transaction an update: the event's id is written with its
effect, so an update that comes twice is answered twice and done once. Nothing that a person does
raises; what the shop refuses is said in their language, what nobody foresaw becomes an apology
with a code, and a log line with the same code and no word of theirs. Only an outage
(:class:`shop.errors.Unavailable`) raises: whoever delivered the update delivers it again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from handlers import groups, refusals, router, sharing
from handlers.chat import Incoming, Left, Person, Refunded, Reply, Say, SentPhoto
from handlers.context import (
    DialogueDependencies,
    Outcome,
    RequestContext,
    Then,
    load_context,
    reload_context,
)
from handlers.photo_intake import NotFetched, PhotoIntake
from handlers.session import Session, SessionStore, State, keep
from handlers.sharing import Shareable
from handlers.steps import payments
from shop import inbox
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.errors import PhotoRefused, ShopError, Unavailable
from shop.people import users
from shop.photos.sanitizer import SanitizedPhoto
from shop.ports import Blobs, Clock, Database, Till, Tx
from shop.records import ChannelName, Currency
from shop.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Handled:
    """What a transaction led to."""

    ctx: RequestContext
    outcome: Outcome
    repeated: bool = False  # it was stored before: this is only what to say to it


Answered = Callable[[str], Awaitable[bool]]


async def not_yet(event_id: str) -> bool:
    """For channels that do not know: then an update that comes twice is answered twice."""
    return False


class Dispatcher:
    """Built once by a composition root; ``handle`` is all that a channel needs."""

    def __init__(
        self,
        database: Database,
        sessions: SessionStore,
        blobs: Blobs,
        cipher: EnvelopeCipher,
        catalog: Catalog,
        tills: Mapping[str, Till],
        till_names: Mapping[ChannelName, str],
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._deps = DialogueDependencies(
            database, blobs, cipher, catalog, tills, till_names, settings
        )
        self._sessions = sessions
        self._clock = clock
        self._intake = PhotoIntake()

    async def handle(self, incoming: Incoming, answered: Answered = not_yet) -> list[Reply]:
        """Everything to be said to that update, in order. The caller rings the outbox after it.

        ``answered`` is asked about an update that was stored before: whether its answer reached
        the person as well, and need not be given once more.

        Raises :class:`shop.errors.Unavailable` when it could not be stored, or not all of it.
        """
        person = incoming.person
        with structlog.contextvars.bound_contextvars(event=incoming.event_id):
            try:
                if incoming.room:
                    done = await answered(incoming.event_id)
                    return [] if done else await groups.answer(self._deps, incoming)
                async with self._sessions.lock(person.platform, person.id):
                    return list(await self._serve(incoming, answered))
            except Unavailable:  # nobody's fault: the channel has it delivered again
                raise
            except Exception as error:  # the door: no user input may raise
                return [await self._apology(incoming, error)]

    async def may_pay(
        self, person: Person, order_id: str, amount: int, currency: Currency
    ) -> str | None:
        """Whether the chat's own till may take that money for that bill: None, or else why not, in
        the person's language and at most 200 characters.

        Asked while the till waits: it looks at the database alone, and stands in nobody's line.
        """
        now = self._clock()
        async with self._deps.database.begin() as tx:
            return await payments.may_pay(self._deps, tx, person, order_id, amount, currency, now)

    async def shareable(self, person: Person, query: str) -> Shareable:
        """What that person may show in another chat: see :func:`handlers.sharing.shareable`.

        Asked while they type: it looks at the database alone, and stands in nobody's line.
        """
        return await sharing.shareable(self._deps, person, query)

    async def _serve(self, incoming: Incoming, answered: Answered) -> Sequence[Reply]:
        person = incoming.person
        session = await self._sessions.load(person.platform, person.id)
        known = session or Session()
        if isinstance(incoming.content, Left):
            await self._left(incoming, gone=not incoming.content.back)
            return ()
        if isinstance(incoming.content, Refunded):
            await self._returned(incoming, incoming.content)
            return ()
        try:
            photo = await self._fetch(incoming, known)
        except NotFetched:
            return await self._not_fetched(incoming, known)
        settled = await self._settle(incoming, known, photo)
        if settled.repeated and await answered(incoming.event_id):
            return ()
        await self._remember(incoming, session, settled)
        return (*settled.outcome.replies, *await self._after(settled))

    async def _settle(
        self, incoming: Incoming, session: Session, photo: SanitizedPhoto | PhotoRefused | None
    ) -> Handled:
        """The update's one transaction; if the shop refuses, that one is undone, and a second one
        holds the refusal."""
        deps, now = self._deps, self._clock()
        try:
            async with deps.database.begin() as tx:
                repeated = await inbox.already_processed(tx, incoming.event_id, now)
                ctx = await self._context(tx, incoming, session)
                ctx = replace(ctx, photo=photo)
                if repeated:
                    shown = await _shown(ctx, Outcome(then=Then.SCREEN))
                    return replace(shown, repeated=True)
                return await _shown(ctx, await router.route(ctx, incoming.content))
        except ShopError as refusal:
            log.info("refused", reason=refusal.key)
            async with deps.database.begin() as tx:
                ctx = await self._context(tx, incoming, session)
                await inbox.already_processed(tx, incoming.event_id, now)
                return Handled(ctx, await refusals.answer(ctx, refusal))

    async def _context(self, tx: Tx, incoming: Incoming, session: Session) -> RequestContext:
        """Where the person is. Somebody unreachable who writes has come back."""
        person, now = incoming.person, self._clock()
        user = await users.get_or_create(tx, person.platform, person.id, person.language, now)
        structlog.contextvars.bind_contextvars(user=user.id)
        if user.unreachable:
            user = await users.set_unreachable(tx, user, False)
        return await load_context(self._deps, tx, user, now, session.state, session.data)

    async def _fetch(
        self, incoming: Incoming, session: Session
    ) -> SanitizedPhoto | PhotoRefused | None:
        """A photo's bytes, developed: only where photos are taken, and outside of transactions."""
        if not isinstance(incoming.content, SentPhoto):
            return None
        async with self._deps.database.begin() as tx:
            ctx = await self._context(tx, incoming, session)
        if not router.takes_photos(ctx):
            return None
        return await self._intake.take(incoming.content)

    async def _not_fetched(self, incoming: Incoming, session: Session) -> Sequence[Reply]:
        async with self._deps.database.begin() as tx:
            ctx = await self._context(tx, incoming, session)
            outcome = await router.odd(ctx, "photo-not-fetched", message_key="photo-note")
        return outcome.replies

    async def _after(self, settled: Handled) -> Sequence[Reply]:
        """What waited for the commit. A till that fails is a refusal like any other."""
        if settled.outcome.after is None:
            return ()
        try:
            return await settled.outcome.after()
        except ShopError as refusal:
            log.info("refused", reason=refusal.key)
            async with self._deps.database.begin() as tx:
                ctx = await reload_context(replace(settled.ctx, tx=tx))
                return (await refusals.answer(ctx, refusal)).replies

    async def _remember(
        self, incoming: Incoming, session: Session | None, settled: Handled
    ) -> None:
        """Save what changed. The records are committed: a session lost here loses nothing."""
        person, outcome = incoming.person, settled.outcome
        if outcome.forget:
            await self._sessions.drop(person.platform, person.id)
            return
        state, data = outcome.state or settled.ctx.state, dict(settled.ctx.data)
        if session is None or (session.state, session.data) != (state, data):
            await keep(self._sessions, person, session or Session(), state, data)

    async def _left(self, incoming: Incoming, *, gone: bool) -> None:
        """They blocked us, or came back: news waits meanwhile."""
        person, now = incoming.person, self._clock()
        async with self._deps.database.begin() as tx:
            user = await users.get_or_create(tx, person.platform, person.id, person.language, now)
            if not await inbox.already_processed(tx, incoming.event_id, now):
                await users.set_unreachable(tx, user, gone)

    async def _returned(self, incoming: Incoming, told: Refunded) -> None:
        """No word of the person's: it makes nobody known, so that somebody who was erased, and
        whose money comes back for that, stays erased."""
        now = self._clock()
        async with self._deps.database.begin() as tx:
            if not await inbox.already_processed(tx, incoming.event_id, now):
                await payments.returned(tx, told, now)

    async def _apology(self, incoming: Incoming, error: Exception) -> Say:
        person, user = incoming.person, None
        with suppress(Exception):  # in the language that they chose, if that can still be found
            async with self._deps.database.begin() as tx:
                user = await users.find(tx, person.platform, person.id)
        language = user.language if user else users.language_for(person.language)
        return refusals.unforeseen(language, error, alone=not incoming.room)


async def _shown(ctx: RequestContext, outcome: Outcome) -> Handled:
    """Settle where the person is now, and let that place speak if the step asked for it."""
    if outcome.forget:
        return Handled(ctx, outcome)
    ctx = await reload_context(
        replace(ctx, data=ctx.data if outcome.data is None else outcome.data),
        _left_behind(ctx, outcome),
    )
    if outcome.then is Then.NOTHING:
        return Handled(ctx, replace(outcome, state=ctx.state))
    shown = await router.screen(ctx)
    told = replace(shown, replies=(*outcome.replies, *shown.replies))
    return Handled(ctx, replace(told, state=shown.state or ctx.state))


def _left_behind(ctx: RequestContext, outcome: Outcome) -> State:
    """The state to go on from: a question like "which language?" ends with whatever is done."""
    if outcome.state is not None:
        return outcome.state
    return State.NEW if ctx.state in (State.LANGUAGE, State.ERASING) else ctx.state
