"""A stage for every test of the dialogue."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.stage import DialogueHarness


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[DialogueHarness]:
    stage = DialogueHarness(tmp_path)
    yield stage
    await stage.till.close()
