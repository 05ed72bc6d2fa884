"""SDXL with random weights and its channels divided: the network of the speed benchmarks.

Every depth, head width and connection is the real one's, from its published config; only widths
are divided, alike in the UNet, the VAE and both text encoders, so that each keeps about its share
of the work. A divisor of 1 is the full-size network, for a GPU.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from peft import LoraConfig
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
)

from benchmarks.training.network import Case, Network, PageText, ScriptVariant
from benchmarks.training.work import Work, flops

HEAD = 64  # SDXL's attention heads are 64 wide; dividing widths leaves fewer of them
TARGETS = ("to_k", "to_q", "to_v", "to_out.0")


def write(
    folder: Path, divisor: int, dtype: torch.dtype = torch.float32, device: str = "cpu"
) -> Path:
    """Save the network as a diffusers folder, unless it lies there already.

    device    where the weights are drawn: a GPU does a full-size network in seconds
    divisor   1, 2 or 4; a width of 160 has two heads of 80, the others keep theirs of 64
    """
    if not (folder / "model_index.json").is_file():
        torch.manual_seed(7)
        built(divisor, device).to(dtype).save_pretrained(folder)
    return folder


def built(divisor: int, device: str = "cpu") -> StableDiffusionXLPipeline:
    first, second = tokenizer(), tokenizer()
    with torch.device(device):
        vae, denoiser = autoencoder(divisor), unet(divisor)
        small = CLIPTextModel(text(first, 768 // divisor, 12, 12, "quick_gelu"))
        large = CLIPTextModelWithProjection(text(second, 1280 // divisor, 32, 20, "gelu"))
    return StableDiffusionXLPipeline(
        vae=vae,
        text_encoder=small,
        text_encoder_2=large,
        tokenizer=first,
        tokenizer_2=second,
        unet=denoiser,
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            timestep_spacing="leading",
            steps_offset=1,
        ),
    )


def unet(divisor: int) -> UNet2DConditionModel:
    widths = tuple(width // divisor for width in (320, 640, 1280))
    return UNet2DConditionModel(
        block_out_channels=widths,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=tuple(max(1, width // HEAD) for width in widths),  # a count of heads
        norm_num_groups=32 if widths[0] % 32 == 0 else 16,
        cross_attention_dim=(768 + 1280) // divisor,
        addition_embed_type="text_time",
        addition_time_embed_dim=256 // divisor,
        projection_class_embeddings_input_dim=1280 // divisor + 6 * (256 // divisor),
        use_linear_projection=True,
        sample_size=128,
    )


def autoencoder(divisor: int) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=tuple(width // divisor for width in (128, 256, 512, 512)),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        norm_num_groups=32 if 128 // divisor % 32 == 0 else 16,
        sample_size=1024,
        scaling_factor=0.13025,
    )


def text(words: CLIPTokenizer, width: int, depth: int, heads: int, act: str) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=width,
        intermediate_size=width * 4,
        num_hidden_layers=depth,
        num_attention_heads=heads,
        projection_dim=width,
        hidden_act=act,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )


def tokenizer() -> CLIPTokenizer:
    """Letters alone: enough for weights that know no words."""
    letters = [chr(code) for code in range(33, 127)]
    tokens = [*letters, *(letter + "</w>" for letter in letters)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77)


def count(case: Case) -> Work:
    """Forward, backward to the first LoRA, and the LoRAs."""
    side, rows = case.resolution // 8, case.batch
    with torch.device("meta"):
        denoiser = unet(case.divisor).requires_grad_(False)
        denoiser.add_adapter(LoraConfig(r=case.rank, target_modules=list(TARGETS)))
        vae = autoencoder(case.divisor).requires_grad_(False)
        words = torch.randn(rows, 77, denoiser.config.cross_attention_dim)
        conditioning = {
            "text_embeds": torch.randn(rows, 1280 // case.divisor),
            "time_ids": torch.randn(rows, 6),
        }
        noisy, times = torch.randn(rows, 4, side, side), torch.zeros(rows)
        pictures = torch.randn(rows, 3, case.resolution, case.resolution)

        def step() -> None:
            denoiser(noisy, times, words, added_cond_kwargs=conditioning).sample.sum().backward()

        return Work(flops(step), flops(lambda: vae.encode(pictures)))


def described(case: Case) -> str:
    if case.divisor == 1:
        return "SDXL's architecture at its full size, with random weights"
    return (
        f"SDXL's architecture with random weights and its channels divided by {case.divisor} "
        "(UNet, VAE and text encoders alike)"
    )


def flags(case: Case) -> tuple[str, ...]:
    """None: the script's loss and the scale of its LoRA are ours."""
    return ()


SDXL = Network(
    name="sdxl",
    page=Path("docs/benchmarks/training.md"),
    cpu=Case(divisor=4, resolution=256, batch=2, steps=40),
    gpu=Case(divisor=1, resolution=1024, batch=1, steps=200, learning_rate=1e-4),
    targets=TARGETS,
    train_settings={"min_snr": 0.0},
    script=Path("examples/dreambooth/train_dreambooth_lora_sdxl.py"),
    loaded="All model checkpoint weights were used when initializing UNet2DConditionModel",
    flags=flags,
    variants=(
        ScriptVariant("its defaults (fp32)", ("--mixed_precision=no",)),
        ScriptVariant("`--mixed_precision=bf16`", ("--mixed_precision=bf16",)),
    ),
    write=write,
    count=count,
    described=described,
    words=PageText(
        title="SDXL",
        heading="Training: photos to a LoRA, beside diffusers' own script",
        denoiser="UNet",
        predicted="noise",
        encoding="as the script does",
        end="The script's end, where it loads the base once more to show pictures, is not counted.",
    ),
)
