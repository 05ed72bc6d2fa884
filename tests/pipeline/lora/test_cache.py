"""Which LoRAs the cache unloads."""

from __future__ import annotations

import pytest

from pipeline.lora.cache import LoraCache
from tests.pipeline.painting.harness import Open

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def test_the_cache_unloads_the_least_recently_used(opened: Open) -> None:
    harness = opened()
    files = [harness.lora(seed) for seed in range(3)]
    first = harness.lora_cache.fetch(files[0])
    size = harness.lora_cache.injector.size_bytes(first)
    lora_cache = LoraCache(harness.lora_cache.injector, 2 * size)
    keys = [lora_cache.fetch(file) for file in (*files, files[0])]
    lora_cache.evict({keys[2]})
    assert [lora_cache.injector.is_loaded(key) for key in keys[:3]] == [True, False, True]
    lora_cache.evict(())
    assert lora_cache.injector.is_loaded(keys[0])
    tight = LoraCache(lora_cache.injector, 1)
    keys = [tight.fetch(file) for file in files]
    tight.evict({keys[1]})
    assert [tight.injector.is_loaded(key) for key in keys] == [False, True, False]
