"""A competition from its draft on: what is entered, and every step of its workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, NotFound, Refused
from flask_app.domain.numbering import bare_number, seen_alike
from flask_app.domain.workflow import Act, Refusal
from flask_app.domain.workflows.announcement_order import (
    agreed_before_sending,
    published_before_agreement,
    published_before_sending,
)
from flask_app.domain.workflows.competition import CompetitionKind
from flask_app.services import audit
from flask_app.services.commissions import MIN_VOTERS, members_of
from flask_app.services.competition_facts import agreement_of, competition_facts, pack_of, sent_on
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.services.transitions import change_state, check_version, save_version
from flask_app.store.models.commissions import Commission
from flask_app.store.models.procedures import Competition, Position, Publication
from flask_app.store.rule_packs import shipped_pack


@dataclass(frozen=True, slots=True)
class NewCompetition:
    """What a draft starts with. `announcement`: item -> language -> text.

    It may still lack items; the agreement of the text asks for all of them.
    """

    code: str
    kind: CompetitionKind
    title: Mapping[str, str]
    position_id: UUID
    pack_id: str
    announcement: Mapping[str, Mapping[str, str]]
    internal_round: str = ""


def add_position(
    work: Work,
    title: Mapping[str, str],
    unit: Mapping[str, str],
    category: Mapping[str, str],
    group: str,
    vacant_since: date,
) -> UUID:
    """A vacant administrative post of the staffing table."""
    position = Position(
        title=dict(title),
        unit=dict(unit),
        category=dict(category),
        group=group,
        administrative=True,
        vacant_since=vacant_since,
    )
    work.add(position)
    work.session.flush()
    audit.record(work, "position.added", "position", position.id, after={"title": dict(title)})
    return position.id


def draft_competition(work: Work, new: NewCompetition) -> UUID:
    """A draft in the body. Raises as `insist_on_free_code`; `NotFound` for an unknown pack or post."""
    from_pack = shipped_pack(new.pack_id)
    work.get(Position, new.position_id)
    insist_on_free_code(work, new.code)
    competition = Competition(
        code=new.code,
        kind=new.kind,
        title=dict(new.title),
        position_id=new.position_id,
        pack_id=from_pack.id,
        pack_frozen=None,
        announcement={item: dict(texts) for item, texts in new.announcement.items()},
        internal_round=new.internal_round,
        agreement={},
        state="draft",
        version=0,
        created_at=work.now,
    )
    work.add(competition)
    work.session.flush()
    require(work, competition, "edit")
    save_version(work, competition, "draft")
    audit.record(work, "competition.drafted", "competition", competition.id, after={"code": new.code})
    return competition.id


def code_in_the_way(work: Work, code: str, but: UUID | None = None) -> str | None:
    """The number of another competition of the body that a reader cannot tell from this one."""
    rows = work.session.execute(
        select(Competition.id, Competition.code).where(Competition.body_id == work.actor.body_id)
    )
    return next((there for id_, there in rows if id_ != but and seen_alike(there) == seen_alike(code)), None)


def insist_on_free_code(work: Work, code: str, but: UUID | None = None) -> None:
    """Raises `InvalidInput`: competition.code_taken, competition.code_alike. `but`: the competition itself."""
    there = code_in_the_way(work, code, but)
    if there == code:
        raise InvalidInput("competition.code_taken", number=code)
    if there is not None:
        raise InvalidInput("competition.code_alike", number=there)


def find_competition(work: Work, code: str) -> Competition | None:
    return work.session.scalar(
        select(Competition).where(Competition.body_id == work.actor.body_id, Competition.code == code)
    )


def name_commission(work: Work, competition_id: UUID, commission_id: UUID, *, expected_version: int) -> None:
    """Entrust the competition to a commission of the body, as the rules want it to be."""
    competition = work.get(Competition, competition_id, lock=True)
    check_version(competition, expected_version)
    require(work, competition, "name_commission")
    _check_commission(work, competition, work.get(Commission, commission_id))
    before = competition.commission_id
    competition.commission_id = commission_id
    save_version(work, competition, "name_commission")
    audit.record(
        work,
        "competition.commission_named",
        "competition",
        competition_id,
        {"commission": before},
        {"commission": commission_id},
    )


def _check_commission(work: Work, competition: Competition, commission: Commission) -> None:
    pack = pack_of(competition)
    rule = pack.rule(pack.commission)
    voting = [member.role for member in members_of(work, commission.id) if member.votes]
    if "secretary" in voting and not pack.commission.secretary_votes:
        raise Refused("commission.secretary_votes", rule)
    if len(voting) < MIN_VOTERS or "chair" not in voting:
        raise Refused("competition.commission_incomplete", rule)


def record_agreement(work: Work, competition_id: UUID, number: str, agreed_on: date, *, expected_version: int) -> None:
    """The authorised body's letter that agrees the announcement's text (S003 L94).

    Raises `Refused` for a letter dated in the future or before the text was sent.
    """
    number = bare_number(number)
    competition = work.get(Competition, competition_id, lock=True)
    check_version(competition, expected_version)
    require(work, competition, "record_agreement")
    _check_day(work, agreed_on, agreed_before_sending(agreed_on, sent_on(competition)))
    before = dict(competition.agreement)
    competition.agreement = {"number": number, "date": agreed_on.isoformat()}
    save_version(work, competition, "record_agreement")
    after = {"number": number, "date": agreed_on}
    audit.record(work, "competition.text_agreed", "competition", competition_id, before, after)


def letter_dated_otherwise(work: Work, competition_id: UUID, number: str, agreed_on: date) -> Refusal | None:
    """What to tell before a letter is recorded whose number another competition of the body has with another day of the
    same year: one letter has one date, so one of the two is likelier a slip. It is told, not refused: letters of two
    bodies may bear one number.
    """
    number = bare_number(number)
    rows = work.session.execute(
        select(Competition.code, Competition.agreement)
        .where(Competition.body_id == work.actor.body_id, Competition.id != competition_id)
        .order_by(Competition.created_at.desc())
    )
    for code, kept in rows:
        there, day = str(kept.get("number", "")), str(kept.get("date", ""))
        same_year = day[:4] == agreed_on.isoformat()[:4] and day != agreed_on.isoformat()
        if same_year and seen_alike(there) == seen_alike(number):
            return Refusal(
                "competition.letter_dated_otherwise",
                params={
                    "number": there,
                    "day": date.fromisoformat(day),
                    "agreed_on": agreed_on,
                    "competition": code,
                },
            )
    return None


def record_publication(work: Work, competition_id: UUID, outlet: str, published_on: date, reference: str) -> None:
    """Where the announcement came out. Told twice, it is kept once.

    Raises `Refused` for a day in the future, before the text was sent, or before it was agreed.
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "record_publication")
    _check_day(work, published_on, _against_publication(competition, published_on))
    known = work.session.scalar(
        select(Publication.id).where(
            Publication.competition_id == competition_id,
            Publication.outlet == outlet,
            Publication.published_on == published_on,
        )
    )
    if known is None:
        made = Publication(competition_id=competition_id, outlet=outlet, published_on=published_on, reference=reference)
        work.add(made)
        audit.record(work, "competition.published", "competition", competition_id, after=_told(made))


