"""A button works in the chat that it was sent to, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.buttons import Signer, keyboard, needs_name, unlinkable
from handlers.chat import Button

SIGNER = Signer.of(bytes(32))
ACTIONS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@given(ACTIONS, st.integers(1, 2**52).map(str))
def test_every_action_of_forty_bytes_fits_and_comes_back(action, chat):
    data = SIGNER.seal(chat, action)
    assert len(data.encode()) <= 64
    assert SIGNER.open(chat, data) == action


def test_another_chats_button_a_changed_one_and_another_houses_are_refused():
    data = SIGNER.seal("42", "erase:yes")
    assert SIGNER.open("43", data) is None
    assert SIGNER.open("42", data.replace("yes", "now")) is None
    assert Signer.of(bytes(31) + b"1").open("42", data) is None


@given(st.text(max_size=64))
def test_no_guess_opens_and_none_breaks(data):
    assert SIGNER.open("42", data) is None


def test_the_key_is_not_the_master_key():
    assert Signer(bytes(32)).open("42", SIGNER.seal("42", "a")) is None


def test_an_action_too_long_is_the_programmers_mistake():
    with pytest.raises(ValueError, match="too long"):
        SIGNER.seal("42", "x" * 50)


def test_rows_without_a_usable_button_are_no_keyboard():
    assert keyboard(SIGNER, "42", ()) is None
    assert keyboard(SIGNER, "42", ((Button("Pay", url="http://localhost/pay"),),)) is None
    assert keyboard(SIGNER, "42", ((Button("Send", share="invite"),),), "EiderBot") is None
    assert keyboard(SIGNER, "42", ((Button("Open", start="room"),),)) is None


def test_a_deep_link_and_a_choice_of_chats():
    rows = ((Button("Open", start="t-noir"), Button("Send", share="0" * 32)),)
    ((opening, sending),) = keyboard(SIGNER, "42", rows, "EiderBot", inline=True).inline_keyboard
    assert opening.url == "https://t.me/EiderBot?start=t-noir"
    chosen = sending.switch_inline_query_chosen_chat
    assert chosen.query == "0" * 32
    assert chosen.allow_user_chats is chosen.allow_group_chats is chosen.allow_channel_chats is True
    assert not chosen.allow_bot_chats
    assert needs_name(rows)
    assert not needs_name(((Button("Go", "go"), Button("Page", url="https://x.org")),))


def test_a_page_of_ours_opens_within_the_app():
    """In the person's own chat alone, and by https: Telegram refuses a message with any other."""
    page = Button("Album", url="https://eider.example/album/x", page=True)
    ((shown,),) = keyboard(SIGNER, "42", ((page,),)).inline_keyboard
    assert (shown.web_app.url, shown.url) == (page.url, None)
    assert keyboard(SIGNER, "-100123", ((page,),)) is None
    here = Button("Album", url="http://127.0.0.1:8080/album/x", page=True)
    assert keyboard(SIGNER, "42", ((here,),)) is None
    assert unlinkable(((here,),)) == []  # in a browser it would open for nobody
