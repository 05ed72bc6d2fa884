import re
import shutil
from dataclasses import replace
from typing import Final

import pytest

from shop.catalog import FOLDER, Catalog, CatalogError
from shop.catalog.entries import TemplateShot
from shop.errors import NotFound, TemplateNotShown
from shop.people.users import LANGUAGES
from shop.records import Currency, Product, Subject
from tests.shop.conftest import CATALOG, template

WOMAN, MAN, PERSON = Subject.WOMAN, Subject.MAN, Subject.PERSON

GOOD = """
group = "id"
order = 1
subjects = ["woman", "man"]
look = ["plain"]
prompt = "photo of {subject}"
negative = ""
width = 512
height = 640
seeds = [1, 2, 3, 4]
[name]
zh_CN = "蓝底"
en = "Blue"
fr = "Bleu"
ko = "파랑"
[blurb]
zh_CN = "蓝底"
en = "Blue"
fr = "Bleu"
ko = "파랑"
"""
PAPERS: Final = re.compile(
    "证件|登记|签证|简历|报名|护照|身份|证明|증명|비자|등록|여권|신분|이력서|"
    r"\b(?:ids?|visas?|passports?|passeports?|regist\w*|official|documents?|papers|forms?|identit\w*|"
    r"mairie|officiel\w*|papiers|résumés?|cv)\b",
    re.IGNORECASE,
)
NOT_FOR_PAPERS: Final = {
    "zh_CN": "做头像用，不能当证件照。",
    "en": "For a profile, not for papers.",
    "fr": "Pour un profil, pas pour des papiers.",
    "ko": "프로필용이며 증명사진으로는 쓸 수 없어요.",
}
FIVE_SHOTS = "".join(f'[[shots]]\nwords = "{word}"\n' for word in "abcde")
PRICES = """
shoot_credits = 4
film_credits = 10
[[price]]
product = "avatar"
currency = "CNY"
amount = 990
credits = 8
"""
EACH_APART = 'expressions = [["soft_smile"], ["smile"], ["neutral"]]\n'
BASES = f'[mini]\nlooks = ["plain"]\n{EACH_APART}'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "previews").mkdir()
    (tmp_path / "templates/blue.toml").write_text(GOOD, "utf-8")
    (tmp_path / "previews/blue.jpg").write_bytes(b"jpeg")
    (tmp_path / "prices.toml").write_text(PRICES)
    (tmp_path / "bases.toml").write_text(BASES)
    return tmp_path


def test_a_right_folder_is_read(folder):
    catalog = Catalog.load(folder)
    [blue] = catalog.templates

    assert (blue.id, blue.names["ko"], blue.seeds) == ("blue", "파랑", (1, 2, 3, 4))
    assert catalog.preview("blue") == b"jpeg"
    assert catalog.price(Product.AVATAR, Currency.CNY).amount == 990
    assert catalog.offered("mini", WOMAN) == ((blue,), ())


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('group = "id"', 'group = "cats"', "group"),
        ("order = 1", 'order = "1"', "order"),
        ('"woman", "man"', '"cat"', "subjects"),
        ('"woman", "man"', "", "subjects"),
        ('["plain"]', "[]", "look"),
        ("{subject}", "a woman", "prompt lacks"),
        ("photo of", "photo of {age}", "other braces"),
        ("width = 512", "width = 513", "width"),
        ("height = 640", "height = 4096", "height"),
        ("[1, 2, 3, 4]", "[1, 2, 3, 3]", "seeds"),
        ("[1, 2, 3, 4]", "[1, 2, 3]", "seeds"),
        ('fr = "Bleu"', "", "needs exactly"),
        ('ko = "파랑"', 'ko = ""', "ko is empty"),
        ('en = "Blue"', 'en = "Very blue indeed, bluer than you think"', "en is empty, padded"),
        ("negative", "negativ", "does not know negativ"),
        ("width", 'framing = "knees"\nwidth', "framing"),
        ("[name]", '[[shots]]\nframing = "knees"\n[name]', "shots.0.framing"),
        ("[name]", '[[shots]]\nwords = ""\n[name]', "shots.0.words"),
        ("[name]", "[[shots]]\n[[shots]]\n[name]", "shots are not all different"),
        ("[name]", FIVE_SHOTS + "[name]", "shots are more than the 4 portraits"),
        ("width", 'expressions = ["wink"]\nwidth', "expressions is no list of different words"),
        ("width", "expressions = []\nwidth", "expressions is no list of different words"),
        ("width", 'expressions = ["neutral"]\nwidth', "lacks the style's own soft_smile"),
        ("[name]", "[name", "blue.toml:"),
    ],
)
def test_each_mistake_in_a_template_is_named(folder, old, new, what):
    assert old in GOOD
    (folder / "templates/blue.toml").write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(CatalogError, match=what):
        Catalog.load(folder)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("shoot_credits = 4", "shoot_credits = 0", "shoot_credits"),
        ("shoot_credits = 4", "shoot_credits = 4\nreferral_credits = -1", "referral_credits"),
        ("film_credits = 10", "film_credits = 10\ntogether_credits = 0", "together_credits"),
        ("amount = 990", "amount = 9.9", "amount"),
        ("amount = 990", "amount = 0", "amount"),
        ('"CNY"', '"credits"', "no money"),
        ('"CNY"', '"EUR"', "EUR"),
        ('"avatar"', '"credits"', "avatar has no price"),
        ("[[price]]", PRICES[PRICES.index("[[price]]") :] + "[[price]]", "twice"),
    ],
)
def test_each_mistake_in_the_prices_is_named(folder, old, new, what):
    (folder / "prices.toml").write_text(PRICES.replace(old, new))
    with pytest.raises(CatalogError, match=what):
        Catalog.load(folder)


