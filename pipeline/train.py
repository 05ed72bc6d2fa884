"""Make a LoRA of one person. Read it from `train` downwards.

photos -> captioned crops -> latents and text embeddings, once, in memory -> LoRA steps ->
safetensors. The VAE and the text encoders never run inside the loop (26 % of the FLOPs of
diffusers' SDXL script), and nothing made of the photos except the LoRA and its optimiser state
is ever written to a disk.

Every random number of step n comes from (seed, n) alone. So a run that was killed and resumed
draws what the undisturbed run drew, and on a CPU ends with the same bits.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline import checkpoint, dataset, label, lora, paint
from pipeline.checkpoint import Checkpoint
from pipeline.families import Base, Prompt
from pipeline.orders import Progress, Stage, Trained, TrainOrder
from pipeline.recipe import Recipe, Train

Report = Callable[[Progress], None]
ADAPTER = "apprentice"  # not "training": torch modules have an attribute of that name


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that the loop needs. mean, deviation: (n, c, h, w) float32 on the base's device."""

    mean: Tensor
    deviation: Tensor
    prompts: list[Prompt]


@dataclass(frozen=True, slots=True)
class Run:
    """One training under way. slices: work each batch in so many pieces."""

    base: Base
    plan: Train
    prepared: Prepared
    weights: list[Tensor]
    optimiser: torch.optim.Optimizer
    seed: int
    slices: int


