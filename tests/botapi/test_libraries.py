"""Two clients that others wrote speak to it, and break no rule."""

import asyncio

import pytest
from aiogram import Bot as Aiogram
from aiogram import types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from telegram import Bot as Ptb
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, LabeledPrice
from telegram.error import BadRequest, Conflict, Forbidden, RetryAfter

from tests.botapi import Failure, until
from tests.botapi.conftest import TOKEN, jpeg

BILL = {"title": "Avatar", "description": "Once.", "payload": "o1", "currency": "XTR"}


@pytest.fixture
async def aiogram(api):
    session = AiohttpSession(api=TelegramAPIServer.from_base(api.url))
    async with Aiogram(TOKEN, session=session) as bot:
        yield bot


@pytest.fixture
async def ptb(api):
    bot = Ptb(TOKEN, base_url=f"{api.url}/bot", base_file_url=f"{api.url}/file/bot")
    async with bot:
        yield bot


def files(*shades):
    return [types.BufferedInputFile(jpeg(shade=each), f"{each}.jpg") for each in shades]


async def test_aiogram_sends_edits_and_fetches(api, customer, aiogram):
    keys = [[types.InlineKeyboardButton(text="Go", callback_data="go")]]
    markup = types.InlineKeyboardMarkup(inline_keyboard=keys)
    sent = await aiogram.send_message(4201, "<b>Hi</b>", parse_mode="HTML", reply_markup=markup)
    await sent.edit_text("Bye", reply_markup=markup)
    customer.press("Go")
    (update,) = await aiogram.get_updates()
    await update.callback_query.answer("Gone.")
    await aiogram.send_photo(4201, files(1)[0], caption="You")
    await aiogram.send_media_group(4201, [types.InputMediaPhoto(media=f) for f in files(2, 3)])
    await aiogram.send_document(4201, files(4)[0])
    kept = await aiogram.get_file(api.keep(b"data"))
    assert (await aiogram.download_file(kept.file_path)).read() == b"data"
    assert customer.texts() == ["Bye", "You", "", "", ""]
    assert customer.chat.shown[-1].document == ("4.jpg", jpeg(shade=4))
    assert customer.notices == ["Gone."]
    assert api.problems == []


async def test_aiogram_sells_shows_its_menu_and_answers_queries(api, customer, aiogram):
    price = [types.LabeledPrice(label="Avatar", amount=130)]
    await aiogram.send_invoice(4201, **BILL, provider_token="", prices=price)
    paying = asyncio.create_task(customer.pay())
    await until(lambda: api.pending)
    (update,) = await aiogram.get_updates()
    await update.pre_checkout_query.answer(ok=True)
    charge = await paying
    await aiogram.refund_star_payment(4201, charge.id)
    book = (await aiogram.get_star_transactions()).transactions
    assert [each.id for each in book] == [charge.id] * 2
    command = types.BotCommand(command="start", description="Begin")
    private = types.BotCommandScopeAllPrivateChats()
    await aiogram.set_my_commands([command], scope=private, language_code="en")
    assert customer.menu() == [{"command": "start", "description": "Begin"}]
    asking = asyncio.create_task(customer.asks("x"))
    await until(lambda: "inline_query" in api.pending[-1])
    update = (await aiogram.get_updates())[-1]
    text = types.InputTextMessageContent(message_text="Come")
    result = types.InlineQueryResultArticle(id="1", title="T", input_message_content=text)
    await update.inline_query.answer([result], is_personal=True, cache_time=0)
    assert (await asking).results[0]["title"] == "T"
    assert api.problems == []


async def test_aiogram_understands_the_refusals(api, customer, aiogram):
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await aiogram.send_message(4201, " ")
    customer.block()
    with pytest.raises(TelegramForbiddenError, match="blocked"):
        await aiogram.send_message(4201, "x")
    api.fail("getMe", Failure(429, "Too Many Requests", retry_after=7))
    with pytest.raises(TelegramRetryAfter) as wait:
        await aiogram.get_me()
    assert wait.value.retry_after == 7


async def test_python_telegram_bot_sends_edits_sells_and_fetches(api, customer, ptb):
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])
    sent = await ptb.send_message(4201, "Hi", reply_markup=keys)
    await sent.edit_text("Bye")
    media = [InputMediaPhoto(jpeg(shade=each)) for each in (1, 2)]
    album = await ptb.send_media_group(4201, media)
    again = await ptb.send_photo(4201, album[0].photo[-1])
    await again.edit_media(InputMediaPhoto(jpeg(shade=3), caption="You"))
    await ptb.send_invoice(4201, **BILL, provider_token="", prices=[LabeledPrice("Avatar", 130)])
    file = await ptb.get_file(api.keep(b"data"))
    assert bytes(await file.download_as_bytearray()) == b"data"
    assert customer.texts() == ["Bye", "", "", "You", ""]
    assert (await ptb.get_webhook_info()).url == ""
    assert api.problems == []


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_python_telegram_bot_understands_the_refusals(api, customer, ptb):
    with pytest.raises(BadRequest, match="Chat not found"):
        await ptb.send_message(5, "x")
    customer.block()
    with pytest.raises(Forbidden, match="blocked"):
        await ptb.send_message(4201, "x")
    api.fail("getMe", Failure(429, "Too Many Requests", retry_after=7))
    with pytest.raises(RetryAfter):
        await ptb.get_me()
    api.webhook = "https://bot.example/hook"
    with pytest.raises(Conflict, match="webhook is active"):
        await ptb.get_updates()
