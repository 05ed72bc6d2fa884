"""Grades: what a designer may write, what is refused and how it is said, and which base uses it."""

import tomllib

import pytest

from shop.catalog import FOLDER, Catalog, CatalogError
from shop.catalog.grade_file import GradeFile
from tests.shop.test_catalog import EACH_APART, GOOD, PRICES

WARM = """
skin = -0.1
balance = [1.2, 1.0, 0.7]
saturation = 0.9
curve = [[-10.0, -4.0], [0.0, 0.0], [2.4, 2.2]]
background = "#C48A4F"
grain = 0.06
grain_size = 3.0
"""
BASES = f"""
[mini]
looks = ["plain", "blue"]
finished = ["plain"]
{EACH_APART}[sdxl]
looks = ["*"]
{EACH_APART}"""
USED = 'grade = "warm"\ngraded_prompt = "closeup of {subject}"\n'


@pytest.fixture
def folder(tmp_path):
    for room in ("templates", "previews", "grades"):
        (tmp_path / room).mkdir()
    (tmp_path / "previews/blue.jpg").write_bytes(b"jpeg")
    (tmp_path / "prices.toml").write_text(PRICES)
    (tmp_path / "bases.toml").write_text(BASES)
    (tmp_path / "templates/blue.toml").write_text(USED + GOOD, "utf-8")
    (tmp_path / "grades/warm.toml").write_text(WARM)
    return tmp_path


def test_a_base_that_cannot_paint_a_look_paints_plain_and_has_it_finished(folder):
    catalog = Catalog.load(folder)
    here = catalog.painted("mini", "blue")

    assert here.prompt == "closeup of {subject}"
    assert here.grade == GradeFile(
        skin=-0.1, balance=(1.2, 1.0, 0.7), saturation=0.9,
        curve=((-10.0, -4.0), (0.0, 0.0), (2.4, 2.2)), background="#c48a4f", grain=0.06,
        grain_size=3.0,
    ).grade()  # fmt: skip
    assert (here.grade.side, here.grade.shadows) == (0.0, (1.0, 1.0, 1.0)), "changes nothing"


def test_any_other_base_paints_the_look_in_words_and_is_not_graded_on_top(folder):
    there = Catalog.load(folder).painted("sdxl", "blue")
    assert (there.prompt, there.grade) == ("photo of {subject}", None)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("skin = -0.1\n", "", "warm.toml: lacks skin"),
        ("skin = -0.1", "skin = 0.9", "warm.toml: skin: .* 0.5, not 0.9"),
        ("skin = -0.1", 'skin = "dark"', "warm.toml: skin: "),
        ("[1.2, 1.0, 0.7]", "[1.2, 1.0]", "warm.toml: lacks balance.2"),
        ("[1.2, 1.0, 0.7]", "[1.2, 1.0, 0.0]", "warm.toml: balance.2: .* 0.2, not 0.0"),
        ("saturation = 0.9", "saturation = -1.0", "warm.toml: saturation: "),
        ("saturation", "saturated", "warm.toml: does not know saturated"),
        ("[[-10.0, -4.0], [0.0, 0.0], [2.4, 2.2]]", "[[0.0, 0.0], [1.0, 1.0]]", "fewer than 3"),
        ("[0.0, 0.0]", "[-11.0, 0.0]", "curve goes back"),
        ("[0.0, 0.0]", "[0.0, -5.0]", "curve falls"),
        ("[2.4, 2.2]", "[2.4, 3.0]", "curve ends above white"),
        ('"#C48A4F"', '"brown"', "background is no colour"),
        ("grain_size = 3.0\n", "", "grain and grain_size belong together"),
        ("grain = 0.06\n", "", "grain and grain_size belong together"),
        ("skin", "skin [", "warm.toml: "),
    ],
)
def test_each_mistake_in_a_grade_is_named(folder, old, new, what):
    assert old in WARM
    (folder / "grades/warm.toml").write_text(WARM.replace(old, new, 1))
    with pytest.raises(CatalogError, match=what) as caught:
        Catalog.load(folder)
    assert "blue.toml" not in str(caught.value), "the template is blamed for its grade"


@pytest.mark.parametrize(
    ("used", "what"),
    [
        (USED.replace("warm", "cold"), "grade is none of grades/: warm"),
        (USED.replace('"warm"', "7"), "grade is none of grades/: warm"),
        ('grade = "warm"\n', "graded_prompt is missing"),
        ('graded_prompt = "closeup of {subject}"\n', "graded_prompt without grade"),
        (USED.replace("{subject}", "her"), "graded_prompt lacks {subject}"),
    ],
)
def test_a_template_has_both_the_grade_and_its_prompt_or_neither(folder, used, what):
    (folder / "templates/blue.toml").write_text(used + GOOD, "utf-8")
    with pytest.raises(CatalogError, match=what):
        Catalog.load(folder)


@pytest.mark.parametrize(
    ("finished", "what"),
    [
        ('["blue"]', "mini.finished: 'blue': no grade shows"),
        ('["sepia"]', "mini.finished: 'sepia': is none of its looks"),
    ],
)
def test_a_base_finishes_only_what_it_sells_and_a_grade_shows(folder, finished, what):
    (folder / "bases.toml").write_text(BASES.replace('["plain"]', finished))
    with pytest.raises(CatalogError, match=what):
        Catalog.load(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('finished = ["plain"]', "finished = []"),
        ('looks = ["plain", "blue"]', 'looks = ["blue"]'),
        ('finished = ["plain"]', 'finished = ["blue"]'),
    ],
    ids=["nothing is finished", "the base does not show it", "another look is finished"],
)
def test_a_grade_that_no_base_would_use_is_a_mistake(folder, old, new):
    text = BASES.replace(old, new)
    assert text != BASES
    (folder / "bases.toml").write_text(text)
    with pytest.raises(CatalogError, match=r"blue.toml: grade: is never used"):
        Catalog.load(folder)


def test_one_base_of_those_that_a_template_names_must_use_its_grade(folder):
    (folder / "templates/blue.toml").write_text('bases = ["sdxl"]\n' + USED + GOOD, "utf-8")
    with pytest.raises(CatalogError, match=r"blue.toml: grade: is never used"):
        Catalog.load(folder)


def test_a_look_that_a_base_only_finishes_is_not_sold_there_without_a_grade(folder):
    """It would be painted by words that the base does not paint."""
    (folder / "previews/bare.jpg").write_bytes(b"jpeg")
    (folder / "templates/bare.toml").write_text(GOOD, "utf-8")
    with pytest.raises(CatalogError, match=r"^bare.toml: lacks grade: mini has plain by finish"):
        Catalog.load(folder)
    (folder / "templates/bare.toml").write_text('bases = ["sdxl"]\n' + GOOD, "utf-8")
    assert Catalog.load(folder).painted("sdxl", "bare").grade is None


def test_the_designers_page_knows_every_key_of_a_grade():
    page = (FOLDER.parents[1] / "docs/templates.md").read_text("utf-8").partition("## Grades")[2]
    assert [key for key in GradeFile.model_fields if f"`{key}" not in page] == []


def test_every_grade_that_we_have_is_used():
    read = {
        GradeFile.model_validate(tomllib.loads(path.read_text("utf-8"))).grade(): path.name
        for path in (FOLDER / "grades").glob("*.toml")
    }
    assert {one.grade for one in Catalog.load().templates} - {None} == set(read)
