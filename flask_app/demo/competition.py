"""The competition from its draft to the order. Each state of the competition has one function that does what is due in
it and takes the next step; whatever was interrupted is found in its state and goes on from there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from flask_app.demo import world
from flask_app.demo.applicants import spreadsheet
from flask_app.demo.candidates import Slip, ability_of, key_of, sit_test
from flask_app.demo.foundation import panel_banks
from flask_app.demo.papers import sign
from flask_app.demo.stage import Stage
from flask_app.domain.scoring import total
from flask_app.messages import explain
from flask_app.services.applicants_import import import_applicants
from flask_app.services.applications import (
    applications_of,
    choose_language,
    move_applications,
    notify_of_test,
    record_practical,
    reject_application,
    scores_of,
)
from flask_app.services.commissions import NewMember, form_commission, members_of, seats_of_person
from flask_app.services.competition_facts import pack_of
from flask_app.services.competitions import (
    NewCompetition,
    add_position,
    draft_competition,
    find_competition,
    move_competition,
    name_commission,
    record_agreement,
    record_publication,
)
from flask_app.services.meetings import (
    NewMeeting,
    cast_vote,
    count_vote,
    finish_interviews,
    give_marks,
    hold_meeting,
    meeting_of,
    settle_candidates,
)
from flask_app.services.moodle_people import moodle_password
from flask_app.services.office import Work
from flask_app.services.results import enter_results, mark_no_shows, pull_results
from flask_app.services.test_sessions import NewSession, draw_forms, schedule_session, session_of
from flask_app.services.transitions import act_on
from flask_app.store.models.applications import Application, PracticalResult
from flask_app.store.models.commissions import InterviewMark, VoteRow
from flask_app.store.models.organisation import User
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import ExaminationForm, Seat

SITTERS = 4
FIRST_PAUSE = timedelta(minutes=5)
SITTING = timedelta(hours=2)


def run_competition(stage: Stage) -> UUID:
    """Take the competition as far as it goes; returns its id."""
    competition_id = _draft(stage)
    while True:
        state = _state(stage, competition_id)
        step = STEPS.get(state)
        if step is None:
            return competition_id
        step(stage, competition_id)
        assert _state(stage, competition_id) != state, f"the competition stays in {state}"


def _state(stage: Stage, competition_id: UUID) -> str:
    with stage.work("secretary") as work:
        return work.get(Competition, competition_id).state


def _move(work: Work, competition_id: UUID, transition: str, stage: Stage, days_ago: int, evidence: str = "") -> None:
    version = work.get(Competition, competition_id).version
    move_competition(
        work, competition_id, transition, act_on(work, stage.ago(days_ago), evidence), expected_version=version
    )


def _draft(stage: Stage) -> UUID:
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


def _in_draft(stage: Stage, id_: UUID) -> None:
    stage.terminal.step("announce")
    with stage.work("hr") as work:
        _move(work, id_, "submit_text", stage, 45)


def _in_text_agreement(stage: Stage, id_: UUID) -> None:
    with stage.work("hr") as work:
        version = work.get(Competition, id_).version
        record_agreement(work, id_, "01-3/214", stage.ago(42), expected_version=version)
        record_publication(work, id_, "Районная газета (демонстрация)", stage.ago(40), "№ 38, стр. 4")
        _move(work, id_, "announce", stage, 40, "Районная газета (демонстрация), № 38")
        pack = pack_of(work.get(Competition, id_))
    stage.terminal.say("announced", pack=pack.label)


def _in_announced(stage: Stage, id_: UUID) -> None:
    with stage.work("hr") as work:
        _move(work, id_, "open_documents", stage, 39)


def _in_documents_open(stage: Stage, id_: UUID) -> None:
    stage.terminal.step("applicants")
    with stage.work("hr") as work:
        content = spreadsheet(stage.candidates)
        report = import_applicants(work, id_, content, "candidates.xlsx", stage.ago(25))
        stage.terminal.say("imported", n=len(report.registered), refused=len(report.refused))
        for row in report.refused:
            for problem in row.problems:
                told = explain(problem.code, stage.terminal.language, problem.sentence_params())
                stage.terminal.plain(f"        {row.row}: {told.text}")
        _move(work, id_, "close_documents", stage, 24)


def _in_documents_closed(stage: Stage, id_: UUID) -> None:
    with stage.work("secretary") as work:
        _move(work, id_, "begin_screening", stage, 22)


def _in_screening(stage: Stage, id_: UUID) -> None:
    _screen(stage, id_)
    _prepare_session(stage, id_)
    with stage.work("secretary") as work:
        waiting = [a.id for a in applications_of(work, id_, "admitted")]
        if waiting:
            act = act_on(work, stage.ago(9), "Журнал уведомлений, № 1")
            notify_of_test(work, id_, waiting, "под подпись", act)
            stage.terminal.say("notified", n=len(waiting))
        _move(work, id_, "begin_testing", stage, 0)


def _screen(stage: Stage, id_: UUID) -> None:
    with stage.work("secretary") as work:
        registered = [a.id for a in applications_of(work, id_, "registered")]
        move_applications(work, id_, registered, "take_up", act_on(work, stage.ago(20)))
        under_way = applications_of(work, id_, "under_screening")
        if not under_way:
            return
        stage.terminal.step("screening")
        refused = under_way[4:5] if len(under_way) > 5 else []
        for application in refused:
            act = act_on(work, stage.ago(18), reason="Стаж по специальности не подтверждён документами")
            reject_application(work, id_, application.id, "qualification_mismatch", act)
        admitted = [a.id for a in under_way if a not in refused]
        move_applications(work, id_, admitted, "admit", act_on(work, stage.ago(18)))
        choose_language(work, id_, admitted[1::3], "ru")
        stage.terminal.say("screened", n=len(admitted), refused=len(refused))


def _prepare_session(stage: Stage, id_: UUID) -> None:
    with stage.work("secretary") as work:
        if session_of(work, id_) is None:
            stage.terminal.step("session")
            starts = work.now - FIRST_PAUSE
            schedule_session(
                work,
                id_,
                NewSession(
                    code=world.SESSION,
                    course=world.EXAM_COURSE,
                    starts_at=starts,
                    ends_at=starts + timedelta(hours=8),
                    place={"ky": "айыл өкмөтүнүн компьютердик классы", "ru": "компьютерный класс айыл окмоту"},
                    variants=2,
                    seed=f"{world.BODY.code}/{world.COMPETITION}/2026",
                    proctor=world.PROCTOR,
                ),
            )
            forms = draw_forms(work, id_)
            stage.terminal.say("forms", n=forms)
        session = session_of(work, id_)
        pushed = session is not None and session.pushed_at is not None
    if not pushed:
        stage.run_job("secretary", "push_session", {"competition": str(id_)}, key=f"push-{id_}")
        stage.terminal.say("pushed")


def _in_testing(stage: Stage, id_: UUID) -> None:
    _sit(stage, id_)
    stage.terminal.step("results")
    report = pull_results(stage.office, stage.actor("secretary"), id_)
    stage.counts.attempts += report.new
    stage.terminal.say("pulled", n=report.new, total=report.total)
    with stage.work("secretary") as work:
        enter_results(work, id_, stage.today)
        missing = mark_no_shows(work, id_, stage.today, "Не явился на тестирование")
        qualified = applications_of(work, id_, "qualified")
        below = applications_of(work, id_, "below_threshold")
        stage.terminal.say("outcome", n=len(qualified), below=len(below), missing=missing)
        for place, application in enumerate(qualified):
            _practical(work, stage, id_, application, place)
        _move(work, id_, "begin_interviews", stage, 0)


def _practical(work: Work, stage: Stage, id_: UUID, application: Application, place: int) -> None:
    known = work.session.scalar(select(PracticalResult.id).where(PracticalResult.application_id == application.id))
    if known is None:
        record_practical(work, id_, application.id, Decimal(6 + place % 5), Decimal(10), stage.today)


def _sit(stage: Stage, id_: UUID) -> None:
    slips = _slips(stage, id_)
    stage.terminal.step("sitting", n=len(slips))
    key = key_of(panel_banks(stage))
    done = 0
    with ThreadPoolExecutor(SITTERS) as pool:
        for _ in pool.map(lambda slip: sit_test(stage.moodle_url, slip, key), slips):
            done += 1
            stage.terminal.draw(done, len(slips))
    stage.terminal.clear()


def _slips(stage: Stage, id_: UUID) -> list[Slip]:
    """Everybody with a seat sits, but one in a larger group, who does not come."""
    with stage.work("secretary") as work:
        rows = work.session.execute(
            select(Seat.number, Person, ExaminationForm.test_idnumber)
            .join(Application, Application.id == Seat.application_id)
            .join(Person, Person.id == Application.person_id)
            .join(ExaminationForm, ExaminationForm.id == Seat.form_id)
            .where(Application.competition_id == id_, Application.state == "notified")
            .order_by(Seat.number)
        ).all()
        slips = [
            Slip(person.moodle_username, moodle_password(work, person), test, ability_of(number))
            for number, person, test in rows
        ]
    return slips if len(slips) < 7 else slips[:5] + slips[6:]


def _in_interviewing(stage: Stage, id_: UUID) -> None:
    with stage.work("secretary") as work:
        if meeting_of(work, id_) is None:
            stage.terminal.step("interviews")
            _open_meeting(work, stage, id_)
            qualified = [a.id for a in applications_of(work, id_, "qualified")]
            move_applications(work, id_, qualified, "invite", act_on(work, stage.today))
    for staff in _present_voters():
        _mark(stage, id_, staff.login)
    with stage.work("secretary") as work:
        interviewed = finish_interviews(work, id_, stage.today)
        stage.terminal.say("interviewed", n=interviewed)
        _move(work, id_, "begin_voting", stage, 0)


def _open_meeting(work: Work, stage: Stage, id_: UUID) -> None:
    """Four of five voting members come; one is ill."""
    commission = work.get(Competition, id_).commission_id
    assert commission is not None
    people = {staff.login: staff for staff in world.STAFF}
    absent_name = people["member4"].name
    absent = {
        member.id: {"ky": "ооруп жатат", "ru": "болезнь"}
        for member in members_of(work, commission)
        if work.get(Person, member.person_id).name == absent_name
    }
    zone = ZoneInfo(world.BODY.time_zone)
    started = max(datetime.combine(stage.today, time(0), zone), work.now - SITTING)
    hold_meeting(work, id_, NewMeeting(stage.today, started, "in_person", world.BODY.place, False, absent))


def _present_voters() -> list[world.Staff]:
    return [staff for staff in world.STAFF if staff.seat in ("chair", "member") and staff.login != "member4"]


def _mark(stage: Stage, id_: UUID, login: str) -> None:
    with stage.work(login) as work:
        marked = set(_marked_by_actor(work))
        competences = len(pack_of(work.get(Competition, id_)).interview.competences)
        for application in applications_of(work, id_, "invited"):
            if application.id not in marked:
                marks = {c: 3 + (application.number * 7 + c + len(login)) % 3 for c in range(1, competences + 1)}
                give_marks(work, id_, application.id, marks)


def _marked_by_actor(work: Work) -> list[UUID]:
    seats = seats_of_person(work)
    return list(
        work.session.scalars(select(InterviewMark.application_id).where(InterviewMark.member_id.in_(seats)).distinct())
    )


def _in_voting(stage: Stage, id_: UUID) -> None:
    stage.terminal.step("vote")
    with stage.work("secretary") as work:
        standing = [a.id for a in applications_of(work, id_, "interviewed")]
        favourite = _favourite(work, standing)
    for place, staff in enumerate(_present_voters()):
        with stage.work(staff.login) as work:
            if not _has_voted(work, id_):
                cast_vote(work, id_, _choices(standing, favourite, place))
    with stage.work("chair") as work:
        meeting = meeting_of(work, id_)
        if meeting is not None and meeting.counted_at is None:
            outcome = count_vote(work, id_)
            stage.terminal.say("counted", n=len(outcome.tallies))
        _move(work, id_, "decide", stage, 0)
        settle_candidates(work, id_, stage.today)


def _favourite(work: Work, standing: list[UUID]) -> UUID:
    """The candidate with the best test among those interviewed; the first of equals by number."""
    return max(standing, key=lambda id_: total(scores_of(work, id_)).mark)


def _choices(standing: list[UUID], favourite: UUID, place: int) -> dict[UUID, str]:
    """Three members for the best candidate, one abstains; nobody else gets a majority."""
    choices = dict.fromkeys(standing, "against")
    choices[favourite] = "abstain" if place == 3 else "for"
    return choices


def _has_voted(work: Work, id_: UUID) -> bool:
    meeting = meeting_of(work, id_)
    assert meeting is not None
    return (
        work.session.scalar(
            select(VoteRow.id)
            .where(VoteRow.meeting_id == meeting.id, VoteRow.member_id.in_(seats_of_person(work)))
            .limit(1)
        )
        is not None
    )


def _in_decided(stage: Stage, id_: UUID) -> None:
    stage.terminal.step("papers")
    papers: list[dict[str, object]] = [{"kind": kind, "subject": str(id_)} for kind in ("D11", "D16")]
    stage.run_job("secretary", "draft_papers", {"papers": papers}, key=f"papers-{id_}")
    for kind in ("D11", "D16"):
        sign(stage, kind, id_, drafter="secretary", signer="chair")
    order = {"appointed_from": stage.today.isoformat(), "probation_months": 0}
    papers = [{"kind": "D19", "subject": str(id_), "parameters": order}]
    stage.run_job("secretary", "draft_papers", {"papers": papers}, key=f"order-{id_}")
    sign(stage, "D19", id_, drafter="secretary", signer="head")
    with stage.work("head") as work:
        _move(work, id_, "appoint", stage, 0)
        stage.terminal.say("appointed")


STEPS: dict[str, Callable[[Stage, UUID], None]] = {
    "draft": _in_draft,
    "text_agreement": _in_text_agreement,
    "announced": _in_announced,
    "documents_open": _in_documents_open,
    "documents_closed": _in_documents_closed,
    "screening": _in_screening,
    "testing": _in_testing,
    "interviewing": _in_interviewing,
    "voting": _in_voting,
    "decided": _in_decided,
}
