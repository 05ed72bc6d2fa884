"""One planned message, one Bot API call, made with python-telegram-bot."""

from collections.abc import Mapping, Sequence

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LabeledPrice,
    LinkPreviewOptions,
    Message,
)
from telegram.constants import ChatAction

from bot.telegram.buttons import Signer, keyboard, needs_name
from bot.telegram.client import Client
from bot.telegram.message_plan import (
    AlbumMessage,
    InvoiceMessage,
    PhotoMessage,
    TextMessage,
    filename,
)
from handlers.chat import Keyboard, Picture
from shop.records import Currency

# Telegram would otherwise fetch the cashier's page to show what it looks like.
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# With it a copy of the invoice in another chat cannot be paid there: it opens the bot.
_FORWARDED = "bill"

Known = Mapping[str, str]
"""File ids of photos that Telegram has already, by the ids of their pictures."""


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

    async def send_pictures(
        self, chat: str, planned: PhotoMessage | AlbumMessage, known: Known
    ) -> Sequence[Message]:
        """Its messages, a picture each."""
        if isinstance(planned, PhotoMessage):
            return (await self._single(chat, planned, known),)
        return await self._album(chat, planned, known)

    async def edit_text(self, chat: str, message: int, planned: TextMessage) -> None:
        await self._bot.say_instead(
            int(chat),
            message,
            planned.text,
            reply_markup=await self._markup(chat, planned.buttons),
            link_preview_options=_NO_PREVIEW,
        )

    async def edit_photo(
        self, chat: str, message: int, planned: PhotoMessage, known: Known
    ) -> Sequence[Message]:
        """The message as it is now."""
        edited = await self._bot.edit_message_media(
            _photo(planned.picture, planned.caption or None, known),
            chat_id=int(chat),
            message_id=message,
            reply_markup=await self._markup(chat, planned.buttons),
        )
        return () if isinstance(edited, bool) else (edited,)  # True: of inline messages only

    async def delete(self, chat: str, message: int) -> None:
        await self._bot.delete_message(int(chat), message)

    async def acknowledge(self, query: str) -> None:
        await self._bot.answer_callback_query(query)

    async def show_upload(self, chat: str, original: bool) -> None:
        """Show "sending a photo …" above the chat, for five seconds or until it is there."""
        action = ChatAction.UPLOAD_DOCUMENT if original else ChatAction.UPLOAD_PHOTO
        await self._bot.send_chat_action(int(chat), action)

    async def _single(self, chat: str, planned: PhotoMessage, known: Known) -> Message:
        name, markup = filename(planned.picture), await self._markup(chat, planned.buttons)
        if not planned.original:
            return await self._bot.send_photo(
                int(chat),
                known.get(planned.picture.id, planned.picture.data),
                caption=planned.caption or None,
                reply_markup=markup,
                filename=name,
            )
        return await self._bot.send_document(
            int(chat),
            planned.picture.data,
            caption=planned.caption or None,
            reply_markup=markup,
            filename=name,
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


def _photo(picture: Picture, caption: str | None, known: Known) -> InputMediaPhoto:
    media = known.get(picture.id, picture.data)
    return InputMediaPhoto(media, caption=caption, filename=filename(picture))


def _document(picture: Picture, caption: str | None) -> InputMediaDocument:
    return InputMediaDocument(
        picture.data,
        caption=caption,
        filename=filename(picture),
        disable_content_type_detection=True,
    )
