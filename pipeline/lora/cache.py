"""An LRU cache of customers' LoRAs on the device, limited in bytes.

In memory alone: this cache writes nothing to the disk.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager

from pipeline.lora.multi_lora import ActiveLora, MultiLoraInjector


class LoraCache:
    """The LoRAs loaded by an injector, least recently used first.

    max_bytes   the limit; the LoRAs of one painting stay even if they are more
    """

    def __init__(self, injector: MultiLoraInjector, max_bytes: int) -> None:
        self.injector = injector
        self._max_bytes = max_bytes
        self._keys: OrderedDict[str, None] = OrderedDict()

    def fetch(self, file: bytes) -> str:
        """Load a LoRA unless it is loaded; its key. BadLora: it does not fit, the others stay."""
        key = self.injector.load(file)
        self._keys[key] = None
        self._keys.move_to_end(key)
        return key

    def evict(self, needed: Collection[str]) -> None:
        """Unload what is beyond the limit, but none of the `needed` keys."""
        loaded = [key for key in self._keys if self.injector.is_loaded(key)]
        sizes = {key: self.injector.size_bytes(key) for key in loaded}
        for key in loaded:
            if sum(sizes.values()) <= self._max_bytes:
                return
            if key not in needed:
                self.injector.unload(key)
                del sizes[key], self._keys[key]

    def activate(self, loras: Sequence[ActiveLora | None]) -> AbstractContextManager[None]:
        """Paint a batch, one LoRA or none per request."""
        return self.injector.activate(loras)
