"""The trainings of the base: architecture, batches, and resuming after a kill."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline

from pipeline.families.latents import unpack
from pipeline.mini import (
    align,
    autoencoder,
    batches,
    checkpoint,
    dataset,
    denoiser,
    latents,
    sharpen,
)
from pipeline.mini.architecture import MiniBase, pack
from pipeline.mini.denoiser_run import DenoiserRun
from pipeline.mini.muon import orthogonalize

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def test_an_orthogonal_step_has_singular_values_near_one() -> None:
    values = torch.linalg.svdvals(orthogonalize(torch.randn(24, 64)).float())
    assert values.min() > 0.4
    assert values.max() < 1.4


def test_packing_is_the_pipelines_own() -> None:
    latents = torch.randn(2, 32, 16, 16)
    assert torch.equal(pack(latents), FluxPipeline._pack_latents(latents, 2, 32, 16, 16))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A bank of 12 noisy pictures and their latents, made without any photo."""
    rng = np.random.default_rng(3)
    small = rng.integers(0, 255, (12, 8, 8, 3), dtype=np.uint8)
    np.save(tmp_path / "images.npy", np.repeat(np.repeat(small, 32, axis=1), 32, axis=2))
    lines = [
        {"person": f"p{i % 4}", "photo": "", "held_out": i > 9, "words": ["woman", "golden"]}
        for i in range(12)
    ]
    (tmp_path / "variants.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "latents").mkdir()
    torch.save(torch.randn(10, 64, 128).half(), tmp_path / "latents" / "00.pt")
    torch.save(torch.randn(2, 64, 128).half(), tmp_path / "latents" / f"{latents.HELD_OUT}.pt")
    return tmp_path


WIDTHS = (8, 16, 32, 32, 32)


class Killed(Exception):
    pass


def resumed(train: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch, module: Any) -> Any:
    """Train to step 3, killed in step 3 after a checkpoint of step 2, then go on."""
    real, calls = module.data_parallel.average_gradients, iter(range(100))

    def dying(model: torch.nn.Module) -> None:
        if next(calls) == 2:
            raise Killed
        real(model)

    monkeypatch.setattr(module.data_parallel, "average_gradients", dying)
    with pytest.raises(Killed):
        train(3)
    monkeypatch.setattr(module.data_parallel, "average_gradients", real)
    return train(3)


def equal(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    other_weights = other.state_dict()
    return all(torch.equal(w, other_weights[name]) for name, w in one.state_dict().items())


def test_a_killed_denoiser_goes_on_as_if_nothing_had_happened(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(steps: int) -> MiniBase:
        run = DenoiserRun(steps=steps, batch=2, save_every=1, compiled=False, parts=1)
        return denoiser.train_denoiser(work, run)

    whole = train(3)
    (work / "denoiser.pt").unlink()
    assert equal(whole, resumed(train, monkeypatch, denoiser))


def test_a_killed_autoencoder_goes_on_as_if_nothing_had_happened(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(steps: int) -> Any:
        run = autoencoder.AutoencoderRun(
            steps=steps, batch=2, crop=32, widths=WIDTHS, save_every=1, downsampled=0
        )
        return autoencoder.train_autoencoder(work, run)

    whole = train(3)
    (work / "autoencoder.pt").unlink()
    assert equal(whole, resumed(train, monkeypatch, autoencoder))


def test_a_killed_sharpening_goes_on_as_if_nothing_had_happened(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = autoencoder.AutoencoderRun(steps=1, batch=2, crop=32, save_every=1, downsampled=0)
    autoencoder.train_autoencoder(work, few)

    def train(steps: int) -> Any:
        return sharpen.sharpen(
            work, sharpen.SharpenRun(steps=steps, batch=2, critic_steps=1, save_every=1)
        )

    whole = train(3)
    (work / "sharpened.pt").unlink()
    assert equal(whole, resumed(train, monkeypatch, sharpen))


def test_captions_tell_every_look_and_forget_some_of_the_rest() -> None:
    variant = dataset.Variant("p", "", False, ("young", "woman", "golden"))
    run, rng = DenoiserRun(), np.random.default_rng(0)
    said = [batches.caption(variant, "id001", run, rng) for _ in range(400)]
    spoken = [words_said for words_said in said if words_said]
    assert 0.05 < 1 - len(spoken) / 400 < 0.16
    assert all("golden" in words_said for words_said in spoken)
    assert 0.4 < sum("id001" in words_said for words_said in spoken) / len(spoken) < 0.6


def test_the_loss_looks_at_eyes_and_mouth_where_the_framing_puts_them() -> None:
    plain, weights = (batches.feature_weights(align.CLOSE_UP, features) for features in (1.0, 3.0))
    assert torch.equal(plain, torch.ones_like(plain))
    assert weights.mean().item() == pytest.approx(1, abs=1e-5)
    cells = unpack(weights[None], 16, 16)[0]
    assert torch.equal(cells, cells[:1].expand_as(cells)), "channels are looked at alike"
    best = cells[0].flatten().topk(8).indices.tolist()
    places = {(cell // 16, cell % 16) for cell in best}
    assert {(6, 5), (6, 10)} <= places, "the eyes: 0.43 down, 0.16 aside"
    assert (11, 7) in places or (12, 7) in places, "the mouth"


def test_closeups_get_their_share_of_a_batch() -> None:
    """A quarter of this bank, six tenths of what is learned from."""
    said: list[tuple[str, ...]] = [("closeup",), (), (), ()]
    variants = [dataset.Variant("p", "", False, said[n % 4]) for n in range(12)]
    square = latents.Latents(torch.zeros(12, 64, 128), variants)
    run = DenoiserRun(batch=10, closeups=0.6)
    made = batches.BatchMaker([square], run)(3, batches.Draws([variants], run)[3])
    far = batches.feature_weights(align.PORTRAIT, 3.0)
    assert [torch.equal(weight, far) for weight in made.weight] == [False] * 6 + [True] * 4


def test_every_third_step_learns_from_wide_pictures_where_there_are_any() -> None:
    """As many tokens a batch, and the loss looks at the eyes where the wide framing has them."""
    square = [dataset.Variant("p", "", False, ("closeup",))] * 4
    wide = [dataset.Variant("q", "", False, ())] * 5
    run = DenoiserRun(batch=8, wide_every=3, wide_batch=0.5)
    draws = batches.Draws([square, wide], run)
    assert [draws[step].canvas for step in range(6)] == [0, 0, 1, 0, 0, 1]
    known = [
        latents.Latents(torch.zeros(4, 64, 128), square),
        latents.Latents(torch.zeros(5, 144, 128), wide),
    ]
    made = batches.BatchMaker(known, run)(2, draws[2])
    assert made.clean.shape == made.noise.shape == made.weight.shape == (4, 144, 128)
    assert denoiser.flow_loss(MiniBase(), made).isfinite()
    cells = unpack(made.weight[:1], 24, 24)[0, 0]
    best = {(cell // 24, cell % 24) for cell in cells.flatten().topk(8).indices.tolist()}
    assert {(10, 9), (10, 14)} <= best, "the eyes: 0.43 down, 0.107 aside"
    alone = batches.Draws([square], run)
    assert {alone[step].canvas for step in range(6)} == {0}


def test_the_best_weights_on_held_out_pictures_are_kept(work: Path) -> None:
    run = DenoiserRun(steps=2, batch=2, save_every=1, compiled=False, parts=1)
    denoiser.train_denoiser(work, run)
    best = checkpoint.load(work / denoiser.BEST)
    assert best is not None
    judge = denoiser.HeldOut(work, run)
    assert judge.loss(best["average"], "cpu") == pytest.approx(best["held_out"])
    last = checkpoint.load(work / denoiser.LAST)
    assert last is not None
    assert best["held_out"] <= judge.loss(last["average"], "cpu")
