"""The bare echoes: ``python -m benchmarks.updates.echo ptb|aiogram PORT API_URL``.

What their own documentation shows, behind the same aiohttp route as Eider's webhook: 200 when
the update is processed. They make the calls that Eider makes: a text is answered, a button
acknowledged and answered, a photo fetched and answered. They store nothing.
"""

import asyncio
import hmac
import sys
from collections.abc import Awaitable, Callable

from aiohttp import web

from benchmarks.updates.load import PATH, SECRET

TOKEN = "7000000001:AAbenchmark-benchmark-benchmark-12345"
Process = Callable[[dict[str, object]], Awaitable[object]]


async def ptb(api_url: str) -> Process:
    """python-telegram-bot's Application without an updater, as its webhook examples have it."""
    from telegram import Update
    from telegram.ext import Application, CallbackQueryHandler, MessageHandler, filters

    async def said(update: Update, context: object) -> None:
        await update.message.reply_text(update.message.text)

    async def pressed(update: Update, context: object) -> None:
        await update.callback_query.answer()
        await update.callback_query.message.reply_text(update.callback_query.data)

    async def sent(update: Update, context: object) -> None:
        file = await update.message.photo[-1].get_file()
        data = await file.download_as_bytearray()
        await update.message.reply_text(str(len(data)))

    builder = Application.builder().token(TOKEN).updater(None)
    app = builder.base_url(f"{api_url}/bot").base_file_url(f"{api_url}/file/bot").build()
    app.add_handler(CallbackQueryHandler(pressed))
    app.add_handler(MessageHandler(filters.PHOTO, sent))
    app.add_handler(MessageHandler(filters.TEXT, said))
    await app.initialize()
    await app.start()

    async def process(raw: dict[str, object]) -> None:
        await app.process_update(Update.de_json(raw, app.bot))

    return process


async def aiogram(api_url: str) -> Process:
    """aiogram's Dispatcher, fed by hand."""
    from aiogram import Bot, Dispatcher, F
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import CallbackQuery, Message, Update

    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api_url)))
    dispatcher = Dispatcher()

    @dispatcher.callback_query()
    async def pressed(query: CallbackQuery) -> None:
        await query.answer()
        await query.message.answer(query.data)

    @dispatcher.message(F.photo)
    async def sent(message: Message) -> None:
        data = await bot.download(message.photo[-1])
        await message.answer(str(len(data.read())))

    @dispatcher.message()
    async def said(message: Message) -> None:
        await message.answer(message.text)

    async def process(raw: dict[str, object]) -> None:
        await dispatcher.feed_update(bot, Update.model_validate(raw, context={"bot": bot}))

    return process


async def main(which: str, port: int, api_url: str) -> None:
    process = await {"ptb": ptb, "aiogram": aiogram}[which](api_url)

    async def posted(request: web.Request) -> web.Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given, SECRET):
            raise web.HTTPForbidden
        await process(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post(PATH, posted)
    app.router.add_get("/healthz", lambda _: asyncio.sleep(0, web.Response()))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
