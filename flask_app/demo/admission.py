"""Applicants come from a spreadsheet, are screened, told of the test, and seated."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask_app.demo import world
from flask_app.demo.applicants import spreadsheet
from flask_app.demo.moving import move
from flask_app.demo.stage import Stage
from flask_app.messages import explain
from flask_app.services.applicants_import import import_applicants
from flask_app.services.applications import (
    applications_of,
    choose_language,
    move_applications,
    reject_application,
)
from flask_app.services.notices import notify_of_test
from flask_app.services.test_sessions import NewSession, draw_forms, schedule_session, session_of
from flask_app.services.transitions import act_on

FIRST_PAUSE = timedelta(minutes=5)


def in_documents_open(stage: Stage, id_: UUID) -> None:
    stage.terminal.step("applicants")
    with stage.work("hr") as work:
        content = spreadsheet(stage.candidates)
        report = import_applicants(work, id_, content, "candidates.xlsx", stage.ago(25))
        stage.terminal.say("imported", n=len(report.registered), refused=len(report.refused))
        for row in report.refused:
            for problem in row.problems:
                told = explain(problem.code, stage.terminal.language, problem.sentence_params())
                stage.terminal.plain(f"        {row.row}: {told.text}")
        move(work, id_, "close_documents", stage, 24)


def in_documents_closed(stage: Stage, id_: UUID) -> None:
    with stage.work("secretary") as work:
        move(work, id_, "begin_screening", stage, 22)


def in_screening(stage: Stage, id_: UUID) -> None:
    _screen(stage, id_)
    _prepare_session(stage, id_)
    with stage.work("secretary") as work:
        waiting = [a.id for a in applications_of(work, id_, "admitted")]
        if waiting:
            act = act_on(work, stage.ago(9), "Журнал уведомлений, № 1")
            notify_of_test(work, id_, waiting, "in_person", act)
            stage.terminal.say("notified", n=len(waiting))
        move(work, id_, "begin_testing", stage, 0)


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
                    told_already=True,
                ),
            )
            forms = draw_forms(work, id_)
            stage.terminal.say("forms", n=forms)
        session = session_of(work, id_)
        pushed = session is not None and session.pushed_at is not None
    if not pushed:
        stage.run_job("secretary", "push_session", {"competition": str(id_)}, key=f"push-{id_}")
        stage.terminal.say("pushed")
