"""What tells one personal page from another: its address, cookies, signatures and words."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PersonalPage:
    """A page that opens by a signed link, for one person. ``name``, small letters, stands in all
    that must not be taken for another page's; its texts are ``{name}-...``: ``title``,
    ``checking``, ``noscript``, ``offline``, ``outside``, and a sentence and a ``-title`` each for
    ``unknown``, ``over``, ``gone``, ``unproven`` and ``not-yours``. ``static``: its own files.
    ``styles``: those of them that every view has, beside what all pages share."""

    name: str
    static: Path
    styles: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Where it is served; its link follows."""
        return f"/{self.name}"

    @property
    def purpose(self) -> str:
        """Of the key that signs its links and sessions."""
        return f"pages/{self.name}/1"

    @property
    def session_cookie(self) -> str:
        return f"eider_{self.name}"

    @property
    def login_cookie(self) -> str:
        return f"eider_{self.name}_login"

    def word(self, what: str) -> str:
        """The key of a text."""
        return f"{self.name}-{what}"
