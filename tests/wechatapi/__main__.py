"""``python -m tests.wechatapi --port 8082 --url http://127.0.0.1:8080/wechat``: the double for a
bot in any language. Point its WeChat address at what it prints, and open the page beside it."""

import argparse
import asyncio
import signal
import sys

from tests.wechatapi.account import Account
from tests.wechatapi.api import Wechat
from tests.wechatapi.control import Control
from tests.wechatapi.server import serving


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.wechatapi", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 finds a free one")
    parser.add_argument("--url", default="", help="where callbacks go")
    parser.add_argument("--mode", choices=("plain", "compatible", "safe"), default="safe")
    parser.add_argument("--app-id")
    parser.add_argument("--secret", help="the AppSecret, any that is nobody's")
    parser.add_argument("--token", help="the callback's token")
    parser.add_argument("--aes-key", help="the EncodingAESKey; made up if it is not given")
    parser.add_argument("--original-id", help="gh_…, by which callbacks name the account")
    parser.add_argument(
        "--reach",
        action="append",
        default=[],
        metavar="PUBLIC=HERE",
        help="where a public address is on this machine: https://bot.example=http://127.0.0.1:80",
    )
    parser.add_argument("--allow", action="append", metavar="ADDRESS", help="the list of addresses")
    parser.add_argument(
        "--apart", action="store_true", help="open allowances are counted apart, not strictly"
    )
    return parser.parse_args(given)


async def main(given: list[str] | None = None) -> None:
    """Serve until a signal ends it."""
    said = _arguments(given)
    names = ("app_id", "secret", "token", "aes_key", "original_id", "mode")
    chosen = {name: getattr(said, name) for name in names if getattr(said, name) is not None}
    wechat = Wechat(Account(**chosen), strict=not said.apart)
    wechat.callbacks.url = said.url
    wechat.callbacks.reach = dict(each.split("=", 1) for each in said.reach)
    wechat.allowed = set(said.allow) if said.allow else None
    async with serving(wechat, said.port, Control(wechat).routes()):
        account = wechat.account
        lines = [
            f"WeChat API: {wechat.url}",
            f"Control: {wechat.url}/control",
            f"AppID: {account.app_id}",
            f"AppSecret: {account.secret}",
            f"Token: {account.token}",
            f"EncodingAESKey: {account.aes_key}",
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        stop = asyncio.Event()
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
