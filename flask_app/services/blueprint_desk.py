"""Blueprints of papers: kept, judged against the banks, and drawn on trial with equal difficulty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.errors import AlreadyThere, InvalidInput, VersionConflict
from flask_app.services import audit
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.bank_rights import require
from flask_app.services.item_statistics import facilities
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.store.models.organisation import User
from flask_app.store.models.questions import PaperBlueprint, QuestionItem
from flask_app.store.models.testing import ExaminationForm, FormItem
from question_banks.bank import Bank, BankError, Source, Texts
from question_banks.blueprints import Cell, Design, Feeding, ParallelPapers, feed, parallel_papers, shared
from question_banks.files import shipped_sources, shipped_topics

RIGHT: Final = "read_answers"
MEASURED_FROM: Final = 30
"""From how many answers on a measured facility replaces its author's word."""

MOST_CELLS: Final = 20
MOST_QUESTIONS: Final = 500
TRIAL_PAPERS: Final = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """The builder's form."""

    title: str
    cells: tuple[Cell, ...]
    languages: tuple[str, ...]
    shown_limit: int | None
    seed: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A blueprint in the list."""

    id: UUID
    title: str
    questions: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Menu:
    """What cells can ask for: blocks; per block its topics and acts; languages.

    Titles by block (where one bank alone feeds it), by (block, topic) and by act, as far as they are known.
    """

    blocks: tuple[str, ...]
    topics: tuple[tuple[str, str], ...]
    acts: tuple[str, ...]
    languages: tuple[str, ...]
    questions: int
    block_titles: Mapping[str, Texts]
    topic_titles: Mapping[tuple[str, str], Texts]
    act_titles: Mapping[str, Texts]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the banks can do for a blueprint, with a few papers drawn on trial.

    `refused` is the reason why it cannot be judged at all. `overlaps`: questions shared by each pair of trial papers.
    """

    feeding: Feeding | None = None
    trial: ParallelPapers | None = None
    overlaps: tuple[int, ...] = ()
    worn: int = 0
    withdrawn: int = 0
    refused: BankError | None = None


def blueprints(work: Work) -> tuple[Kept, ...]:
    """Raises `NotPermitted`."""
    require(work.actor, RIGHT)
    here = local_time(work)
    rows = work.session.execute(
        select(PaperBlueprint, User.name)
        .join(User, User.id == PaperBlueprint.made_by)
        .order_by(PaperBlueprint.title)
        .limit(200)
    )
    return tuple(
        Kept(row.id, row.title, sum(int(cell["count"]) for cell in row.cells), name, here.at(row.made_at))
        for row, name in rows
    )


def blueprint(work: Work, id_: UUID) -> tuple[PaperBlueprint, Wanted]:
    """Raises `NotFound`, `NotPermitted`."""
    require(work.actor, RIGHT)
    row = work.get(PaperBlueprint, id_)
    cells = tuple(Cell(**cell) for cell in row.cells)
    return row, Wanted(row.title, cells, tuple(map(str, row.languages)), row.shown_limit, row.seed)


def keep_blueprint(work: Work, wanted: Wanted, id_: UUID | None = None, expected_version: int = 0) -> PaperBlueprint:
    """Keep what the builder says. It may ask for more than the banks have: they grow.

    Raises `InvalidInput("blueprint.unfit")`, `AlreadyThere("blueprint.title_taken")`, `VersionConflict`.
    """
    require(work.actor, RIGHT)
    _check(wanted)
    row = work.get(PaperBlueprint, id_, lock=True) if id_ else PaperBlueprint(version=0)
    if id_ and row.version != expected_version:
        raise VersionConflict("object.changed_meanwhile", expected=expected_version, present=row.version)
    taken = work.session.scalar(select(PaperBlueprint.id).where(PaperBlueprint.title == wanted.title))
    if taken not in (None, row.id):
        raise AlreadyThere("blueprint.title_taken", title=wanted.title)
    row.title, row.cells = wanted.title, [asdict(cell) for cell in wanted.cells]
    row.languages, row.shown_limit, row.seed = list(wanted.languages), wanted.shown_limit, wanted.seed
    row.version, row.made_by, row.made_at = row.version + 1, work.actor.user_id, work.now
    if not id_:
        work.add(row)
    audit.record(work, "blueprint.kept", "paper_blueprint", row.id, after={"title": row.title, "version": row.version})
    return row


