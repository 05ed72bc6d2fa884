"""The page's own words, in every language."""

import pytest
from yarl import URL

from bot.playground.language import PAGE_WORDS, words_of
from handlers.texts import TextError
from shop.people.users import LANGUAGES


def test_the_page_has_its_words_in_every_language():
    for language in LANGUAGES:
        words = words_of(language)
        assert all(words.values())
        assert len(words) > len(PAGE_WORDS)


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("pt-BR,fr;q=0.9", "fr"), ("pt-BR,fr;q=0.7,ko;q=0.9,en;q=0.1", "ko"), ("de", "en"),
        ("yue-HK,en;q=0.9", "zh_CN"), ("fr;q=0,ko;q=0.1", "ko"), ("fr;q=none,ko;q=0.5", "ko"),
        ("*,fr;q=0.5", "fr"), ("", "en"), (";q=1,,", "en"),
    ],
)  # fmt: skip
async def test_the_dearest_language_that_we_speak_is_spoken(http, base, asked, language):
    async with http.get(f"{base}/playground", headers={"Accept-Language": asked}) as answer:
        assert f'lang="{language.replace("_", "-")}"' in await answer.text()


async def test_only_our_languages_are_there_and_kept(http, base):
    for language in (*LANGUAGES, "fr-CA", "xx", "x" * 500, "en%00", "%ff"):
        async with http.get(URL(f"{base}/playground/words/{language}", encoded=True)) as answer:
            assert answer.status == (200 if language in LANGUAGES else 404)
    with pytest.raises(TextError):
        words_of("xx")
    assert words_of.cache_info().currsize <= len(LANGUAGES)


def test_every_word_that_the_page_uses_is_sent_to_it():
    import re

    from bot.playground.routes import STATIC

    used: set[str] = set()
    for path in [*STATIC.glob("*.js"), *STATIC.glob("*.html")]:
        text = path.read_text("utf-8")
        used |= set(re.findall(r'"(page-[a-z-]+)"', text))
        used |= set(re.findall(r"\{\{(page-[a-z-]+)\}\}", text))
    used |= {f"page-{state}" for state in ("failed", "sending", "sent", "seen")}
    assert used == {key for key in words_of("en") if key.startswith("page-")}
