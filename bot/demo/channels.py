"""Where the demo's customer chats: at the playground, or in WeChat."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.demo.customer_chat import CustomerChat
from bot.demo.options import Options
from bot.demo.playground_chat import open_playground_chat
from bot.demo.wechat_chat import open_wechat_chat, words_in
from bot.demo.wechat_doubles import open_doubles
from handlers.texts import Texts, texts

OpenChat = Callable[[], AbstractAsyncContextManager[CustomerChat]]


@dataclass(frozen=True, slots=True)
class DemoChannel:
    """``env`` is what the shop's processes need for it, ``words`` the texts as its people read
    them; ``open_chat`` opens a chat of somebody new, and at ``address`` whoever watches may go on.
    """

    env: Mapping[str, str]
    words: Texts
    open_chat: OpenChat
    address: str


@asynccontextmanager
async def open_channel(
    options: Options, env: Mapping[str, str], logs: Path
) -> AsyncIterator[DemoChannel]:
    """The one that ``options`` name. ``env`` is the demo's. Raises
    :class:`shop.errors.CannotStart`."""
    language, shop_url = options.language, env["EIDER_PUBLIC_URL"]
    if options.channel != "wechat":
        chat = partial(open_playground_chat, shop_url, language)
        yield DemoChannel({}, texts(language), chat, f"{shop_url}/playground")
        return
    async with open_doubles(env, logs, shop_url) as doubles:
        phone = partial(open_wechat_chat, doubles.api, doubles.pay, language)
        yield DemoChannel(doubles.env, words_in(language), phone, f"{doubles.api}/control")
