"""``python -m tests.botapi --token 7000000001:secret --port 8081``: the double for a bot in any
language. Point the bot's API address at what it prints, and open the page beside it."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from tests.botapi.api import BotApi
from tests.botapi.control import Control
from tests.botapi.flood import Flood
from tests.botapi.server import serving


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.botapi", description=__doc__)
    parser.add_argument("--token", required=True, help="the bot's token, any that is nobody's")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 finds a free one")
    parser.add_argument("--username", default="EiderTestBot")
    parser.add_argument("--webhook", default="", help="deliver there from the start")
    parser.add_argument("--secret", default="", help="the webhook's secret token")
    parser.add_argument(
        "--reach",
        action="append",
        default=[],
        metavar="PUBLIC=HERE",
        help="where a public address is on this machine: https://bot.example=http://127.0.0.1:80",
    )
    parser.add_argument("--local", type=Path, help="as a Bot API server of one's own, files there")
    parser.add_argument("--flood", action="store_true", help="refuse what is sent too quickly")
    parser.add_argument("--lean", action="store_true", help="judge nothing: for benchmarks")
    return parser.parse_args(given)


async def main(given: list[str] | None = None) -> None:
    """Serve until a signal ends it."""
    said = _arguments(given)
    flood = Flood() if said.flood else None
    api = BotApi(
        said.token, not said.lean, local=said.local, flood=flood, username=said.username
    )  # fmt: skip
    api.delivery.reach = dict(each.split("=", 1) for each in said.reach)
    async with serving(api, said.port, Control(api).routes()):
        if said.webhook:
            hook = {"url": said.webhook, "secret_token": said.secret}
            await api.perform("setWebhook", {k: v for k, v in hook.items() if v})
        sys.stdout.write(f"Bot API: {api.url}\nControl: {api.url}/control\n")
        sys.stdout.flush()
        stop = asyncio.Event()
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
