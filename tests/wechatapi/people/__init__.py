"""Who is at the other end: people with WeChat on their phones."""

from tests.wechatapi.people.browser import Browser, Page
from tests.wechatapi.people.person import Person
from tests.wechatapi.people.watching import PATIENCE, until

__all__ = ["PATIENCE", "Browser", "Page", "Person", "until"]
