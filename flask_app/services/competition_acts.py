"""One act on a competition, told before it is done: what it needs, what is against it, what has changed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from flask_app.domain.errors import NotFound
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Offer, decide, offers
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services.competition_facts import agreement_of, pack_of
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.office import Work
from flask_app.services.rights import require, roles_on
from flask_app.services.transitions import act_on
from flask_app.store.models.organisation import User
from flask_app.store.models.procedures import Competition, Publication, StageRecord
from flask_app.store.models.versions import ObjectVersion

WORKFLOW = WORKFLOWS["competition"]


@dataclass(frozen=True, slots=True)
class ActOffer:
    """A step of the competition's workflow as its page shows it."""

    competition: Competition
    offer: Offer
    pack: RulePack
    here: LocalTime


@dataclass(frozen=True, slots=True)
class Change:
    """A version somebody made. `transition` is empty for a change that is no step; `reason` names it then."""

    version: int
    who: str
    at: datetime
    transition: str
    reason: str


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What became of a competition since the actor saw it."""

    competition: Competition
    changes: tuple[Change, ...]
    here: LocalTime


def offered_act(work: Work, competition_id: UUID, transition: str) -> ActOffer:
    """The step as the guard would judge it today.

    Raises `NotFound`; and exactly what `decide` raises for a step that is not the actor's or not of this state.
    """
    if transition not in WORKFLOW.transitions:
        raise NotFound("object.unknown", type="")
    competition = work.get(Competition, competition_id)
    require(work, competition, "view")
    here = local_time(work)
    facts = competition_facts_of(work, [competition])[competition.id]
    roles, act = roles_on(work, competition), act_on(work, here.today)
    found = [
        offer for offer in offers(WORKFLOW, competition.state, roles, act, facts) if offer.transition.id == transition
    ]
    if not found:
        decide(WORKFLOW, transition, competition.state, roles, act, facts)
    return ActOffer(competition, found[0], pack_of(competition), here)


def viewable(work: Work, competition_id: UUID) -> Competition:
    """Raises `NotFound` for an unknown competition, another body's, and one the actor may not view."""
    competition = work.get(Competition, competition_id)
    require(work, competition, "view")
    return competition


def changes_since(work: Work, competition_id: UUID, version: int) -> Meanwhile:
    """Who changed the competition after `version`, and by what. Raises `NotFound` like its page."""
    competition = viewable(work, competition_id)
    here = local_time(work)
    step = and_(StageRecord.object_id == ObjectVersion.object_id, StageRecord.version == ObjectVersion.version)
    rows = work.session.execute(
        select(ObjectVersion, User.name, StageRecord.transition)
        .outerjoin(User, User.id == ObjectVersion.author_id)
        .outerjoin(StageRecord, step)
        .where(
            ObjectVersion.object_id == competition_id,
            ObjectVersion.body_id == work.actor.body_id,
            ObjectVersion.version > version,
        )
        .order_by(ObjectVersion.version)
    )
    changes = tuple(
        Change(kept.version, name or "", here.at(kept.recorded_at), transition or "", kept.reason)
        for kept, name, transition in rows
    )
    return Meanwhile(competition, changes, here)


def agreement_recorder(work: Work, competition: Competition) -> str:
    """Who entered the letter of agreement last; empty where there is none, or where no account did."""
    if not competition.agreement:
        return ""
    name = work.session.scalar(
        select(User.name)
        .join(ObjectVersion, ObjectVersion.author_id == User.id)
        .where(
            ObjectVersion.object_id == competition.id,
            ObjectVersion.body_id == work.actor.body_id,
            ObjectVersion.reason == "record_agreement",
        )
        .order_by(ObjectVersion.version.desc())
        .limit(1)
    )
    return name or ""


def evidence_of_announcing(work: Work, competition: Competition) -> str:
    """What proves the announcement: the first publication of the agreed text, as it is recorded."""
    agreed_on = agreement_of(competition)[1]
    counting = (p for p in publications_of(work, competition.id) if agreed_on is None or p.published_on >= agreed_on)
    first = next(counting, None)
    return "" if first is None else f"{first.outlet}, {first.reference}"


def publications_of(work: Work, competition_id: UUID) -> tuple[Publication, ...]:
    """Where the announcement came out, in order of date."""
    rows = work.session.scalars(
        select(Publication)
        .where(Publication.competition_id == competition_id, Publication.body_id == work.actor.body_id)
        .order_by(Publication.published_on, Publication.outlet)
    )
    return tuple(rows)
