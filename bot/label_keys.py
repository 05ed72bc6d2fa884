"""The keys of the labels as the settings name them: checked at start, and held by the chat side
alone. Workers need none and never see them.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from bot.channels import ChannelRegistry
from shop.environment import variable
from shop.errors import CannotStart
from shop.labels.keys import KeysUnusable, LabelKeys, load_keys
from shop.settings import Settings

NONE: Final = "none"
"""The value of ``EIDER_LABEL_KEYS`` that says: pictures leave without credentials."""

_VARIABLE: Final = "EIDER_LABEL_KEYS"
_MAKE: Final = "python -m bot keys FOLDER --root ROOT"

log = structlog.get_logger()


def keys_of(settings: Settings, now: datetime) -> LabelKeys | None:
    """The keys; None where the settings name none. Raises :class:`KeysUnusable`."""
    if settings.label_keys in ("", NONE):
        return None
    return load_keys(folder_of(settings), now)


def producer_of(env: Mapping[str, str]) -> str:
    """The setting ``content_producer`` alone, of an environment that need not be a shop's."""
    default: str = Settings.model_fields["content_producer"].default
    return env.get(variable("content_producer"), "").strip() or default


def tell(settings: Settings, now: datetime) -> None:
    """Log, once at a process's start, that there are no keys, or that they are due for rotation.
    Raises :class:`KeysUnusable`."""
    keys = keys_of(settings, now)
    if keys is None:
        log.warning("pictures_without_credentials", hint=_MAKE)
    elif keys.is_due(now):
        log.warning("label_key_is_due", made=f"{keys.made_at:%Y-%m-%d}", hint=_MAKE)


def key_problems(channels: ChannelRegistry, settings: Settings) -> Iterator[str]:
    """What is wrong with the keys, for :meth:`Settings.from_env`: a shop that takes money has some,
    or says that it has none; and they are whole, and not where workers could read them."""
    sells = bool(channels.selling_tills(settings))
    if not settings.label_keys:
        if sells:
            yield (
                f"{_VARIABLE}: is missing, and nobody could verify a portrait; make keys with: "
                f"{_MAKE}, or say {NONE}: then pictures leave without credentials"
            )
        return
    if settings.label_keys == NONE:
        return
    folder = folder_of(settings)
    if sells and folder.resolve().is_relative_to(settings.data_dir.resolve()):
        yield f"{_VARIABLE}: lies in EIDER_DATA, which workers share; keep it elsewhere"
    try:
        load_keys(folder, datetime.now(UTC))
    except KeysUnusable as error:
        yield f"{_VARIABLE}: {error}"


def folder_in(env: Mapping[str, str]) -> Path:
    """The folder that an environment names, which need not be a shop's. Raises
    :class:`CannotStart` where it names none."""
    named = env.get(_VARIABLE, "").strip()
    if named in ("", NONE):
        raise CannotStart(f"{_VARIABLE}: names no keys; name their folder with --trust")
    return Path(named).expanduser().absolute()


def folder_of(settings: Settings) -> Path:
    """The folder that the settings name. Raises :class:`CannotStart` where they name none."""
    return folder_in({_VARIABLE: settings.label_keys})