def _against_publication(competition: Competition, published_on: date) -> Iterable[Refusal]:
    """Compared with the letter where there is one, with the sending of the text where there is none yet."""
    pack = pack_of(competition)
    rule, agreed_on = pack.rule(pack.announcement), agreement_of(competition)[1]
    if agreed_on is None:
        return published_before_sending(published_on, sent_on(competition), rule)
    return published_before_agreement(published_on, agreed_on, rule)


def _check_day(work: Work, day: date, refusals: Iterable[Refusal]) -> None:
    """Only what has happened is recorded, and only in the order in which it can have happened."""
    if day > work.today:
        raise Refused("act.in_the_future", happened_on=day, today=work.today)
    for refusal in refusals:
        raise refusal.as_error()


def withdraw_publication(work: Work, competition_id: UUID, publication_id: UUID) -> None:
    """Take back a publication that was recorded wrongly; possible until the competition is announced.

    What it said stays in the audit log. Raises `NotFound`, `NotPermitted`.
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "withdraw_publication")
    publication = work.session.get(Publication, publication_id)
    if publication is None or publication.competition_id != competition_id:
        raise NotFound("object.unknown", type="Publication")
    audit.record(work, "competition.publication_withdrawn", "competition", competition_id, _told(publication))
    work.session.delete(publication)


def _told(publication: Publication) -> dict[str, object]:
    return {
        "outlet": publication.outlet,
        "published_on": publication.published_on,
        "reference": publication.reference,
    }


def move_competition(work: Work, competition_id: UUID, transition: str, act: Act, *, expected_version: int) -> None:
    """Any step of the competition's workflow. Announcing freezes the rule pack."""
    change_state(
        work,
        Competition,
        competition_id,
        transition,
        act,
        lambda competition: competition_facts(work, competition),
        expected_version=expected_version,
        apply=_freeze_pack if transition == "announce" else None,
    )


def _freeze_pack(competition: Competition) -> None:
    competition.pack_frozen = pack_of(competition)
