"""``python -m bot wechat check | menu | qrcode``: the operator's commands for WeChat."""

import argparse
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bot.outbound import RetryLater
from bot.wechat.api import LONGEST_QR_SECONDS, WechatApi, open_api
from bot.wechat.callback import PATH
from bot.wechat.errors import AccessTokenRefused, AddressNotAllowed, ApiRefused
from bot.wechat.menu import account_menu
from bot.wechat.pay.gateway import open_gateway
from bot.wechat.pay.merchant_probe import probe_merchant
from bot.wechat.probe import probe
from bot.wechat.qr import qr_png
from bot.wechat.service import envelope_of
from handlers.groups import START_PAYLOAD
from handlers.intents import PAYLOAD_PATTERN
from handlers.session import TOGETHER
from handlers.steps import links
from shop.catalog import Catalog
from shop.errors import Unavailable
from shop.redis_client import open_client
from shop.secret_checks import require_strong_secret
from shop.settings import Settings

_TROUBLES: Final = (
    AccessTokenRefused, AddressNotAllowed, ConnectionError, Unavailable, RetryLater, ApiRefused,
)  # fmt: skip
_DAY: Final = 24 * 3600
_DAYS: Final = LONGEST_QR_SECONDS // _DAY


def add_verbs(parser: argparse.ArgumentParser) -> None:
    """The verbs and their arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser(
        "check", help="what the console wants to know, and whether WeChat takes app id, secret and "
        "address, and WeChat Pay the merchant's keys; exit status 1 if something wants attention",
    )  # fmt: skip
    verbs.add_parser("menu", help="set the account's menu")
    code = verbs.add_parser("qrcode", help="a code that brings people into the account")
    code.add_argument("scene", help="a deep link's payload, such as t-noir for the style noir")
    code.add_argument("file", type=Path, help="where the PNG is written")
    code.add_argument(
        "--days", type=int, default=_DAYS,
        help=f"how long it leads anywhere, 1 to {_DAYS}; 0: for good (an account may have 100,000)",
    )  # fmt: skip


async def operate_wechat(chosen: argparse.Namespace, settings: Settings) -> int:
    """Do it, say what came of it, and return the exit status."""
    if not settings.wechat_app_id:
        _print("EIDER_WECHAT_APP_ID: is missing; the account's console shows it")
        return 2
    if chosen.verb == "check":
        return await _check(settings)
    try:
        async with _opened(settings) as api:
            if chosen.verb == "menu":
                return await _set_menu(api)
            if wrong := _scene_trouble(chosen.scene, chosen.days):
                _print(f"! {wrong}")
                return 2
            return await _make_code(api, chosen.scene, chosen.file, chosen.days)
    except _TROUBLES as trouble:
        _print(f"! {_sentence(trouble)}")
    return 1


_CAUSES: Final = {
    40016: "the menu has too many entries",
    40017: "the menu has a kind of entry that this account may not have",
    40018: "a name in the menu is too long",
    40054: "a page that the menu opens is of a domain that is not registered",
    48001: "this account may not: it is not certified (微信认证), or 接口权限 does not list it",
    48004: "this account's right was taken away for a breach of its rules",
    61004: "the address of this host is not allowed: IP白名单",
}
"""What WeChat means by the codes that a new account meets."""


def _sentence(trouble: Exception) -> str:
    match trouble:
        case RetryLater():
            return f"WeChat is busy, or a quota of calls is used up: again in {trouble.after:.0f} s"
        case ApiRefused():
            why = _CAUSES.get(trouble.code, "its page 全局返回码说明 says what that is")
            return f"WeChat refused: its error {trouble.code}, {why}"
    return str(trouble)


async def _check(settings: Settings) -> int:
    """Everything is asked, whatever is found wrong before."""
    _print(f"server address: {settings.public_url}{PATH}")
    _print(f"mode: {'safe (or compatible)' if settings.wechat_aes_key else 'plain'}")
    if settings.wechat_domain_file:
        _print(f"domain file: {settings.public_url}/{settings.wechat_domain_file}")
    troubles = await _everything(settings, _print)
    for one in troubles:
        _print(f"! {one}")
    return 1 if troubles else 0


async def examine_wechat(settings: Settings) -> Sequence[str]:
    """What WeChat and WeChat Pay have to say against the settings."""
    return await _everything(settings, lambda _: None)


async def _everything(settings: Settings, say: Callable[[str], None]) -> list[str]:
    """The troubles; ``say`` is told what is well."""
    troubles = list(_troubles(settings))
    troubles += [one async for one in probe(settings, envelope_of(settings), _now)]
    if settings.wechatpay_merchant_id:
        troubles += await _merchant_troubles(settings, say)
    try:
        async with _opened(settings) as api:
            troubles += [one async for one in _account_troubles(api, say)]
    except _TROUBLES as trouble:
        troubles.append(_sentence(trouble))
    return troubles


async def _account_troubles(api: WechatApi, say: Callable[[str], None]) -> AsyncIterator[str]:
    await api.check_token()
    say("app id, secret, address: taken")
    say(f"networks that WeChat calls from: {len(await api.callback_addresses())}")
    if _keys(await api.get_menu()) != _keys(account_menu()):
        yield "the menu is not this version's: python -m bot wechat menu"


async def _merchant_troubles(settings: Settings, say: Callable[[str], None]) -> list[str]:
    async with open_gateway(settings, _now) as gateway:
        found = [one async for one in probe_merchant(gateway, settings)]
    if not found:
        say(f"merchant {settings.wechatpay_merchant_id} and its keys: taken")
    return found


def _keys(menu: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What its entries are called and do; WeChat adds fields of its own."""
    groups = menu.get("button", ())
    entries = [one for group in groups for one in (group, *group.get("sub_button", ()))]
    return [(str(one.get("name", "")), str(one.get("key", ""))) for one in entries]


