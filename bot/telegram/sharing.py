"""Inline queries: somebody in another chat asks for something of their own to send there.

Portraits and clips go by the file ids under which Telegram has them already, because they were sent
to that person in our own chat: nothing is uploaded, and nothing that they never saw can be shared.
"""

from collections.abc import Sequence

import structlog
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultCachedVideo,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.error import BadRequest

from bot.state.sessions import MessageIds
from bot.telegram import TELEGRAM
from bot.telegram.buttons import link
from bot.telegram.client import Client
from bot.telegram.media_cache import message_key_of
from handlers.chat import Person
from handlers.dispatcher import Dispatcher
from handlers.groups import START_PAYLOAD
from handlers.sharing import Shareable, ShareableInvitation, SharedClip, SharedPortrait

Result = InlineQueryResultCachedPhoto | InlineQueryResultCachedVideo

log = structlog.get_logger()


async def answer(
    client: Client, dispatcher: Dispatcher, message_ids: MessageIds, query: InlineQuery
) -> None:
    """Offer what the asker may share; to a stranger, a way to the bot.

    Raises :class:`telegram.error.TelegramError` and :class:`shop.errors.Unavailable`.
    """
    asker = str(query.from_user.id)
    person = Person(TELEGRAM, asker, query.from_user.language_code or "")
    offer = await dispatcher.shareable(person, query.query.strip())
    theirs: Sequence[SharedClip | SharedPortrait] = [*offer.clips, *offer.portraits]
    seen: list[Result] = [
        _media(one, file)
        for one in theirs
        if (file := await message_ids.get(TELEGRAM, asker, message_key_of(one.id)))
    ]
    invites = [_article(offer.invitation, await client.handle())] if offer.invitation else []
    try:
        await _offer(client, query, offer, seen, invites)
    except BadRequest as refusal:
        if not seen:
            raise
        # It has forgotten a file, or we are another bot now: all can be shown again.
        log.info("telegram_files_unknown", why=refusal.message)
        await _offer(client, query, offer, [], invites)


async def _offer(
    client: Client,
    query: InlineQuery,
    offer: Shareable,
    seen: Sequence[Result],
    invites: Sequence[InlineQueryResultArticle],
) -> None:
    unseen = bool(offer.clips or offer.portraits) and not seen
    await client.answer_inline_query(
        query.id,
        [*seen, *invites],
        cache_time=0,
        is_personal=True,
        button=_way_in(offer) if unseen or not (seen or invites) else None,
    )


def _media(shared: SharedPortrait | SharedClip, file: str) -> Result:
    if isinstance(shared, SharedClip):
        return InlineQueryResultCachedVideo(
            shared.id, file, title=shared.title, caption=shared.caption
        )
    return InlineQueryResultCachedPhoto(
        shared.id, file, title=shared.title or None, caption=shared.caption
    )


def _article(invitation: ShareableInvitation, username: str) -> InlineQueryResultArticle:
    open_it = InlineKeyboardButton(invitation.button, url=link(username, invitation.start))
    text = InputTextMessageContent(
        invitation.text, link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    return InlineQueryResultArticle(
        "invite",
        invitation.title,
        text,
        reply_markup=InlineKeyboardMarkup([[open_it]]),
        description=invitation.about,
    )


def _way_in(offer: Shareable) -> InlineQueryResultsButton:
    """A button to the bot, where there is nothing to share. What Telegram has forgotten is sent in
    our own chat again, and can be shared from then on."""
    starts = [one.start for one in offer.clips] + [one.start for one in offer.portraits]
    if starts:
        return InlineQueryResultsButton(offer.show_first, start_parameter=starts[0])
    return InlineQueryResultsButton(offer.open, start_parameter=START_PAYLOAD)
