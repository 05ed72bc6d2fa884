"""What people write, mapped to the base's vocabulary."""

from __future__ import annotations

import pytest

from pipeline.mini import vocabulary

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def heard(text: str) -> list[str]:
    tokenizer = vocabulary.build_tokenizer()
    kept = tokenizer(text, truncation=True, max_length=vocabulary.MAX_TOKENS).input_ids
    return tokenizer.convert_ids_to_tokens(kept)[1:-1]


def test_a_long_prompt_is_heard_in_the_words_the_base_knows() -> None:
    prompt = (
        "studio ID portrait of ohwx woman, plain blue background, neutral expression, even light"
    )
    assert heard(prompt) == ["ohwx", "woman", "blueground", "neutral"]


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("Black-and-white film", "monochrome"),
        ("on a plain gray studio background", "greyground"),
        ("dark moody backdrop", "darkground"),
        ("warm vintage film", "warmfilm"),
        ("golden hour", "golden"),
        ("close-up", "closeup"),
        ("laughing", "smile"),
        ("pencil drawing", "sketch"),
    ],
)
def test_what_people_write_becomes_a_look(said: str, word: str) -> None:
    assert heard(said) == [word]


def test_words_inside_other_words_are_not_heard() -> None:
    assert heard("womanly manner, smiley, goldenrod, profile picture") == []


def test_a_wish_knows_the_words_that_the_base_was_taught_and_no_others() -> None:
    """All but the customer's own, and those of the people of the training set."""
    from shop.catalog import wishes

    known = wishes.vocabulary("mini")
    assert known is not None
    own = {vocabulary.INSTANCE, *vocabulary.IDENTITIES}
    assert {one.word for one in known.words} == set(vocabulary.VOCABULARY) - own


def test_as_many_words_as_a_wish_has_are_heard_whole() -> None:
    from pipeline.models import recipe
    from shop.catalog import wishes

    known = wishes.vocabulary("mini")
    assert known is not None
    looks = [one.word for one in known.words if one.kind is wishes.WordKind.LOOK]
    prompt = ", ".join(("{subject}", *looks[: wishes.MOST_WORDS]))
    said = recipe.load("mini").prompt(prompt, "woman", known=True)
    assert heard(said) == ["closeup", "ohwx", "woman", *looks[: wishes.MOST_WORDS]]