def _troubles(settings: Settings) -> list[str]:
    found = []
    address = urlsplit(settings.public_url)
    if address.scheme != "https" or address.port not in (None, 443):
        found.append("EIDER_PUBLIC_URL: people's phones want https:// and no port of its own")
    if not settings.wechat_aes_key:
        try:
            require_strong_secret(settings.wechat_token)
        except ValueError as weak:
            found.append(
                "EIDER_WECHAT_TOKEN: in plain mode it alone tells WeChat's messages from a "
                f"stranger's, and {weak}; or choose the safe mode, and set EIDER_WECHAT_AES_KEY"
            )
    return found


async def _set_menu(api: WechatApi) -> int:
    await api.create_menu(account_menu())
    _print("set; people see it within five minutes, or when they follow anew")
    return 0


def _scene_trouble(scene: str, days: int) -> str:
    """Why no code is printed for that; "" where it leads somewhere."""
    if not PAYLOAD_PATTERN.fullmatch(scene) or not 0 <= days <= _DAYS:
        return f"a scene is up to 64 of A-Z a-z 0-9 _ -, and the days are 0 to {_DAYS}"
    catalog = Catalog.load()
    if scene == START_PAYLOAD or links.leads_anybody(catalog, scene):
        return ""
    styles = ", ".join(template.id for template in catalog.templates)
    return (
        f"{scene} leads nowhere: a scene is {START_PAYLOAD} (the account), {links.ALIVE} or "
        f"{TOGETHER} (photos), {links.INVITATION}- and the id of a person who invites, "
        f"or {links.STYLE}- and a style's id: {styles}"
    )


async def _make_code(api: WechatApi, scene: str, file: Path, days: int) -> int:
    _, url = await api.create_qrcode(scene, days * _DAY)
    try:
        file.write_bytes(qr_png(url))
    except OSError as error:
        _print(f"! {file}: {error.strerror}")
        return 1
    _print(f"{file}: {url}")
    return 0


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[WechatApi]:
    async with open_client(settings.redis_url) as redis, open_api(settings, redis) as api:
        yield api


def _now() -> datetime:
    return datetime.now(UTC)


def _print(words: str) -> None:
    print(words)  # noqa: T201 - the output of a command
