"""A stage for every test of the dialogue."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    await stage.till.close()
