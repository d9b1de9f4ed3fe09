"""Blueprints by cells: so many questions of a block, topic, difficulty or act; papers drawn, compared and recomputed.

`question_banks.selection` draws the examination's own blueprint (blocks and topics). This module serves the builder:
cells may overlap (ten of an act, five of them hard), so whether the banks can feed them is a question of matching, not
of counting each cell alone. A paper is a function of (banks by hash, design, seed, variant, facilities) and of nothing
else; numbers come from `selection.Stream`, whose recipe stands there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from statistics import fmean
from typing import Final

from question_banks.bank import Bank, TwinGroup
from question_banks.selection import DrawnItem, SelectionError, Stream, refuse_mixed_law

EXPECTED: Final[Mapping[str, float]] = {"easy": 0.8, "medium": 0.6, "hard": 0.4}
"""The share of people an author's word promises to answer right; what was measured replaces it."""

UNTOLD: Final = 0.6
TRIES: Final = 200
"""How many papers are drawn for one variant in search of the wanted difficulty; then the nearest is taken."""

PROBES: Final = 24
"""How many papers are drawn to estimate the overlap where it has no formula."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`count` questions that fit every condition given; an empty one fits all. `act` is a source that is cited."""

    block: str
    count: int
    topic: str = ""
    difficulty: str = ""
    act: str = ""

    def fits(self, group: TwinGroup) -> bool:
        return (
            self.topic in ("", group.topic)
            and self.difficulty in ("", group.difficulty)
            and (not self.act or any(self.act == place.source for place in group.citations))
        )


