"""Facts of D19, the order of appointment."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.deadlines import last_day
from flask_app.domain.errors import Refused
from flask_app.domain.rule_pack import RulePack
from flask_app.ports.paper import AppointmentOrder, Registration
from flask_app.services.competition_facts import decided_on, pack_of
from flask_app.services.meetings import meeting_of
from flask_app.services.office import Work
from flask_app.services.paper_facts.frame import act_name, both, frame_of, phrase, registration_of
from flask_app.store.models.applications import Application
from flask_app.store.models.documents import Document
from flask_app.store.models.organisation import RoleGrant, User
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, Position
from flask_app.store.rule_packs import work_calendar


def appointment_order(
    work: Work, document: Document, *, appointed_from: date, probation_months: int
) -> AppointmentOrder:
    """Raises `Refused` when there is no winner, no signed protocol, or a probation longer than the rules allow."""
    competition = work.get(Competition, document.subject_id)
    pack = pack_of(competition)
    meeting = meeting_of(work, competition.id)
    if meeting is None or meeting.winner_id is None or work.get(Application, meeting.winner_id).state != "winner":
        raise Refused("competition.no_winner_to_appoint", pack.rule(pack.commission))
    if probation_months > pack.probation.max_months:
        raise Refused("appointment.probation_too_long", pack.rule(pack.probation), most=pack.probation.max_months)
    position = work.get(Position, competition.position_id)
    winner = work.get(Person, work.get(Application, meeting.winner_id).person_id)
    return AppointmentOrder(
        frame=frame_of(work, document, pack),
        appointee=winner.name,
        position=both(position.title),
        unit=both(position.unit),
        category=both(position.category),
        appointed_from=appointed_from,
        probation_months=probation_months,
        # A protocol is named by the day of its sitting, which stands at its head, and by the number it got when signed.
        protocol=Registration(signed_protocol(work, competition).number, meeting.held_on),
        basis=(act_name(pack, pack.appointment),),
        head_name=head_name(work),
        head_post=phrase("post_head_of_body"),
        sign_within_days=pack.appointment.days,
        sign_by=_last_day(work, competition.id, pack),
        probation_max_months=pack.probation.max_months,
    )


def _last_day(work: Work, competition_id: UUID, pack: RulePack) -> date | None:
    """The last day for the order, counted from the day of the decision; None before it is entered."""
    decided = decided_on(work, competition_id)
    if decided is None:
        return None
    return last_day(decided, pack.appointment.term, work_calendar(pack.jurisdiction))


def signed_protocol(work: Work, competition: Competition) -> Registration:
    document = work.session.scalar(
        select(Document).where(
            Document.subject_id == competition.id, Document.kind == "D16", Document.state == "in_force"
        )
    )
    registration = None if document is None else registration_of(document)
    if registration is None:
        raise Refused("appointment.protocol_not_signed")
    return registration


def head_name(work: Work) -> str:
    """The head of the body, by the role that signs orders."""
    name = work.session.scalar(
        select(User.name)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(User.body_id == work.actor.body_id, RoleGrant.role == "head_of_body", User.disabled.is_(False))
        .order_by(User.login)
        .limit(1)
    )
    if name is None:
        raise Refused("appointment.no_head")
    return name
