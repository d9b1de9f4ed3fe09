"""Decimals as they are kept (text) and as JSON gives them."""

from __future__ import annotations

from decimal import Decimal


def as_text(value: Decimal | None) -> str | None:
    """Without trailing zeros or an exponent."""
    return None if value is None else f"{value.normalize():f}"


def number(text: str | None) -> int | float | None:
    """A kept decimal as a JSON number, whole ones without a point, as PHP writes them."""
    if text is None:
        return None
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)