def train(
    base: Base, recipe: Recipe, fingerprint: str, order: TrainOrder, report: Report, slices: int = 1
) -> Trained:
    """Train, or go on from the checkpoint of an interrupted run of the same order.

    fingerprint   of the base's weights; a LoRA is tied to it
    slices        2 needs about half the memory of 1: the same mathematics, other roundings
    BadPhotos: too few usable photos. The base is left bare, whatever happens.
    """
    started = time.monotonic()
    label.check(order.label, "sample")
    prepared = _prepare(base, recipe, order, report)
    place = checkpoint.place(order)
    try:
        weights = _attach(base, recipe, order.seed)
        optimiser = torch.optim.AdamW(weights, weight_decay=recipe.train.weight_decay)
        run = Run(base, recipe.train, prepared, weights, optimiser, order.seed, slices)
        losses = _steps(run, recipe, fingerprint, order, report)
        facts = _facts(recipe, fingerprint, order)
        file = lora.to_bytes(base, ADAPTER, lora.Shape.of(recipe.train), facts)
    finally:
        lora.remove(base, ADAPTER)
    place.unlink(missing_ok=True)
    tenth = max(1, len(losses) // 10)
    return Trained(
        lora=file,
        steps=recipe.train.steps,
        seconds=time.monotonic() - started,
        loss_first=sum(losses[:tenth]) / tenth,
        loss_last=sum(losses[-tenth:]) / tenth,
        likeness=recipe.likeness,
    )


def _steps(
    run: Run, recipe: Recipe, fingerprint: str, order: TrainOrder, report: Report
) -> list[float]:
    """All steps that a checkpoint does not spare us; the losses of all, the spared ones too."""
    place, plan = checkpoint.place(order), run.plan
    name = checkpoint.run_id(recipe.hash, fingerprint, order)
    losses = checkpoint.restore(place, name, run.weights, run.optimiser)
    tell = _Teller(run.base, recipe, order, report, len(losses))
    for step in range(len(losses), plan.steps):
        losses.append(_step(run, step))
        done = step + 1
        if done % plan.checkpoint_every == 0 and done < plan.steps:
            checkpoint.save(place, Checkpoint(name, losses), run.weights, run.optimiser)
        tell(done, losses[-1])
    return losses


def _step(run: Run, step: int) -> float:
    """One optimiser step on one batch; returns its loss."""
    plan = run.plan
    latents, prompts, noise, when = _batch(run.prepared, plan.batch, run.seed, step)
    total = 0.0
    for part in _parts(len(latents), run.slices):
        with torch.autocast(latents.device.type, torch.bfloat16, plan.autocast == "bfloat16"):
            loss = run.base.loss(latents[part], prompts[part], noise[part], when[part])
        loss = loss * (len(prompts[part]) / len(prompts))
        loss.backward()
        total += float(loss.detach())
    torch.nn.utils.clip_grad_norm_(run.weights, plan.clip or math.inf)
    for group in run.optimiser.param_groups:
        group["lr"] = plan.rate * _pace(step, plan.warmup, plan.steps)
    run.optimiser.step()
    run.optimiser.zero_grad(set_to_none=True)
    return total


def _batch(
    prepared: Prepared, size: int, seed: int, step: int
) -> tuple[Tensor, list[Prompt], Tensor, Tensor]:
    """Latents, prompts, noise and uniform times, all drawn from (seed, step)."""
    dice = torch.Generator("cpu").manual_seed(_derived(seed, step))
    count = len(prepared.prompts)
    picks = torch.randperm(count, generator=dice).repeat(-(-size // count))[:size]
    mean, deviation = prepared.mean[picks], prepared.deviation[picks]
    resampled = mean + deviation * torch.randn(mean.shape, generator=dice).to(mean)
    noise = torch.randn(mean.shape, generator=dice).to(mean)
    # Stratified times: every batch sees early and late ones, so the loss jumps less.
    when = (torch.arange(size) + torch.rand(size, generator=dice)) / size
    return resampled, [prepared.prompts[i] for i in picks.tolist()], noise, when.to(mean)


def _derived(seed: int, step: int) -> int:
    """Neighbouring seeds of a generator are related; a hash makes them strangers."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{step}".encode()).digest()[:8], "big") >> 1


def _parts(count: int, slices: int) -> Iterator[slice]:
    size = -(-count // min(slices, count))
    return (slice(start, start + size) for start in range(0, count, size))


def _pace(step: int, warmup: int, steps: int) -> float:
    """Share of the full rate: a linear warm-up, then half a cosine down to 2 %."""
    if step < warmup:
        return (step + 1) / warmup
    part = (step - warmup) / max(1, steps - warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * part))


def _prepare(base: Base, recipe: Recipe, order: TrainOrder, report: Report) -> Prepared:
    count = len(order.photos)
    subject = recipe.subject_words(order.subject, known=True)
    made = dataset.examples(
        order.photos,
        recipe.dataset,
        subject,
        order.seed,
        lambda seen: report(Progress(Stage.PREPARING, seen, count + 1)),
    )
    with torch.no_grad():
        latents = [base.encode_images(_as_tensor([example])) for example in made]
        captions = sorted({example.caption for example in made})
        prompts = dict(zip(captions, base.encode_prompts(captions), strict=True))
    report(Progress(Stage.PREPARING, count + 1, count + 1))
    return Prepared(
        torch.cat([mean for mean, _ in latents]),
        torch.cat([deviation for _, deviation in latents]),
        [prompts[example.caption] for example in made],
    )


def _as_tensor(made: Sequence[dataset.Example]) -> Tensor:
    """(n, 3, h, w) float32 in -1..1"""
    pixels = torch.stack([torch.from_numpy(example.pixels.copy()) for example in made])
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def _attach(base: Base, recipe: Recipe, seed: int) -> list[Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # peft draws the first weights from the global generator
        weights = lora.attach(base, ADAPTER, lora.Shape.of(recipe.train))
    lora.use(base, ADAPTER, 1.0)
    return weights


def _facts(recipe: Recipe, fingerprint: str, order: TrainOrder) -> dict[str, str]:
    """Stored beside the weights that they made. No avatar id: the file may leave the house."""
    return {
        "base": recipe.name,
        "base_fingerprint": fingerprint,
        "recipe": recipe.hash,
        "seed": str(order.seed),
        "steps": str(recipe.train.steps),
        "subject": order.subject,
        "token": recipe.token,
    }


class _Teller:
    """Reports a step with an honest rest time, and once with the sample picture."""

    def __init__(
        self, base: Base, recipe: Recipe, order: TrainOrder, report: Report, resumed_at: int
    ) -> None:
        self._base, self._recipe, self._order, self._report = base, recipe, order, report
        self._resumed_at, self._started = resumed_at, time.monotonic()

    def __call__(self, done: int, loss: float) -> None:
        plan, picture = self._recipe.train, None
        pace = (time.monotonic() - self._started) / (done - self._resumed_at)
        left = pace * (plan.steps - done)
        if done == plan.sample_at:
            self._report(Progress(Stage.SAMPLING, done, plan.steps, loss, left))
            before = time.monotonic()
            picture = _sample(self._base, self._recipe, self._order)
            self._started += time.monotonic() - before  # no step took this long
        self._report(Progress(Stage.TRAINING, done, plan.steps, loss, left, picture))


def _sample(base: Base, recipe: Recipe, order: TrainOrder) -> bytes | None:
    """A labelled picture with the half-trained LoRA, or None if no candidate passed the gate."""
    subject = recipe.subject_words(order.subject, known=True)
    lora.use(base, ADAPTER, recipe.likeness.default * recipe.paint.gain)
    try:
        prompt = recipe.train.sample_prompt.replace("{subject}", subject)
        painted = paint.decent(base, recipe, prompt, "", recipe.size(1, 1), order.seed, order.adult)
        if painted is None:
            return None
        return paint.delivered(painted.pixels, recipe, order.label, "sample").image
    finally:
        lora.use(base, ADAPTER, 1.0)
