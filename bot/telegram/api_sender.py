"""One planned message, one Bot API call, made with python-telegram-bot."""

import io
from collections.abc import Mapping, Sequence
from typing import Final

from PIL import Image
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LabeledPrice,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatAction

from bot.telegram.buttons import Signer, keyboard, needs_name
from bot.telegram.client import Client
from bot.telegram.message_plan import (
    AlbumMessage,
    ClipMessage,
    InvoiceMessage,
    MediaMessage,
    PhotoMessage,
    TextMessage,
    filename,
)
from handlers.chat import ClipFile, Keyboard, Picture
from shop.records import Currency

THUMBNAIL: Final = (320, 320)

# Telegram would otherwise fetch the cashier's page to show what it looks like.
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# With it a copy of the invoice in another chat cannot be paid there: it opens the bot.
_FORWARDED = "bill"

Known = Mapping[str, str]
"""File ids of photos and videos that Telegram has already, by the ids of pictures and clips."""


class ApiSender:
    """Sends planned messages into chats. Raises python-telegram-bot's errors as they are."""

    def __init__(self, bot: Client, signer: Signer) -> None:
        self._bot = bot
        self._signer = signer

    async def send_text(self, chat: str, planned: TextMessage) -> int:
        """The message's id."""
        return await self._bot.say(
            int(chat),
            planned.text,
            reply_markup=await self._markup(chat, planned.buttons),
            disable_notification=planned.quiet or None,
            reply_parameters=_reply_to(planned.about),
            link_preview_options=_NO_PREVIEW,
        )

    async def send_invoice(self, chat: str, planned: InvoiceMessage) -> Message:
        """An invoice in Stars: one price, and the button that pays before all others."""
        ours = await self._markup(chat, planned.buttons)
        pay = InlineKeyboardButton(planned.label, pay=True)
        return await self._bot.send_invoice(
            int(chat),
            planned.title,
            planned.description,
            payload=planned.reference,
            currency=Currency.XTR.value,
            prices=[LabeledPrice(planned.title, planned.stars)],
            provider_token="",
            start_parameter=_FORWARDED,
            reply_markup=InlineKeyboardMarkup([[pay], *(ours.inline_keyboard if ours else ())]),
        )

    async def send_media(self, chat: str, planned: MediaMessage, known: Known) -> Sequence[Message]:
        """Its messages, a picture or a clip each."""
        match planned:
            case AlbumMessage():
                return await self._album(chat, planned, known)
            case PhotoMessage(original=False):
                return (await self._photo(chat, planned, known),)
            case ClipMessage(original=False):
                return (await self._video(chat, planned, known),)
            case PhotoMessage(picture=media) | ClipMessage(clip=media):
                return (await self._file(chat, planned, media),)

    async def edit_text(self, chat: str, message: int, planned: TextMessage) -> None:
        await self._bot.say_instead(
            int(chat),
            message,
            planned.text,
            reply_markup=await self._markup(chat, planned.buttons),
            link_preview_options=_NO_PREVIEW,
        )

    async def edit_media(
        self, chat: str, message: int, planned: PhotoMessage | ClipMessage, known: Known
    ) -> Sequence[Message]:
        """The message as it is now."""
        caption = planned.caption or None
        media = (
            _video(planned.clip, caption, known)
            if isinstance(planned, ClipMessage)
            else _photo(planned.picture, caption, known)
        )
        edited = await self._bot.edit_message_media(
            media,
            chat_id=int(chat),
            message_id=message,
            reply_markup=await self._markup(chat, planned.buttons),
        )
        return () if isinstance(edited, bool) else (edited,)  # True: of inline messages only

    async def delete(self, chat: str, message: int) -> None:
        await self._bot.delete_message(int(chat), message)

    async def acknowledge(self, query: str) -> None:
        await self._bot.answer_callback_query(query)

    async def show_upload(self, chat: str, planned: MediaMessage) -> None:
        """Show "sending a photo …" above the chat, for five seconds or until it is there."""
        video = isinstance(planned, ClipMessage)
        action = ChatAction.UPLOAD_VIDEO if video else ChatAction.UPLOAD_PHOTO
        if planned.original:
            action = ChatAction.UPLOAD_DOCUMENT
        await self._bot.send_chat_action(int(chat), action)

    async def _photo(self, chat: str, planned: PhotoMessage, known: Known) -> Message:
        return await self._bot.send_photo(
            int(chat),
            known.get(planned.picture.id, planned.picture.data),
            caption=planned.caption or None,
            reply_markup=await self._markup(chat, planned.buttons),
            filename=filename(planned.picture),
        )

    async def _video(self, chat: str, planned: ClipMessage, known: Known) -> Message:
        """A clip that Telegram has not got is sent with its first frame, which stands in the chat
        until somebody's player has enough of it."""
        clip, markup = planned.clip, await self._markup(chat, planned.buttons)
        caption = planned.caption or None
        if file := known.get(clip.id):
            return await self._bot.send_video(int(chat), file, caption=caption, reply_markup=markup)
        return await self._bot.send_video(
            int(chat),
            clip.data,
            duration=max(1, round(clip.seconds)),
            width=clip.width,
            height=clip.height,
            thumbnail=thumbnail(clip.poster),
            supports_streaming=True,
            caption=caption,
            reply_markup=markup,
            filename=filename(clip),
        )

    async def _file(
        self, chat: str, planned: PhotoMessage | ClipMessage, media: Picture | ClipFile
    ) -> Message:
        return await self._bot.send_document(
            int(chat),
            media.data,
            caption=planned.caption or None,
            reply_markup=await self._markup(chat, planned.buttons),
            filename=filename(media),
            disable_content_type_detection=True,
        )

    async def _album(self, chat: str, planned: AlbumMessage, known: Known) -> Sequence[Message]:
        """A caption on its first picture stands under them all."""
        captions = [planned.caption or None] + [None] * (len(planned.pictures) - 1)
        pairs = zip(planned.pictures, captions, strict=True)
        media: list[InputMediaPhoto] | list[InputMediaDocument]
        if planned.original:
            media = [_document(picture, caption) for picture, caption in pairs]
        else:
            media = [_photo(picture, caption, known) for picture, caption in pairs]
        return await self._bot.send_media_group(int(chat), media)

    async def _markup(self, chat: str, rows: Keyboard) -> InlineKeyboardMarkup | None:
        if not needs_name(rows):
            return keyboard(self._signer, chat, rows)
        username = await self._bot.handle()
        inline = bool(self._bot.bot.supports_inline_queries)
        return keyboard(self._signer, chat, rows, username, inline=inline)


