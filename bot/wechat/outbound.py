"""Sends replies into WeChat within its budget of messages (:mod:`bot.wechat.budget`).

An answer goes as far as it can in the callback's own response, which is free: its words are the
passive reply, and only pictures and what is longer than one message are sent beside it, before it,
so that the order is right and a callback that WeChat repeats is answered whole.

News go out as one text and as many pictures as leave a message for what may matter next; the rest
of the pictures are on the album page, behind one link. Without such a page portraits, which are
what people wait for, may take that last message as well. What cannot be sent now waits for the
person's next contact; a template message tells them once, if the account has one.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog

from bot.channels import Capabilities
from bot.choices import above_choices, below, offers, without_offer
from bot.outbound import RetryLater, Unreachable, WaitsForContact
from bot.preview_sheet import PreviewSheets
from bot.state.sessions import MessageIds
from bot.wechat import WECHAT
from bot.wechat.api import LARGEST_VIDEO, LONGEST_QR_SECONDS, WechatApi
from bot.wechat.budget import Contact, MessageBudget
from bot.wechat.errors import ApiRefused
from bot.wechat.media import MediaIds
from bot.wechat.message_text import pieces
from bot.wechat.plan import CODE, Plan, Urgency, is_clip, plan_of
from bot.wechat.qr import qr_png
from bot.wechat.sender import Sender, SentParts
from handlers.chat import Incoming, Picture, Reply
from handlers.texts import Texts
from shop.errors import CannotStart, Unavailable
from shop.outages import told
from shop.records import new_id

KEPT: Final = 1
"""Messages that pictures leave untouched, for what may matter next."""

CAPABILITIES: Final = Capabilities(
    buttons=False,
    pictures=10,
    edits=False,
    files=False,
    video=LARGEST_VIDEO,
    scannable=True,
    needs_contact=True,
)
"""What this outbound can do. The pictures of a reply come to it together, since it knows for how
many there is room."""

_REST: Final = "~rest"
_NEWS: Final = "news"
_SAMPLE: Final = "~sample"
_TEMPLATE_FIELD: Final = "thing1"
_DAYS: Final = LONGEST_QR_SECONDS // (24 * 3600)

_TROUBLE: Final = (ConnectionError, RetryLater, ApiRefused, Unavailable, CannotStart)
"""What a call may end in besides. An answer does without what it was for."""

TextsOf = Callable[[str], Awaitable[Texts]]
"""The texts in the language of that chat's person."""
AlbumLink = Callable[[str], Awaitable[str]]
"""The address of that chat's album page; "" where there is none."""

PaidAt = Callable[[str], Awaitable[datetime | None]]
"""When that chat's person last paid by WeChat Pay, which opens the budget; None: never."""

log = structlog.get_logger()


async def no_album(chat: str) -> str:
    """For an installation without album pages."""
    return ""


async def never_paid(chat: str) -> None:
    """For an installation whose people pay elsewhere."""