def _check(wanted: Wanted) -> None:
    if not wanted.title or not wanted.cells or not wanted.seed:
        raise InvalidInput("blueprint.unfit", most=MOST_CELLS, questions=MOST_QUESTIONS)
    if len(wanted.cells) > MOST_CELLS or sum(cell.count for cell in wanted.cells) > MOST_QUESTIONS:
        raise InvalidInput("blueprint.unfit", most=MOST_CELLS, questions=MOST_QUESTIONS)


def banks(work: Work) -> tuple[Bank, ...]:
    """The body's banks, for a page that asks for the menu and for a verdict. Raises `NotPermitted`."""
    require(work.actor, RIGHT)
    return tuple(bank for _, bank in banks_of_body(work))


def menu(work: Work, read: Sequence[Bank] | None = None) -> Menu:
    """What there is to choose from. Raises `NotPermitted`. `read`: the banks, where they are in hand."""
    return _menu(banks(work) if read is None else read, shipped_sources(work.body.jurisdiction))


def _menu(banks: Sequence[Bank], sources: Mapping[str, Source]) -> Menu:
    feeding = Counter(bank.block for bank in banks)
    groups = [(bank.block, group) for bank in banks for group in bank.items]
    return Menu(
        blocks=tuple(sorted({bank.block for bank in banks})),
        topics=tuple(sorted({(block, group.topic) for block, group in groups})),
        acts=tuple(sorted({place.source for _, group in groups for place in group.citations})),
        languages=tuple(sorted({language for bank in banks for language in bank.languages})),
        questions=len(groups),
        block_titles={bank.block: bank.titles for bank in banks if feeding[bank.block] == 1},
        topic_titles={(bank.block, topic.id): topic.titles for bank in banks for topic in shipped_topics(bank.id)},
        act_titles={name: source.titles for name, source in sources.items()},
    )


def judge(work: Work, wanted: Wanted, read: Sequence[Bank] | None = None) -> Judged:
    """Whether the banks feed it, how many papers there are, and what trial papers look like. Keeps nothing.
    `read`: the banks, where they are in hand.

    Raises `InvalidInput("blueprint.unfit")`, `NotPermitted`.
    """
    require(work.actor, RIGHT)
    _check(wanted)
    feeding_banks = banks(work) if read is None else read
    shown = {} if wanted.shown_limit is None else shown_so_often(work)
    withdrawn = withdrawn_groups(work)
    design = Design(wanted.cells, wanted.languages, withdrawn, shown, wanted.shown_limit)
    worn = sum(n >= wanted.shown_limit for n in shown.values()) if wanted.shown_limit is not None else 0
    try:
        feeding = feed(design, feeding_banks)
        if not feeding.feasible:
            return Judged(feeding, worn=worn, withdrawn=len(withdrawn))
        trial = parallel_papers(design, feeding_banks, wanted.seed, TRIAL_PAPERS, facilities(work, MEASURED_FROM))
    except BankError as refused:
        return Judged(worn=worn, withdrawn=len(withdrawn), refused=refused)
    papers = [paper.items for paper in trial.papers]
    overlaps = tuple(shared(one, other) for at, one in enumerate(papers) for other in papers[at + 1 :])
    return Judged(feeding, trial, overlaps, worn, len(withdrawn))


def shown_so_often(work: Work) -> Mapping[str, int]:
    """How many test sessions each twin group was drawn for: exposure."""
    once = (  # hashed, not sorted as count(DISTINCT …) would be: three times as fast for five hundred sittings
        select(FormItem.twin_group, ExaminationForm.session_id)
        .join(ExaminationForm, ExaminationForm.id == FormItem.form_id)
        .where(FormItem.body_id == work.actor.body_id)
        .distinct()
        .subquery()
    )
    rows = work.session.execute(select(once.c.twin_group, func.count()).group_by(once.c.twin_group))
    return {str(group): int(n) for group, n in rows}


def withdrawn_groups(work: Work) -> frozenset[str]:
    """Questions that must not be drawn: suspended ones, and retired ones that still stand in their bank."""
    rows: Sequence[Any] = work.session.scalars(
        select(QuestionItem.twin_group).where(
            QuestionItem.body_id == work.actor.body_id, QuestionItem.state.in_(("suspended", "retired"))
        )
    ).all()
    return frozenset(map(str, rows))
