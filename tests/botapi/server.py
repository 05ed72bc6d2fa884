"""The double over HTTP: ``/bot<token>/<method>``, in any of the four ways that Telegram takes
parameters, and ``/file/bot<token>/<path>``."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp import BodyPartReader, web

from tests.botapi.api import BotApi
from tests.botapi.records import AnswerLost, Failure, Garbled, Json

MOST_BYTES = 64 * 1024 * 1024


def application(api: BotApi) -> web.Application:
    """The routes of a Bot API."""

    async def call(request: web.Request) -> web.StreamResponse:
        return await _call(api, request)

    async def download(request: web.Request) -> web.StreamResponse:
        return _download(api, request)

    app = web.Application(client_max_size=MOST_BYTES if api.store.local is None else 2**31)
    app.router.add_route("*", "/bot{token}/{method}", call)
    app.router.add_get("/file/bot{token}/{path:.+}", download)
    return app


@asynccontextmanager
async def serving(
    api: BotApi, port: int = 0, more: Iterable[web.AbstractRouteDef] = ()
) -> AsyncIterator[BotApi]:
    """``api`` on loopback, on a free port if ``port`` is 0; its ``url`` is set."""
    app = application(api)
    app.router.add_routes(more)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    host, port = runner.addresses[0][:2]
    api.url = f"http://{host}:{port}"
    try:
        yield api
    finally:
        await api.delivery.stop()
        await runner.cleanup()


async def _call(api: BotApi, request: web.Request) -> web.StreamResponse:
    try:
        if request.match_info["token"] != api.token:
            raise Failure(401, "Unauthorized")
        form, files, names = await _asked(request)
        result = await api.perform(request.match_info["method"], form, files, names)
    except AnswerLost:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=502)
    except Garbled as garbled:
        return web.Response(text=garbled.text)
    except Failure as failure:
        wait = {"Retry-After": str(failure.retry_after)} if failure.retry_after else {}
        return web.json_response(failure.body, status=failure.status, headers=wait)
    return web.json_response({"ok": True, "result": result})


def _download(api: BotApi, request: web.Request) -> web.Response:
    try:
        if api.down:
            raise Failure(502, "Bad Gateway")
        if request.match_info["token"] != api.token:
            raise Failure(401, "Unauthorized")
        return web.Response(body=api.store.fetched(request.match_info["path"]))
    except Failure as failure:
        return web.json_response(failure.body, status=failure.status)


async def _asked(request: web.Request) -> tuple[dict[str, str], dict[str, bytes], dict[str, str]]:
    """The parameters as text, and the uploaded parts with their file names."""
    form, files, names = dict(request.query), {}, {}
    kind = request.content_type
    if kind == "multipart/form-data":
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            data = bytes(await part.read())
            if part.filename is None:
                form[part.name] = data.decode()
            else:
                files[part.name], names[part.name] = data, part.filename
    elif kind == "application/json":
        form |= _texts(await request.read())
    elif request.can_read_body:
        form |= {name: str(value) for name, value in (await request.post()).items()}
    return form, files, names


def _texts(body: bytes) -> dict[str, str]:
    try:
        said: Json = json.loads(body or b"{}")
    except ValueError:
        raise Failure(400, "Bad Request: can't parse the request as JSON") from None
    given = {name: value for name, value in said.items() if value is not None}
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}
