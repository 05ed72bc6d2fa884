"""WeChat and WeChat Pay, played on this machine for the demo, as processes of their own.

They are the doubles of our tests, which the product does not import: ``python -m`` starts them
from the checkout, and what a shop has to know of them is asked by their JSON routes.
"""

import asyncio
import contextlib
import secrets
import string
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientError, ClientSession

from bot.demo.environment import free_port
from bot.process_supervisor import ROOT, ProcessSpec, supervise
from shop.errors import CannotStart

APP_ID: Final = "wx0123456789abcdef"
START_SECONDS: Final = 60.0
PAUSE: Final = 0.2
_DOUBLES: Final = ("tests/wechatapi", "tests/wechatpay")
_KEY_LETTERS: Final = 43


class NoDoubles(CannotStart):
    """The checkout has no tests, or there is none."""

    status = 2


@dataclass(frozen=True, slots=True)
class WechatDoubles:
    """The addresses of both, and the variables of a shop whose WeChat they are."""

    api: str
    pay: str
    env: Mapping[str, str]


@asynccontextmanager
async def open_doubles(
    env: Mapping[str, str], logs: Path, shop_url: str, root: Path = ROOT
) -> AsyncIterator[WechatDoubles]:
    """Both, with an account and a merchant of this demo's own. Callbacks go to ``shop_url``; logs
    are written into ``logs``. Raises :class:`NoDoubles`, or :class:`shop.errors.CannotStart`."""
    for folder in _DOUBLES:
        if not (root / folder / "__main__.py").is_file():
            raise NoDoubles(
                f"the demo in WeChat needs {folder}, which plays WeChat, and {root} has none: "
                "run it in a whole checkout"
            )
    account = {
        "app-id": APP_ID,
        "secret": secrets.token_hex(16),
        "token": secrets.token_hex(16),
        "aes-key": "".join(
            secrets.choice(string.ascii_letters + string.digits) for _ in range(_KEY_LETTERS)
        ),
    }
    ports = free_port(0), free_port(0)
    api, pay = (f"http://127.0.0.1:{port}" for port in ports)
    given = [word for name, value in account.items() for word in (f"--{name}", value)]
    specs = (
        ProcessSpec("wechat", ("tests.wechatapi", "--port", str(ports[0]), "--url",
                               f"{shop_url}/wechat", *given)),
        ProcessSpec("wechatpay", ("tests.wechatpay", "--port", str(ports[1]),
                                  "--app-id", APP_ID)),
    )  # fmt: skip
    async with supervise(env, logs) as supervisor:
        supervisor.start(specs)
        await _answer_of(f"{api}/control/state", logs)
        merchant = await _answer_of(f"{pay}/control/settings", logs)
        yield WechatDoubles(api, pay, _variables(account, merchant, api, pay))


def _variables(
    account: Mapping[str, str], merchant: Mapping[str, str], api: str, pay: str
) -> dict[str, str]:
    mine = {f"WECHAT_{name.replace('-', '_').upper()}": value for name, value in account.items()}
    names = ("merchant_id", "serial", "private_key", "api_v3_key", "public_key_id", "public_key")
    mine |= {f"WECHATPAY_{name.upper()}": merchant[name] for name in names}
    mine |= {"WECHAT_API_URL": api, "WECHATPAY_API_URL": pay}
    mine |= {"PLAYGROUND": "no", "TILL": ""}
    return {f"EIDER_{name}": value for name, value in mine.items()}


async def _answer_of(url: str, logs: Path) -> Any:
    """What is said there, once anything is."""
    try:
        async with asyncio.timeout(START_SECONDS), ClientSession() as http:
            while True:
                with contextlib.suppress(ClientError):
                    async with http.get(url) as answer:
                        answer.raise_for_status()
                        return await answer.json()
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise CannotStart(f"WeChat's double does not answer at {url}; see {logs}") from None