class WechatOutbound:
    """:class:`bot.outbound.GatheringOutbound` for WeChat. ``chat`` is the person's openid."""

    def __init__(
        self,
        api: WechatApi,
        budget: MessageBudget,
        media: MediaIds,
        message_ids: MessageIds,
        texts_of: TextsOf,
        *,
        album_link: AlbumLink = no_album,
        paid_at: PaidAt = never_paid,
        template_id: str = "",
        sheets: PreviewSheets | None = None,
    ) -> None:
        """``sheets``: what shows several previews as one message; None: each is one."""
        self._api = api
        self._budget = budget
        self._sender = Sender(api, budget, media, message_ids)
        self._message_ids = message_ids
        self._texts_of = texts_of
        self._album_link = album_link
        self._paid_at = paid_at
        self._template_id = template_id
        self._sheets = sheets

    async def contacted(self, openid: str, contact: Contact, at: datetime) -> None:
        """The person did that, ``at`` the callback's CreateTime: to be told of every callback,
        before its update is handled. Raises Unavailable."""
        await self._budget.contacted(openid, contact, at)

    async def left(self, openid: str, at: datetime) -> None:
        """They stopped following: nothing more may be sent before they contact us again. As
        :meth:`contacted`."""
        await self._budget.left(openid, at)

    async def answer(self, incoming: Incoming, replies: Sequence[Reply]) -> str | None:
        """The text of the passive reply to that update: clean, and of one message at most. None:
        there is nothing to say. What does not go into it was sent before, or waits for the next
        answer. The same update again is answered with the same, and nothing is sent twice.

        Raises Unavailable.
        """
        chat, plan = incoming.person.id, await self._plan(replies)
        await self._note_payment(chat)
        parts = self._sender.of(chat, f"answer:{incoming.event_id}")
        before = await self._rest(chat, incoming.event_id)
        if offers(plan.text):
            before = without_offer(before)  # its numbers mean something else now
        words = pieces(below(before, await self._words(chat, plan, 0)))
        shown, failed = await self._shown(chat, plan, KEPT + max(0, len(words) - 1), parts)
        *first, last = pieces(below(before, await self._words(chat, plan, shown, failed))) or [""]
        try:
            await self._sender.texts(chat, first, 0, parts)
        except (WaitsForContact, Unreachable, *_TROUBLE) as trouble:
            log.warning("wechat_answer_waits", **told(trouble))
            unsaid = [*first[await parts.texts_sent() :], last]
            await self._keep(chat, "\n\n".join(unsaid[1:]), incoming.event_id)
            return unsaid[0]
        return last or None

    async def send_together(self, chat: str, replies: Sequence[Reply]) -> bool:
        """See :meth:`bot.outbound.GatheringOutbound.send_together`. Of progress one
        picture of the unfinished work is shown, where there is room: whoever asks is told the rest.

        Raises :class:`bot.outbound.WaitsForContact`, :class:`bot.outbound.Unreachable`,
        :class:`bot.outbound.RetryLater`, ConnectionError, Unavailable, or
        :class:`bot.wechat.errors.ApiRefused`. A second try of the same goes on where it broke off.
        """
        plan = await self._plan(replies)
        await self._note_payment(chat)
        room = (await self._budget.allowance(chat)).above(plan.urgency)
        if plan.urgency is Urgency.PROGRESS and not await self._is_worth_it(chat, plan, room):
            log.info("wechat_progress_untold")
            return False
        if room == 0:
            await self._remind(chat, plan)
            raise WaitsForContact
        parts = self._sender.of(chat, _NEWS)
        codes = await self._codes(plan)
        words = len(pieces(await self._words(chat, plan, 0)))
        seen_at_once = plan.has_ordered and not await self._album_link(chat)
        kept = words if seen_at_once else words + KEPT
        shown = await self._show(chat, codes, plan, kept, parts)
        texts = pieces(await self._words(chat, plan, shown))
        await self._sender.texts(chat, texts, plan.urgency, parts)
        if plan.urgency is Urgency.PROGRESS:
            await self._message_ids.put(WECHAT, chat, _SAMPLE, plan.pictures[0].id)
        await parts.done()
        return True

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        """See :meth:`bot.outbound.Outbound.send`."""
        await self.send_together(chat, [reply])

    async def say(self, chat: str, text: str) -> None:
        """Send the text of :meth:`answer`, where it came too late for the callback's response.
        Where nothing may be sent, it waits for the next answer. Raises as :meth:`send_together`."""
        try:
            await self._sender.texts(chat, [text], 0, self._sender.of(chat, f"late:{new_id()}"))
        except WaitsForContact:
            await self._keep(chat, text)

    async def untold(self, chat: str, replies: Sequence[Reply]) -> list[Reply]:
        """All of them: see :meth:`bot.outbound.GatheringOutbound.untold`."""
        return list(replies)

    async def contact(self, chat: str) -> str:
        """See :meth:`bot.outbound.GatheringOutbound.contact`."""
        return await self._budget.last_contact(chat)

    async def forget(self, chat: str, before: datetime) -> None:
        """Drop the person's message ids and media ids, whenever made. The messages themselves are
        in WeChat's hands, and the person's; the counter, a hash, ends within a day."""
        await self._message_ids.drop(WECHAT, chat)
        await self._budget.forget(chat)

    async def _plan(self, replies: Sequence[Reply]) -> Plan:
        plan = plan_of(replies)
        if self._sheets is None:
            return plan
        return replace(plan, pictures=await self._sheets.gathered(plan.pictures))

    async def _is_worth_it(self, chat: str, plan: Plan, room: int | None) -> bool:
        """Whether progress is told unasked: in pictures, once of each work, where there is room.
        Words alone were told when the work was begun, and are whenever somebody asks."""
        if not plan.pictures or (room is not None and room <= len(plan.pictures)):
            return False
        return await self._message_ids.get(WECHAT, chat, _SAMPLE) != plan.pictures[0].id

    async def _note_payment(self, chat: str) -> None:
        """WeChat Pay tells the shop, not the chat: what was booked is asked for."""
        if at := await self._paid_at(chat):
            await self._budget.contacted(chat, Contact.PAYMENT, at)

    async def _codes(self, plan: Plan) -> list[Picture]:
        """The pictures to scan: bills, and deep links, for which WeChat makes an address."""
        found = list(plan.codes)
        for link in plan.links:
            _, url = await self._api.create_qrcode(link.start, LONGEST_QR_SECONDS)
            found.append(Picture(f"{CODE}{link.start}", qr_png(url), "image/png", link.label))
        return found

    async def _show(
        self, chat: str, codes: Sequence[Picture], plan: Plan, kept: int, parts: SentParts
    ) -> int:
        """Send the codes, and of the pictures as many as leave ``kept`` messages: how many of those
        were sent, now or before."""
        for code in codes:
            await self._sender.picture(chat, code, 0, parts)
        for number, picture in enumerate(plan.pictures):
            try:
                await self._sender.picture(chat, picture, kept, parts)
            except WaitsForContact:
                return number
        return len(plan.pictures)

    async def _shown(self, chat: str, plan: Plan, kept: int, parts: SentParts) -> tuple[int, bool]:
        """Show what an answer has to show: how many pictures were, and whether something failed,
        without which the answer is still one."""
        failed = False
        try:
            await self._show(chat, await self._codes(plan), plan, kept, parts)
        except (WaitsForContact, Unreachable, *_TROUBLE) as trouble:
            log.warning("wechat_pictures_not_sent", **told(trouble))
            failed = True
        sent = await parts.sent() if plan.pictures else []
        return sum(picture.id in sent for picture in plan.pictures), failed

    async def _words(self, chat: str, plan: Plan, shown: int, failed: bool = False) -> str:
        """The words, with what belongs to the pictures: where others are, what a code is for."""
        notes = []
        if plan.pictures or plan.codes or plan.pay_urls or plan.links:
            say = await self._texts_of(chat)
            notes += [say("bill-link", url=url) for url in plan.pay_urls]
            if plan.has_ordered:
                notes += await self._where_they_are(chat, plan, shown, say)
            if failed:
                notes.append(say("pictures-missing"))
            elif plan.codes or plan.links:
                notes += [say("bill-scan")] if plan.codes else []
                notes += [say("link-scan", days=_DAYS)] if plan.links else []
        text = plan.text
        for note in notes:
            text = above_choices(text, note)
        return text

    async def _where_they_are(self, chat: str, plan: Plan, shown: int, say: Texts) -> list[str]:
        """Where portraits and clips are that were not sent, and of several sets, which one choices
        are about."""
        notes = []
        link = await self._album_link(chat)
        if plan.unplayed(shown):
            key = "clip-in-album" if link else "clip-not-sent"
            notes.append(say(key, url=link, word=say.word("clip")))
        if missing := sum(not is_clip(one) for one in plan.pictures[shown:]):
            word = say.word("originals")
            notes += [say("album-rest" if link else "album-more", count=missing, word=word)]
        if plan.has_portraits and link and link not in plan.text:
            notes.append(say("album-link", url=link))
        return notes + ([say("sets-last")] if plan.sets > 1 else [])

    async def _keep(self, chat: str, text: str, event_id: str = "") -> None:
        """What an answer could not say."""
        await self._message_ids.put(WECHAT, chat, _REST, json.dumps([event_id, "", text]))

    async def _rest(self, chat: str, event_id: str) -> str:
        """What an earlier answer could not say. It is said in this one, again if this one is asked
        for again, and forgotten in the next."""
        kept = await self._message_ids.get(WECHAT, chat, _REST)
        if kept is None:
            return ""
        unsaid_in, said_in, text = json.loads(kept)
        if said_in not in ("", event_id):
            await self._message_ids.drop(WECHAT, chat, _REST)
        if unsaid_in == event_id or said_in not in ("", event_id):
            return ""
        await self._message_ids.put(WECHAT, chat, _REST, json.dumps([unsaid_in, event_id, text]))
        return str(text)

    async def _remind(self, chat: str, plan: Plan) -> None:
        """A template message to somebody who cannot be told now, once until they come. Trouble with
        it is logged: the news wait anyway."""
        if not self._template_id or plan.urgency is not Urgency.IMPORTANT:
            return
        if not await self._budget.may_remind(chat):
            return
        say = await self._texts_of(chat)
        kind = "clip" if any(map(is_clip, plan.pictures)) else "portraits"
        words = say(f"waits-{kind}" if plan.has_ordered else "waits-news")
        try:
            link = await self._album_link(chat)
            await self._api.send_template(chat, self._template_id, link, {_TEMPLATE_FIELD: words})
        except (Unreachable, *_TROUBLE) as trouble:
            log.warning("wechat_template_not_sent", **told(trouble))
