"""Serves a gateway on this machine."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from tests.wechatpay.gateway import PayDouble


@asynccontextmanager
async def serving(
    double: PayDouble, more: Sequence[web.RouteDef] = (), port: int = 0
) -> AsyncIterator[str]:
    """Its address, while it is served; ``double.base_url`` is the same."""
    app = web.Application()
    app.add_routes([*double.routes(), *more])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        double.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield double.base_url
    finally:
        await runner.cleanup()
