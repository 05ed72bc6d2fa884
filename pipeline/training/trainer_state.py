"""One customer's training run: LoRA weights, optimiser, step counter and checkpoints."""

from __future__ import annotations

import math
import time

import torch
from torch import nn

from pipeline.engine.messages import CheckpointFile, EngineError, KeptCheckpoint, TrainRequest
from pipeline.families import Base
from pipeline.lora import lora_file
from pipeline.lora.multi_lora import MultiLoraInjector
from pipeline.models.recipe import Recipe
from pipeline.training import checkpoint, validation
from pipeline.training.checkpoint import CheckpointCandidate, TrainingCheckpoint
from pipeline.training.training_data import TrainingBatch, TrainingData, draw_batch, is_wide


class TrainerState:
    """The state of one run in a batch of runs; resumed from its request's checkpoint, if any.

    index        of the request in the batch
    lora_params  the LoRA's weights, (length,) float32, as in `LoraLayout`
    candidates   LoRAs kept so far, to choose from at the end
    """

    def __init__(
        self,
        index: int,
        request: TrainRequest,
        recipe: Recipe,
        fingerprint: str,
        injector: MultiLoraInjector,
        data: TrainingData,
    ) -> None:
        self.index, self.request, self.data = index, request, data
        self.started = time.monotonic()
        self._recipe, self._fingerprint, self._injector = recipe, fingerprint, injector
        self._run_id = checkpoint.run_id(recipe.hash, fingerprint, request)
        state = checkpoint.load(request.checkpoint, self._run_id)
        start = injector.layout.init_vector(request.seed) if state is None else state.vector
        self.lora_params = nn.Parameter(start.to(injector.device))
        self._optimizer = torch.optim.AdamW(
            [self.lora_params], weight_decay=recipe.train.weight_decay, fused=True
        )
        self.losses: list[float] = []
        self.candidates: list[CheckpointCandidate] = []
        self._last_kept = self.started
        if state is not None:
            self._resume(state)

    def _resume(self, state: TrainingCheckpoint) -> None:
        device = self._injector.device
        self.losses, self.candidates = state.losses, state.candidates
        self._optimizer.state[self.lora_params] = {
            "step": torch.tensor(float(len(state.losses)), device=device),
            "exp_avg": state.exp_avg.to(device),
            "exp_avg_sq": state.exp_avg_sq.to(device),
        }

    @property
    def steps(self) -> int:
        """Steps done, those before an interruption included."""
        return len(self.losses)

    @property
    def is_finished(self) -> bool:
        return self.steps >= self._recipe.train.steps

    @property
    def is_wide_next(self) -> bool:
        """Whether the next step trains on larger pictures: they share no forward with others."""
        return is_wide(self._recipe.train, self.steps)

    def next_batch(self) -> TrainingBatch:
        """The batch of the next step."""
        return draw_batch(self.data, self._recipe.train, self.request.seed, self.steps)

    def optimizer_step(self, loss: float) -> None:
        """Clip the gradient of `lora_params`, and step. EngineError: the loss is not finite."""
        settings = self._recipe.train
        if not math.isfinite(loss):
            raise EngineError(f"the training diverged at step {self.steps + 1}")
        torch.nn.utils.clip_grad_norm_([self.lora_params], settings.max_grad_norm or math.inf)
        for group in self._optimizer.param_groups:
            group["lr"] = settings.learning_rate * lr_factor(
                self.steps, settings.warmup, settings.steps
            )
        self._optimizer.step()
        self.losses.append(loss)

    def checkpoint_files(self, base: Base) -> tuple[CheckpointFile, ...]:
        """What is due after a step, if anything: a candidate, and the state to resume from."""
        files: list[CheckpointFile] = []
        settings, kept = self._recipe.train, [candidate.step for candidate in self.candidates]
        is_candidate = self.steps in validation.candidate_steps(settings) and self.steps not in kept
        if is_candidate:
            vector = self.lora_params.detach().cpu().clone()
            candidate = CheckpointCandidate(self.steps, vector, self._validation_error(base))
            files.append(checkpoint.candidate_file(self._run_id, candidate))
            self.candidates.append(candidate)
        if is_candidate or self._is_state_due():
            self._last_kept = time.monotonic()
            moments = self._optimizer.state[self.lora_params]
            state = TrainingCheckpoint(
                self.losses, self.lora_params, moments["exp_avg"], moments["exp_avg_sq"],
                self.candidates,
            )  # fmt: skip
            files.append(checkpoint.state_file(self._run_id, state))
        return tuple(files)

    def _is_state_due(self) -> bool:
        settings = self._recipe.train
        waited = time.monotonic() - self._last_kept
        on_step = self.steps % settings.checkpoint_every == 0
        return on_step and waited >= settings.checkpoint_seconds

    def _validation_error(self, base: Base) -> float:
        """The loss on the photos held out; without any, that of the last steps."""
        held_out = self.data.held_out
        if held_out is None:
            return self._last_mean_loss()
        settings = self._recipe.train
        return validation.mean_loss(base, self._injector, settings, held_out, self.lora_params)

    def lora_file(self) -> bytes:
        """The LoRA as it is now, as a safetensors file."""
        return self._to_file(self.lora_params.detach(), self.steps)

    def kept_checkpoints(self) -> tuple[KeptCheckpoint, ...]:
        """The candidates as LoRA files, early to late."""
        return tuple(
            KeptCheckpoint(one.step, self._to_file(one.vector, one.step), one.error)
            for one in self.candidates
        )

    def photos_to_compare(self) -> list[bytes]:
        """The photos held out; all photos if fewer than two were."""
        photos, held_out = self.request.photos, self.data.held_out_photos
        return [photos[number] for number in held_out] if len(held_out) > 1 else list(photos)

    def mean_losses(self) -> tuple[float, float]:
        """Over the first and over the last tenth of the steps."""
        tenth = max(1, self.steps // 10)
        return sum(self.losses[:tenth]) / tenth, self._last_mean_loss()

    def _last_mean_loss(self) -> float:
        tenth = max(1, self.steps // 10)
        return sum(self.losses[-tenth:]) / tenth

    def _to_file(self, vector: torch.Tensor, step: int) -> bytes:
        """With the facts that made the weights; no avatar id: customers may take the file away."""
        recipe, request = self._recipe, self.request
        info = {
            "base": recipe.name,
            "base_fingerprint": self._fingerprint,
            "recipe": recipe.hash,
            "seed": str(request.seed),
            "steps": str(step),
            "subject": request.subject,
            "token": recipe.token,
        }
        pairs = self._injector.layout.unpack(vector)
        shape = lora_file.LoraShape.of(recipe.train)
        return lora_file.to_bytes(pairs, self._injector.prefix, shape, info)


def lr_factor(step: int, warmup: int, steps: int) -> float:
    """Share of the full learning rate: a linear warm-up, then half a cosine down to 2 %."""
    if step < warmup:
        return (step + 1) / warmup
    part = (step - warmup) / max(1, steps - warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * part))
