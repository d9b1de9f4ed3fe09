"""D11: every row adds up.

A row that reaches the threshold and is not `passed` is let through: a pack may hold a least result per block as well.
The other way round is refused.
"""

from __future__ import annotations

from decimal import Decimal

from docs_templates.contexts.figures import number
from docs_templates.guards.conditions import insist, is_share, reaches
from flask_app.ports.paper import ResultRow, TestResultSheet


def guard_sheet(facts: TestResultSheet) -> None:
    """Totals and maxima are the sums of the blocks, the per cent is theirs, nobody passes below the threshold."""
    insist(bool(facts.block_names), "PAPER_NO_BLOCKS")
    for row in facts.rows:
        _blocks(row, len(facts.block_names))
        if row.present:
            _sums(row)
            _thresholds(row, facts)
        else:
            _absent(row)


def _blocks(row: ResultRow, expected: int) -> None:
    insist(len(row.blocks) == expected, "PAPER_BLOCK_COUNT", name=row.name, blocks=len(row.blocks), expected=expected)
    for right, of in row.blocks:
        insist(0 <= right <= of, "PAPER_BLOCK_RANGE", name=row.name, right=right, of=of)


def _sums(row: ResultRow) -> None:
    right, of = sum(block[0] for block in row.blocks), sum(block[1] for block in row.blocks)
    insist(row.total == right, "PAPER_TOTAL", name=row.name, total=row.total, blocks=right)
    insist(row.maximum == of, "PAPER_MAXIMUM", name=row.name, maximum=row.maximum, blocks=of)
    shown = number(row.percent, "row.percent")
    insist(
        is_share(shown, Decimal(row.total), Decimal(row.maximum)),
        "PAPER_PERCENT",
        name=row.name,
        percent=row.percent,
        total=row.total,
        maximum=row.maximum,
    )


def _thresholds(row: ResultRow, facts: TestResultSheet) -> None:
    for claimed, percent, code in (
        (row.passed, facts.pass_percent, "PAPER_PASSED_BELOW"),
        (row.reserve_eligible, facts.reserve_percent, "PAPER_RESERVE_BELOW"),
    ):
        insist(
            not claimed or reaches(row.total, row.maximum, percent),
            code,
            name=row.name,
            total=row.total,
            maximum=row.maximum,
            percent=percent,
        )


def _absent(row: ResultRow) -> None:
    empty = not (row.total or row.passed or row.reserve_eligible or any(right for right, _ in row.blocks))
    insist(empty, "PAPER_ABSENT_WITH_RESULT", name=row.name, total=row.total)
