"""What the methods do: :data:`PLAIN` and :data:`IN_CHAT` hold them all by name."""

from tests.botapi.methods import (
    editing,
    files,
    inline,
    itself,
    menus,
    money,
    sending,
    updating,
)
from tests.botapi.registry import IN_CHAT, PLAIN

__all__ = ["IN_CHAT", "PLAIN"]
__all__ += ["editing", "files", "inline", "itself", "menus", "money", "sending", "updating"]
