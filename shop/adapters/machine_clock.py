"""This machine's clock."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present time, as this machine has it."""
    return datetime.now(UTC)
