"""The account's menu, below every chat. A click comes back as the press of a button.

WeChat shows one menu to all people, in one language: the account's.
"""

from typing import Any, Final

from handlers import menus
from handlers.chat import Button
from shop.people.users import LANGUAGES

DEFAULT: Final = LANGUAGES[0]
"""The language of an account that says none: Chinese."""

TITLE_BYTES: Final = 16
ENTRY_BYTES: Final = 60
"""Of UTF-8; WeChat refuses longer ones (40018). A key may have 128, and an action has fewer."""


def account_menu(language: str = DEFAULT) -> dict[str, Any]:
    """The menu as :meth:`bot.wechat.api.WechatApi.create_menu` takes it."""
    return {
        "button": [
            {"name": group.title, "sub_button": [_entry(one) for one in group.entries]}
            for group in menus.pressed(language)
        ]
    }


def _entry(button: Button) -> dict[str, str]:
    return {"type": "click", "name": button.label, "key": button.action}
