"""The dispatcher: takes every update of every chat, and returns the replies to it.

One update of a person at a time, one transaction an update: the event's id is stored with its
effect, so an update that comes twice is answered twice and done once. Nothing that a person does
raises; what the shop refuses is said in their language, an unexpected error becomes an apology
with a code, and a log line with the same code and nothing that they wrote. Only an outage
(:class:`shop.errors.Unavailable`) raises: the channel must have the update delivered again. So does
whatever keeps a payment or a refund from being stored.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import structlog

from handlers import captions, groups, limits, platform_events, refusals, router, sharing
from handlers.chat import (
    Incoming,
    Invoice,
    Paid,
    Person,
    Reply,
    Say,
    SentPhoto,
    Tone,
)
from handlers.context import (
    DialogueDependencies,
    RequestContext,
    load_context,
    reload_context,
    reply_and_show,
)
from handlers.intents import Intent, button
from handlers.kept_words import KeptWords
from handlers.limits import Counted, Wait
from handlers.photo_fetcher import PhotoFetcher, with_photo
from handlers.photo_intake import FetchedPhoto, PhotoIntake, PhotoNotFetched
from handlers.senders import answers_erasure, is_still, language_of
from handlers.session import Session, SessionStore, save_session
from handlers.sharing import Shareable
from handlers.steps import payments
from handlers.update_result import UpdateResult, with_screen
from shop import inbox, tracing
from shop.errors import NotBooked, PhotoRefused, ShopError, Unavailable, WrongAmount
from shop.jobs import outbox
from shop.labels.verification import Verification
from shop.orders.booking_failures import TillReport
from shop.people import linked_chats, past_accounts, users
from shop.ports import Tx
from shop.records import Currency, UserId
from shop.transactions import run_transaction

log = structlog.get_logger(__name__)

WasAnswered = Callable[[str], Awaitable[bool]]
"""Whether the answer to that event id has reached the person."""


async def not_yet(event_id: str) -> bool:
    """For channels that do not know it: an update that comes twice is answered twice."""
    return False


class Dispatcher:
    """The dialogue as a channel sees it. Built once by a composition root."""

    def __init__(self, deps: DialogueDependencies, sessions: SessionStore) -> None:
        self._deps = deps
        self._sessions = sessions
        self._addresses = deps.addresses
        self._intake = PhotoIntake(deps.decoder)
        self._photos = PhotoFetcher(deps, self._intake, self._session_of, self._context)
        self._words = KeptWords(deps.settings.signing_key)

    async def handle(self, incoming: Incoming, answered: WasAnswered = not_yet) -> list[Reply]:
        """All replies to that update, in order. The caller flushes the outbox after it.

        ``answered`` is asked about an update that was stored before: whether its answer came too.

        Raises :class:`shop.errors.Unavailable` when it could not be stored, or not completely; of
        payments and refunds that is :class:`shop.errors.NotBooked`.
        """
        named = structlog.contextvars.bound_contextvars(event=incoming.event_id)
        with named, tracing.span("update", channel=incoming.person.platform):
            try:
                if not incoming.admitted and (wait := await self.wait_for(incoming)):
                    return await self._told_to_wait(incoming, wait)
                if incoming.group and await answered(incoming.event_id):
                    return []
                if incoming.group:
                    return await groups.answer(self._deps, incoming)
                replies = list(await self._handle_person(incoming, answered))
                self._deps.count_update(incoming.person.platform, "handled")
                if one := platform_events.till_report(incoming):
                    await self._deps.booking_failures.booked(one)
                return replies
            except Exception as error:  # the outermost handler: no user input may raise
                await self._require_booked(incoming, error)
                if isinstance(error, Unavailable):  # nobody's fault: it is delivered again
                    self._deps.count_update(incoming.person.platform, "outage")
                    raise
                self._deps.count_update(incoming.person.platform, "failed")
                return [await self._apology(incoming, error)]

    async def not_booked(self, one: TillReport, error: Exception) -> NotBooked:
        """For a channel in which a payment or a refund broke before it came to :meth:`handle`: what
        to raise, see :meth:`shop.orders.booking_failures.BookingFailures.report`."""
        return await self._deps.booking_failures.report(one, error)

    async def wait_for(self, incoming: Incoming) -> Wait | None:
        """Count that update (:mod:`handlers.limits`). None: it may be handled; otherwise how long
        that person or group must wait.

        :meth:`handle` asks it by itself, and says the sentence once. A channel that can keep an
        update and send it again asks before, and marks what may pass as ``admitted``.
        """
        if incoming.group:
            counted = groups.is_answered(incoming)
        else:
            counted = limits.name_of(incoming.person) not in self._deps.settings.admins
        if not counted:
            return None
        return await limits.take(self._deps.limiter, incoming)

    async def unshown(self, incoming: Incoming, reply: Reply, error: Exception) -> Say:
        """What to say in place of a reply that the platform will not show for that error: nobody is
        left without an answer. Of a bill, that nothing was charged, and the way to another try."""
        if not isinstance(reply, Invoice):
            return await self._apology(incoming, error)
        words = self._deps.texts(await self._language(incoming), incoming.person.platform)
        retry = button(words, "bill-button-retry", Intent.PAY)
        return Say(words("bill-unshown"), ((retry,),), tone=Tone.TROUBLE)

    async def may_pay(
        self, person: Person, order_id: str, amount: int, currency: Currency
    ) -> str | None:
        """Whether the chat's own till may take that money for that bill: None, or else why not, in
        the person's language and at most 200 characters.

        Asked while the till waits: it waits for the person's lock only where nobody is at work.
        """
        return await payments.may_pay(self._deps, person, order_id, amount, currency)

    async def shareable(self, person: Person, query: str) -> Shareable:
        """What that person may show in another chat: see :func:`handlers.sharing.shareable`.

        Asked while they type: it reads the database and does not wait for the person's lock. Over
        the limit there is nothing to share, until it is asked again.
        """
        if await self._deps.limiter.take(limits.SHARING, limits.name_of(person)):
            return sharing.nothing(person)
        return await sharing.shareable(self._deps, person, query)

    async def verify(self, sent: SentPhoto, owner: str) -> Verification | PhotoRefused:
        """What a file's labels prove, or why it cannot be read; the file is not kept.

        Raises :class:`handlers.photo_intake.PhotoNotFetched` or Unavailable."""
        return await self._intake.read(sent, owner, self._deps.labelling.verify)

    async def _handle_person(self, incoming: Incoming, answered: WasAnswered) -> Sequence[Reply]:
        """A photo is fetched before the person's lock is taken: while it comes in, they can go on
        talking. A file to verify is not: of an album, the first alone answers the question."""
        person = incoming.person
        try:
            photo = await self._photos.fetch(incoming)
            async with self._sessions.lock(person.platform, person.id):
                replies = await self._handle_locked(incoming, answered, photo)
                if (words := captions.update_of(incoming)) is None:
                    return replies
                more = await self._handle_locked(words, lambda _: answered(incoming.event_id), None)
                return captions.joined(replies, more)
        except PhotoNotFetched:
            return await self._photo_not_fetched(incoming)

    async def _handle_locked(
        self, incoming: Incoming, answered: WasAnswered, photo: FetchedPhoto | None
    ) -> Sequence[Reply]:
        person = incoming.person
        session = await self._sessions.load(person.platform, person.id)
        known = session or Session()
        if await platform_events.apply(self._deps, incoming):
            return ()
        # An earlier update may have opened an order meanwhile.
        photo = photo or await self._photos.fetch(incoming, locked=True)
        result = await self._process(incoming, known, photo)
        if (result is None or result.repeated) and await answered(incoming.event_id):
            return ()
        if result is None:
            return await self._words.answer_nobody(self._deps, incoming)
        await self._save_session(incoming, session, result)
        return (*result.outcome.replies, *await self._run_after_commit(result))

    async def _store(
        self, incoming: Incoming, session: Session, photo: FetchedPhoto | None
    ) -> UpdateResult | None:
        """The transaction of the update; if the shop refuses, it is rolled back, and a second one
        stores the event with the refusal. None, and nothing stored, of somebody who was erased
        while it came in, or since it came first, a photo, a page's press or a second yes to the
        erasure: it would make them somebody who is known again."""
        database = self._deps.database

        async def applied(counted: Counted) -> UpdateResult | None:
            apply = partial(self._apply, incoming, session, photo, counted)
            return await run_transaction(database, apply)

        try:
            return await limits.counting(self._deps.limiter, incoming.person, applied)
        except ShopError as refusal:
            if isinstance(incoming.content, Paid) and not isinstance(refusal, WrongAmount):
                raise  # a refusal would take its place in the inbox
            log.info("refused", reason=refusal.key)
            return await run_transaction(
                database, partial(self._refuse, incoming, session, refusal)
            )

    async def _apply(
        self, incoming: Incoming, session: Session, photo: FetchedPhoto | None, counted: Counted,
        tx: Tx,
    ) -> UpdateResult | None:  # fmt: skip
        whose = photo.user_id if photo else UserId(incoming.only_of)
        if not await is_still(tx, incoming.person, whose, known=answers_erasure(incoming)):
            return None
        repeated = await inbox.already_processed(tx, incoming.event_id, await tx.now())
        if repeated and not await is_still(tx, incoming.person, whose, known=True):
            return None
        ctx = replace(await self._context(tx, incoming, session), counted=counted)
        ctx = with_photo(ctx, incoming, photo)
        if repeated:
            # In the same state: a question that was asked since waits for its answer.
            said = await self._words.find(tx, incoming)
            shown = await with_screen(ctx, reply_and_show(*said, state=ctx.state))
            return replace(shown, repeated=True)
        outcome = await router.route(ctx, incoming.content)
        result = await with_screen(ctx, outcome)
        await self._words.keep(tx, incoming, outcome.replies)
        return replace(result, upload_kept=photo is not None and await photo.is_kept(tx))

    async def _refuse(
        self, incoming: Incoming, session: Session, refusal: ShopError, tx: Tx
    ) -> UpdateResult | None:
        if not await is_still(tx, incoming.person, UserId(incoming.only_of)):
            return None
        ctx = await self._context(tx, incoming, session)
        await inbox.already_processed(tx, incoming.event_id, await tx.now())
        return UpdateResult(ctx, await refusals.answer(ctx, refusal))

    async def _process(
        self, incoming: Incoming, session: Session, photo: FetchedPhoto | None
    ) -> UpdateResult | None:
        """As :meth:`_store`. The blob of a photo that was not taken in after all is removed."""
        result = await self._store(incoming, session, photo)
        if photo and photo.stored and not (result and result.upload_kept):
            await self._deps.blobs.remove(photo.stored)
        return result

    async def _context(self, tx: Tx, incoming: Incoming, session: Session) -> RequestContext:
        """The request context. Somebody unreachable who writes is reachable again, and gets the
        news that were kept for them; so does whoever had to write first, in whichever of their
        chats they do."""
        person, now = incoming.person, await tx.now()
        user = await past_accounts.arrive(
            tx, self._addresses, person.platform, person.id, person.language, now
        )
        structlog.contextvars.bind_contextvars(user=user.id)
        if user.unreachable:
            user = await linked_chats.set_unreachable(
                tx, user.id, person.platform, person.id, gone=False
            )
            await outbox.release_news(tx, user.id, now)
        elif self._deps.needs_contact and await outbox.keeps_news(tx, user.id):
            await users.lock(tx, user.id)
            await outbox.release_news(tx, user.id, now)
        return await load_context(self._deps, tx, user, now, session.state, session.data)

    async def _session_of(self, person: Person) -> Session:
        """To be read before a transaction, which must not wait for it."""
        return await self._sessions.load(person.platform, person.id) or Session()

    async def _photo_not_fetched(self, incoming: Incoming) -> Sequence[Reply]:
        session = await self._session_of(incoming.person)
        async with self._deps.database.begin() as tx:
            ctx = await self._context(tx, incoming, session)
            outcome = await router.fallback(ctx, "photo-not-fetched", message_key="photo-note")
        return outcome.replies

    async def _run_after_commit(self, result: UpdateResult) -> Sequence[Reply]:
        """What the step wants after the commit. A till that fails is a refusal like any other."""
        if result.outcome.after_commit is None:
            return ()
        try:
            return await result.outcome.after_commit()
        except ShopError as refusal:
            log.info("refused", reason=refusal.key)
            async with self._deps.database.begin() as tx:
                ctx = await reload_context(replace(result.ctx, tx=tx))
                return (await refusals.answer(ctx, refusal)).replies

    async def _save_session(
        self, incoming: Incoming, session: Session | None, result: UpdateResult
    ) -> None:
        """Save the session if it changed. The records are committed: losing it loses nothing."""
        person, outcome = incoming.person, result.outcome
        if outcome.forget:
            await self._sessions.drop(person.platform, person.id)
            return
        state, data = outcome.state or result.ctx.state, dict(result.ctx.data)
        if session is None or (session.state, session.data) != (state, data):
            await save_session(self._sessions, person, session or Session(), state, data)

    async def _require_booked(self, incoming: Incoming, error: Exception) -> None:
        """Raise :class:`NotBooked` if the update is a payment or a refund, and ``error`` kept it
        from being stored."""
        one = platform_events.till_report(incoming)
        if one is None:
            return
        with suppress(Exception):  # what cannot be asked after is not known to be stored
            async with self._deps.database.begin() as tx:
                if await inbox.was_processed(tx, incoming.event_id):
                    return
        raise await self.not_booked(one, error) from error

    async def _told_to_wait(self, incoming: Incoming, wait: Wait) -> list[Reply]:
        """The sentence, once in a period and in no group. The update is done with."""
        person = incoming.person
        self._deps.count_update(person.platform, "limited")
        if not wait.first:
            return []
        log.info("limited", limit=wait.limit.name, seconds=round(wait.seconds))
        if incoming.group:
            return []
        language = await language_of(self._deps.database, person)
        return [limits.sentence(self._deps.texts(language, person.platform), wait)]

    async def _apology(self, incoming: Incoming, error: Exception) -> Say:
        language = await self._language(incoming)
        return refusals.unexpected(language, error, alone=not incoming.group)

    async def _language(self, incoming: Incoming) -> str:
        """The language that they chose, if that can still be found."""
        with suppress(Exception):
            return await language_of(self._deps.database, incoming.person)
        return users.language_for(incoming.person.language)
