"""What a photo is fetched for: an open order, a clip, or to be verified; for nothing else is a byte
of it read."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from handlers import limits, router
from handlers.chat import Incoming, Person, SentOther, SentPhoto
from handlers.context import DialogueDependencies, RequestContext
from handlers.photo_intake import FetchedPhoto, PhotoIntake
from handlers.senders import was_erased_since
from handlers.session import Session
from handlers.steps import alive
from shop.clips import sources
from shop.clips.sources import SourceKey
from shop.errors import PhotoRefused, ShopError
from shop.photos import photos
from shop.photos.photos import StoredUpload, UploadKey
from shop.ports import Tx
from shop.transactions import run_transaction

SessionOf = Callable[[Person], Awaitable[Session]]
ContextOf = Callable[[Tx, Incoming, Session], Awaitable[RequestContext]]


def with_photo(
    ctx: RequestContext, incoming: Incoming, photo: FetchedPhoto | None
) -> RequestContext:
    """The context of an update that may have brought a photo: what came of it, and by which
    message."""
    if photo:
        ctx = replace(ctx, photo=photo.outcome, source=photo.source, verified=photo.verified)
    if isinstance(incoming.content, SentPhoto) and incoming.content.message:
        message = f"{incoming.person.platform}:{incoming.content.message}"
        ctx = replace(ctx, message=message)
    return ctx


class PhotoFetcher:
    """Fetches the bytes of photos and stores what is to be kept, outside of transactions."""

    def __init__(
        self,
        deps: DialogueDependencies,
        intake: PhotoIntake,
        session_of: SessionOf,
        context_of: ContextOf,
    ) -> None:
        """``session_of`` reads a person's session, before a transaction; ``context_of`` makes the
        request context of an update within one."""
        self._deps = deps
        self._intake = intake
        self._session_of, self._context_of = session_of, context_of

    async def fetch(self, incoming: Incoming, *, locked: bool = False) -> FetchedPhoto | None:
        """A photo's bytes, sanitized and stored, or verified. None, and not a byte is read, where
        no photo is taken, or none could count any more. What is to be verified, or to come alive,
        waits until the person's lock is held (``locked``): of an album the first alone is.

        Raises :class:`handlers.photo_intake.PhotoNotFetched` or Unavailable.
        """
        content = incoming.content
        film = content.file if isinstance(content, SentOther) else None
        sent = content if isinstance(content, SentPhoto) else film
        if sent is None:
            return None
        session = await self._session_of(incoming.person)
        async with self._deps.database.begin() as tx:
            if await was_erased_since(tx, incoming):
                return None
            ctx = await self._context_of(tx, incoming, session)
            key = None
            if ctx.order is not None and await router.wants_photo(ctx):
                key = await photos.upload_key(tx, self._deps.cipher, ctx.order)
        owner = limits.name_of(incoming.person)
        verifies = router.wants_file(ctx)
        comes_alive = film is None and alive.wants_source(ctx, sent)
        if verifies or comes_alive:
            if not locked:
                return None
            fetch = self._verified if verifies else self._source
            return await fetch(ctx, incoming, sent, owner)
        if key is None or film is not None:
            return None
        return FetchedPhoto(ctx.user.id, await self._upload(key, sent, owner))

    async def _upload(
        self, key: UploadKey, sent: SentPhoto, owner: str
    ) -> StoredUpload | PhotoRefused:
        taken = await self._intake.take(sent, owner)
        if isinstance(taken, PhotoRefused):
            return taken
        return await photos.store(self._deps.blobs, key, taken)

    async def _verified(
        self, ctx: RequestContext, _: Incoming, photo: SentPhoto, owner: str
    ) -> FetchedPhoto:
        verified = await self._intake.read(photo, owner, self._deps.labelling.verify)
        return FetchedPhoto(ctx.user.id, verified=verified)

    async def _source(
        self, ctx: RequestContext, incoming: Incoming, photo: SentPhoto, owner: str
    ) -> FetchedPhoto:
        """Stored for the person's clip: for another one than before, where that has its photo."""
        outcome = await self._intake.take(photo, owner)
        if isinstance(outcome, PhotoRefused):
            return FetchedPhoto(ctx.user.id, source=outcome)
        session = await self._session_of(incoming.person)
        try:
            key = await run_transaction(
                self._deps.database, partial(self._source_key, incoming, session)
            )
        except ShopError as refusal:
            return FetchedPhoto(ctx.user.id, source=refusal)
        stored = await sources.store(self._deps.blobs, key, outcome)
        return FetchedPhoto(ctx.user.id, source=stored)

    async def _source_key(self, incoming: Incoming, session: Session, tx: Tx) -> SourceKey:
        ctx = await self._context_of(tx, incoming, session)
        return await sources.source_key(tx, self._deps.cipher, await alive.clip_for_photo(ctx))
