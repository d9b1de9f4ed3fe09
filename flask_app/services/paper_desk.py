"""What is done with papers: which papers a procedure may have, and the steps of one paper for this actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, NotFound, NotPermitted
from flask_app.domain.numbering import SERIES
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Offer, Refusal
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services.competition_facts import pack_of, unsaid
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.paper_shelf import PaperPage, PaperRow, paper_page, papers_about
from flask_app.services.papers import PAPERS, draft_paper
from flask_app.services.rights import may, require, roles_on
from flask_app.services.training_facts import training_pack
from flask_app.store.models.applications import Application
from flask_app.store.models.commissions import Meeting
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition
from flask_app.store.models.training import TrainingOrder

APPOINTMENT = "D19"
DRAFT, ANNULLED = "draft", "annulled"


@dataclass(frozen=True, slots=True)
class Slot:
    """One kind of paper this procedure may have. `drafts`: the actor may draft it now, anew or again from the facts.

    `stages`: the states in which this kind is drafted. `refusal`: why it is not drafted although the actor might.
    """

    kind: str
    paper: PaperRow | None
    drafts: bool
    parameters: Mapping[str, Any]
    stages: tuple[str, ...]
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class SubjectDesk:
    """The papers of one procedure. `may_draft`: the permission map of its state lets the actor draft some paper.

    `stages`: the states in which papers are drafted, in the order of the workflow; `drafters`: who drafts them.
    `unsaid`: language -> the items of the announcement that it lacks.
    """

    type: str
    id: UUID
    code: str
    title: Mapping[str, str]
    state: str
    may_draft: bool
    stages: tuple[str, ...]
    drafters: frozenset[str]
    slots: tuple[Slot, ...]
    today: date
    pack: RulePack
    unsaid: Mapping[str, tuple[str, ...]]


def subject_desk(work: Work, type_: str, id_: UUID) -> SubjectDesk:
    """Raises `NotFound` for an unknown procedure, another body's, and one the actor may not view."""
    subject = _subject(work, type_, id_)
    drafts = {kind: may_draft(work, subject, kind) for kind in kinds_of(type_)}
    there = {paper.kind: paper for paper in papers_about(work, id_)}
    refusal = _nobody_to_appoint(work, subject) if drafts.get(APPOINTMENT) else None
    return SubjectDesk(
        type=type_,
        id=id_,
        code=subject.code,
        title=subject.title,
        state=subject.state,
        may_draft=any(drafts.values()),
        stages=drafting_states(type_),
        drafters=_drafters(type_),
        slots=tuple(
            _slot(work, kind, id_, there.get(kind), may, refusal if kind == APPOINTMENT else None)
            for kind, may in drafts.items()
        ),
        today=local_time(work).today,
        pack=pack_of(subject) if isinstance(subject, Competition) else training_pack(subject),
        unsaid=unsaid(subject) if isinstance(subject, Competition) else {},
    )


def drafting_states(type_: str, *kinds: str) -> tuple[str, ...]:
    """The states of a procedure in which these kinds of its papers (all, where none is named) are drafted."""
    actions = _actions(type_, kinds)
    states = WORKFLOWS[type_].states
    return tuple(name for name, state in states.items() if any(state.permissions.get(action) for action in actions))


def _actions(type_: str, kinds: Sequence[str] = ()) -> frozenset[str]:
    return frozenset(PAPERS[kind].action for kind in kinds or kinds_of(type_))


def _drafters(type_: str) -> frozenset[str]:
    """Whom both maps let draft: the procedure's and the paper's own."""
    states, actions = WORKFLOWS[type_].states.values(), _actions(type_)
    theirs = frozenset().union(*(state.permissions.get(action, frozenset()) for state in states for action in actions))
    return theirs & WORKFLOWS["document"].states[DRAFT].permissions.get("edit", frozenset())


def kinds_of(type_: str) -> tuple[str, ...]:
    return tuple(kind for kind, paper in PAPERS.items() if paper.subject_type == type_)


