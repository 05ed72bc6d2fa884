"""Customers' LoRAs that stay loaded, within so many bytes; the one worn longest ago leaves first.

In memory alone: on the disk there are only the vault's sealed files.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager

from pipeline.lora.multi_lora import ActiveLora, MultiLoraInjector


class LoraCache:
    """The LoRAs on a rack. room: bytes; what one painting wears stays, even if it is more."""

    def __init__(self, rack: MultiLoraInjector, room: int) -> None:
        self.rack = rack
        self._room = room
        self._hanging: OrderedDict[str, None] = OrderedDict()

    def fetch(self, file: bytes) -> str:
        """Load a LoRA unless it hangs here; its key. BadLora: it does not fit, the others stay."""
        key = self.rack.load(file)
        self._hanging[key] = None
        self._hanging.move_to_end(key)
        return key

    def make_room(self, needed: Collection[str]) -> None:
        """Let go what is beyond the limit, but none of the `needed`."""
        held = [key for key in self._hanging if self.rack.holds(key)]
        sizes = {key: self.rack.bytes_of(key) for key in held}
        for key in held:
            if sum(sizes.values()) <= self._room:
                return
            if key not in needed:
                self.rack.drop(key)
                del sizes[key], self._hanging[key]

    def worn(self, wearers: Sequence[ActiveLora | None]) -> AbstractContextManager[None]:
        """Paint a batch, one LoRA or none per ask."""
        return self.rack.worn(wearers)
