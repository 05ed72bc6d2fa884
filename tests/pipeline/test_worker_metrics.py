"""What a worker measures of jobs: nothing of one customer alone, and labels that cannot grow."""

import math
import types

import pynvml as nvml
import pytest

from pipeline.engine.engine import EngineCrashed, PaintedImage, Progress
from pipeline.engine.messages import EngineStage, OrderError
from pipeline.worker import gpu_memory
from pipeline.worker.job_metrics import StepClock
from pipeline.worker.metrics import CROWD, WorkerMetrics
from shop.errors import Unavailable


def painted(*likeness: float | None, refused: int = 0) -> tuple[PaintedImage, ...]:
    return tuple(PaintedImage(b"", 1, 64, 64, one, refused) for one in likeness)


def test_likeness_is_counted_of_a_crowd_and_of_those_who_agreed_alone() -> None:
    metrics = WorkerMetrics()
    value = metrics.registry.get_sample_value
    for _ in range(CROWD - 1):
        metrics.observe_painted(painted(0.75, 0.35))
    metrics.observe_painted(painted(None, None, refused=3))  # who did not agree is no crowd
    assert value("eider_initial_likeness_count") == 0
    metrics.observe_painted(painted(0.95))
    assert value("eider_initial_likeness_count") == 2 * (CROWD - 1) + 1
    assert value("eider_initial_likeness_bucket", {"le": "0.8"}) == 2 * (CROWD - 1)
    assert value("eider_worker_gate_refusals_total") == 6
    assert value("eider_worker_pictures_total") == 2 * (CROWD - 1) + 3


def test_causes_are_the_engines_own_words() -> None:
    class Invented(OrderError):
        pass

    metrics = WorkerMetrics()
    for error in (EngineCrashed(), Unavailable("away"), ValueError("x"), Invented()):
        metrics.count_failure("train", error)
    value = metrics.registry.get_sample_value
    counts = {
        cause: value("eider_worker_job_failures_total", {"kind": "train", "cause": cause})
        for cause in ("EngineCrashed", "outage", "other")
    }
    assert counts == {"EngineCrashed": 1, "outage": 1, "other": 2}


def test_steps_are_measured_within_a_stage() -> None:
    metrics = WorkerMetrics()
    clock = StepClock(metrics)
    for which, stage, step, at in (
        (0, EngineStage.LOADING, 0, 0.0),
        (0, EngineStage.TRAINING, 0, 9.0),
        (1, EngineStage.TRAINING, 4, 9.5),
        (0, EngineStage.TRAINING, 4, 11.0),
        (0, EngineStage.TRAINING, 6, 12.0),
        (0, EngineStage.PAINTING, 1, 30.0),
    ):
        clock.hear(which, Progress(stage, step, 100), at)
    value, labels = metrics.registry.get_sample_value, {"stage": "training"}
    assert value("eider_worker_step_seconds_count", labels) == 2
    assert value("eider_worker_step_seconds_sum", labels) == pytest.approx(0.5 + 0.5)
    assert value("eider_worker_step_seconds_count", {"stage": "painting"}) is None


def test_gpu_memory_is_the_drivers(monkeypatch) -> None:
    assert gpu_memory.gpu_memory("cpu") is None
    numbers = []
    monkeypatch.setattr(nvml, "nvmlInit", lambda: None)
    monkeypatch.setattr(nvml, "nvmlDeviceGetHandleByIndex", numbers.append)
    memory = types.SimpleNamespace(used=3 << 30, total=80 << 30)
    monkeypatch.setattr(nvml, "nvmlDeviceGetMemoryInfo", lambda _: memory)
    metrics = WorkerMetrics()
    metrics.show_gpu("cuda:1")
    value = metrics.registry.get_sample_value
    assert numbers == [1]
    assert value("eider_worker_gpu_memory_bytes", {"state": "total"}) == 80 << 30

    def away(_: object) -> None:
        raise nvml.NVMLError(nvml.NVML_ERROR_GPU_IS_LOST)

    monkeypatch.setattr(nvml, "nvmlDeviceGetMemoryInfo", away)
    assert math.isnan(value("eider_worker_gpu_memory_bytes", {"state": "used"}))
