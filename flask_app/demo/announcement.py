"""The competition is drafted, its text agreed, the announcement published."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from flask_app.demo import world
from flask_app.demo.moving import move
from flask_app.demo.stage import Stage
from flask_app.services.commissions import NewMember, form_commission
from flask_app.services.competition_facts import pack_of
from flask_app.services.competitions import (
    NewCompetition,
    add_position,
    draft_competition,
    find_competition,
    name_commission,
    record_agreement,
    record_publication,
)
from flask_app.services.office import Work
from flask_app.services.papers import draft_paper
from flask_app.store.models.organisation import User
from flask_app.store.models.procedures import Competition


def draft(stage: Stage) -> UUID:
    with stage.work("hr") as work:
        known = find_competition(work, world.COMPETITION)
        if known is not None:
            return known.id
        position = add_position(
            work, world.POSITION["title"], world.POSITION["unit"], world.POSITION["category"], "senior", stage.ago(60)
        )
        commission = _commission(work, stage)
        competition = draft_competition(
            work,
            NewCompetition(
                code=world.COMPETITION,
                kind="open",
                title=world.POSITION["title"],
                position_id=position,
                pack_id=world.PACK,
                announcement=world.ANNOUNCEMENT,
                internal_round="Протокол № 1-П: во внутреннем резерве подходящих кандидатов нет",
            ),
        )
        version = work.get(Competition, competition).version
        name_commission(work, competition, commission, expected_version=version)
    stage.terminal.step("commission", n=sum(bool(staff.seat) for staff in world.STAFF))
    return competition


def _commission(work: Work, stage: Stage) -> UUID:
    people = dict(
        work.session.execute(select(User.login, User.person_id).where(User.body_id == work.actor.body_id)).all()
    )
    members = []
    for staff in world.STAFF:
        person = people[staff.login]
        if staff.seat and person is not None:
            members.append(
                NewMember(person, staff.seat, {"ky": staff.post_ky, "ru": staff.post_ru}, staff.seat != "secretary")
            )
    return form_commission(
        work, world.COMMISSION_NAME, ["competition", "attestation"], stage.ago(70), "Приказ № 12-О", members
    )


def in_draft(stage: Stage, id_: UUID) -> None:
    stage.terminal.step("announce")
    with stage.work("hr") as work:
        move(work, id_, "submit_text", stage, 45)


def in_text_agreement(stage: Stage, id_: UUID) -> None:
    with stage.work("hr") as work:
        version = work.get(Competition, id_).version
        record_agreement(work, id_, "01-3/214", stage.ago(42), expected_version=version)
        draft_paper(work, "D03", id_)
        record_publication(work, id_, "Районная газета (демонстрация)", stage.ago(40), "№ 38, стр. 4")
        move(work, id_, "announce", stage, 40, "Районная газета (демонстрация), № 38")
        pack = pack_of(work.get(Competition, id_))
    stage.terminal.say("announced", pack=pack.label)


def in_announced(stage: Stage, id_: UUID) -> None:
    with stage.work("hr") as work:
        move(work, id_, "open_documents", stage, 39)
