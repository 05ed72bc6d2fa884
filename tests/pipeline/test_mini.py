"""The house base: what ships, and the room that makes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline
from PIL import Image

from pipeline.families.latents import unpacked
from pipeline.mini import align, autoencoder, bank, denoiser, sharpen, words
from pipeline.mini.__main__ import read_arguments
from pipeline.mini.looks import LOOKS
from pipeline.mini.muon import orthogonal
from pipeline.mini.shape import MiniBase, pack

pytestmark = pytest.mark.slow  # torch, and training or painting with it

CHECKOUT = Path(__file__).resolve().parents[2]
BASE = CHECKOUT / "pipeline" / "bases" / "mini"
CUSTOMER = CHECKOUT / "deploy" / "demo" / "customer"

needs_base = pytest.mark.skipif(not BASE.is_dir(), reason="the base is not in this checkout")


@pytest.fixture(scope="module")
def pipe() -> FluxPipeline:
    pipe = FluxPipeline.from_pretrained(BASE, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def heard(text: str) -> list[str]:
    tokenizer = words.build_tokenizer()
    kept = tokenizer(text, truncation=True, max_length=words.MAX_TOKENS).input_ids
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


def test_every_look_is_a_word_and_changes_the_picture() -> None:
    rng = np.random.default_rng(0)
    image = rng.random((32, 32, 3), dtype=np.float32)
    mask = np.zeros((32, 32), np.float32)
    mask[8:24, 8:24] = 1
    for name, look in LOOKS.items():
        assert name in words.VOCABULARY
        made = look(image, mask, np.random.default_rng(1))
        assert made.shape == image.shape
        assert np.isfinite(made).all()
        assert np.abs(made - image).mean() > 0.01


def test_a_square_is_zoomed_rather_than_hung_over_the_border() -> None:
    face = align.AlignedFace(centre=(100, 40), scale=30, roll=0, yaw=0, grin=0.8)
    assert align.fitted(face, align.PORTRAIT, 200, 200) > align.PORTRAIT
    centred = align.AlignedFace(centre=(500, 500), scale=30, roll=0, yaw=0, grin=0.8)
    assert align.fitted(centred, align.PORTRAIT, 1000, 1000) == align.PORTRAIT


def test_the_eyes_land_where_the_framing_says() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    image[78:83, 118:123] = 255
    face = align.AlignedFace(centre=(120, 80), scale=20, roll=0, yaw=0, grin=0.8)
    made = align.cut(image, face, align.MiniFraming(eyes=0.25), 128)
    rows, columns = np.nonzero(made[..., 0] > 100)
    assert rows.mean() == pytest.approx(align.EYES_Y * 128, abs=2)
    assert columns.mean() == pytest.approx(64, abs=2)


def test_an_orthogonal_step_has_singular_values_near_one() -> None:
    values = torch.linalg.svdvals(orthogonal(torch.randn(24, 64)).float())
    assert values.min() > 0.4
    assert values.max() < 1.4


def test_packing_is_the_pipelines_own() -> None:
    latents = torch.randn(2, 32, 16, 16)
    assert torch.equal(pack(latents), FluxPipeline._pack_latents(latents, 2, 32, 16, 16))


def test_the_data_step_asks_for_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_arguments(["data"])
    assert "--people and --masks" in capsys.readouterr().err


@needs_base
def test_the_shipped_base_is_small_and_sealed() -> None:
    from pipeline.models import weights

    weights.check(BASE)
    assert sum(path.stat().st_size for path in BASE.rglob("*") if path.is_file()) < 32_000_000


@needs_base
def test_the_shipped_base_paints(pipe: FluxPipeline) -> None:
    painted = pipe(
        "portrait of a woman, blue background",
        negative_prompt="",
        true_cfg_scale=2.0,
        num_inference_steps=4,
        height=256,
        width=256,
        max_sequence_length=words.MAX_TOKENS,
        generator=torch.Generator().manual_seed(0),
        output_type="np",
    ).images[0]
    assert painted.shape == (256, 256, 3)
    assert np.isfinite(painted).all()
    assert painted.std() > 0.02


@needs_base
def test_the_shipped_tokenizer_is_the_one_that_the_room_builds(pipe: FluxPipeline) -> None:
    text = "Studio portrait of ohwx man, dark background, whatever else"
    built = words.build_tokenizer()
    assert pipe.tokenizer(text).input_ids == built(text).input_ids
    assert pipe.tokenizer_2(text).input_ids == built(text).input_ids


@needs_base
def test_a_face_survives_the_autoencoder(pipe: FluxPipeline) -> None:
    cuts = [cut for path in sorted(CUSTOMER.glob("*.jpg")) if (cut := _portrait(path)) is not None]
    if not cuts:
        pytest.skip("no sample customer in this checkout")
    pixels = autoencoder.as_pixels(np.stack(cuts[:8]))
    with torch.no_grad():
        back = pipe.vae.decode(pipe.vae.encode(pixels).latent).sample.clamp(-1, 1)
    error = (back - pixels).square().mean(dim=(1, 2, 3)) / 4
    assert (-10 * error.log10()).median() >= 28


def _portrait(path: Path) -> align.Image | None:
    image = np.asarray(Image.open(path).convert("RGB"))
    face = align.find_face(image)
    return None if face is None else align.cut(image, face, align.MiniFraming(), bank.PIXELS)


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
    return tmp_path


WIDTHS = (8, 16, 32, 32, 32)


class Killed(Exception):
    pass


def resumed(train: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch, module: Any) -> Any:
    """Train to step 3, killed in step 3 after a checkpoint of step 2, then go on."""
    real, calls = module.together.average_gradients, iter(range(100))

    def dying(model: torch.nn.Module) -> None:
        if next(calls) == 2:
            raise Killed
        real(model)

    monkeypatch.setattr(module.together, "average_gradients", dying)
    with pytest.raises(Killed):
        train(3)
    monkeypatch.setattr(module.together, "average_gradients", real)
    return train(3)


def equal(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    other_weights = other.state_dict()
    return all(torch.equal(w, other_weights[name]) for name, w in one.state_dict().items())


def test_a_killed_denoiser_goes_on_as_if_nothing_had_happened(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(steps: int) -> MiniBase:
        run = denoiser.DenoiserRun(steps=steps, batch=2, save_every=1, compiled=False, parts=1)
        return denoiser.train_denoiser(work, run)

    whole = train(3)
    (work / "denoiser.pt").unlink()
    assert equal(whole, resumed(train, monkeypatch, denoiser))


def test_a_killed_autoencoder_goes_on_as_if_nothing_had_happened(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(steps: int) -> Any:
        run = autoencoder.AutoencoderRun(
            steps=steps, batch=2, crop=32, widths=WIDTHS, save_every=1, averaged=0
        )
        return autoencoder.train_autoencoder(work, run)

    whole = train(3)
    (work / "autoencoder.pt").unlink()
    assert equal(whole, resumed(train, monkeypatch, autoencoder))


def test_a_killed_sharpening_goes_on_as_if_nothing_had_happened(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = autoencoder.AutoencoderRun(steps=1, batch=2, crop=32, save_every=1, averaged=0)
    autoencoder.train_autoencoder(work, few)

    def train(steps: int) -> Any:
        return sharpen.sharpen(
            work, sharpen.SharpenRun(steps=steps, batch=2, alone=1, save_every=1)
        )

    whole = train(3)
    (work / "sharpened.pt").unlink()
    assert equal(whole, resumed(train, monkeypatch, sharpen))


def test_a_stranger_keeps_the_middle_of_the_picture_and_differs() -> None:
    places = bank.another_face(np.random.default_rng(1))
    middle = np.arange(bank.PIXELS)
    assert places.shape == (bank.PIXELS, bank.PIXELS, 2)
    assert np.abs(places[:, 128, 0] - 128).max() < 2  # the line between the eyes stays
    assert np.abs(places[128, :, 0] - middle).max() > 1
    mirrored = 255 - places[:, ::-1, 0]
    assert np.abs(places[..., 0] - mirrored).max() < 1.5  # symmetric, as faces are


def test_captions_tell_every_look_and_forget_some_of_the_rest() -> None:
    variant = bank.Variant("p", "", False, ("young", "woman", "golden"))
    run, rng = denoiser.DenoiserRun(), np.random.default_rng(0)
    said = [denoiser.caption(variant, "id001", run, rng) for _ in range(400)]
    spoken = [words_said for words_said in said if words_said]
    assert 0.05 < 1 - len(spoken) / 400 < 0.16
    assert all("golden" in words_said for words_said in spoken)
    assert 0.4 < sum("id001" in words_said for words_said in spoken) / len(spoken) < 0.6


def test_the_loss_looks_at_eyes_and_mouth_where_the_framing_puts_them() -> None:
    plain, weights = (denoiser.emphasis(align.CLOSE_UP, features) for features in (1.0, 3.0))
    assert torch.equal(plain, torch.ones_like(plain))
    assert weights.mean().item() == pytest.approx(1, abs=1e-5)
    cells = unpacked(weights[None], 16, 16)[0]
    assert torch.equal(cells, cells[:1].expand_as(cells)), "channels are looked at alike"
    best = cells[0].flatten().topk(8).indices.tolist()
    places = {(cell // 16, cell % 16) for cell in best}
    assert {(6, 5), (6, 10)} <= places, "the eyes: 0.43 down, 0.16 aside"
    assert (11, 7) in places or (12, 7) in places, "the mouth"


def test_closeups_get_their_share_of_a_batch() -> None:
    """A quarter of this bank, six tenths of what is learned from."""
    said: list[tuple[str, ...]] = [("closeup",), (), (), ()]
    variants = [bank.Variant("p", "", False, said[n % 4]) for n in range(12)]
    latents = denoiser.Latents(torch.zeros(12, 64, 128), variants, 0.0, 1.0)
    drawn = denoiser.Draw(latents, denoiser.DenoiserRun(batch=10, closeups=0.6))(3)
    far = denoiser.emphasis(align.PORTRAIT, 3.0)
    assert [torch.equal(weight, far) for weight in drawn.weight] == [False] * 6 + [True] * 4
