"""Every combination of chats and tills that docs/operate.md names is started, or is refused."""

import asyncio
import re
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.__main__ import read_settings
from bot.container import open_container
from bot.demo.environment import demo_env, free_port
from bot.outbox.worker import tell_payments
from bot.playground import PLAYGROUND
from bot.telegram import STARS, TELEGRAM
from bot.telegram.webhook import PATH
from bot.web.app import serve
from bot.wechat import WECHAT, WECHAT_PAY
from shop.settings import SettingsError
from tests.bot.sandbox_purchases import billed
from tests.bot.telegram.conftest import TOKEN
from tests.botapi import BotApi, until
from tests.keys import MASTER_KEY_BASE64
from tests.shop.test_wechat_settings import ACCOUNT, MERCHANT
from tests.test_house import CHECKOUT

SANDBOX = "sandbox"


def tables() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The settings of each row of the page's two tables: what starts, and what is refused."""
    page = (CHECKOUT / "docs" / "operate.md").read_text("utf-8")
    part = page.partition("### Who sells by which till")[2].partition("\n## ")[0]
    found = [
        [dict(re.findall(r"`(EIDER_[A-Z_]+)=([^`]*)`", row.split("|")[1])) for row in rows]
        for rows in (re.findall(r"^\|.*`.*\|$|^\| none.*\|$", half, re.MULTILINE)
                     for half in part.split("Refused at start"))
    ]  # fmt: skip
    starts, refused = found
    return starts, refused


STARTS, REFUSED = tables()
CHATS = {PLAYGROUND: "/playground", TELEGRAM: "https://t.me/EiderTestBot"}
"""Where the cashier leads back to."""
GONE = "http://127.0.0.1:9"
AT_ODDS = {
    "": ("no chat to sell in", "EIDER_PLAYGROUND", "EIDER_TELEGRAM_TOKEN"),
    "TELEGRAM_TOKEN": ("EIDER_STARS_AVATAR", "EIDER_TILL=sandbox"),
    "WECHAT_APP_ID": ("EIDER_WECHATPAY_MERCHANT_ID", "EIDER_TILL=sandbox"),
    "PLAYGROUND": ("EIDER_PLAYGROUND", "EIDER_TILL=sandbox"),
    "TELEGRAM_TOKEN STARS_AVATAR TILL": ("EIDER_TILL", "cannot stand beside stars"),
    "TELEGRAM_TOKEN STARS_AVATAR PLAYGROUND": ("EIDER_PLAYGROUND", "leave it out"),
    "TELEGRAM_TOKEN STARS_AVATAR PLAYGROUND TILL": ("EIDER_TILL", "cannot stand beside stars"),
}
"""What the one sentence says of each that is refused."""


def named(given: dict[str, str]) -> str:
    return " ".join(name.removeprefix("EIDER_") for name in given)


