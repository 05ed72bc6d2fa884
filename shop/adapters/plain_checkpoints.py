"""Training checkpoints of earlier versions, which wrote them as plain files: a face among them."""

import asyncio
import shutil
from pathlib import Path

import structlog

log = structlog.get_logger()


async def remove_plain_checkpoints(data_dir: Path) -> bool:
    """Remove their folder; whether there was one. What cannot be removed is logged as an error:
    nobody else will look there."""
    folder = data_dir / "checkpoints"
    if not folder.is_dir():
        return False
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    if folder.exists():
        log.error("plain_checkpoints_remain", folder=str(folder))
    else:
        log.info("plain_checkpoints_removed")
    return True
