"""Both trainers of a network are told the same, and its bound is counted on what they are given."""

import dataclasses
import json

import pytest
import torch

from benchmarks import klein, recipes, zimage
from benchmarks.klein import KLEIN
from benchmarks.training import case
from benchmarks.training.timing import RunTimes
from benchmarks.zimage import Z_IMAGE
from pipeline.models import recipe


def test_z_image_is_the_same_task_for_both_trainers(tmp_path):
    small = dataclasses.replace(Z_IMAGE.cpu, divisor=30, resolution=64)
    wanted = case.recipe_of(Z_IMAGE, small)
    recipes.write(wanted, tmp_path)
    assert recipe.load("z-image-30", tmp_path) == wanted
    base = Z_IMAGE.write(tmp_path / "base", small.divisor, torch.float32)
    scheduler = json.loads((base / "scheduler" / "scheduler_config.json").read_text())
    assert scheduler["shift"] == wanted.train.time_shift
    assert f"--lora_alpha={wanted.train.alpha:.0f}" in Z_IMAGE.flags(small)
    caption = case.CAPTION.format(subject=wanted.subject_words(case.SUBJECT, known=True))
    words = type(zimage.tokenizer()).from_pretrained(base / "tokenizer")
    said = words.apply_chat_template([{"role": "user", "content": caption}], tokenize=False)
    assert zimage.TOKENS - 32 < len(words(said).input_ids) <= zimage.TOKENS
    one, two = Z_IMAGE.count(small), Z_IMAGE.count(dataclasses.replace(small, batch=2))
    assert two.denoiser == pytest.approx(2 * one.denoiser)
    assert two.vae == pytest.approx(2 * one.vae)


def test_flux2_klein_is_the_same_task_for_both_trainers(tmp_path):
    small = dataclasses.replace(KLEIN.cpu, divisor=24, resolution=64)
    wanted = case.recipe_of(KLEIN, small)
    recipes.write(wanted, tmp_path)
    assert recipe.load("flux2-klein-24", tmp_path) == wanted
    base = KLEIN.write(tmp_path / "base", small.divisor, torch.float32)
    scheduler = json.loads((base / "scheduler" / "scheduler_config.json").read_text())
    assert scheduler["shift"] == wanted.train.time_shift
    assert wanted.paint.max_prompt_tokens == klein.TOKENS
    assert f"--lora_alpha={wanted.train.alpha:.0f}" in KLEIN.flags(small)
    one, two = KLEIN.count(small), KLEIN.count(dataclasses.replace(small, batch=2))
    assert two.denoiser == pytest.approx(2 * one.denoiser)
    assert two.vae == pytest.approx(2 * one.vae)


def test_the_full_size_of_flux2_klein_has_its_four_billion_weights():
    with torch.device("meta"):
        weights = sum(each.numel() for each in klein.transformer(1).parameters())
    assert weights == pytest.approx(3.9e9, rel=0.02)


def test_a_step_is_timed_after_the_warm_up():
    slow_start = [float(end) for end in (100, 200, 300, 400, 500, 501, 502, 503, 504, 505, 506)]
    assert RunTimes(steps=slow_start).step == 1
    assert RunTimes(steps=slow_start[:3]).step == 100
