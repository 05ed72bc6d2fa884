"""WeChat on loopback: an account's API, its callbacks and the people behind them, as strict as the
documentation, with a memory, and no network.

:class:`Wechat` is the server, :class:`Person` somebody with a phone. The README says what it knows.
"""

from tests.wechatapi.account import Account
from tests.wechatapi.api import Wechat
from tests.wechatapi.callbacks import BANNER, Attempt, Callback
from tests.wechatapi.clock import Clock
from tests.wechatapi.people import Browser, Page, Person, until
from tests.wechatapi.records import Article, Call, Refusal, Seen
from tests.wechatapi.server import serving

__all__ = [
    "BANNER",
    "Account",
    "Article",
    "Attempt",
    "Browser",
    "Call",
    "Callback",
    "Clock",
    "Page",
    "Person",
    "Refusal",
    "Seen",
    "Wechat",
    "serving",
    "until",
]