@pytest.mark.parametrize(
    "told",
    [
        "",
        'expressions = [["soft_smile", "smile"]]',
        'expressions = [["soft_smile"], ["smile"], ["neutral", "smile"]]',
        'expressions = [["soft_smile"], ["smile"], ["neutral"], ["wink"]]',
        'expressions = [["soft_smile"], ["smile"], [], ["neutral"]]',
    ],
)
def test_a_base_says_of_each_expression_whether_it_is_a_word_of_its_own(folder, told):
    (folder / "bases.toml").write_text(f'[mini]\nlooks = ["plain"]\n{told}\n')
    with pytest.raises(CatalogError, match=r"bases.toml: .*expressions"):
        Catalog.load(folder)


def test_another_expression_is_one_that_the_base_paints_otherwise_and_the_style_allows():
    def round_from(catalog, base, shown):
        seen = []
        while (shown := catalog.other_expression(base, "one", shown)) not in seen:
            seen.append(shown)
        return seen

    def selling(**more):
        three = (("soft_smile",), ("smile",), ("neutral",))
        bases = {"able": three, "mini": (("soft_smile", "smile"), ("neutral",))}
        return Catalog((replace(template("one"), **more),), (), 4, {}, expressions=bases)

    usual = selling()
    assert round_from(usual, "able", "") == ["smile", "neutral", "soft_smile"]
    assert round_from(usual, "able", "wink") == ["soft_smile", "smile", "neutral"]
    assert round_from(usual, "mini", "") == ["neutral", "soft_smile"]
    assert round_from(usual, "mini", "smile") == ["neutral", "soft_smile"]
    strict = selling(expression="neutral", expressions=("neutral",))
    for base in ("able", "mini"):
        assert strict.other_expression(base, "one", "") == ""
        assert strict.other_expression(base, "one", "smile") == "neutral"
    assert usual.other_expression("unknown", "one", "") == ""
    assert usual.other_expression("able", "of former times", "") == ""


@pytest.mark.parametrize(("line", "price"), [("", 10), ("together_credits = 15", 15)])
def test_two_together_cost_as_one_unless_their_price_is_named(folder, line, price):
    (folder / "prices.toml").write_text(f"{line}\n{PRICES}")
    assert Catalog.load(folder).together_credits == price


@pytest.mark.parametrize(("line", "thanks"), [("", 4), ("referral_credits = 0", 0)])
def test_an_invitation_is_worth_a_shoot_unless_the_file_says_otherwise(folder, line, thanks):
    (folder / "prices.toml").write_text(f"{line}\n{PRICES}")
    assert Catalog.load(folder).referral_credits == thanks


def test_a_template_says_its_framing_and_how_its_portraits_differ(folder):
    told = GOOD.replace("width", 'framing = "head_and_shoulders"\nwidth')
    shots = '[[shots]]\n[[shots]]\nwords = "soft light"\nframing = "close_up"\n[name]'
    (folder / "templates/blue.toml").write_text(told.replace("[name]", shots), "utf-8")
    [blue] = Catalog.load(folder).templates
    assert blue.framing == "head_and_shoulders"
    assert blue.shots == (TemplateShot(), TemplateShot("soft light", "close_up"))


def test_all_mistakes_are_named_at_once(folder):
    (folder / "templates/blue.toml").write_text(GOOD.replace("512", "5"), "utf-8")
    (folder / "previews/blue.jpg").unlink()
    (folder / "bases.toml").unlink()
    with pytest.raises(CatalogError) as error:
        Catalog.load(folder)
    text = str(error.value)
    assert all(word in text for word in ("width", "previews/blue.jpg", "bases.toml"))


def test_an_empty_folder_is_a_mistake(tmp_path):
    with pytest.raises(CatalogError, match="templates"):
        Catalog.load(tmp_path)


