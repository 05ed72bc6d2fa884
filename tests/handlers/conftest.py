"""A harness for every test of the dialogue."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.dialogue_harness import DialogueHarness


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[DialogueHarness]:
    harness = DialogueHarness(tmp_path)
    yield harness
    await harness.till.close()
