"""Clips by video bases in the shop: what is sold, the kind of job, what a failed one costs."""

import shutil
from dataclasses import replace

import pytest

from pipeline.engine.video import Camera
from pipeline.models import video_recipe
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.catalog import FOLDER, Catalog, CatalogError
from shop.catalog.video_file import CAMERAS
from shop.clips import filming
from shop.clips.filming import EMBEDDED, FILM, VIDEO
from shop.job_kinds import JOB_KINDS
from shop.jobs.dispatch import LeasedJobs, WorkerSpec, lease_next
from shop.jobs.scheduler import QueuedJob, SchedulingRules, WorkerState, choose
from shop.records import JobId
from tests.shop.test_scheduler import NOON, second

CATALOG = Catalog.load()


def test_the_catalogue_knows_what_the_recipes_can_do():
    """Two rooms that may not import each other say the same."""
    assert set(CATALOG.video_bases) == set(video_recipe.names())
    for name, entry in CATALOG.video_bases.items():
        recipe = video_recipe.load(name, allow_noncommercial=True)
        assert entry.words == bool(recipe.text_pipeline)
        assert entry.commercial == recipe.licence.commercial
        assert dict(entry.effects) == {one: effect.faces for one, effect in recipe.effects.items()}
        assert entry.seconds <= recipe.sampling.max_seconds
        assert all(
            one.motion.seconds <= recipe.sampling.max_seconds for one in CATALOG.motions.values()
        )
    assert set(CAMERAS) == {one.value for one in Camera}


def test_every_motion_of_the_shop_has_words_for_a_video_base():
    assert set(CATALOG.video_words) == set(CATALOG.motions)


def test_effects_are_offered_for_as_many_people_as_they_need():
    base = "wan22-ti2v-5b"
    ids = {faces: [one.id for one in CATALOG.video_motions(base, faces)] for faces in range(4)}
    assert "hug" in ids[2]
    assert "hug" not in ids[1] + ids[3]
    assert "wave" in ids[1]
    assert "smile" in ids[3]
    assert "smile" not in ids[0]
    assert "push-in" in ids[0]
    assert CATALOG.video_motions("", 1) == ()


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("[motions.smile]", "[motions.grin]", "video.toml: motions.grin: there is no such motion"),
        ("hug = 2", "nod = 2", "video.toml: bases.ltx-2: nod is a motion's name"),
        ('camera = "orbit"', 'camera = "crane"', "video.toml: motions.orbit.camera"),
        ("[effects.hug.name]", "[effects.hugs.name]", "video.toml: effects.hug: lacks a name"),
        ('ko = "포옹"', 'ja = "抱擁"', "video.toml: effects.hug.name"),
        ("seconds = 5.0", "seconds = 0.5", "video.toml: bases.wan22-ti2v-5b.seconds"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path, old, new, wrong):
    folder = shutil.copytree(FOLDER, tmp_path / "catalog")
    text = (folder / "video.toml").read_text("utf-8")
    assert old in text
    (folder / "video.toml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(CatalogError) as error:
        Catalog.load(folder)
    assert wrong in str(error.value)


def test_a_shop_may_know_no_video_base_and_then_needs_no_price(tmp_path):
    folder = shutil.copytree(FOLDER, tmp_path / "catalog")
    prices = (folder / "prices.toml").read_text("utf-8")
    kept = [line for line in prices.splitlines() if not line.startswith("video_credits")]
    (folder / "prices.toml").write_text("\n".join(kept), "utf-8")
    with pytest.raises(CatalogError, match=r"prices.toml: lacks video_credits"):
        Catalog.load(folder)
    (folder / "video.toml").unlink()
    assert Catalog.load(folder).video_bases == {}


def test_a_video_base_makes_clips_in_the_background_and_the_animator_does_not():
    assert filming.kind_of(EMBEDDED) is FILM
    assert filming.kind_of("wan22-ti2v-5b") is VIDEO
    assert VIDEO.price(CATALOG) == CATALOG.video_credits > FILM.price(CATALOG)


STUDIO = WorkerState("me", frozenset({TRAIN, PAINT, FILM, VIDEO}))


def queued(number: int, kind, age: float, base: str = "") -> QueuedJob:
    return QueuedJob(JobId(f"{number:02}"), kind, second(-age), base)


def test_animations_and_portraits_go_before_generated_clips():
    queue = [queued(1, VIDEO, 60, "wan"), queued(2, PAINT, 1, "mini"), queued(3, FILM, 1)]
    rules, taken, worker = SchedulingRules(), [], STUDIO
    while chosen := choose(worker, [one for one in queue if one not in taken], [], rules, NOON):
        taken += chosen
        worker = replace(worker, busy=worker.busy | {chosen[0].kind})
    assert {one.kind for one in taken[:2]} == {PAINT, FILM}
    assert all(one.kind is not VIDEO for one in taken[:2])


def test_a_worker_does_one_background_job_and_leaves_the_other_to_others():
    trains = replace(STUDIO, busy=frozenset({TRAIN}), background_base="mini")
    assert choose(trains, [queued(1, VIDEO, 600, "wan")], [], SchedulingRules(), NOON) == ()
    generates = replace(STUDIO, busy=frozenset({VIDEO}))
    assert choose(generates, [queued(1, TRAIN, 600, "mini")], [], SchedulingRules(), NOON) == ()
    assert choose(STUDIO, [queued(1, VIDEO, 600, "wan")], [], SchedulingRules(), NOON)


async def test_portraits_of_any_base_pass_a_generated_clip_but_not_a_training(shop):
    """A training keeps its base on the device; a video base gives way."""
    await shop.ready()  # a shoot that waits to be painted
    spec = WorkerSpec("w", frozenset({TRAIN, PAINT, VIDEO}), 30, SchedulingRules())
    for kind, passes in ((TRAIN, False), (VIDEO, True)):
        busy = [LeasedJobs(kind, (), "another-base", False)]
        offer = await lease_next(shop.tx, JOB_KINDS, spec, busy, shop.now)
        assert bool(offer.leased) == passes, kind.name
