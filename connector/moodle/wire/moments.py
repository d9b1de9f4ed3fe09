"""Epoch seconds, as the contract writes times, and aware datetimes in UTC, as the panel keeps them."""

from __future__ import annotations

from datetime import UTC, datetime


def to_epoch(moment: datetime | None) -> int:
    """Whole seconds since 1970 in UTC; None is 0: no bound. Raises `ValueError` without a zone."""
    if moment is None:
        return 0
    if moment.tzinfo is None:
        raise ValueError("a time without a zone means nothing to another system")
    return int(moment.timestamp() // 1)


def from_epoch(seconds: int) -> datetime:
    """Raises `ValueError` beyond the calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds} is no moment") from error
