"""How people in WeChat open our pages: by OAuth with the scope ``snsapi_base``, which asks them
nothing and tells us their openid; and where WeChat lets a page sell.

A code is good once, for five minutes. The order of the address's parameters, and the fragment at
its end, are WeChat's: it matches them as they stand.
"""

import re
from typing import Final, Protocol
from urllib.parse import quote

import structlog

from bot.channels import PageLogin
from bot.outbound import RetryLater, Unreachable
from bot.wechat.errors import ApiRefused
from shop.errors import Unavailable

AUTHORIZE: Final = "https://open.weixin.qq.com/connect/oauth2/authorize"

_BAD_CODE: Final = frozenset({40029, 40163, 41008, 42003})
"""Unknown, used, missing, expired."""

_AWAY: Final = "wechat does not say who opens a page"
WECHAT_BROWSER: Final = "MicroMessenger"
IOS: Final = re.compile(r"iPhone|iPad|iPod")

log = structlog.get_logger()


class OAuthApi(Protocol):
    """Of :class:`bot.wechat.api.WechatApi`, what this needs."""

    async def oauth_openid(self, code: str) -> str: ...


def wechat_page_login(api: OAuthApi, app_id: str) -> PageLogin:
    """For the account of that app id. On iOS an account's pages may sell nothing digital."""

    def authorize(back: str, state: str) -> str:
        return (
            f"{AUTHORIZE}?appid={app_id}&redirect_uri={quote(back, safe='')}"
            f"&response_type=code&scope=snsapi_base&state={state}#wechat_redirect"
        )

    async def redeem(code: str) -> str | None:
        try:
            return await api.oauth_openid(code)
        except ApiRefused as refused:
            if refused.code in _BAD_CODE:
                return None
            log.error("wechat_oauth_refused", code=refused.code)
            raise Unavailable(_AWAY) from None
        except (ConnectionError, RetryLater, Unreachable):
            raise Unavailable(_AWAY) from None

    return PageLogin(redeem, authorize, sells=may_sell)


def may_sell(user_agent: str) -> bool:
    """Whether a page may show prices to that browser: not in WeChat on iPhone, iPad or iPod."""
    return not (WECHAT_BROWSER in user_agent and IOS.search(user_agent))
