"""The bare echo: ``python -m benchmarks.updates.wechat_echo PORT``.

What wechatpy's own documentation shows, behind an aiohttp route: the message decrypted and parsed,
the same text as a passive reply, encrypted. It stores nothing.
"""

import asyncio
import sys

from aiohttp import web
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply

from benchmarks.updates.wechat_people import AES_KEY, APP_ID, PATH, TOKEN


async def main(port: int) -> None:
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)

    async def posted(request: web.Request) -> web.Response:
        asked = request.query
        signed = asked["msg_signature"], asked["timestamp"], asked["nonce"]
        message = parse_message(crypto.decrypt_message(await request.text(), *signed))
        said = message.content if message.type == "text" else message.type
        reply = TextReply(content=said, message=message).render()
        sealed = crypto.encrypt_message(reply, asked["nonce"], asked["timestamp"])
        return web.Response(text=sealed, content_type="application/xml")

    app = web.Application()
    app.router.add_post(PATH, posted)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