def _reply_to(message: int) -> ReplyParameters | None:
    """Of a message that may be gone: then it replies to none."""
    return ReplyParameters(message, allow_sending_without_reply=True) if message else None


def _photo(picture: Picture, caption: str | None, known: Known) -> InputMediaPhoto:
    media = known.get(picture.id, picture.data)
    return InputMediaPhoto(media, caption=caption, filename=filename(picture))


def _video(clip: ClipFile, caption: str | None, known: Known) -> InputMediaVideo:
    if file := known.get(clip.id):
        return InputMediaVideo(file, caption=caption)
    return InputMediaVideo(
        clip.data,
        caption=caption,
        width=clip.width,
        height=clip.height,
        duration=max(1, round(clip.seconds)),
        supports_streaming=True,
        thumbnail=thumbnail(clip.poster),
        filename=filename(clip),
    )


def thumbnail(poster: bytes) -> bytes:
    """The first frame as Telegram takes it: a JPEG of at most 320 pixels a side and 200 kB."""
    with Image.open(io.BytesIO(poster), formats=("JPEG",)) as opened:
        opened.draft("RGB", THUMBNAIL)
        small = opened.convert("RGB")
    small.thumbnail(THUMBNAIL)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    return out.getvalue()


def _document(picture: Picture, caption: str | None) -> InputMediaDocument:
    return InputMediaDocument(
        picture.data,
        caption=caption,
        filename=filename(picture),
        disable_content_type_detection=True,
    )
