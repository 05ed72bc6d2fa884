"""The account's menu, below every chat. A click comes back as the press of a button.

WeChat shows one menu to all people, in one language: the account's.
"""

from typing import Any, Final

from handlers import menus
from handlers.chat import Button
from shop.people.users import LANGUAGES

DEFAULT: Final = LANGUAGES[0]
"""The language of an account that says none: Chinese."""

GROUPS: Final = 3
ENTRIES: Final = 5  # of a group
TITLE_BYTES: Final = 16
ENTRY_BYTES: Final = 60
"""Of UTF-8; WeChat refuses longer ones (40018). A key may have 128, and an action has fewer."""


def account_menu(language: str = DEFAULT) -> dict[str, Any]:
    """The menu as :meth:`bot.wechat.api.WechatApi.create_menu` takes it. Raises ValueError for one
    that WeChat would refuse: more groups or entries than it has room for, or longer names."""
    groups = menus.pressed(language)
    if len(groups) > GROUPS or any(len(one.entries) > ENTRIES for one in groups):
        raise ValueError(f"a menu has {GROUPS} groups of {ENTRIES} entries at most")
    return {
        "button": [
            {
                "name": _short(group.title, TITLE_BYTES),
                "sub_button": [_entry(one) for one in group.entries],
            }
            for group in groups
        ]
    }


def _entry(button: Button) -> dict[str, str]:
    return {"type": "click", "name": _short(button.label, ENTRY_BYTES), "key": button.action}


def _short(name: str, most: int) -> str:
    if not 0 < len(name.encode()) <= most:
        raise ValueError(f"a name of the menu has 1 to {most} bytes: {name!r}")
    return name
