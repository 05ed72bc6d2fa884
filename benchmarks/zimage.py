"""Z-Image with random weights, smaller by a divisor: a network of the training benchmark.

Every kind of layer, head width and connection is the real one's. The transformer's widths and
depth are divided alike; the VAE's channels by 8, so that it keeps about its share of the work. A
divisor of 1 is the full-size network, for a GPU. The language model is always cut short: it reads
a prompt once, before the steps, whoever trains.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from peft import LoraConfig
from tokenizers import pre_tokenizers
from transformers import Qwen2Tokenizer, Qwen3Config, Qwen3Model

from benchmarks.training.network import Case, Network, PageText, ScriptVariant
from benchmarks.training.work import Work, flops

HEAD = 128  # both Z-Image's and Qwen3's attention heads are 128 wide; narrower ones have fewer
LAYERS = 4  # of Qwen3's 36
SHIFT = 3.0  # of the times, in the base's scheduler (the script reads it there) and in our recipe
TARGETS = ("to_k", "to_q", "to_v", "to_out.0")
TOKENS = 32  # of a caption: the transformer fills it up to a multiple of that
CHAT = "{% for m in messages %}<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}"


def write(
    folder: Path, divisor: int, dtype: torch.dtype = torch.float32, device: str = "cpu"
) -> Path:
    """Save the network as a diffusers folder, unless it lies there already.

    device    where the weights are drawn: a GPU does a full-size network in seconds
    divisor   of 30: there are 30 heads, and 30 layers
    """
    if not (folder / "model_index.json").is_file():
        torch.manual_seed(7)
        built(divisor, device).to(dtype).save_pretrained(folder)
    return folder


def built(divisor: int, device: str = "cpu") -> ZImagePipeline:
    words = tokenizer()
    with torch.device(device):
        vae, denoiser = autoencoder(divisor), transformer(divisor)
        language_model = Qwen3Model(text(words, divisor))
    return ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=SHIFT),
        vae=vae,
        text_encoder=language_model,
        tokenizer=words,
        transformer=denoiser,
    )


def transformer(divisor: int) -> ZImageTransformer2DModel:
    return ZImageTransformer2DModel(
        in_channels=16,
        dim=30 * HEAD // divisor,
        n_layers=30 // divisor,
        n_refiner_layers=max(1, 2 // divisor),
        n_heads=30 // divisor,
        n_kv_heads=30 // divisor,
        cap_feat_dim=2560 // divisor,
        axes_dims=[32, 48, 48],
        axes_lens=[1536, 512, 512],
    )


def autoencoder(divisor: int) -> AutoencoderKL:
    divisor = vae_divisor(divisor)
    return AutoencoderKL(
        block_out_channels=tuple(width // divisor for width in (128, 256, 512, 512)),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=16,
        norm_num_groups=32 if divisor == 1 else 16,
        sample_size=1024,
        scaling_factor=0.3611,
        shift_factor=0.1159,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )


def vae_divisor(divisor: int) -> int:
    return 1 if divisor == 1 else 8


def text(words: Qwen2Tokenizer, divisor: int) -> Qwen3Config:
    return Qwen3Config(
        vocab_size=len(words),
        hidden_size=2560 // divisor,
        intermediate_size=9728 // divisor,
        num_hidden_layers=LAYERS,
        num_attention_heads=4 * max(1, 8 // divisor),
        num_key_value_heads=max(1, 8 // divisor),
        head_dim=HEAD,
        pad_token_id=words.pad_token_id,
    )


def tokenizer() -> Qwen2Tokenizer:
    """Bytes alone: enough for weights that know no words."""
    tokens = ["<|endoftext|>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    words = Qwen2Tokenizer(
        vocab={token: number for number, token in enumerate(tokens)},
        merges=[],
        additional_special_tokens=["<|im_start|>", "<|im_end|>"],
    )
    words.chat_template = CHAT
    return words


def count(case: Case) -> Work:
    """Forward, backward to the first LoRA, and the LoRAs."""
    side, rows = case.resolution // 8, case.batch
    with torch.device("meta"):
        denoiser = transformer(case.divisor).requires_grad_(False)
        denoiser.add_adapter(LoraConfig(r=case.rank, target_modules=list(TARGETS)))
        vae = autoencoder(case.divisor).requires_grad_(False)
        words = [torch.randn(TOKENS, 2560 // case.divisor) for _ in range(rows)]
        noisy, times = [torch.randn(16, 1, side, side) for _ in range(rows)], torch.zeros(rows)
        pictures = torch.randn(rows, 3, case.resolution, case.resolution)

        def step() -> None:
            velocity = denoiser(noisy, times, words, return_dict=False)[0]
            torch.stack(list(velocity)).sum().backward()

        return Work(flops(step), flops(lambda: vae.encode(pictures)))


def described(case: Case) -> str:
    smaller = (
        f", its transformer's widths and depth divided by {case.divisor} (heads stay {HEAD} wide) "
        f"and its VAE's channels by {vae_divisor(case.divisor)}"
    )
    return (
        f"Z-Image's architecture with random weights{smaller if case.divisor > 1 else ''}; its "
        f"language model has {LAYERS} of 36 layers and reads bytes (it runs once, before the "
        "steps, on every side)"
    )


def flags(case: Case) -> tuple[str, ...]:
    """What makes its loss ours: our times are logit-normal, our LoRA is not scaled down."""
    return (f"--lora_alpha={case.rank}", "--weighting_scheme=logit_normal")


BEST = ("--mixed_precision=bf16", "--cache_latents", "--allow_tf32")
VARIANTS = (
    ScriptVariant("its defaults (fp32)", ("--mixed_precision=no",)),
    ScriptVariant(f"its best (`{' '.join(BEST)}`)", BEST),
)
"""Of the script of a flow model, here and for other networks; BEST_NOTE explains them."""
BEST_NOTE = """\
- **Its best** are the flags that make it faster; with them it keeps and steps the LoRA itself in \
bf16, ours is fp32. Those of its README that save memory \
(checkpointing, offloading, 8-bit Adam, fp8 or 4-bit weights) are off; fp8 and 8-bit Adam would \
want packages that this project does not have.
"""
NOTES = f"""\
- **Alike**: the script is told `--weighting_scheme=logit_normal` and `--lora_alpha` as large as \
the rank, which our trainer has; both shift the times by {SHIFT:g}, the script because the base's \
scheduler says so, and weigh them alike in the loss. Pictures and captions are the same. A step \
has one picture, because the script repeats its list of prompts by the batch at every step: with \
two pictures it doubles each time.
{BEST_NOTE}"""

Z_IMAGE = Network(
    name="z-image",
    page=Path("docs/benchmarks/training-z-image.md"),
    cpu=Case(divisor=5, resolution=256, batch=1, steps=40),
    gpu=Case(divisor=1, resolution=768, batch=1, steps=200, learning_rate=1e-4),
    targets=TARGETS,
    train_settings={"time_shift": SHIFT},
    script=Path("examples/dreambooth/train_dreambooth_lora_z_image.py"),
    loaded="Loading pipeline components",
    flags=flags,
    variants=VARIANTS,
    write=write,
    count=count,
    described=described,
    words=PageText(
        title="Z-Image",
        heading="Training Z-Image: photos to a LoRA, beside diffusers' own script",
        denoiser="transformer",
        predicted="velocity",
        encoding="as the script's defaults do",
        end="The script's end, where it writes a card for its LoRA, is not counted.",
        notes=NOTES,
    ),
)
