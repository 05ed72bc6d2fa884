"""Valid blob paths: the same for every adapter, so that none can be led out of its root folder."""

import re

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")


def checked(path: str) -> str:
    """The path itself: parts of letters, digits and ``._-``, joined by "/", none starting with ".".

    Raises :class:`ValueError` for anything else: ``..``, "/" at an end, "//", "" and the like.
    """
    if not is_path(path):
        raise ValueError("not a blob path")
    return path


def is_path(path: str) -> bool:
    """Whether :func:`checked` takes it."""
    return all(_PART.fullmatch(part) for part in path.split("/"))


def under(path: str, prefix: str) -> bool:
    """Whether ``path`` is ``prefix`` or lies below it (``a/b`` is under ``a``, ``ab`` is not)."""
    return not prefix or path == prefix or path.startswith(f"{prefix}/")