def _subject(work: Work, type_: str, id_: UUID) -> Competition | TrainingOrder:
    subject: Competition | TrainingOrder
    if type_ == "competition":
        subject = work.get(Competition, id_)
    elif type_ == "training_order":
        subject = work.get(TrainingOrder, id_)
    else:
        raise NotFound("object.unknown", type=type_)
    require(work, subject, "view")
    return subject


def may_draft(work: Work, subject: Competition | TrainingOrder, kind: str) -> bool:
    """Both maps must agree: the procedure's (papers are due now) and the paper's own (who keeps drafts)."""
    own = WORKFLOWS["document"].permits("edit", DRAFT, roles_on(work, subject))
    return own and may(work, subject, PAPERS[kind].action)


def _nobody_to_appoint(work: Work, subject: Competition | TrainingOrder) -> Refusal | None:
    """What the order of appointment would be refused for (`appointment_order`), said before anybody fills it in."""
    if not isinstance(subject, Competition):
        return None
    won = (
        select(Application.id)
        .join(Meeting, Meeting.winner_id == Application.id)
        .where(Meeting.competition_id == subject.id, Application.state == "winner")
    )
    if work.session.scalar(won) is not None:
        return None
    pack = pack_of(subject)
    return Refusal("competition.no_winner_to_appoint", pack.rule(pack.commission))


def _slot(
    work: Work, kind: str, subject_id: UUID, paper: PaperRow | None, drafts: bool, refusal: Refusal | None
) -> Slot:
    parameters: Mapping[str, Any] = {}
    if kind == APPOINTMENT and paper is not None:
        parameters = (
            work.session.scalar(
                select(Document.parameters).where(Document.id == paper.id, Document.subject_id == subject_id)
            )
            or {}
        )
    open_ = drafts and (paper is None or paper.state in (DRAFT, ANNULLED))
    stages = drafting_states(PAPERS[kind].subject_type, kind)
    return Slot(kind, paper, open_ and refusal is None, parameters, stages, refusal if open_ else None)


def draft(work: Work, type_: str, subject_id: UUID, kind: str, parameters: Mapping[str, Any]) -> Document:
    """Draft a paper of this procedure. Raises `NotPermitted`, and what the paper's own guards refuse."""
    require_drafting(work, type_, subject_id, kind)
    return draft_paper(work, kind, subject_id, parameters)[0]


def require_drafting(work: Work, type_: str, subject_id: UUID, kind: str) -> None:
    """Raises `NotFound`, `InvalidInput("document.kind_unknown")` and `NotPermitted`, in this order."""
    subject = _subject(work, type_, subject_id)
    if kind not in kinds_of(type_):
        raise InvalidInput("document.kind_unknown", kind=kind)
    if not may_draft(work, subject, kind):
        raise NotPermitted(
            "workflow.action_not_permitted", action=PAPERS[kind].action, state=subject.state, workflow=subject.workflow
        )


@dataclass(frozen=True, slots=True)
class PaperDesk:
    """One paper with its open and refused steps. `series`: the register its number will come from, if it has one."""

    page: PaperPage
    version: int
    offers: tuple[Offer, ...]
    series: str
    today: date

    def offer(self, transition: str) -> Offer | None:
        return next((offer for offer in self.offers if offer.transition.id == transition), None)

    @property
    def awaited_of(self) -> frozenset[str]:
        """Whose move it is when it is not the actor's; of the signers, only those this kind of paper has."""
        step = next(iter(self.page.steps.awaited), None)
        if step is None:
            return frozenset()
        return step.roles & self.page.signers if step.id == "sign" else step.roles


def paper_desk(work: Work, document_id: UUID) -> PaperDesk:
    """Raises `NotFound` for an unknown paper, another body's, and one the actor may not view."""
    page = paper_page(work, document_id)
    document = work.get(Document, document_id)
    steps = page.steps
    ready = tuple(Offer(transition, ()) for transition in steps.ready)
    return PaperDesk(
        page=page,
        version=document.version,
        offers=(*ready, *steps.blocked, *steps.exceptions),
        series=SERIES.get(document.kind, ""),
        today=local_time(work).today,
    )
