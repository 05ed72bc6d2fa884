"""Checkpoints that earlier versions left as plain files: removed by whatever starts first."""

import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shop.adapters.plain_checkpoints import remove_plain_checkpoints


def plant(data_dir: Path) -> None:
    folder = data_dir / "checkpoints" / ("a" * 32)
    folder.mkdir(parents=True)
    (folder / "f00.checkpoint").write_bytes(b"a readable face")


async def test_they_go_and_nothing_else_does(tmp_path: Path) -> None:
    plant(tmp_path)
    (tmp_path / "blobs").mkdir()
    with capture_logs() as heard:
        assert await remove_plain_checkpoints(tmp_path)
        assert not await remove_plain_checkpoints(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["blobs"]
    assert [line["event"] for line in heard] == ["plain_checkpoints_removed"]


async def test_what_cannot_be_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path)
    monkeypatch.setattr(shutil, "rmtree", lambda *arguments, **options: None)  # a disk of root's
    with capture_logs() as heard:
        assert await remove_plain_checkpoints(tmp_path)
    assert [line["event"] for line in heard] == ["plain_checkpoints_remain"]
