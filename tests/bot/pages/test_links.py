"""What a link, a session and a login's state say, and for how long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pages.album import ALBUM
from bot.pages.document import notice, proof_page
from bot.pages.links import LINK_DAYS, SESSION_LASTS, PageLinks, page_addresses
from bot.pages.personal_page import PersonalPage
from bot.registered_channels import CHANNELS
from bot.telegram import TELEGRAM
from shop.records import ChannelName, User, UserId, new_id
from shop.settings import Settings
from tests.channels import PLAYGROUND
from tests.keys import MASTER_KEY, MASTER_KEY_BASE64

NOW = datetime(2026, 11, 27, 15, 30, 12, tzinfo=UTC)
URL = "https://eider.example"
ANNA = User(UserId(new_id()), PLAYGROUND, "anna", "en", False, NOW)
BERT = replace(ANNA, id=UserId(new_id()), platform_id="bert")


def links(at: datetime = NOW, key: bytes = MASTER_KEY) -> PageLinks:
    return PageLinks(ALBUM, key, URL, lambda: at)


def test_a_link_names_its_person_by_our_id_alone_and_is_short():
    address = links().address(ANNA)
    assert address.startswith(f"{URL}/album/{ANNA.id}.playground.")
    assert "anna" not in address
    assert len(address) < 120
    claim = links().open_token(links().token(ANNA))
    assert claim is not None
    assert (claim.user, claim.channel, claim.person) == (ANNA.id, PLAYGROUND, "")


def test_a_link_opens_for_a_week_at_least_and_eight_days_at_most():
    token = links().token(ANNA)
    for days, over in ((0, False), (LINK_DAYS, False), (LINK_DAYS + 1, True)):
        later = links(NOW + timedelta(days=days))
        claim = later.open_token(token)
        assert claim is not None
        assert later.is_over(claim) is over


def test_all_links_of_a_day_are_one():
    assert links().token(ANNA) == links(NOW.replace(hour=0, minute=0)).token(ANNA)
    assert links().token(ANNA) != links(NOW + timedelta(days=1)).token(ANNA)
    assert links().token(ANNA) != links().token(BERT)
    assert links().token(ANNA) != links().token(replace(ANNA, platform=TELEGRAM))


def test_a_session_lasts_for_hours_and_is_no_link():
    session = links().session(ANNA.id, PLAYGROUND, "anna")
    claim = links().open_session(session)
    assert claim is not None
    assert (claim.user, claim.channel, claim.person) == (ANNA.id, PLAYGROUND, "anna")
    assert links(NOW + SESSION_LASTS).open_session(session) is None
    assert links().open_token(session) is None
    assert links().open_session(links().token(ANNA)) is None


@pytest.mark.parametrize("place", range(0, 64, 3))
def test_a_changed_sign_makes_it_nobodys(place):
    for sealed in (links().token(ANNA), links().session(ANNA.id, PLAYGROUND, "anna")):
        at = place % len(sealed)
        other = "0" if sealed[at] != "0" else "1"
        changed = sealed[:at] + other + sealed[at + 1 :]
        assert links().open_token(changed) is None
        assert links().open_session(changed) is None


def test_another_houses_key_signs_nothing_here():
    token = links(key=b"another key of thirty-two bytes!").token(ANNA)
    assert links().open_token(token) is None


@given(st.text(max_size=200))
def test_no_text_is_a_link_by_chance(text):
    assert links().open_token(text) is None
    assert links().open_session(text) is None
    assert not links().is_state(text, links().token(ANNA), "0" * 32)


def test_a_state_is_bound_to_the_link_and_to_the_browser():
    token, nonce = links().token(ANNA), links().nonce()
    state = links().state(token, nonce)
    assert state.isalnum()
    assert len(state) <= 128  # as WeChat wants it
    assert links().is_state(state, token, nonce)
    assert not links().is_state(state, links().token(BERT), nonce)
    assert not links().is_state(state, token, links().nonce())
    assert not links().is_state(links().state(token, ""), token, "")


ENV = {
    "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
    "EIDER_PLAYGROUND": "yes",
    "EIDER_TILL": "sandbox",
    "EIDER_TELEGRAM_TOKEN": "7000000001:" + "A" * 35,
}


@pytest.mark.parametrize(
    ("public", "channel", "opens"),
    [
        ("https://eider.example", PLAYGROUND, True),
        ("http://127.0.0.1:8099", PLAYGROUND, True),
        ("https://eider.example", TELEGRAM, True),
        ("http://127.0.0.1:8099", TELEGRAM, False),  # a Mini App is opened by https alone
        ("", PLAYGROUND, False),  # nobody said how people reach us
        ("", TELEGRAM, False),
        ("https://eider.example", ChannelName("pigeon"), False),
    ],
)
def test_there_is_an_address_where_it_can_be_opened(public, channel, opens, tmp_path):
    env = ENV | {"EIDER_DATA": str(tmp_path)} | ({"EIDER_PUBLIC_URL": public} if public else {})
    address = page_addresses(ALBUM, Settings.from_env(env), CHANNELS, lambda: NOW)
    found = address(replace(ANNA, platform=channel))
    assert found.startswith(f"{public}/album/") if opens else found == ""


@given(st.text(min_size=1, max_size=30).filter(lambda text: text.isprintable()))
def test_any_platforms_id_comes_back(person):
    claim = links().open_session(links().session(ANNA.id, PLAYGROUND, person))
    assert claim is not None
    assert claim.person == person


def test_what_one_page_signs_is_no_other_pages():
    other = PersonalPage("gallery", ALBUM.static)
    theirs = PageLinks(other, MASTER_KEY, URL, lambda: NOW)
    assert theirs.address(ANNA).startswith(f"{URL}/gallery/{ANNA.id}.playground.")
    assert theirs.way_back("t") == f"{URL}/gallery/t/in"
    token, nonce = links().token(ANNA), links().nonce()
    assert theirs.open_token(token) is None
    assert theirs.open_session(links().session(ANNA.id, PLAYGROUND, "anna")) is None
    assert not theirs.is_state(links().state(token, nonce), token, nonce)
    cookies = {one for page in (ALBUM, other) for one in (page.session_cookie, page.login_cookie)}
    assert len(cookies) == 4


def test_another_pages_views_have_its_words_and_its_files():
    class Words:
        language = "en"

        def __call__(self, key, **_):
            return f"[{key}]"

    page = PersonalPage("gallery", ALBUM.static, ("gallery.css",))
    for view in (
        notice(page, Words(), "over", "/gallery/t"),
        proof_page(page, Words(), "/gallery/t", "tgWebAppData"),
    ):
        assert "album" not in view
        assert 'href="/gallery/static/page.css"' in view
        assert 'href="/gallery/static/gallery.css"' in view
    assert "[gallery-over-title]" in notice(page, Words(), "over")
