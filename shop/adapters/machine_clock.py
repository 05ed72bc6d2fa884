"""The clock of this machine."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present time, as this machine has it."""
    return datetime.now(UTC)
