"""What is erased is noted in the transaction that erases it; the outbox worker moves the notes into
the journal (:mod:`shop.erasure_journal`)."""

from datetime import datetime

from shop.ports import Tx
from shop.records import ErasureKind, ErasureNote, new_id


async def note(tx: Tx, kind: ErasureKind, subject: str, now: datetime) -> None:
    """What this transaction erases is to stand in the journal."""
    await tx.add(ErasureNote(new_id(), kind, subject, now))
