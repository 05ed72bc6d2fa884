"""The methods by their paths. A new one is a function with ``@get`` or ``@post``."""

from tests.wechatapi.methods import codes, media, messages, pages, tokens, users  # noqa: F401
from tests.wechatapi.methods.registry import METHODS, Method

__all__ = ["METHODS", "Method"]
