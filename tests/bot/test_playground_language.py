"""The page's own words, in every language."""

from bot.playground.language import PAGE_WORDS, words_of
from shop.people.users import LANGUAGES


def test_the_page_has_its_words_in_every_language():
    for language in LANGUAGES:
        words = words_of(language)
        assert all(words.values())
        assert len(words) > len(PAGE_WORDS)


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
