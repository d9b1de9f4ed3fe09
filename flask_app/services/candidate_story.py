"""One candidate: what is known, what happened, how the test ended and why; personal data only when asked for.

The personal number, the birth date and the phone are shown on request, and every such reading is in the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.applicant_cells import mask_number
from flask_app.domain.errors import NotFound, NotPermitted
from flask_app.domain.rule_pack import RulePack, Threshold
from flask_app.domain.scoring import BlockScore, judge, percent, total
from flask_app.domain.workflow import Offer
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.rights import PREPARE
from flask_app.services import audit
from flask_app.services.applications import scores_of
from flask_app.services.candidate_list import WORKFLOW, list_facts, step_offer, steps_in
from flask_app.services.competition_facts import pack_of
from flask_app.services.corrections import may_correct
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.notices import notices_of
from flask_app.services.office import Work
from flask_app.services.rights import require, roles_on
from flask_app.store.models.applications import Application, Notice, PracticalResult
from flask_app.store.models.organisation import User
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, StageRecord

IDENTITY_READERS = PREPARE
"""Who may open personal numbers: those who prepare the papers of the case (DOMAIN H3, class P1)."""


@dataclass(frozen=True, slots=True)
class Happened:
    transition: str
    happened_on: date
    recorded_at: datetime
    evidence: str
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """One threshold with the figures it was judged by. `required`: the least mark that reaches it."""

    leads_to: str
    threshold: Threshold
    mark: Decimal
    maximum: Decimal
    required: Decimal
    holds: bool


@dataclass(frozen=True, slots=True)
class Result:
    """`blocks` in the pack's order, with the titles the pack gives them; `whole`: their sum."""

    blocks: tuple[tuple[Mapping[str, str], BlockScore], ...]
    whole: BlockScore
    percent: Decimal
    judged: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Personal data that the reader asked to see."""

    personal_number: str
    birth_date: date | None
    phone: str


@dataclass(frozen=True, slots=True)
class CandidateStory:
    competition: Competition
    application: Application
    name: str
    language: str
    language_chosen: bool
    email: str
    masked_number: str
    may_open: bool
    may_choose_language: bool
    may_correct: bool
    pack: RulePack
    here: LocalTime
    notice: Notice | None
    recalled: tuple[Notice, ...]
    practical: PracticalResult | None
    result: Result | None
    history: tuple[Happened, ...]
    steps: tuple[Offer, ...]
    identity: Identity | None = None


def candidate_story(work: Work, competition_id: UUID, application_id: UUID, *, opened: bool = False) -> CandidateStory:
    """Raises `NotFound` for an application of another competition or one the actor may not view.

    With `opened` the personal data come along and the reading is recorded; raises `NotPermitted` for other roles.
    """
    competition, application, person = _found(work, competition_id, application_id)
    here, pack, roles = local_time(work), pack_of(competition), roles_on(work, competition)
    number = work.office.sealer.open(person.personal_number_sealed) if person.personal_number_sealed else ""
    notice, recalled = notices_of(work, application.id)
    return CandidateStory(
        competition=competition,
        application=application,
        name=person.name,
        language=person.language,
        language_chosen=person.language_chosen,
        email=person.email,
        masked_number=mask_number(number),
        may_open=bool(roles & IDENTITY_READERS),
        may_correct=may_correct(competition, roles),
        may_choose_language=WORKFLOWS["competition"].permits("screen", competition.state, roles),
        pack=pack,
        here=here,
        notice=notice,
        recalled=recalled,
        practical=work.session.scalar(select(PracticalResult).where(PracticalResult.application_id == application.id)),
        result=_result(pack, scores_of(work, application.id)),
        history=_history(work, here, application.id),
        steps=_steps(work, competition, application, roles, here),
        identity=_opened(work, roles, person, number) if opened else None,
    )


def _found(work: Work, competition_id: UUID, application_id: UUID) -> tuple[Competition, Application, Person]:
    row = work.session.execute(
        select(Competition, Application, Person)
        .join(Application, Application.competition_id == Competition.id)
        .join(Person, Person.id == Application.person_id)
        .where(
            Competition.id == competition_id,
            Application.id == application_id,
            Application.body_id == work.actor.body_id,
        )
    ).one_or_none()
    if row is None:
        raise NotFound("object.unknown", type="Application")
    competition, application, person = row
    require(work, competition, "view")
    require(work, application, "view")
    return competition, application, person


def _opened(work: Work, roles: frozenset[str], person: Person, number: str) -> Identity:
    if not roles & IDENTITY_READERS:
        raise NotPermitted("candidate.identity_closed")
    audit.record(work, "person.identity_opened", "person", person.id)
    return Identity(number, person.birth_date, person.phone)


def _steps(
    work: Work, competition: Competition, application: Application, roles: frozenset[str], here: LocalTime
) -> tuple[Offer, ...]:
    possible = [WORKFLOW.transitions[step] for step in steps_in(competition)]
    own = [step for step in possible if step.roles & roles and application.state in step.sources]
    if not own:
        return ()
    facts = list_facts(work, competition, pack_of(competition), here)
    return tuple(step_offer(work, step.id, roles, facts, here) for step in own)


def _history(work: Work, here: LocalTime, application_id: UUID) -> tuple[Happened, ...]:
    """Newest first."""
    rows: Any = work.session.execute(
        select(StageRecord, User.name)
        .outerjoin(User, User.id == StageRecord.actor_id)
        .where(StageRecord.object_id == application_id, StageRecord.body_id == work.actor.body_id)
        .order_by(StageRecord.version.desc())
    )
    return tuple(
        Happened(
            record.transition,
            record.happened_on,
            here.at(record.recorded_at),
            record.evidence,
            record.reason,
            name or "",
        )
        for record, name in rows
    )


def _result(pack: RulePack, scores: list[BlockScore]) -> Result | None:
    if not scores:
        return None
    titles = {block.id: block.title.model_dump() for block in pack.test.blocks}
    order = list(titles)
    blocks = sorted(scores, key=lambda score: order.index(score.block) if score.block in titles else len(order))
    whole = total(blocks)
    judged = [
        *_judged("interview", pack.test.interview_if, blocks),
        *_judged("reserve", pack.test.reserve_if, blocks),
    ]
    return Result(
        tuple((titles.get(score.block, {"ru": score.block}), score) for score in blocks),
        whole,
        percent(whole.mark, whole.maximum),
        tuple(judged),
    )


def _judged(leads_to: str, thresholds: tuple[Threshold, ...], blocks: list[BlockScore]) -> list[Judgement]:
    found = judge(blocks, [threshold.condition for threshold in thresholds])
    return [
        Judgement(leads_to, threshold, one.mark, one.maximum, _required(threshold, one.maximum), one.holds)
        for threshold, one in zip(thresholds, found, strict=True)
    ]


def _required(threshold: Threshold, maximum: Decimal) -> Decimal:
    if threshold.min_mark is not None:
        return threshold.min_mark
    return Decimal(threshold.min_percent or 0) * maximum / 100
