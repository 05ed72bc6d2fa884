"""The self-test of a host: each thing that is broken is named, with the way out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.child import self_test
from pipeline.engine.engine import (
    BaseMissing,
    ChildEngine,
    ChildSettings,
    DeviceMissing,
    EngineError,
    FolderNotWritable,
    LabelText,
)
from pipeline.engine.messages import BadLabel, SelfTestRequest
from pipeline.models import weights

MakeEngine = Callable[..., ChildEngine]


def fault(request: SelfTestRequest, cache: Path, device: str = "cpu") -> EngineError | None:
    def load(base: str) -> None:
        raise AssertionError("the base is the last thing that is looked at")

    try:
        self_test.run(request, device, cache, load)  # type: ignore[arg-type]
    except EngineError as error:
        return error
    return None


PHOTOS = SelfTestRequest("", LabelText())
PORTRAITS = SelfTestRequest("mini", LabelText())


def test_what_photos_need_is_there_without_torch(tmp_path: Path) -> None:
    assert fault(PHOTOS, tmp_path) is None
    assert not list(tmp_path.iterdir())  # nothing is left, and no cache is made


@pytest.mark.parametrize("missing", ["nowhere", "file"])
def test_a_temporary_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    monkeypatch.setenv("TMPDIR", str(tmp_path / missing))
    found = fault(PHOTOS, tmp_path)
    assert isinstance(found, FolderNotWritable)
    assert str(tmp_path / missing) in str(found)
    assert "TMPDIR" in str(found)


def test_none_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python then falls back on the folder that we run in, which is our code's."""

    def nowhere() -> str:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr("tempfile.gettempdir", nowhere)
    monkeypatch.setattr("pipeline.child.self_test.SYSTEM_TEMPORARY", tmp_path / "tmp")
    assert isinstance(fault(PHOTOS, tmp_path), FolderNotWritable)


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"no folder")
    found = fault(PORTRAITS, tmp_path / "cache")
    assert isinstance(found, FolderNotWritable)
    assert "EIDER_DATA" in str(found)


@pytest.mark.parametrize("request_", [PHOTOS, PORTRAITS])
def test_a_small_model_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_: SelfTestRequest
) -> None:
    monkeypatch.setattr(weights, "HERE", tmp_path)
    weights.find.cache_clear()
    try:
        found = fault(request_, tmp_path)
    finally:
        weights.find.cache_clear()
    assert isinstance(found, BaseMissing)
    assert "install" in str(found)


def test_a_label_that_is_none(tmp_path: Path) -> None:
    wrong = SelfTestRequest("mini", LabelText(producer="two words"))
    assert isinstance(fault(wrong, tmp_path), BadLabel)


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_real_processes_pass_and_fail_and_recover(
    make_engine: MakeEngine, bases: Path, tmp_path: Path
) -> None:
    import torch

    await make_engine().self_test("mini", LabelText())
    if not torch.cuda.is_available():
        absent = ChildEngine(ChildSettings(device="cuda", cache=tmp_path))
        with pytest.raises(DeviceMissing, match="EIDER_DEVICE"):
            await absent.self_test("mini", LabelText())
        await absent.close()

    (tmp_path / "bases" / "mini").mkdir(parents=True)
    index = weights.SHIPPED_BASES / "mini" / "model_index.json"
    shutil.copy(index, tmp_path / "bases" / "mini")
    hollow = ChildEngine(ChildSettings(bases=tmp_path / "bases", cache=tmp_path))
    with pytest.raises(BaseMissing, match=r"manifest\.json"):
        await hollow.self_test("mini", LabelText())
    for file in (weights.SHIPPED_BASES / "mini").iterdir():
        target = tmp_path / "bases" / "mini" / file.name
        shutil.copytree(file, target) if file.is_dir() else shutil.copy(file, target)
    await hollow.self_test("mini", LabelText())  # the same process, once they are back
    await hollow.close()
