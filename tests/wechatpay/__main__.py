"""``python -m tests.wechatpay``: the gateway alone, for other people's shops. See README.md."""

import argparse
import asyncio
from datetime import UTC, datetime

from tests.wechatpay.control import Control
from tests.wechatpay.gateway import APP_ID, MERCHANT_ID, PayDouble
from tests.wechatpay.keys import make_keys
from tests.wechatpay.server import serving


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.wechatpay", description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--app-id", default=APP_ID)
    parser.add_argument("--merchant-id", default=MERCHANT_ID)
    parser.add_argument(
        "--reach",
        action="append",
        default=[],
        metavar="PUBLIC=HERE",
        help="where a public address is on this machine: https://shop.example=http://127.0.0.1:80",
    )
    return parser.parse_args(given)


def reach_of(chosen: argparse.Namespace) -> dict[str, str]:
    """Public addresses, and where each is."""
    return dict(each.split("=", 1) for each in chosen.reach)


async def main(given: list[str] | None = None) -> None:
    chosen = arguments(given)
    double = PayDouble(make_keys(), lambda: datetime.now(UTC), chosen.app_id, chosen.merchant_id)
    double.notices.reach = reach_of(chosen)
    async with serving(double, Control(double).routes(), chosen.port):
        print(f"ready; its keys: {double.base_url}/control/settings", flush=True)  # noqa: T201
        while True:
            await asyncio.sleep(1)
            double.advance()
            await double.notices.post_due()


if __name__ == "__main__":
    asyncio.run(main())
