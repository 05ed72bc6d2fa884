"""The benchmarks' own logic: what they write is what the product reads, what they time is right."""

import dataclasses

import pytest

from benchmarks import pages, recipes
from pipeline.models import recipe


@pytest.mark.parametrize("name", ["mini", "sdxl", "z-image", "flux2-klein"])
def test_a_recipe_that_a_benchmark_writes_is_read_back_the_same(name, tmp_path):
    wanted = recipes.changed(name, "other", train={"steps": 7, "batch": 3}, paint={"steps": 5})
    recipes.write(wanted, tmp_path)
    assert recipe.load("other", tmp_path) == wanted
    assert dataclasses.replace(wanted, name=name).hash != recipe.load(name).hash


def test_notes_below_a_table_outlive_the_next_run(tmp_path):
    page = tmp_path / "page.md"
    pages.write(page, "# One\n\nold\n")
    page.write_text(page.read_text() + "\n## Notes\n- by hand\n")
    pages.write(page, "# One\n\nnew\n")
    assert page.read_text() == "# One\n\nnew\n\n## Notes\n- by hand\n"
