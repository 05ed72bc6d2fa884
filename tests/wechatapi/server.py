"""The double over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp import BodyPartReader, web

from tests.wechatapi.api import Wechat
from tests.wechatapi.methods import METHODS, pages
from tests.wechatapi.methods.registry import File
from tests.wechatapi.records import AnswerLost, Call, Dropped, Json, Refusal, Upload

MOST_BYTES = 32 * 1024 * 1024
JSON = "application/json; encoding=utf-8"
"""As WeChat says of all JSON but that below ``/sns/`` and of media, where it is text/plain."""


def application(wechat: Wechat) -> web.Application:
    """Its routes."""

    async def call(request: web.Request) -> web.StreamResponse:
        return await _call(wechat, request)

    async def unknown(request: web.Request) -> web.StreamResponse:
        wechat.note(f"{request.method} {request.path}: there is no such path")
        return _json(request, Refusal(40066).body)

    app = web.Application(client_max_size=MOST_BYTES)
    for path in METHODS:
        app.router.add_route("*", path, call)
    app.router.add_routes(pages.routes(wechat))
    app.router.add_route("*", "/cgi-bin/{path:.*}", unknown)
    app.router.add_route("*", "/sns/{path:.*}", unknown)
    return app


@asynccontextmanager
async def serving(
    wechat: Wechat, port: int = 0, more: Iterable[web.AbstractRouteDef] = ()
) -> AsyncIterator[Wechat]:
    """``wechat`` on loopback, on a free port if ``port`` is 0; its ``url`` is set."""
    app = application(wechat)
    app.router.add_routes(more)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    host, port = runner.addresses[0][:2]
    wechat.url = f"http://{host}:{port}"
    try:
        yield wechat
    finally:
        await wechat.callbacks.stop()
        await runner.cleanup()


async def _call(wechat: Wechat, request: web.Request) -> web.StreamResponse:
    if wechat.down:
        return web.Response(status=502)
    try:
        result = await wechat.perform(request.path, request.method, await _asked(request))
    except (AnswerLost, Dropped):
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=502)
    except Refusal as refusal:
        return _json(request, refusal.body)
    return await _sent(request, result) if isinstance(result, File) else _json(request, result)


async def _sent(request: web.Request, file: File) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": file.type})
    if file.name:
        answer.headers["Content-disposition"] = f'attachment; filename="{file.name}"'
    answer.content_length = len(file.data)
    await answer.prepare(request)
    await answer.write(file.data[: len(file.data) // 2] if file.cut else file.data)
    if file.cut and request.transport is not None:
        request.transport.close()
    return answer


def _json(request: web.Request, said: Json) -> web.Response:
    plain = request.path.startswith(("/sns/", "/cgi-bin/media/"))
    headers = {"Content-Type": "text/plain" if plain else JSON}
    return web.Response(body=json.dumps(said, ensure_ascii=False).encode(), headers=headers)


async def _asked(request: web.Request) -> Call:
    call = Call("", dict(request.query), ip=request.remote or "")
    if request.content_type != "multipart/form-data":
        call.body = await request.read()
        return call
    files = {}
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name and part.filename:
            type = part.headers.get("Content-Type", "")
            data = bytes(await part.read())
            files[part.name] = Upload(part.name, part.filename, type, data)
    call.files = files
    return call