@pytest.fixture
def env(api: BotApi, valkey: str, sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    port = free_port(0)
    return {
        "EIDER_DATA": str(tmp_path / "data"),
        "EIDER_DATABASE_URL": sqlite_url,
        "EIDER_REDIS_URL": valkey,
        "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
        "EIDER_LABEL_KEYS": "none",
        "EIDER_TELEGRAM_API_URL": api.url,
        "EIDER_WECHATPAY_API_URL": GONE,  # a double's: the public address is this machine's
        "EIDER_PORT": str(port),
        "EIDER_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


def filled(given: dict[str, str]) -> dict[str, str]:
    """With what the page writes as an ellipsis, or as words."""
    whole = {"EIDER_TELEGRAM_TOKEN": {"EIDER_TELEGRAM_TOKEN": TOKEN},
             "EIDER_WECHAT_APP_ID": ACCOUNT, "EIDER_WECHATPAY_MERCHANT_ID": MERCHANT}  # fmt: skip
    return given | {key: value for name in given for key, value in whole.get(name, {}).items()}


async def status(http: ClientSession, method: str, address: str) -> int:
    async with http.request(method, address, allow_redirects=False) as answer:
        return answer.status


@pytest.mark.parametrize("given", STARTS, ids=named)
async def test_what_is_documented_starts_and_has_what_was_asked_for_alone(api, env, given):
    settings = read_settings(env | filled(given))
    playground, sandbox = "EIDER_PLAYGROUND" in given, "EIDER_TILL" in given
    telegram, wechat = "EIDER_TELEGRAM_TOKEN" in given, "EIDER_WECHAT_APP_ID" in given
    stop = asyncio.Event()
    async with open_container(settings) as container, ClientSession() as http:
        serving = asyncio.create_task(serve(container, stop))
        polling = [
            asyncio.create_task(container.connections[TELEGRAM].poll(stop))
            for _ in ([1] if telegram and not settings.telegram_webhook_url else [])
        ]
        base = settings.public_url
        while not serving.done():
            try:
                assert await status(http, "GET", f"{base}/playground") == (
                    200 if playground else 404
                )
                break
            except OSError:
                await asyncio.sleep(0.01)
        assert await status(http, "GET", f"{base}/") == (302 if playground else 404)
        assert await status(http, "GET", f"{base}/till/sandbox/static/cashier.css") == (
            200 if sandbox else 404
        )
        for chat in CHATS.keys() & container.connections.keys() if sandbox else ():
            order = await billed(container, "42", chat)
            async with http.get(f"{base}/till/sandbox/{order.bill}") as answer:
                assert f'<a id="back" href="{CHATS[chat]}">' in await answer.text()
        assert await status(http, "POST", f"{base}/pay/sandbox") == (401 if sandbox else 404)
        assert await status(http, "POST", f"{base}{PATH}") == (403 if telegram else 404)
        assert await status(http, "POST", f"{base}/wechat") == (400 if wechat else 404)
        assert await status(http, "POST", f"{base}/pay/{WECHAT_PAY}") == (401 if wechat else 404)
        if polling:
            await until(lambda: bool(api.made("getUpdates")))
        await tell_payments(container)

        sells = {one.name: one.till(settings) for one in container.channels.enabled(settings)}
        expected = {PLAYGROUND: SANDBOX} if playground else {}
        if telegram:
            expected[TELEGRAM] = SANDBOX if sandbox else STARS
        if wechat:
            expected[WECHAT] = WECHAT_PAY
        assert sells == expected
        assert set(container.connections) == set(expected)
        assert set(sells.values()) <= set(container.tills)
        assert (SANDBOX in container.tills, container.cashier is not None) == (sandbox, sandbox)
        stop.set()
        await asyncio.gather(serving, *polling)
    assert (settings.data_dir / "sandbox-till.sqlite").exists() == sandbox


@pytest.mark.parametrize("given", REFUSED, ids=named)
def test_what_is_documented_as_refused_is_refused_with_the_way_out(env, given):
    with pytest.raises(SettingsError) as caught:
        read_settings(env | filled(given))
    (problem,) = caught.value.problems
    for word in AT_ODDS[named(given)]:
        assert word in problem
    assert TOKEN not in problem


def test_it_is_told_together_with_whatever_else_is_wrong(env):
    wrong = {"EIDER_STARS_AVATAR": "125", "EIDER_TILL": "sandbox", "EIDER_PORT": "x",
             "EIDER_ADMINS": "telegraph:42", "EIDER_BASE": "mina", "EIDER_STARS_CREDIT": "60",
             "EIDER_TELEGRAM_TOKEN": TOKEN}  # fmt: skip
    with pytest.raises(SettingsError) as caught:
        read_settings(env | wrong)
    named = sorted(problem.partition(":")[0] for problem in caught.value.problems)
    assert named == ["EIDER_ADMINS", "EIDER_BASE", "EIDER_PORT", "EIDER_STARS_CREDIT", "EIDER_TILL"]


def test_the_tables_name_what_the_product_is_for():
    assert len(STARTS) == 6
    assert {named(given) for given in REFUSED} == set(AT_ODDS)


def test_the_demo_asks_for_its_parts_and_keeps_a_key_of_its_own(tmp_path):
    """Whatever the environment says of a shop."""
    shop = {"EIDER_TELEGRAM_TOKEN": TOKEN, "EIDER_STARS_AVATAR": "125", "EIDER_STARS_AVATR": "1",
            "EIDER_MASTER_KEY": MASTER_KEY_BASE64, "EIDER_BASE": "sdxl"}  # fmt: skip
    env = demo_env(shop, tmp_path, 8080)
    settings = read_settings(env)
    assert (settings.playground, settings.till, settings.base) == (True, SANDBOX, "sdxl")
    assert settings.telegram_token == ""
    assert env["EIDER_MASTER_KEY"] != MASTER_KEY_BASE64
    assert (tmp_path / "master.key").read_text().strip() == env["EIDER_MASTER_KEY"]
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    assert "protects nothing" in (tmp_path / "README").read_text()
    assert demo_env({}, tmp_path, 8080)["EIDER_MASTER_KEY"] == env["EIDER_MASTER_KEY"]
