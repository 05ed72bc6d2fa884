"""The one door of the dialogue: every update of every chat comes in here, and replies go out.

One update of a person at a time, one transaction an update: the event's id is written with its
effect, so an update that comes twice is answered twice and done once. Nothing that a person does
raises; what the shop refuses is said in their language, what nobody foresaw becomes an apology
with a code, and a log line with the same code and no word of theirs.
"""

import asyncio
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from handlers import flow, refusals
from handlers.acts import Act, button, pairs
from handlers.chat import Incoming, Left, Reply, Say, SentPhoto, Tone
from handlers.session import Session, SessionStore, StaleSession, State
from handlers.texts import texts
from handlers.turn import House, Outcome, Then, Turn, again, look
from shop import users
from shop.catalog import Catalog
from shop.darkroom import Prepared, prepare
from shop.errors import Duplicate, PhotoRefused, ShopError
from shop.ports import Blobs, Clock, Database, Till, Tx
from shop.records import Event, User, new_id
from shop.settings import Settings
from shop.vault import Vault

log = structlog.get_logger(__name__)

CODE = 6  # characters of the code that ties an apology to its log line


class NotFetched(Exception):
    """The platform did not hand over the photo's bytes."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a transaction led to."""

    turn: Turn
    outcome: Outcome


class Desk:
    """Built once by a composition root; ``handle`` is all that a channel needs."""

    def __init__(
        self,
        database: Database,
        sessions: SessionStore,
        blobs: Blobs,
        vault: Vault,
        catalog: Catalog,
        tills: Mapping[str, Till],
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._house = House(database, blobs, vault, catalog, tills, settings)
        self._sessions = sessions
        self._clock = clock

    async def handle(self, incoming: Incoming) -> list[Reply]:
        """Everything to be said to that update, in order. The caller rings the outbox after it."""
        person = incoming.person
        language = users.guess(person.language)
        with structlog.contextvars.bound_contextvars(event=incoming.event_id):
            try:
                async with self._sessions.lock(person.platform, person.id):
                    return list(await self._serve(incoming))
            except Exception as error:  # the door: no user input may raise
                return [await self._apology(incoming, language, error)]

    async def _serve(self, incoming: Incoming) -> Sequence[Reply]:
        person = incoming.person
        session = await self._sessions.load(person.platform, person.id)
        known = session or Session()
        if isinstance(incoming.content, Left):
            await self._left(incoming, gone=not incoming.content.back)
            return ()
        try:
            photo = await self._fetch(incoming, known)
        except NotFetched:
            return await self._not_fetched(incoming, known)
        settled = await self._settle(incoming, known, photo)
        await self._remember(incoming, session, settled)
        return (*settled.outcome.replies, *await self._after(settled))

    async def _settle(
        self, incoming: Incoming, session: Session, photo: Prepared | PhotoRefused | None
    ) -> Settled:
        """The update's one transaction; if the shop refuses, that one is undone, and a second one
        holds the refusal."""
        house, now = self._house, self._clock()
        try:
            async with house.database.begin() as tx:
                turn = await self._turn(tx, incoming, session)
                turn = replace(turn, photo=photo)
                if await _seen(tx, incoming.event_id, now):
                    return await _shown(turn, Outcome(then=Then.SCREEN))
                return await _shown(turn, await flow.route(turn, incoming.content))
        except ShopError as refusal:
            log.info("refused", reason=refusal.key)
            async with house.database.begin() as tx:
                turn = await self._turn(tx, incoming, session)
                await _seen(tx, incoming.event_id, now)
                return Settled(turn, await refusals.answer(turn, refusal))

    async def _turn(self, tx: Tx, incoming: Incoming, session: Session) -> Turn:
        """Where the person is. Somebody unreachable who writes has come back."""
        person, now = incoming.person, self._clock()
        user = await users.meet(tx, person.platform, person.id, person.language, now)
        structlog.contextvars.bind_contextvars(user=user.id)
        if user.unreachable:
            user = await users.unreachable(tx, user, False)
        return await look(self._house, tx, user, now, session.state, session.data)

    async def _fetch(self, incoming: Incoming, session: Session) -> Prepared | PhotoRefused | None:
        """A photo's bytes, developed: only where photos are taken, and outside of transactions."""
        if not isinstance(incoming.content, SentPhoto):
            return None
        async with self._house.database.begin() as tx:
            turn = await self._turn(tx, incoming, session)
        if not flow.takes_photos(turn):
            return None
        try:
            raw = await incoming.content.read()
            return await asyncio.to_thread(prepare, raw)
        except PhotoRefused as refused:
            return refused
        except OSError as error:
            raise NotFetched from error

    async def _not_fetched(self, incoming: Incoming, session: Session) -> Sequence[Reply]:
        async with self._house.database.begin() as tx:
            turn = await self._turn(tx, incoming, session)
            outcome = await flow.odd(turn, "photo-not-fetched", slot="photo-note")
        return outcome.replies

    async def _after(self, settled: Settled) -> Sequence[Reply]:
        """What waited for the commit. A till that fails is a refusal like any other."""
        if settled.outcome.after is None:
            return ()
        try:
            return await settled.outcome.after()
        except ShopError as refusal:
            log.info("refused", reason=refusal.key)
            async with self._house.database.begin() as tx:
                turn = await again(replace(settled.turn, tx=tx))
                return (await refusals.answer(turn, refusal)).replies

    async def _remember(
        self, incoming: Incoming, session: Session | None, settled: Settled
    ) -> None:
        """Save what changed. The records are committed: a session lost here loses nothing."""
        person, outcome = incoming.person, settled.outcome
        if outcome.forget:
            await self._sessions.drop(person.platform, person.id)
            return
        data = dict(settled.turn.data)
        state = outcome.state or settled.turn.state
        known = session or Session()
        if session is not None and (known.state, known.data) == (state, data):
            return
        try:
            saved = Session(state, data, known.version + 1)
            await self._sessions.save(person.platform, person.id, saved)
        except StaleSession:
            newer = await self._sessions.load(person.platform, person.id) or Session()
            with suppress(StaleSession):
                saved = Session(state, data, newer.version + 1)
                await self._sessions.save(person.platform, person.id, saved)

    async def _left(self, incoming: Incoming, *, gone: bool) -> None:
        """They blocked us, or came back: news waits meanwhile."""
        person, now = incoming.person, self._clock()
        async with self._house.database.begin() as tx:
            user = await users.meet(tx, person.platform, person.id, person.language, now)
            if not await _seen(tx, incoming.event_id, now):
                await users.unreachable(tx, user, gone)

    async def _apology(self, incoming: Incoming, language: str, error: Exception) -> Say:
        code = new_id()[:CODE].upper()
        # The way through our code, and not the error's own words: they may quote a person's.
        trace = "".join(traceback.format_tb(error.__traceback__))
        log.error("update failed", code=code, error=type(error).__name__, trace=trace)
        with suppress(Exception):  # in the language that they chose, if that can still be found
            language = (await self._known(incoming)).language
        say = texts(language)
        ways = pairs(button(say, "button-where", Act.WHERE), button(say, "button-help", Act.HELP))
        return Say(say("error-unexpected", code=code), ways, tone=Tone.TROUBLE)

    async def _known(self, incoming: Incoming) -> User:
        person = incoming.person
        async with self._house.database.begin() as tx:
            return await users.meet(tx, person.platform, person.id, person.language, self._clock())


async def _seen(tx: Tx, event_id: str, now: datetime) -> bool:
    """Write the event down; True if it had been already."""
    try:
        await tx.add(Event(event_id, now))
    except Duplicate:
        return True
    return False


async def _shown(turn: Turn, outcome: Outcome) -> Settled:
    """Settle where the person is now, and let that place speak if the step asked for it."""
    if outcome.forget:
        return Settled(turn, outcome)
    turn = await again(replace(turn, data=outcome.data or turn.data), _left_behind(turn, outcome))
    if outcome.then is Then.NOTHING:
        return Settled(turn, replace(outcome, state=turn.state))
    shown = await flow.screen(turn)
    told = replace(shown, replies=(*outcome.replies, *shown.replies))
    return Settled(turn, replace(told, state=shown.state or turn.state))


def _left_behind(turn: Turn, outcome: Outcome) -> State:
    """The state to go on from: a question like "which language?" ends with whatever is done."""
    if outcome.state is not None:
        return outcome.state
    return State.NEW if turn.state in (State.LANGUAGE, State.ERASING) else turn.state
