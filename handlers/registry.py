"""A registry: entries by name, added by explicit calls, so that a new one needs no edit here."""

from collections.abc import Iterator
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """``what`` names its entries in error messages."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._entries: dict[str, Entry] = {}

    def register(self, name: str, entry: Entry) -> None:
        """Add an entry. Raises ValueError for a name that is taken."""
        if name in self._entries:
            raise ValueError(f"{self._what} {name} is registered already")
        self._entries[name] = entry

    def unregister(self, name: str) -> None:
        """Remove an entry, as a test does with its own. Raises ValueError for an unknown name."""
        self[name]
        del self._entries[name]

    def find(self, name: str) -> Entry | None:
        """The entry of that name, or None."""
        return self._entries.get(name)

    def __getitem__(self, name: str) -> Entry:
        """Raises ValueError for an unknown name."""
        if name not in self._entries:
            raise ValueError(f"no such {self._what}: {name}")
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of their registration."""
        return iter(tuple(self._entries))
