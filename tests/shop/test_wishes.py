"""Words to pictures: what the embedded base hears of a sentence, and what nobody may ask for."""

import re
import tomllib
from pathlib import Path

import pytest

from pipeline.engine.engine import Expression, Framing, LabelText
from pipeline.models import recipe
from pipeline.worker.wish_request import wish_request
from shop.catalog import wishes
from shop.catalog.wishes import CATEGORIES, MOST_LETTERS, MOST_WORDS, WordKind, blocked

MINI = wishes.vocabulary("mini")


def heard(text: str) -> wishes.Wish:
    return wishes.read(text, MINI)


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("Please paint me smiling, in black and white, riding a dragon",
         ("smile", "monochrome"), ("riding", "dragon")),
        ("请画我微笑,蓝色背景,骑着龙", ("smile", "blueground"), ("骑着龙",)),
        ("在中国的长城上,水彩画风格", ("watercolour",), ("中国的长城",)),
        ("peins-moi en aquarelle, l’air triste, avec un chapeau, fond bleu",
         ("watercolour", "sad", "blueground"), ("chapeau",)),
        ("파란 배경에서 웃는 저를 수채화로 그려 주세요, 모자",
         ("blueground", "smile", "watercolour"), ("모자",)),
        ("A SAD OLD MAN in néon light; CLOSE-UP!", ("sad", "old", "man", "neon", "closeup"), ()),
        ("黑白老照片,沉思的女士", ("monochrome", "sepia", "thoughtful", "woman"), ()),
        ("微笑 smiling souriant 웃는", ("smile",), ()),
        ("spaceship, spaceship", (), ("spaceship",)),
        ("paint me", (), ()),
        ("", (), ()),
    ],
)  # fmt: skip
def test_known_words_are_found_and_the_others_told(text, known, unknown):
    wish = heard(text)
    assert (wish.known, wish.unknown, wish.left_out) == (known, unknown, ())
    assert wish.is_empty == (not known)


def test_a_longer_form_goes_before_a_shorter_one():
    assert heard("old photo").known == ("sepia",)
    assert heard("film noir").known == ("noir",)
    assert heard("noir et blanc").known == ("monochrome",)
    assert heard("黑色背景").known == ("darkground",)


def test_a_word_is_none_within_another():
    """An oldtimer is nobody old, and a manor no man; in Korean what goes on with no particle."""
    assert heard("oldtimer manor neonatal").known == ()
    assert heard("노을공원").known == ()
    assert heard("노을에").known == ("golden",)


@pytest.mark.parametrize("language", ["en", "zh_CN", "fr", "ko"])
def test_every_word_has_a_form_in_each_language(language):
    file = Path(wishes.__file__).parent / "mini.toml"
    words = tomllib.loads(file.read_text("utf-8"))["words"]
    scripts = {"zh_CN": r"[\u4e00-\u9fff]", "ko": r"[\uac00-\ud7a3]"}
    for word, entry in words.items():
        forms = entry["forms"]
        latin = [one for one in forms if not re.search("[\u4e00-\u9fff\uac00-\ud7a3]", one)]
        if language in scripts:
            assert any(re.search(scripts[language], one) for one in forms), word
        else:
            assert latin, word
        for form in forms:
            assert word in heard(form).known, (word, form)


def test_what_the_face_does_and_how_much_is_shown_are_asked_of_the_engine():
    wish = heard("surprised woman, gros plan, sepia")
    assert (wish.subject, wish.expression, wish.framing) == ("woman", "surprise", "close_up")
    assert wish.prompt == "{subject}, sepia"
    for one in MINI.words:
        if one.kind is WordKind.EXPRESSION:
            assert Expression(one.asks)
            own = recipe.load("mini").dataset.expressions.of(Expression(one.asks))
            assert own == one.word, "the recipe's word for it is another"
        if one.kind is WordKind.FRAMING:
            assert Framing(one.asks)


def test_more_words_than_a_small_base_is_told_are_left_out_and_told():
    words = [one.word for one in MINI.words if one.kind is WordKind.LOOK][: MOST_WORDS + 3]
    forms = {"darkground": "dark background", "middleaged": "middle-aged"}
    text = ", ".join(forms.get(one, one.replace("ground", " background")) for one in words)
    text = text.replace("warmfilm", "warm film").replace("coolfilm", "cool film")
    wish = heard(text)
    assert len(wish.known) == MOST_WORDS
    assert wish.known + wish.left_out == tuple(words)
    assert all(word not in wish.prompt for word in wish.left_out)


