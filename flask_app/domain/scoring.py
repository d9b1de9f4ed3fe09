"""From marks to outcomes: a threshold is a set of conditions on the total and on blocks, in exact arithmetic.

Rules of `kg-mun-2006`: at least 50 % of the possible sum leads to the interview, at least 75 % and not chosen to the
reserve (S003 L120, L124); the base is the possible sum, not each block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class BlockScore:
    """Marks got and possible in one block of the test."""

    block: str
    mark: Decimal
    maximum: Decimal


@dataclass(frozen=True, slots=True)
class Condition:
    """`scope`: "total" or a block's id. Exactly one of `min_percent`, `min_mark` is set."""

    scope: str
    min_percent: int | None = None
    min_mark: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.min_percent is None) == (self.min_mark is None):
            raise ValueError(f"condition on {self.scope}: exactly one of min_percent and min_mark")

    def holds(self, mark: Decimal, maximum: Decimal) -> bool:
        if self.min_mark is not None:
            return mark >= self.min_mark
        assert self.min_percent is not None
        # No division: 29.999… % must never become 30 %.
        return maximum > 0 and mark * 100 >= self.min_percent * maximum


@dataclass(frozen=True, slots=True)
class Judged:
    """One condition with the figures it was judged by, so that a person can check it with a pencil."""

    condition: Condition
    mark: Decimal
    maximum: Decimal
    holds: bool


def total(blocks: Iterable[BlockScore]) -> BlockScore:
    """The sum over all blocks."""
    listed = list(blocks)
    return BlockScore("total", sum((b.mark for b in listed), Decimal(0)), sum((b.maximum for b in listed), Decimal(0)))


def judge(blocks: Iterable[BlockScore], conditions: Iterable[Condition]) -> tuple[Judged, ...]:
    """Every condition with its figures. A condition on a block that was not sat fails with 0 of 0."""
    listed = list(blocks)
    scores: Mapping[str, BlockScore] = {block.block: block for block in listed} | {"total": total(listed)}
    nothing = Decimal(0)
    judged = []
    for condition in conditions:
        score = scores.get(condition.scope, BlockScore(condition.scope, nothing, nothing))
        judged.append(Judged(condition, score.mark, score.maximum, condition.holds(score.mark, score.maximum)))
    return tuple(judged)


def passes(blocks: Iterable[BlockScore], conditions: Iterable[Condition]) -> bool:
    """Whether all conditions hold. No conditions = nobody passes: a pack that forgot its threshold must not open it."""
    judged = judge(blocks, conditions)
    return bool(judged) and all(j.holds for j in judged)


def percent(mark: Decimal, maximum: Decimal) -> Decimal:
    """For printing only (one decimal, half up); decisions never use it."""
    if maximum == 0:
        return Decimal("0.0")
    return (mark * 100 / maximum).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