@dataclass(frozen=True, slots=True)
class Design:
    """What a paper is made of. Only questions that speak all `languages` count (none named: those of their bank).

    `shown`: how often each question was on a paper already; with `shown_limit` those that reached it are left out.
    """

    cells: tuple[Cell, ...]
    languages: tuple[str, ...] = ()
    withdrawn: frozenset[str] = frozenset()
    shown: Mapping[str, int] = field(default_factory=dict)
    shown_limit: int | None = None

    @property
    def count(self) -> int:
        return sum(cell.count for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Feeding:
    """What the banks can do for a design.

    `available`: fitting questions, cell by cell. `short`: cells (places from 0) that together need more than there is,
    with how much; empty when papers can be drawn. `papers`: how many different ones; where cells overlap it is a lower
    bound (`exact` says so), and `overlap`, the questions two people share on average, is measured on trial papers.
    """

    available: tuple[int, ...]
    short: tuple[int, ...]
    needed: int
    fitting: int
    papers: int
    overlap: Fraction
    exact: bool

    @property
    def feasible(self) -> bool:
        return not self.short


@dataclass(frozen=True, slots=True)
class Paper:
    """`facility`: the share of right answers to expect; `tries`: papers drawn until this one was taken."""

    variant: int
    items: tuple[DrawnItem, ...]
    facility: float
    tries: int


@dataclass(frozen=True, slots=True)
class ParallelPapers:
    """Papers of equal difficulty: `target` is what the design promises; `unmeasured` questions count by their label."""

    papers: tuple[Paper, ...]
    target: float
    unmeasured: int

    @property
    def spread(self) -> float:
        """The difference between the easiest and the hardest paper, in shares of right answers."""
        facilities = [paper.facility for paper in self.papers]
        return max(facilities) - min(facilities) if facilities else 0.0


@dataclass(frozen=True, slots=True)
class _Pool:
    """The questions a design may use: (bank id, group) by group id, and for each cell the ids that fit it."""

    members: Mapping[str, tuple[str, TwinGroup]]
    fitting: tuple[tuple[str, ...], ...]


def feed(design: Design, banks: Sequence[Bank]) -> Feeding:
    """Whether and how richly the banks feed the design.

    Raises `SelectionError`: DESIGN_EMPTY, DESIGN_COUNT, DESIGN_UNKNOWN, SELECT_JURISDICTIONS. A shortage is reported,
    not raised.
    """
    pool = _pool(design, banks)
    available = tuple(len(ids) for ids in pool.fitting)
    short = _short(design, pool)
    union = {id_ for at in short for id_ in pool.fitting[at]}
    needed = sum(design.cells[at].count for at in short)
    if short:
        return Feeding(available, short, needed, len(union), 0, Fraction(0), exact=True)
    if _is_disjoint(pool):
        counts = [(cell.count, size) for cell, size in zip(design.cells, available, strict=True) if cell.count]
        papers = math.prod(math.comb(size, count) for count, size in counts)
        overlap = sum((Fraction(count * count, size) for count, size in counts), Fraction(0))
        return Feeding(available, (), design.count, len(pool.members), papers, overlap, exact=True)
    return Feeding(
        available,
        (),
        design.count,
        len(pool.members),
        _papers_at_least(design, pool),
        _measured_overlap(design, pool),
        False,
    )


def draw_paper(
    design: Design, banks: Sequence[Bank], seed: str, variant: int, attempt: int = 0
) -> tuple[DrawnItem, ...]:
    """The paper of this seed and variant, block by block in the order of the cells.

    `attempt` counts papers drawn for one variant in search of a difficulty. Raises `SelectionError`: as `feed`, and
    DESIGN_SHORT, SELECT_SEED_EMPTY, SELECT_VARIANT_NEGATIVE.
    """
    _check_seed(seed, variant)
    pool = _pool(design, banks)
    _refuse_shortage(design, pool)
    return _draw(design, pool, _stream(banks, seed, variant, attempt))


def parallel_papers(
    design: Design,
    banks: Sequence[Bank],
    seed: str,
    variants: int,
    facilities: Mapping[str, float],
    tolerance: float = 0.01,
) -> ParallelPapers:
    """`variants` papers whose expected share of right answers lies within `tolerance` of the design's own.

    `facilities`: measured, by group. A variant for which no try comes that near takes the nearest of `TRIES`.
    Raises as `draw_paper`.
    """
    _check_seed(seed, 0)
    pool = _pool(design, banks)
    _refuse_shortage(design, pool)
    expected = {
        id_: facilities.get(id_, EXPECTED.get(group.difficulty, UNTOLD)) for id_, (_, group) in pool.members.items()
    }
    target = _target(design, pool, expected)
    papers = tuple(
        _nearest(design, pool, banks, (seed, variant), expected, target, tolerance) for variant in range(variants)
    )
    return ParallelPapers(papers, target, sum(id_ not in facilities for id_ in pool.members))


def shared(first: Sequence[DrawnItem], second: Sequence[DrawnItem]) -> int:
    """How many questions two papers have in common."""
    return len({item.group for item in first} & {item.group for item in second})


# -- the pool ----------------------------------------------------------------------------------------------------------


def _pool(design: Design, banks: Sequence[Bank]) -> _Pool:
    _check(design, banks)
    members = {
        group.id: (bank.id, group) for bank in banks for group in bank.items if _is_eligible(design, bank, group)
    }
    blocks = {bank.id: bank.block for bank in banks}
    fitting = tuple(
        tuple(id_ for id_, (bank, group) in sorted(members.items()) if blocks[bank] == cell.block and cell.fits(group))
        for cell in design.cells
    )
    used = {id_ for ids in fitting for id_ in ids}
    return _Pool({id_: member for id_, member in members.items() if id_ in used}, fitting)


def _is_eligible(design: Design, bank: Bank, group: TwinGroup) -> bool:
    worn = design.shown_limit is not None and design.shown.get(group.id, 0) >= design.shown_limit
    return group.id not in design.withdrawn and group.speaks(design.languages or bank.languages) and not worn


def _check(design: Design, banks: Sequence[Bank]) -> None:
    refuse_mixed_law(banks)
    for row, cell in enumerate(design.cells, start=1):
        if cell.count < 0:
            raise SelectionError("DESIGN_COUNT", row=row)
        groups = [group for bank in banks if bank.block == cell.block for group in bank.items]
        known = {
            "block": {bank.block for bank in banks},
            "topic": {"", *(group.topic for group in groups)},
            "act": {"", *(place.source for group in groups for place in group.citations)},
            "difficulty": {"", *EXPECTED},
        }
        for name, values in known.items():
            if getattr(cell, name) not in values:
                raise SelectionError("DESIGN_UNKNOWN", row=row, value=getattr(cell, name))
    if design.count == 0:
        raise SelectionError("DESIGN_EMPTY")


def _check_seed(seed: str, variant: int) -> None:
    if not seed.strip():
        raise SelectionError("SELECT_SEED_EMPTY")
    if variant < 0:
        raise SelectionError("SELECT_VARIANT_NEGATIVE", variant=variant)


def _is_disjoint(pool: _Pool) -> bool:
    return sum(len(ids) for ids in pool.fitting) == len(pool.members)


# -- matching ----------------------------------------------------------------------------------------------------------


class _Matching:
    """Gives questions to cells one place at a time; a question already given moves on where another cell needs it.

    Kuhn's augmenting paths: it finds a full paper whenever there is one. `reached` after a failed try are the cells
    that together are short (Hall's condition).
    """

    def __init__(self, orders: Sequence[Sequence[str]]) -> None:
        self.orders = orders
        self.holder: dict[str, int] = {}
        self.reached: set[int] = set()

    def give(self, cell: int) -> bool:
        self.reached = set()
        return self._give(cell)

    def _give(self, cell: int) -> bool:
        self.reached.add(cell)
        for id_ in self.orders[cell]:
            if id_ not in self.holder:
                self.holder[id_] = cell
                return True
        for id_ in self.orders[cell]:
            other = self.holder[id_]
            if other not in self.reached and self._give(other):
                self.holder[id_] = cell
                return True
        return False


def _short(design: Design, pool: _Pool) -> tuple[int, ...]:
    matching = _Matching(pool.fitting)
    for at, cell in enumerate(design.cells):
        for _ in range(cell.count):
            if not matching.give(at):
                return tuple(sorted(matching.reached))
    return ()


def _refuse_shortage(design: Design, pool: _Pool) -> None:
    short = _short(design, pool)
    if short:
        fitting = {id_ for at in short for id_ in pool.fitting[at]}
        rows = ", ".join(str(at + 1) for at in short)
        needed = sum(design.cells[at].count for at in short)
        raise SelectionError("DESIGN_SHORT", rows=rows, n=len(short), needed=needed, available=len(fitting))


# -- drawing -----------------------------------------------------------------------------------------------------------


def _stream(banks: Sequence[Bank], *parts: object) -> Stream:
    return Stream("paper/1", *parts, sorted([bank.id, bank.hash] for bank in banks))


def _draw(design: Design, pool: _Pool, stream: Stream) -> tuple[DrawnItem, ...]:
    orders = [stream.sample(ids, len(ids)) for ids in pool.fitting]
    matching = _Matching(orders)
    for at, cell in enumerate(design.cells):
        for _ in range(cell.count):
            matching.give(at)
    by_block: dict[str, list[str]] = defaultdict(list)
    for cell in design.cells:
        by_block.setdefault(cell.block, [])
    for id_, at in sorted(matching.holder.items()):
        by_block[design.cells[at].block].append(id_)
    placed = [(block, id_) for block, ids in by_block.items() for id_ in stream.sample(ids, len(ids))]
    return tuple(
        DrawnItem(place, block, pool.members[id_][0], id_, pool.members[id_][1].topic)
        for place, (block, id_) in enumerate(placed, start=1)
    )


def _target(design: Design, pool: _Pool, expected: Mapping[str, float]) -> float:
    """The mean facility of a paper on which every fitting question of a cell is as likely as every other."""
    sums = [
        cell.count * fmean(expected[id_] for id_ in ids)
        for cell, ids in zip(design.cells, pool.fitting, strict=True)
        if cell.count
    ]
    return sum(sums) / design.count


def _nearest(
    design: Design,
    pool: _Pool,
    banks: Sequence[Bank],
    recipe: tuple[str, int],
    expected: Mapping[str, float],
    target: float,
    tolerance: float,
) -> Paper:
    best: Paper | None = None
    seed, variant = recipe
    for attempt in range(TRIES):
        items = _draw(design, pool, _stream(banks, seed, variant, attempt))
        facility = fmean(expected[item.group] for item in items)
        if best is None or abs(facility - target) < abs(best.facility - target):
            best = Paper(variant, items, facility, attempt + 1)
        if abs(facility - target) <= tolerance:
            break
    assert best is not None
    return best


# -- how many, how alike -----------------------------------------------------------------------------------------------


def _papers_at_least(design: Design, pool: _Pool) -> int:
    """Papers that can be drawn when every question is kept for one of its cells: all of them are different papers."""
    matching = _Matching(pool.fitting)
    for at, cell in enumerate(design.cells):
        for _ in range(cell.count):
            matching.give(at)
    held = [0] * len(design.cells)
    for at in matching.holder.values():
        held[at] += 1
    for id_ in pool.members:
        if id_ not in matching.holder:
            fitting = [at for at, ids in enumerate(pool.fitting) if id_ in ids and design.cells[at].count]
            if fitting:
                held[min(fitting, key=lambda at: Fraction(held[at], design.cells[at].count))] += 1
    return math.prod(math.comb(size, cell.count) for cell, size in zip(design.cells, held, strict=True))


def _measured_overlap(design: Design, pool: _Pool) -> Fraction:
    """The mean over all pairs of trial papers; the trials have a fixed seed, so the figure can be checked."""
    drawn = [_draw(design, pool, Stream("overlap/1", trial)) for trial in range(PROBES)]
    found = [shared(first, second) for first, second in combinations(drawn, 2)]
    return Fraction(sum(found), len(found))
