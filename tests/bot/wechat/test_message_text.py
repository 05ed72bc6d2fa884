"""Texts as WeChat takes them: clean, short enough, cut where a reader would."""

import re
import unicodedata
from datetime import UTC, datetime
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.message_text import LIMIT, clean, pieces
from bot.wechat.passive import text_reply
from handlers.texts import texts
from shop.people.users import LANGUAGES

THUMB = "\N{THUMBS UP SIGN}\U0001f3fb"
FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"


def test_a_short_text_is_one_piece_and_an_empty_one_none() -> None:
    assert pieces("好") == ["好"]
    assert pieces(" \n") == []
    assert pieces("字" * (LIMIT // 3)) == ["字" * (LIMIT // 3)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("一" * 20 + "。\n\n" + "二" * 20, ["一" * 20 + "。", "二" * 20]),
        ("一" * 20 + "\n" + "二" * 20, ["一" * 20, "二" * 20]),
        ("一" * 20 + "。" + "二" * 20, ["一" * 20 + "。", "二" * 20]),
        ("a" * 60 + ". " + "b" * 60, ["a" * 60 + ".", "b" * 60]),
        ("a" * 60 + " " + "b" * 60, ["a" * 60, "b" * 60]),
        ("v1.5" * 30, ["v1.5" * 25, "v1.5" * 5]),
        ("x" * 98 + "e\u0301" + "y", ["x" * 98, "e\u0301y"]),
        ("x" * 95 + FAMILY + "y", ["x" * 95, FAMILY + "y"]),
        ("x" * 97 + THUMB + "y", ["x" * 97, THUMB + "y"]),
        ("\u0301" * 80, ["\u0301" * 50, "\u0301" * 30]),
    ],
)  # fmt: skip
def test_it_is_cut_between_paragraphs_lines_sentences_words_or_whole_characters(text, parts):
    assert pieces(text, 100) == parts


@given(st.text(st.characters(codec=None), max_size=400), st.integers(100, 200))
def test_no_piece_is_too_long_or_empty_and_nothing_is_lost(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert all(0 < len(part.encode()) <= limit for part in found)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", clean(text))


@given(st.text(st.characters(codec=None)))
def test_no_control_and_no_half_character_remains_and_xml_holds_the_rest(text: str) -> None:
    kept = clean(text)
    controls = {one for one in kept if unicodedata.category(one) in ("Cc", "Cs")}
    assert controls <= {"\t", "\n"}
    assert clean(kept) == kept
    reply = fromstring(text_reply("o", "gh", kept, datetime.now(UTC)))
    assert (reply.findtext("Content") or "") == kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_texts_take_three_messages_and_end_with_a_sentence(
    language: str,
) -> None:
    say = texts(language)
    for key, values in (
        ("terms", {"hours": 24}),
        ("privacy", {"days": 180, "years": 2}),
        ("photos-tips-pictures", {}),
    ):
        found = pieces(say(key, **values))
        assert len(found) <= 3, key
        assert all(re.search(r"[。.!?？！:：)）]$", part) for part in found), key
