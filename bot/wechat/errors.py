"""What WeChat's API refuses, as the cause demands. Beside these it raises
:class:`bot.outbound.Unreachable`, :class:`bot.outbound.RetryLater` and ConnectionError.

No error holds an address or a token: the token is part of each address.
"""

from typing import Final

from bot.outbound import RetryLater, Unreachable
from shop.errors import CannotStart, Unavailable

SUCCESS: Final = 0
STALE_TOKEN: Final = frozenset({40001, 40014, 42001})
"""The access token is wrong, malformed or expired: a new one may be taken."""

_GONE: Final = frozenset({40003, 43004, 43019, 46004, 48002})
"""Not (or no more) a follower, on the account's blacklist, or takes no messages."""

_LATER: Final = {-1: 5.0, 45009: 3600.0, 45011: 60.0}
"""Seconds: WeChat is busy; the day's calls are used up; the minute's are."""

_ACCOUNT: Final = frozenset({40002, 40013, 40125, 40243, 41002, 41004, 50004, 50007})
"""Of the token's own call: app id or secret are wrong, or the account is frozen."""


class WindowClosed(Exception):
    """45015: the person has not written for 48 hours (after a menu, a scan or a follow, for a
    minute): a message must wait until they do."""


class BudgetSpent(Exception):
    """45047: as many messages as what the person did last allows were sent."""


class NotReached(ConnectionError):
    """No connection was made: what was to be sent surely was not."""


class AccessTokenRefused(CannotStart):
    """The account's app id or secret are refused, or its token is again after a new one was
    fetched."""

    def __init__(self, code: int) -> None:
        super().__init__(
            f"WeChat refused EIDER_WECHAT_APP_ID and EIDER_WECHAT_SECRET (its error {code}): are "
            "they as the account's console shows them?"
        )
        self.code = code


class AddressNotAllowed(Unavailable):
    """40164: WeChat takes no calls from our address. An outage that the operator has to mend."""

    def __init__(self) -> None:
        super().__init__(
            "wechat takes no calls from this address: put it on the account's IP allow-list"
        )


class ApiRefused(Exception):
    """WeChat will not do this however often it is asked. ``code`` is its ``errcode``."""

    def __init__(self, code: int) -> None:
        super().__init__(f"wechat's error {code}")
        self.code = code


def refusal(code: int) -> Exception:
    """What an ``errcode`` other than 0 means for whoever made the call."""
    if code in _LATER:
        return RetryLater(_LATER[code])
    if code in _GONE:
        return Unreachable()
    match code:
        case 45015:
            return WindowClosed()
        case 45047:
            return BudgetSpent()
        case 40164:
            return AddressNotAllowed()
    return ApiRefused(code)


def token_refusal(code: int) -> Exception:
    """What it means where the token itself is asked for."""
    return AccessTokenRefused(code) if code in _ACCOUNT | STALE_TOKEN else refusal(code)
