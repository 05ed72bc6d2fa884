"""The account's menu, within WeChat's limits; the words that its people type."""

import pytest

from bot.wechat.menu import DEFAULT, ENTRY_BYTES, TITLE_BYTES, account_menu
from handlers import menus
from handlers.chat import Button
from handlers.intents import Intent, read_action, read_words
from handlers.menus import MenuGroup
from shop.people.users import LANGUAGES

WHERE = Button("继续", "where")
KEYWORDS = {
    "拍照": Intent.START, "进度": Intent.WHERE, "余额": Intent.CREDITS, "退款": Intent.CANCEL,
    "删除": Intent.ERASE, "帮助": Intent.HELP, "语言": Intent.LANGUAGE, "客服": Intent.SUPPORT,
    "订单": Intent.ORDERS, "原图": Intent.ORIGINALS, "邀请": Intent.INVITE, "风格": Intent.STYLES,
    "take photos": Intent.START, "progress": Intent.WHERE, "balance": Intent.CREDITS,
    "refund": Intent.CANCEL, "delete": Intent.ERASE, "help": Intent.HELP,
    "language": Intent.LANGUAGE,
    "prendre des photos": Intent.START, "avancement": Intent.WHERE, "solde": Intent.CREDITS,
    "remboursement": Intent.CANCEL, "effacer": Intent.ERASE, "aide": Intent.HELP,
    "langue": Intent.LANGUAGE, "사진 찍기": Intent.START, "진행 상황": Intent.WHERE,
    "잔액": Intent.CREDITS,
    "환불": Intent.CANCEL, "삭제": Intent.ERASE, "도움말": Intent.HELP, "언어": Intent.LANGUAGE,
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_groups_of_five_whose_keys_are_actions(language):
    groups = account_menu(language)["button"]
    assert len(groups) == 3
    entries = [one for group in groups for one in group["sub_button"]]
    for group in groups:
        assert 0 < len(group["name"].encode()) <= TITLE_BYTES
        assert 1 <= len(group["sub_button"]) <= 5
    for entry in entries:
        assert entry["type"] == "click"
        assert 0 < len(entry["name"].encode()) <= ENTRY_BYTES
        assert read_action(entry["key"]) is not None
    assert len({one["name"] for one in entries}) == len(entries)


@pytest.mark.parametrize(
    "groups",
    [
        [MenuGroup("拍写真" * 2, (WHERE,))],
        [MenuGroup("", (WHERE,))],
        [MenuGroup("拍", (Button("字" * 21, "where"),))],
        [MenuGroup("拍", (WHERE,) * 6)],
        [MenuGroup("拍", (WHERE,))] * 4,
    ],
)
def test_a_menu_that_wechat_would_refuse_is_none(groups, monkeypatch):
    assert account_menu()["button"]
    monkeypatch.setattr(menus, "pressed", lambda language: groups)
    with pytest.raises(ValueError, match="menu"):
        account_menu()


def test_it_is_chinese_unless_another_language_is_asked_for():
    assert account_menu() == account_menu(DEFAULT) == account_menu("zh_CN")
    assert account_menu()["button"][0]["name"] == "拍写真"


@pytest.mark.parametrize(("word", "intent"), KEYWORDS.items())
def test_a_keyword_does_what_it_says(word, intent):
    assert read_words(word) == (intent, "")
