"""The sandbox provider as its page and its messenger see it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from shop.records import Currency


class ShownBill(Protocol):
    """A bill at the cashier's. ``amount`` is in minor units; ``state`` is open, paid or expired."""

    @property
    def reference(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def amount(self) -> int: ...
    @property
    def currency(self) -> Currency: ...
    @property
    def state(self) -> StrEnum: ...


class Notification(Protocol):
    """A signed message to the shop."""

    @property
    def event_id(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Provider(Protocol):
    """What the sandbox till is beside a till. ``show`` and ``pay`` raise
    :class:`shop.errors.NotFound`, ``pay`` a :class:`shop.errors.TillError` when it is too late."""

    async def show(self, reference: str) -> ShownBill: ...
    async def pay(self, reference: str) -> Notification: ...
    async def cancel(self, reference: str) -> None: ...
    async def pending(self) -> Sequence[Notification]: ...
    async def acknowledge(self, event_id: str) -> None: ...
