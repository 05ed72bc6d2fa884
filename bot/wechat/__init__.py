"""WeChat: an Official Account (服务号) as a chat, over its callback and its API.

wechatpy parses and decrypts what comes in; its client, which blocks, is not used
(:mod:`bot.wechat.api` is). Nothing outside of this room knows either.
"""

from typing import Final

from shop.records import ChannelName

WECHAT: Final = ChannelName("wechat")
WECHAT_PAY: Final = "wechat"
"""The name of its till: WeChat Pay notifies ``/pay/wechat``."""
