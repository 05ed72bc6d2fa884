"""WeChat as a channel: its record in the registry."""

import argparse
from typing import Final

from bot.channels import Channel, ChannelCommand
from bot.wechat import WECHAT, WECHAT_PAY
from bot.wechat.command import add_verbs, examine_wechat, operate_wechat
from bot.wechat.outbound import CAPABILITIES
from bot.wechat.pay.till import open_wechat_pay
from bot.wechat.service import connect
from shop.settings import Settings


def _till(settings: Settings) -> str:
    return WECHAT_PAY if settings.wechatpay_merchant_id else settings.till


def _missing(settings: Settings) -> str:
    return (
        ""
        if settings.wechat_app_id
        else "EIDER_WECHAT_APP_ID: is missing; the account's console shows it"
    )


async def _operate(chosen: argparse.Namespace, settings: Settings) -> int:
    return await operate_wechat(chosen, settings)


CHANNEL: Final = Channel(
    name=WECHAT,
    capabilities=CAPABILITIES,
    connect=connect,
    till=_till,
    missing=_missing,
    has_pages=lambda _: True,
    no_till=(
        "EIDER_WECHATPAY_MERCHANT_ID: is missing, and nobody in WeChat could pay; name a merchant, "
        "or EIDER_TILL=sandbox to try it without money"
    ),
    tills=(open_wechat_pay,),
    commands=(
        ChannelCommand(
            "wechat", "the account's menu, codes and settings, as WeChat knows them",
            add_verbs, _operate,
        ),
    ),
    examine=examine_wechat,
)  # fmt: skip
