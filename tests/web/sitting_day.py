"""A competition on the day of its commission: the test is behind it, three of three members with logins are there.

The test's results are written into the tables (carrying one through a Moodle is the demonstration's work); everything
before and after goes through the use cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from flask_app.demo.applicants import spreadsheet
from flask_app.services.applicants_import import import_applicants
from flask_app.services.applications import applications_of
from flask_app.services.bodies import actor_of, add_person, add_user
from flask_app.services.commissions import NewMember, form_commission
from flask_app.services.meetings import NewMeeting, hold_meeting
from flask_app.services.office import Office
from flask_app.services.test_sessions import NewSession, schedule_session
from flask_app.services.transitions import save_version
from flask_app.store.models.applications import Application, PracticalResult, TestScore
from flask_app.store.models.organisation import User
from flask_app.store.models.procedures import Competition
from tests.web import town

MEMBERS = {
    "chair": ("chair", True),
    "member": ("member", True),
    "member2": ("member", True),
    "secretary": ("secretary", False),
}
NEW_PEOPLE = {"member2": "Дөөлөтов Мирлан Эсенович"}
SCORES = ((24, 25), (26, 27), (20, 19), (9, 12))
"""Right answers in the two blocks of 30: above the reserve's threshold, above it, above the interview's, below."""
STATES = ("qualified", "qualified", "qualified", "below_threshold")


@dataclass(frozen=True)
class SittingDay:
    """`candidates`: the three who reached the threshold, in order of registration."""

    id: UUID
    candidates: tuple[UUID, ...]


def build(office: Office) -> SittingDay:
    """A competition in "interviewing", candidates not yet invited, no sitting yet."""
    hr = actor_of(office, "hr")
    add_people(office)
    desk = town._Builder(office, {login: actor_of(office, login) for login in (*town.PEOPLE, *NEW_PEOPLE)})
    with office.work(hr) as work:
        seats = [
            NewMember(desk.as_(login).person_id or UUID(int=0), role, town.POSTS, votes)
            for login, (role, votes) in MEMBERS.items()
        ]
        called = {"ky": "Сынак комиссиясы", "ru": "Комиссия по конкурсу"}
        commission = form_commission(work, called, ["competition"], town.TODAY - timedelta(days=90), "№ 14", seats)
    id_ = town._announced(desk, "К-2026/020", town.SPECIALIST, commission)
    with office.work(hr) as work:
        import_applicants(work, id_, spreadsheet(len(STATES)), "кандидаты-3.xlsx", town.TODAY - timedelta(days=20))
    _screen(desk, id_)
    return SittingDay(id_, _test(desk, id_))


def add_people(office: Office) -> None:
    """The people the town does not have, unless they are there."""
    with office.work(actor_of(office, "admin")) as work:
        known = set(work.session.scalars(select(User.login).where(User.login.in_(NEW_PEOPLE))))
        for login, name in NEW_PEOPLE.items():
            if login not in known:
                add_user(work, login, name, town.PASSWORD, (), person_id=add_person(work, name).id)


def _screen(desk: town._Builder, id_: UUID) -> None:
    town._move(desk, "hr", id_, "close_documents", 13)
    town._move(desk, "secretary", id_, "begin_screening", 12)
    with desk.office.work(desk.as_("secretary")) as work:
        begin = town.NOW - timedelta(days=2)
        new = NewSession(
            "К-2026-020", "kyzmat", begin, begin + timedelta(hours=2), town.HALL, 2, "c41d", "Токоев Б. С."
        )
        schedule_session(work, id_, new)


def _test(desk: town._Builder, id_: UUID) -> tuple[UUID, ...]:
    """The day of the test, as it was."""
    with desk.office.work(desk.as_("secretary")) as work:
        competition = work.get(Competition, id_)
        rows = applications_of(work, id_)
        for application, state, (general, special) in zip(rows, STATES, SCORES, strict=True):
            application.state = state
            for block, mark in (("general", general), ("subject", special)):
                work.add(TestScore(application_id=application.id, block=block, mark=Decimal(mark), maximum=Decimal(30)))
            if state == "qualified":
                work.add(_practical(work.now, application))
        town._record(work, competition, "begin_testing", "screening", "testing", town.TODAY - timedelta(days=2))
        town._record(work, competition, "begin_interviews", "testing", "interviewing", town.TODAY - timedelta(days=1))
        competition.state, competition.last_act_on = "interviewing", town.TODAY - timedelta(days=1)
        save_version(work, competition, "begin_interviews")
        return tuple(a.id for a in rows if a.state == "qualified")


def _practical(now: object, application: Application) -> PracticalResult:
    return PracticalResult(
        application_id=application.id,
        mark=Decimal("7.5"),
        maximum=Decimal(10),
        happened_on=town.TODAY - timedelta(days=2),
        recorded_at=now,
    )


def invited(office: Office, day: SittingDay) -> None:
    """The sitting is open, everybody is there, the candidates are invited."""
    from flask_app.services.applications import move_applications
    from flask_app.services.transitions import act_on

    with office.work(actor_of(office, "secretary")) as work:
        hold_meeting(
            work, day.id, NewMeeting(town.TODAY, town.NOW - timedelta(hours=1), "in_person", town.HALL, False, {})
        )
        move_applications(work, day.id, list(day.candidates), "invite", act_on(work, town.TODAY))
