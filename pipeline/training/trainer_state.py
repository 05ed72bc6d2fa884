"""One customer in training: their LoRA, its optimiser, where they are, and how they leave."""

from __future__ import annotations

import math
import time

import torch
from torch import nn

from pipeline.engine.messages import EngineError, KeptCheckpoint, TrainRequest
from pipeline.families import Base
from pipeline.lora import lora_file
from pipeline.lora.multi_lora import MultiLoraInjector
from pipeline.models.recipe import Recipe
from pipeline.training import checkpoint, validation
from pipeline.training.checkpoint import CheckpointCandidate, TrainingCheckpoint
from pipeline.training.training_data import TrainingBatch, TrainingData, drawn


class TrainerState:
    """A customer who learns: `number` among the orders, `row` the LoRA as the rack holds it."""

    def __init__(
        self,
        number: int,
        order: TrainRequest,
        recipe: Recipe,
        fingerprint: str,
        rack: MultiLoraInjector,
        lessons: TrainingData,
    ) -> None:
        self.number, self.order, self.lessons = number, order, lessons
        self.started = time.monotonic()
        self._recipe, self._fingerprint, self._rack = recipe, fingerprint, rack
        self._place = checkpoint.place(order)
        self._run = checkpoint.run_id(recipe.hash, fingerprint, order)
        state = checkpoint.restore(self._place, self._run)
        start = rack.layout.fresh(order.seed) if state is None else state.row
        self.row = nn.Parameter(start.to(rack.device))
        self._optimiser = torch.optim.AdamW(
            [self.row], weight_decay=recipe.train.weight_decay, fused=True
        )
        self.losses: list[float] = []
        self.marks: list[CheckpointCandidate] = []
        if state is not None:
            self._resume(state)

    def _resume(self, state: TrainingCheckpoint) -> None:
        self.losses, self.marks = state.losses, state.marks
        self._optimiser.state[self.row] = {
            "step": torch.tensor(float(len(state.losses)), device=self._rack.device),
            "exp_avg": state.mean.to(self._rack.device),
            "exp_avg_sq": state.square.to(self._rack.device),
        }

    @property
    def steps(self) -> int:
        """Steps done, those before an interruption included."""
        return len(self.losses)

    @property
    def finished(self) -> bool:
        return self.steps >= self._recipe.train.steps

    def batch(self) -> TrainingBatch:
        """What the next step looks at."""
        return drawn(self.lessons, self._recipe.train, self.order.seed, self.steps)

    def advance(self, loss: float) -> None:
        """One optimiser step along the row's gradient. EngineError: the loss is no number."""
        plan = self._recipe.train
        if not math.isfinite(loss):
            raise EngineError(f"the training diverged at step {self.steps + 1}")
        torch.nn.utils.clip_grad_norm_([self.row], plan.clip or math.inf)
        for group in self._optimiser.param_groups:
            group["lr"] = plan.rate * pace(self.steps, plan.warmup, plan.steps)
        self._optimiser.step()
        self.losses.append(loss)

    def keep(self, base: Base) -> None:
        """Keep what is due after a step: a mark to offer, a checkpoint to go on from."""
        plan, known = self._recipe.train, [mark.step for mark in self.marks]
        due = self.steps in validation.marks(plan) and self.steps not in known
        if due:
            mark = CheckpointCandidate(
                self.steps, self.row.detach().cpu().clone(), self._error(base)
            )
            checkpoint.keep(self._place, self._run, mark)
            self.marks.append(mark)
        if due or self.steps % plan.checkpoint_every == 0:
            moments = self._optimiser.state[self.row]
            mean, square = moments["exp_avg"], moments["exp_avg_sq"]
            state = TrainingCheckpoint(self.losses, self.row, mean, square, self.marks)
            checkpoint.save(self._place, self._run, state)

    def _error(self, base: Base) -> float:
        """On the photos held out; without any, of the last steps."""
        held_out = self.lessons.held_out
        if held_out is None:
            return self._recent()
        return validation.error(base, self._rack, self._recipe.train, held_out, self.row)

    def file(self) -> bytes:
        """The LoRA as it stands."""
        return self._file(self.row.detach(), self.steps)

    def kept(self) -> tuple[KeptCheckpoint, ...]:
        return tuple(
            KeptCheckpoint(mark.step, self._file(mark.row, mark.step), mark.error)
            for mark in self.marks
        )

    def unseen_photos(self) -> list[bytes]:
        """Those that were held out; all, if that leaves fewer than two to compare with."""
        photos, unseen = self.order.photos, self.lessons.unseen
        return [photos[number] for number in unseen] if len(unseen) > 1 else list(photos)

    def mean_losses(self) -> tuple[float, float]:
        """Over the first and over the last tenth of the steps."""
        tenth = max(1, self.steps // 10)
        return sum(self.losses[:tenth]) / tenth, self._recent()

    def _recent(self) -> float:
        tenth = max(1, self.steps // 10)
        return sum(self.losses[-tenth:]) / tenth

    def _file(self, row: torch.Tensor, step: int) -> bytes:
        """Facts stand beside the weights that they made; no avatar id: it may leave the house."""
        recipe, order = self._recipe, self.order
        facts = {
            "base": recipe.name,
            "base_fingerprint": self._fingerprint,
            "recipe": recipe.hash,
            "seed": str(order.seed),
            "steps": str(step),
            "subject": order.subject,
            "token": recipe.token,
        }
        pairs = self._rack.layout.unpack(row)
        return lora_file.to_bytes(
            pairs, self._rack.prefix, lora_file.LoraShape.of(recipe.train), facts
        )


def pace(step: int, warmup: int, steps: int) -> float:
    """Share of the full rate: a linear warm-up, then half a cosine down to 2 %."""
    if step < warmup:
        return (step + 1) / warmup
    part = (step - warmup) / max(1, steps - warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * part))
