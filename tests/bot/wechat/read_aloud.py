"""Prints a customer's whole way through WeChat as they see it, to be read aloud:
``python -m tests.bot.wechat.read_aloud``. ``>`` is typed, ``{..}`` the account's menu.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from redis.asyncio import Redis

from shop.adapters.embedded import embedded_valkey
from tests.bot.wechat.studio import WechatStudio
from tests.handlers.guests import Guest

TO_BILL = """
> 你好
[拍我的写真]
[可以，我已成年]
[同意做我的分身]
[不用比]
[女]
> 怎么拍
+ 20 photos
* the photos are checked
> 就这些
"""
TO_PORTRAITS = """
[在聊天里付款]
* a worker trains
> 进度
* a sample is painted
* the avatar is made
* the portraits are painted
"""
AFTERWARDS = """
> １
* a worker paints
* the portraits are painted
> 风格
[下一页]
> 一
* the portraits are painted
> 分享
> 邀请
> 9
> 原图
> 余额
> 1.
> 2
> 订单
> 我的数据
> 帮助
> 验证
> 隐私
> 付款问题
> 退款
> 你们是谁开的
+ voice
+ video
+ place
> 语言
> 1
> 全部删除
> 2
> 全部删除
> 1
"""


async def walk(studio: WechatStudio) -> Guest:
    """Everything, from hello to the erasure."""
    guest = studio.customer()
    await studio.play(guest, TO_BILL + TO_PORTRAITS)
    await studio.click(guest, "styles")
    await studio.click(guest, "where")
    await studio.play(guest, AFTERWARDS)
    return guest


async def read() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with embedded_valkey(Path(folder)) as url, Redis.from_url(url) as redis:
            studio = WechatStudio(Path(folder), redis)
            guest = await walk(studio)
            await studio.till.close()
    sys.stdout.write("\n".join(guest.lines) + "\n")


if __name__ == "__main__":
    asyncio.run(read())
