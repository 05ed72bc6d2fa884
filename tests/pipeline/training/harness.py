"""A tiny base to train on, and how to compare the LoRAs that come of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pipeline import families
from pipeline.engine.messages import (
    CheckpointFile,
    EngineStage,
    Progress,
    TrainedLora,
    TrainRequest,
)
from pipeline.lora.cache import LoraCache
from pipeline.lora.lora_file import LoraShape
from pipeline.lora.multi_lora import MultiLoraInjector
from pipeline.models import weights
from pipeline.models.recipe import Recipe
from pipeline.training import (
    train,
)

MakeRecipe = Callable[..., Recipe]


MakeRequest = Callable[..., TrainRequest]


News = list[tuple[int, Progress]]


class Stop(BaseException):
    """A kill, as seen from inside: no Exception, which would be one customer's own affair."""


class TrainingHarness:
    """A tiny base with its injector and LoRA cache, and a short way to train on them."""

    def __init__(self, recipe: Recipe, bases: Path, cache: Path) -> None:
        self.recipe, self.cache = recipe, cache
        self.base: Any = families.load(recipe, weights.locate(recipe, bases), "cpu")
        shape = LoraShape.of(recipe.train)
        self.injector = MultiLoraInjector(self.base.train_denoiser, shape)
        same = self.base.inference_denoiser is self.base.train_denoiser
        self.lora_cache = LoraCache(
            self.injector if same else MultiLoraInjector(self.base.inference_denoiser, shape),
            1 << 30,
        )
        self.news: News = []
        self.kept: dict[str, dict[str, CheckpointFile]] = {}  # by avatar and name

    def train(
        self,
        *requests: TrainRequest,
        kill_at: int = 0,
        micro_batches: int = 1,
        fingerprint: str = "x",
        between_steps: Callable[[], None] = lambda: None,
    ) -> list[Any]:
        """kill_at: the step after which, once it was reported for all, the process 'dies'.

        What comes of checkpoints is kept, to be put into a request by `resumed`."""
        self.news = []
        for request in requests:
            self.kept[request.avatar] = {file.name: file for file in request.checkpoint}

        def report(number: int, news: Progress) -> None:
            self.news.append((number, news))
            self.kept[requests[number].avatar] |= {file.name: file for file in news.checkpoint}
            last = news.stage is EngineStage.TRAINING and number == len(requests) - 1
            if last and news.step == kill_at:
                raise Stop

        return train.train(
            self.base, self.injector, self.lora_cache, self.recipe, fingerprint, requests, report,
            between_steps, self.cache, micro_batches,
        )  # fmt: skip

    def resumed(self, request: TrainRequest) -> TrainRequest:
        """The request, with what was kept of its avatar's last run."""
        kept = self.kept[request.avatar].values()
        return dataclasses.replace(request, checkpoint=tuple(kept))

    def with_train(self, **changes: object) -> TrainingHarness:
        """Change numbers of the recipe on the loaded base."""
        self.recipe = dataclasses.replace(
            self.recipe,
            train=dataclasses.replace(self.recipe.train, **changes),  # type: ignore[arg-type]
        )
        return self

    def steps_told(self, number: int = 0) -> list[int]:
        told = (news for who, news in self.news if who == number)
        return [news.step for news in told if news.stage is EngineStage.TRAINING]


def weights_of(done: Any, which: int = -1) -> Tensor:
    """All weights of a kept LoRA in one row."""
    assert isinstance(done, TrainedLora), done
    values = safetensors_of(done.kept[which].lora)
    return torch.cat([values[name].flatten() for name in sorted(values)])


def safetensors_of(file: bytes) -> dict[str, Tensor]:
    import safetensors.torch

    values: dict[str, Tensor] = safetensors.torch.load(file)
    return values


def apart(one: Any, other: Any) -> float:
    return float((weights_of(one) - weights_of(other)).abs().max())


def settings_of(tiny_recipe: MakeRecipe, **changes: object) -> Any:
    return dataclasses.replace(tiny_recipe("mini").train, **changes)  # type: ignore[arg-type]