def test_a_large_base_hears_the_sentence_as_it_is():
    assert wishes.vocabulary("z-image") is None
    wish = wishes.read("an astronaut {subject} on  a horse}", None)
    assert wish.prompt == "{subject}, an astronaut subject on a horse"
    assert (wish.known, wish.unknown, wish.subject) == ((), (), "")
    assert wishes.read("  ", None).is_empty
    assert len(wishes.read("a " * 5000, None).prompt) <= MOST_LETTERS + len("{subject}, ")


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("a nude woman", "sexual"), ("N4ked", "sexual"), ("n u d e", "sexual"),
        ("n.u.d.e", "sexual"), ("ｎｕｄｅ", "sexual"), ("nu\u200bde", "sexual"),
        ("s e x", "sexual"),
        ("un vieil homme nu", "sexual"), ("érotique", "sexual"), ("画一张裸体照片", "sexual"),
        ("누드화로 그려줘", "sexual"),
        ("a child in the garden", "minors"), ("un bébé", "minors"), ("小孩的照片", "minors"),
        ("어린이를", "minors"), ("아이와 함께", "minors"),
        ("covered in blood", "violence"), ("un cadavre", "violence"), ("血腥场面", "violence"),
        ("피투성이 얼굴", "violence"),
        ("with a swastika", "hate"), ("纳粹军官", "hate"), ("나치", "hate"),
        ("for a fake passport", "deception"), ("假身份证", "deception"),
        ("위조 신분증", "deception"),
        ("me as Taylor Swift", "persons"), ("en Beyoncé", "persons"), ("像周杰伦一样", "persons"),
        ("아이유처럼", "persons"), ("a famous  actor", "persons"), ("taylor, smiling", ""),
        ("畫一張裸體", "sexual"), ("兒童", "minors"), ("強姦", "violence"), ("納粹", "hate"),
        ("換臉", "deception"), ("習近平", "persons"), ("as Trump", "persons"),
        ("n\u0430k\u0435d", "sexual"), ("n\u03bfde, p\u03bfrn", "sexual"),
        ("a trump card", ""), ("a trumpet", ""), ("улыбка, синий фон", ""),
        ("a hat and a smile", ""), ("Essex, Sussex, a sexton", ""), ("une personne nuancée", ""),
        ("grapes and a classic analysis", ""), ("a baby blue background", ""),
        ("아이보리 배경", ""), ("I do c v", ""), ("微笑,蓝色背景", ""), ("", ""),
    ],
)  # fmt: skip
def test_what_no_picture_may_be_of_is_found_whatever_its_spelling(text, category):
    assert blocked(text) == category
    assert category in ("", *CATEGORIES)


def test_no_word_of_the_vocabulary_is_blocked():
    for one in MINI.words:
        assert blocked(one.word) == ""


def test_words_are_told_as_they_were_written():
    wish = heard("Aquarelle, l’air Étonné, sur un Vélo, noir  et blanc, VÉLO")
    assert wish.heard == ("Aquarelle", "Étonné", "noir  et blanc")
    assert wish.unknown == ("Vélo",)


def test_a_sentence_stays_out_of_whatever_prints_a_wish():
    wish = heard("smiling with a xylophone, sepia")
    assert wish.unknown == ("xylophone",)
    assert not {"xylophone", "smile", "sepia"} & set(repr(wish).replace("'", " ").split())
    assert "sepia" not in repr(request(wish))


def request(wish, **changes):
    values = {
        "base": "mini", "subject": "person", "avatar": None, "lora": None, "weight": 0.8,
        "seeds": (1, 2), "content_id": "c", "label": LabelText(),
    }  # fmt: skip
    return wish_request(wish, **(values | changes))


def test_a_wish_is_painted_of_its_customer_or_of_nobody():
    wish = heard("a smiling man, sepia, close-up")
    nobody = request(wish)
    assert (nobody.subject, nobody.avatar, nobody.lora) == ("man", None, None)
    assert (nobody.expression, nobody.framing) == (Expression.SMILE, Framing.CLOSE_UP)
    assert nobody.adult
    mine = request(wish, subject="woman", avatar="a", lora=b"lora")
    assert (mine.subject, mine.avatar, mine.lora) == ("woman", "a", b"lora")
    known = recipe.load("mini").prompt(
        mine.prompt, mine.subject, True, mine.expression, mine.framing
    )
    assert known == "closeup, ohwx woman, sepia, smile"
