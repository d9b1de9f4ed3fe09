"""Rules of the training order (DOMAIN A7)."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

# The six acts of the order in their sequence (S002 L28: the source's first item holds two of them).
STAGES: tuple[str, ...] = (
    "needs_assessment",
    "order_formed_and_approved",
    "order_placed",
    "training_delivered",
    "control_monitoring_evaluation",
    "report",
)


def reaches_share(planned: Decimal, body_funds: Decimal, required_percent: Decimal) -> bool:
    """Whether the money for training is at least the required share of the body's funds (S002 L25). No division."""
    return body_funds > 0 and planned * 100 >= required_percent * body_funds


def share_percent(planned: Decimal, body_funds: Decimal) -> Decimal:
    """For printing, two decimals, cut: 0.999 % must not look like the 1 % it misses. Decisions use `reaches_share`."""
    if body_funds <= 0:
        return Decimal("0.00")
    return (planned * 100 / body_funds).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