def test_what_a_base_can_show_is_told_apart():
    shown, not_shown = CATALOG.offered("mini", WOMAN)
    assert [one.id for one in shown] == ["blue", "noir"]
    assert [one.id for one in not_shown] == ["hanfu"]
    assert CATALOG.offered("sdxl", WOMAN)[1] == ()
    assert CATALOG.offered("unknown", WOMAN)[0] == ()
    with pytest.raises(TemplateNotShown):
        CATALOG.showable("mini", "hanfu")
    with pytest.raises(NotFound):
        CATALOG.template("unknown")


def test_templates_suit_their_subjects():
    gown = template("gown", subjects=[WOMAN])
    catalog = Catalog((gown,), (), 4, {"mini": frozenset({"plain"})})
    assert catalog.offered("mini", MAN) == ((), ())
    assert catalog.first("mini", WOMAN) == gown
    with pytest.raises(TemplateNotShown):
        catalog.first("mini", MAN)


def test_a_preview_that_vanished_is_not_found(folder):
    catalog = Catalog.load(folder)
    shutil.rmtree(folder / "previews")
    with pytest.raises(NotFound):
        catalog.preview("blue")


class TestOurs:
    """The catalogue that we ship."""

    catalog = Catalog.load(FOLDER)

    def test_it_holds_twelve_styles_for_women_and_for_men(self):
        for subject in (WOMAN, MAN):
            assert sum(subject in one.subjects for one in self.catalog.templates) >= 12

    def test_the_small_base_shows_some_to_everybody(self):
        for subject in Subject:
            shown, _ = self.catalog.offered("mini", subject)
            assert len(shown) >= 3

    def test_no_style_promises_a_photo_for_papers(self):
        """The terms say that portraits are none (``terms`` in ``locales/*/agree.ftl``)."""
        for word in ("ID photo", "蓝底证件照", "Identité", "visa", "증명사진", "identity"):
            assert PAPERS.search(word)
        for one in self.catalog.templates:
            for said in (*one.names.values(), *one.blurbs.values()):
                claimed = said
                for told in NOT_FOR_PAPERS.values():
                    claimed = claimed.replace(told, "")
                assert not PAPERS.search(claimed), f"{one.id}: {said}"

    def test_a_look_like_that_of_papers_says_that_it_is_none(self):
        """A plain backdrop from the front: a painted picture with a label is for a profile."""
        looks_like_it = [one for one in self.catalog.templates if one.group == "id"]
        assert len(looks_like_it) == 3
        for one in looks_like_it:
            for language in LANGUAGES:
                assert NOT_FOR_PAPERS[language] in one.blurbs[language], one.id

    def test_names_differ_within_a_language(self):
        for language in LANGUAGES:
            names = [one.names[language] for one in self.catalog.templates]
            assert len(set(names)) == len(names)

    def test_every_base_knows_a_look_and_every_look_is_known(self):
        mini = self.catalog.bases["mini"]
        needed = {look for one in self.catalog.templates for look in one.look}
        assert mini & needed == mini

    def test_miaoyas_price(self):
        price = self.catalog.price(Product.AVATAR, Currency.CNY)
        assert price.amount == 990
        assert price.credits >= self.catalog.shoot_credits


class TestOwnPricesInStars:
    """What the settings say replaces what the file says of Stars, and of nothing else."""

    def stars(self, catalog):
        avatar = catalog.price(Product.AVATAR, Currency.XTR)
        return avatar.amount, [one.amount for one in catalog.packs(Currency.XTR)]

    def test_they_replace_the_files(self):
        catalog = Catalog.load()
        repriced = catalog.repriced(199, 50)
        assert self.stars(repriced) == (199, [50, *self.stars(catalog)[1][1:]])
        granted = [price.credits for price in catalog.prices]
        assert [price.credits for price in repriced.prices] == granted

    def test_other_money_keeps_its_price(self):
        catalog = Catalog.load()
        repriced = catalog.repriced(199, 50)
        yuan = [price for price in catalog.prices if price.currency is Currency.CNY]
        assert [price for price in repriced.prices if price.currency is Currency.CNY] == yuan

    def test_none_keeps_the_files(self):
        catalog = Catalog.load()
        assert catalog.repriced(0, 0) == catalog
        assert self.stars(catalog.repriced(0, 50))[0] == self.stars(catalog)[0]
        assert self.stars(catalog.repriced(199, 0))[1] == self.stars(catalog)[1]


def test_the_moving_samples_show_the_motions_in_the_shops_order() -> None:
    """Each under the letter that its button bears: made anew where a motion comes or goes."""
    catalog = Catalog.load()
    sampler = catalog.motion_sampler()
    assert sampler.motions == tuple(catalog.motions)
    assert (sampler.data[4:8], sampler.poster[:2]) == (b"ftyp", b"\xff\xd8")
    assert sampler.data.index(b"moov") < sampler.data.index(b"mdat")
    assert len(sampler.data) < 2 * 2**20
    with pytest.raises(NotFound):
        Catalog((), (), 4, {}).motion_sampler()
