"""The draft of a competition as a person fills it in: the post, the rules, the announcement, the commission.

A draft is made in one transaction at the end of the wizard; nothing is kept before. Whatever is corrected after the
text was agreed has to be agreed anew: an agreement covers the text that was sent (S003 L94).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.errors import NotPermitted
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.competition import CompetitionKind
from flask_app.services import audit
from flask_app.services.commissions import in_order
from flask_app.services.competition_facts import pack_of
from flask_app.services.competitions import (
    NewCompetition,
    add_position,
    draft_competition,
    insist_on_free_code,
    name_commission,
)
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.services.transitions import check_version, save_version
from flask_app.store.models.commissions import Commission, CommissionMember
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, Position
from flask_app.store.rule_packs import shipped_packs

KINDS: tuple[CompetitionKind, ...] = ("internal", "open", "repeat")
GROUPS = ("highest", "chief", "senior", "junior")
"""Groups of administrative posts, from the highest down (DOMAIN E1)."""


@dataclass(frozen=True, slots=True)
class PostEntry:
    """A vacant administrative post as it is entered; texts by language."""

    title: Mapping[str, str]
    unit: Mapping[str, str]
    category: Mapping[str, str]
    group: str
    vacant_since: date


@dataclass(frozen=True, slots=True)
class TextEntry:
    """What the announcement says, by item and language; `internal_round`: proof that an internal competition found
    nobody.
    """

    kind: CompetitionKind
    internal_round: str
    announcement: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class SeatHeld:
    """`in_place_of`: of a substitute, the name of the member."""

    name: str
    role: str
    votes: bool
    in_place_of: str = ""


@dataclass(frozen=True, slots=True)
class CommissionChoice:
    """A commission of the body to choose from; `members`: names with their seats, in the order of papers, each member
    before the own substitute.
    """

    id: UUID
    name: Mapping[str, str]
    formed_on: date
    basis: str
    members: tuple[SeatHeld, ...]


def may_draft(work: Work) -> bool:
    """Whether the actor may draw up a competition at all: the right to edit a draft, from the workflow's own table."""
    return WORKFLOWS["competition"].permits("edit", "draft", work.actor.roles)


def require_drafting(work: Work) -> None:
    """Raises `NotPermitted`."""
    if not may_draft(work):
        raise NotPermitted("workflow.action_not_permitted", action="edit", state="draft", workflow="competition")


def packs() -> tuple[RulePack, ...]:
    """The rules to choose from, as they ship."""
    return tuple(shipped_packs().values())


def draw_up(work: Work, code: str, pack_id: str, post: PostEntry, text: TextEntry, commission_id: UUID | None) -> UUID:
    """Post, draft and, if chosen, the commission: all or nothing.

    Raises `InvalidInput` as `insist_on_free_code`, `NotFound`, `NotPermitted`, `Refused` for a commission that the
    rules do not admit.
    """
    require_drafting(work)
    position = add_position(work, post.title, post.unit, post.category, post.group, post.vacant_since)
    new = NewCompetition(code, text.kind, post.title, position, pack_id, text.announcement, text.internal_round)
    id_ = draft_competition(work, new)
    if commission_id is not None:
        name_commission(work, id_, commission_id, expected_version=work.get(Competition, id_).version)
    return id_


def correct_draft(
    work: Work, competition_id: UUID, post: PostEntry | None, text: TextEntry, *, expected_version: int, code: str = ""
) -> bool:
    """Correct what a draft says. Returns whether an agreement was dropped, because it covered another text.

    `post` is None where the post is another competition's too and stays as it is. `code`: another number, while nothing
    has gone out under the old one (`number_is_open`). Raises `InvalidInput` as `insist_on_free_code`.
    """
    competition = work.get(Competition, competition_id, lock=True)
    check_version(competition, expected_version)
    require(work, competition, "edit")
    before = _said(competition)
    if code and number_is_open(competition):
        insist_on_free_code(work, code, competition.id)
        competition.code = code
    competition.kind, competition.internal_round = text.kind, text.internal_round
    competition.announcement = {item: dict(texts) for item, texts in text.announcement.items()}
    if post is not None:
        _correct_post(work, competition, post)
    dropped = bool(competition.agreement)
    competition.agreement = {}
    save_version(work, competition, "edit")
    after = {**_said(competition), "agreement_dropped": dropped}
    audit.record(work, "competition.corrected", "competition", competition_id, before, after)
    return dropped


def number_is_open(competition: Competition) -> bool:
    """Whether the number may be corrected: a text sent to agreement bears it."""
    return competition.state == "draft"


def _said(competition: Competition) -> dict[str, object]:
    return {
        "code": competition.code,
        "title": dict(competition.title),
        "kind": competition.kind,
        "internal_round": competition.internal_round,
        "announcement": dict(competition.announcement),
    }


def _correct_post(work: Work, competition: Competition, post: PostEntry) -> None:
    position = work.get(Position, competition.position_id, lock=True)
    position.title, position.unit, position.category = dict(post.title), dict(post.unit), dict(post.category)
    position.group, position.vacant_since = post.group, post.vacant_since
    competition.title = dict(post.title)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft to be corrected. `own_post`: no other competition is about the post, so it may be corrected too."""

    competition: Competition
    position: Position
    pack: RulePack
    own_post: bool


def draft_of(work: Work, competition_id: UUID) -> Draft:
    """Raises `NotFound`, `NotPermitted`."""
    competition = editable(work, competition_id, "edit")
    position = work.get(Position, competition.position_id)
    return Draft(competition, position, pack_of(competition), _post_is_its_own(work, competition))


def _post_is_its_own(work: Work, competition: Competition) -> bool:
    others = select(func.count()).where(
        Competition.position_id == competition.position_id, Competition.id != competition.id
    )
    return not work.session.scalar(others)


def editable(work: Work, competition_id: UUID, action: str) -> Competition:
    """The competition, when the actor may do `action` to it now. Raises `NotFound`, `NotPermitted`."""
    competition = work.get(Competition, competition_id)
    require(work, competition, action)
    return competition


def commissions_to_choose(work: Work) -> tuple[CommissionChoice, ...]:
    """The body's commissions that serve competitions, newest first, with their members."""
    commissions = work.session.scalars(
        select(Commission)
        .where(Commission.body_id == work.actor.body_id)
        .order_by(Commission.formed_on.desc(), Commission.id)
    ).all()
    serving = [commission for commission in commissions if "competition" in commission.kinds]
    seats = _seats(work, [commission.id for commission in serving])
    return tuple(CommissionChoice(c.id, c.name, c.formed_on, c.basis, tuple(seats.get(c.id, ()))) for c in serving)


def _seats(work: Work, ids: Sequence[UUID]) -> dict[UUID, list[SeatHeld]]:
    rows = work.session.execute(
        select(CommissionMember, Person)
        .join(Person, Person.id == CommissionMember.person_id)
        .where(
            CommissionMember.commission_id.in_(ids),
            CommissionMember.body_id == work.actor.body_id,
            CommissionMember.ended_on.is_(None),
        )
    )
    seats: dict[UUID, list[SeatHeld]] = {}
    for seat, person, replaced in in_order((seat, person) for seat, person in rows):
        seats.setdefault(seat.commission_id, []).append(SeatHeld(person.name, seat.role, seat.votes, replaced))
    return seats
