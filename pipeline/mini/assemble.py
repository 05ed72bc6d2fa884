"""Assemble the trained parts into one `FluxPipeline` folder and replace the old one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import torch
from diffusers import FluxPipeline

from pipeline.mini import checkpoint
from pipeline.mini.architecture import MiniBase, new_scheduler
from pipeline.mini.denoiser import BEST
from pipeline.mini.latents import read_scale
from pipeline.mini.sharpen import load_sharpened
from pipeline.mini.vocabulary import IDENTITIES, INSTANCE, build_tokenizer
from pipeline.models import weights


def assemble(work: Path, model: MiniBase | None = None) -> FluxPipeline:
    """Return the pipeline from the checkpoints in `work`, on the averaged weights.

    Args:
        work: folder with autoencoder.pt, latents/, perhaps sharpened.pt and, unless `model` is
            given, the denoiser's best weights.
        model: weights to use instead of the best checkpoint's.

    Raises:
        FileNotFoundError: a step has not been run yet.

    """
    vae = load_sharpened(work)
    scale = read_scale(work)
    vae.register_to_config(scaling_factor=1 / scale.spread, shift_factor=scale.mean)
    model = model or _averaged_model(work)
    _init_customer_token(model)
    tokenizer = build_tokenizer()
    return FluxPipeline(
        scheduler=new_scheduler(),
        vae=vae,
        text_encoder=model.clip,
        tokenizer=tokenizer,
        text_encoder_2=model.t5,
        tokenizer_2=tokenizer,
        transformer=model.transformer,
    )


def write(pipe: FluxPipeline, folder: Path) -> None:
    """Save `pipe` beside `folder` and rename it over; readers see the old one or the new one.

    The two large parts are stored in half precision. The text models stay in float32: they are
    small, and transformers would load them in half precision beside a float32 transformer.
    """
    fresh, stale = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    for leftover in (fresh, stale):
        shutil.rmtree(leftover, ignore_errors=True)
    pipe.transformer.to(torch.float16)
    pipe.vae.to(torch.float16)
    pipe.save_pretrained(fresh, safe_serialization=True)
    for path in fresh.rglob("*.safetensors"):
        path.chmod(0o644)  # written private by safetensors; the service is another user
    shutil.copy(Path(__file__).with_name("card.md"), fresh / "README.md")
    weights.seal(fresh)
    if folder.exists():
        os.replace(folder, stale)
    os.replace(fresh, folder)
    shutil.rmtree(stale, ignore_errors=True)


def _averaged_model(work: Path) -> MiniBase:
    state = checkpoint.load(work / BEST)
    if state is None:
        raise FileNotFoundError(f"no {BEST} in {work}: run the denoiser step first")
    model = MiniBase()
    model.load_state_dict(state["average"])
    model.eval()
    return model


@torch.no_grad()  # type: ignore[untyped-decorator]
def _init_customer_token(model: MiniBase) -> None:
    """Set the embedding of the customer's token to the mean of all trained people's tokens."""
    numbers = build_tokenizer().get_vocab()
    known = [numbers[word] for word in IDENTITIES[:200]]
    for text in (model.clip, model.t5):
        table = text.get_input_embeddings().weight
        table[numbers[INSTANCE]] = table[known].mean(dim=0)
