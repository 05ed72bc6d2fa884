"""FLUX.2 klein 4B with random weights, smaller by a divisor: a network of the training benchmark.

Every kind of layer, head width and connection is the real one's. The transformer's width and its
single-stream layers are divided alike; the VAE's channels by 8, so that it keeps about its share of
the work. A divisor of 1 is the full-size network, for a GPU. The language model is always cut:
it reads a prompt once, before the steps, whoever trains.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
)
from peft import LoraConfig
from transformers import Qwen2Tokenizer, Qwen3Config, Qwen3ForCausalLM

from benchmarks import zimage
from benchmarks.training.network import Case, Network, PageText
from benchmarks.training.work import Work, flops

HEADS = 24  # of 128
READ = (9, 18, 27)  # layers of the language model whose states the transformer is given
LAYERS = READ[-1] + 1  # of Qwen3's 36
TOKENS = 512  # of a caption: both trainers fill it up
SHIFT = 2.0  # of the times, in the base's scheduler (the script reads it there) and in our recipe
TARGETS = (  # the script's own list
    *("to_k", "to_q", "to_v", "to_out.0", "to_qkv_mlp_proj"),
    *(f"single_transformer_blocks.{number}.attn.to_out" for number in range(24)),
)


def write(
    folder: Path, divisor: int, dtype: torch.dtype = torch.float32, device: str = "cpu"
) -> Path:
    """Save the network as a diffusers folder, unless it lies there already.

    device    where the weights are drawn: a GPU does a full-size network in seconds
    divisor   of 24, the heads; there are 20 single-stream layers, at least one stays
    """
    if not (folder / "model_index.json").is_file():
        torch.manual_seed(7)
        built(divisor, device).to(dtype).save_pretrained(folder)
    return folder


def built(divisor: int, device: str = "cpu") -> Flux2KleinPipeline:
    words = zimage.tokenizer()
    with torch.device(device):
        vae, denoiser = autoencoder(divisor), transformer(divisor)
        language_model = Qwen3ForCausalLM(text(words, divisor))
    return Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=SHIFT),
        vae=vae,
        text_encoder=language_model,
        tokenizer=words,
        transformer=denoiser,
    )


def transformer(divisor: int) -> Flux2Transformer2DModel:
    return Flux2Transformer2DModel(
        in_channels=128,
        num_layers=max(1, 5 // divisor),
        num_single_layers=max(1, 20 // divisor),
        attention_head_dim=128,
        num_attention_heads=HEADS // divisor,
        joint_attention_dim=len(READ) * text_width(divisor),
        guidance_embeds=False,
    )


def autoencoder(divisor: int) -> AutoencoderKLFlux2:
    divisor = zimage.vae_divisor(divisor)
    return AutoencoderKLFlux2(
        block_out_channels=tuple(width // divisor for width in (128, 256, 512, 512)),
        norm_num_groups=32 if divisor == 1 else 16,
    )


def text_width(divisor: int) -> int:
    return 2560 // divisor


def text(words: Qwen2Tokenizer, divisor: int) -> Qwen3Config:
    """Of Qwen3's width and depth as far as it is read; with a quarter of its heads, thin MLPs."""
    return Qwen3Config(
        vocab_size=len(words),
        hidden_size=text_width(divisor),
        intermediate_size=text_width(divisor) // 4,
        num_hidden_layers=LAYERS,
        num_attention_heads=8,
        num_key_value_heads=2,
        head_dim=128,
        pad_token_id=words.pad_token_id,
        tie_word_embeddings=True,
    )


def count(case: Case) -> Work:
    """Forward, backward to the first LoRA, and the LoRAs."""
    side, rows = case.resolution // 16, case.batch
    with torch.device("meta"):
        denoiser = transformer(case.divisor).requires_grad_(False)
        denoiser.add_adapter(LoraConfig(r=case.rank, target_modules=list(TARGETS)))
        vae = autoencoder(case.divisor).requires_grad_(False)
        words = torch.randn(rows, TOKENS, denoiser.config.joint_attention_dim)
        noisy, times = torch.randn(rows, side * side, 128), torch.zeros(rows)
        word_ids, picture_ids = torch.zeros(rows, TOKENS, 4), torch.zeros(rows, side * side, 4)
        pictures = torch.randn(rows, 3, case.resolution, case.resolution)

        def step() -> None:
            velocity = denoiser(
                hidden_states=noisy,
                encoder_hidden_states=words,
                timestep=times,
                txt_ids=word_ids,
                img_ids=picture_ids,
                return_dict=False,
            )[0]
            velocity.sum().backward()

        return Work(flops(step), flops(lambda: vae.encode(pictures)))


def described(case: Case) -> str:
    smaller = (
        f", its transformer's width and depth divided by {case.divisor} (heads stay 128 wide) "
        f"and its VAE's channels by {zimage.vae_divisor(case.divisor)}"
    )
    return (
        f"FLUX.2 klein 4B's architecture with random weights{smaller if case.divisor > 1 else ''}; "
        f"its language model has {LAYERS} thin layers and reads bytes (it runs once, before the "
        "steps, on every side)"
    )


def flags(case: Case) -> tuple[str, ...]:
    """What makes its loss ours: logit-normal times, a LoRA that is not scaled down, these layers
    of the language model."""
    return (
        f"--lora_alpha={case.rank}",
        "--weighting_scheme=logit_normal",
        *("--text_encoder_out_layers", *map(str, READ)),
    )


NOTES = f"""\
- **Alike**: the script is told `--weighting_scheme=logit_normal`, `--lora_alpha` as large as the \
rank, and the layers of the language model that diffusers' pipeline reads; both shift the times by \
{SHIFT:g}. Pictures and captions are the same, and every caption is {TOKENS} tokens long.
{zimage.BEST_NOTE}"""

KLEIN = Network(
    name="flux2-klein",
    page=Path("docs/benchmarks/training-flux2-klein.md"),
    cpu=Case(divisor=6, resolution=256, batch=1, steps=40),
    gpu=Case(divisor=1, resolution=768, batch=1, steps=200, learning_rate=1e-4),
    targets=TARGETS,
    train_settings={"time_shift": SHIFT},
    script=Path("examples/dreambooth/train_dreambooth_lora_flux2_klein.py"),
    loaded="Loading pipeline components",
    flags=flags,
    variants=zimage.VARIANTS,
    write=write,
    count=count,
    described=described,
    words=PageText(
        title="FLUX.2 klein",
        heading="Training FLUX.2 klein: photos to a LoRA, beside diffusers' own script",
        denoiser="transformer",
        predicted="velocity",
        encoding="as the script's defaults do",
        end="The script's end, where it writes a card for its LoRA, is not counted.",
        notes=NOTES,
    ),
)
