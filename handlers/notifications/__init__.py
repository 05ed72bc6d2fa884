"""Notices of workers, tills and the clock: messages that nobody asked for, in the person's words.

A notice names what happened by its ``kind`` and ids; what is said is read from the records when it
is sent, so that a late notice is never a wrong one. Kinds are registered by :func:`register`:
those of the studio below, those of another kind of job by its own module.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import structlog

from handlers.chat import Reply
from handlers.context import AfterCommit, DialogueDependencies, load_context
from handlers.notifications import (
    clips,
    erasures,
    linking,
    money,
    orders,
    portraits,
    support,
    workers,
)
from handlers.notifications.registry import NOTICES, Payload, Render, register
from handlers.session import State
from shop.errors import NotFound
from shop.jobs import held_pictures
from shop.people import linked_chats, users
from shop.records import ChannelName, User, UserId

log = structlog.get_logger()

__all__ = ["ERASED", "NOTICES", "Notifications", "Payload", "Render", "in_one_chat", "register"]

ERASED: Final = "erased"
"""The one notice for somebody who has been erased; it carries their address."""

_PASSING: Final = frozenset({"sample"})
"""Kinds whose pictures are removed in the ordinary course: a sample's when the training ends."""


class Notifications:
    """Finds the words of notices. Built once by the composition root of the outbox worker."""

    def __init__(self, deps: DialogueDependencies) -> None:
        self._deps = deps

    async def replies(self, payload: Payload) -> tuple[User, list[Reply]] | None:
        """Whom to tell, and what. None: there is nothing left to say, or nobody to say it to.
        Whether they can be reached is the channel's to find out.

        An unknown kind raises ValueError; :class:`shop.blob_erasure.BlobsRemain` asks to try again.
        """
        try:
            found = await self._found(payload)
            if found is None:
                return None
            user, rendered = found
            replies = list(await rendered() if callable(rendered) else rendered)
        except NotFound:
            if (kind := str(payload["kind"])) in _PASSING:
                log.info("notice_outdated", kind=kind)
            else:  # erased meanwhile, or else a blob was lost: an operator must hear of it
                log.warning("notice_left_out", kind=kind)
            return None
        return (user, replies) if replies else None

    async def _found(self, payload: Payload) -> tuple[User, Sequence[Reply] | AfterCommit] | None:
        kind = str(payload["kind"])
        render = NOTICES[kind]
        async with self._deps.database.snapshot() as tx:
            user = await users.current(tx, UserId(str(payload["user"])))
            if user is None:
                return None
            if kind == ERASED:
                user = _with_address(user, payload)
            elif user.erased_at is not None:
                return None
            elif in_one_chat(payload):
                there = _with_address(user, payload)
                if not await linked_chats.belongs_to(tx, user, there.platform, there.platform_id):
                    return None
                user = there
            ctx = await load_context(self._deps, tx, user, await tx.now(), State.NEW, {})
            return user, await render(ctx, payload)


def in_one_chat(payload: Payload) -> bool:
    """Whether it is for one chat of theirs, which it names, wherever they speak."""
    return "person" in payload


def _with_address(user: User, payload: Payload) -> User:
    """The user at the address of the payload: it is not where they spoke last, or the record has
    none any more."""
    return replace(
        user,
        platform=ChannelName(str(payload["platform"])),
        platform_id=str(payload["person"]),
        language=str(payload.get("language", user.language)),
    )


register("tally", orders.tally)
register("compared", orders.compared)
register("not_compared", orders.not_compared)
register("photo_approved", orders.photo_approved)
register("photo_rejected", orders.photo_rejected)
register("held_erased", orders.held_erased)
register("paid", orders.paid)
register("payment_unwanted", orders.payment_unwanted)
register("expired", orders.expired)
register("open_again", orders.open_again)
register("progress", portraits.progress)
register("progress_ended", portraits.progress_ended)
register("sample", portraits.sample)
register("avatar_ready", portraits.avatar_ready)
register("avatar_failed", portraits.avatar_failed)
register("portraits", portraits.portraits)
register("shoot_failed", portraits.shoot_failed)
register("source_ready", clips.source_ready)
register("source_held", clips.source_held)
register("source_refused", clips.source_refused)
register("second_refused", clips.second_refused)
register("source_erased", clips.source_erased)
register("clip_ready", clips.clip_ready)
register("clip_failed", clips.clip_failed)
register("payment_refunded", money.payment_refunded)
register("payment_reduced", money.payment_reduced)
register("payment_returned", money.payment_returned)
register("given_back", money.given_back)
register("granted", money.granted)
register("referral", money.referral)
register("referral_back", money.referral_back)
register("difference", money.difference)
register("differences", money.differences)
register("not_booked", money.not_booked)
register("booked_after_all", money.booked_after_all)
register("refund_trouble", money.refund_trouble)
register("help_wanted", money.help_wanted)
register("case_answer", support.case_answer)
register("case_closed", support.case_closed)
register("case_written", support.case_written)
register("case_withdrawn", support.case_withdrawn)
register("worker_fault", workers.worker_fault)
register("stated_minor", workers.stated_minor)
register(held_pictures.MESSAGE, workers.held_pictures_waiting)
register("uploads_erased", erasures.uploads_erased)
register("linked", linking.linked)
register("unlinked", linking.unlinked)
register("parted", linking.parted)
register(ERASED, erasures.erased)
