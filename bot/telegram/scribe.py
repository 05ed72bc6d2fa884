"""One letter, one Bot API call: the translation into python-telegram-bot's words."""

from collections.abc import Sequence

from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
)
from telegram.constants import ChatAction

from bot.telegram.buttons import Signer, keyboard
from bot.telegram.letters import Album, Single, Words, filename
from handlers.chat import Keyboard

# Telegram would otherwise fetch the cashier's page to show what it looks like.
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Scribe:
    """Writes letters into private chats. Raises python-telegram-bot's errors as they are."""

    def __init__(self, bot: Bot, signer: Signer) -> None:
        self._bot = bot
        self._signer = signer

    async def words(self, chat: str, letter: Words) -> Message:
        return await self._bot.send_message(
            int(chat),
            letter.text,
            reply_markup=self._markup(chat, letter.buttons),
            disable_notification=letter.quiet or None,
            link_preview_options=_NO_PREVIEW,
        )

    async def single(self, chat: str, letter: Single) -> Message:
        name, markup = filename(letter.picture), self._markup(chat, letter.buttons)
        if not letter.original:
            return await self._bot.send_photo(
                int(chat),
                letter.picture.data,
                caption=letter.caption or None,
                reply_markup=markup,
                filename=name,
            )
        return await self._bot.send_document(
            int(chat),
            letter.picture.data,
            caption=letter.caption or None,
            reply_markup=markup,
            filename=name,
            disable_content_type_detection=True,
        )

    async def album(self, chat: str, letter: Album) -> Sequence[Message]:
        """The messages of the album. A caption on its first picture stands under them all."""
        captions = [letter.caption or None] + [None] * (len(letter.pictures) - 1)
        pairs = zip(letter.pictures, captions, strict=True)
        media: list[InputMediaPhoto] | list[InputMediaDocument]
        if letter.original:
            media = [
                InputMediaDocument(
                    picture.data,
                    caption=caption,
                    filename=filename(picture),
                    disable_content_type_detection=True,
                )
                for picture, caption in pairs
            ]
        else:
            media = [
                InputMediaPhoto(picture.data, caption=caption, filename=filename(picture))
                for picture, caption in pairs
            ]
        return await self._bot.send_media_group(int(chat), media)

    async def edit_words(self, chat: str, message: int, letter: Words) -> None:
        await self._bot.edit_message_text(
            letter.text,
            chat_id=int(chat),
            message_id=message,
            reply_markup=self._markup(chat, letter.buttons),
            link_preview_options=_NO_PREVIEW,
        )

    async def edit_photo(self, chat: str, message: int, letter: Single) -> None:
        await self._bot.edit_message_media(
            InputMediaPhoto(
                letter.picture.data,
                caption=letter.caption or None,
                filename=filename(letter.picture),
            ),
            chat_id=int(chat),
            message_id=message,
            reply_markup=self._markup(chat, letter.buttons),
        )

    async def remove(self, chat: str, message: int) -> None:
        await self._bot.delete_message(int(chat), message)

    async def announce(self, chat: str, *, original: bool) -> None:
        """Show "sending a photo …" above the chat, for the seconds that an upload takes."""
        action = ChatAction.UPLOAD_DOCUMENT if original else ChatAction.UPLOAD_PHOTO
        await self._bot.send_chat_action(int(chat), action)

    def _markup(self, chat: str, rows: Keyboard) -> InlineKeyboardMarkup | None:
        return keyboard(self._signer, chat, rows)
