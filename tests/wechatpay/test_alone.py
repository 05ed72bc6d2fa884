"""The stand-alone gateway, as its README says it is used."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from wechatpayv3.async_ import AsyncWeChatPay
from wechatpayv3.async_.type import WeChatPayType

from bot.demo.environment import free_port
from tests.test_house import CHECKOUT

README = (Path(__file__).parent / "README.md").read_text("utf-8")


@pytest.fixture
async def alone() -> AsyncIterator[str]:
    """Its address."""
    port = free_port(0)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.wechatpay", "--port", str(port),
        cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        assert "ready" in line
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.slow
async def test_somebody_elses_shop_is_paid_and_refunds(alone: str) -> None:
    told: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()

    async def notified(request: web.Request) -> web.Response:
        await told.put((dict(request.headers), await request.read()))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/pay", notified)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    notify = f"http://127.0.0.1:{runner.addresses[0][1]}/pay"
    async with ClientSession() as http:

        async def control(path: str, body: Any = None) -> Any:
            ask = http.post if body is not None else http.get
            async with ask(f"{alone}/control/{path}", json=body) as answer:
                return await answer.json() if answer.status == 200 else answer.status

        given = await control("settings")
        library = AsyncWeChatPay(
            WeChatPayType.NATIVE, given["merchant_id"], given["private_key"], given["serial"],
            given["app_id"], given["api_v3_key"], notify,
            public_key=given["public_key"], public_key_id=given["public_key_id"],
        )  # fmt: skip
        async with library:
            library._core._gate_way = alone
            _, said = await library.pay("票", "ticket-1", {"total": 100})
            paid = await control("pay", {"code": json.loads(said)["code_url"], "openid": "o-ada"})
            assert await control("pay", {"out_trade_no": "ticket-1"}) == 409
            opened = library.callback(*await asyncio.wait_for(told.get(), 30))
            assert opened["resource"]["transaction_id"] == paid["transaction_id"]
            amount = {"refund": 100, "total": 100, "currency": "CNY"}
            await library.refund(
                "r1", amount, transaction_id=paid["transaction_id"], notify_url=notify
            )
            await control("refunds/r1", {"status": "SUCCESS"})
            opened = library.callback(*await asyncio.wait_for(told.get(), 30))
            assert opened["event_type"] == "REFUND.SUCCESS"
            assert (await control("faults", {"status": 502}))["status"] == 502
            assert (await library.query(out_trade_no="ticket-1"))[0] == 502
            assert await control("faults", {"nonsense": 1}) == 400
            state = await control("state")
            assert [one["trade_state"] for one in state["trades"]] == ["REFUND"]
    await runner.cleanup()


def test_the_readme_names_what_there_is() -> None:
    control = (Path(__file__).parent / "control.py").read_text("utf-8")
    for path in re.findall(r"`(?:GET|POST) (/control/\w+)", README):
        assert path in control
    named = set(re.findall(r"`(\w+)`", README.partition("| fault |")[2].partition("\n\n")[0]))
    gateway = (Path(__file__).parent / "gateway.py").read_text("utf-8")
    notices = (Path(__file__).parent / "notices.py").read_text("utf-8")
    fields = re.findall(r"^    (\w+): (?:int|bool|float|str) = ", gateway + notices, re.MULTILINE)
    assert named == set(fields) - {"app_id", "merchant_id", "base_url"}
