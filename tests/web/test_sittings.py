"""The pages of the test sitting: schedule, plan and job, results explained, answers by right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from flask_app.ports.moodle import Step
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.services.test_sessions import session_of
from flask_app.settings import Settings
from flask_app.store.models.applications import Application
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import Attempt, AttemptResponse
from flask_app.store.models.testing import ExaminationForm, FormItem, Seat
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.web import create_app
from tests.web import sitting_day, town
from tests.web.client import PageClient
from tests.web.conftest import QueryCount
from tests.web.fake_moodle import PlanningMoodle
from tests.web.sitting_day import SittingDay
from tests.web.test_commission import fields, send

Browsers = Callable[[str], PageClient]


@pytest.fixture
def moodle() -> PlanningMoodle:
    return PlanningMoodle()


@pytest.fixture
def app(office: Office, settings: Settings, moodle: PlanningMoodle) -> Flask:
    """The panel with the jobs known to its queue, before a site that answers plans."""
    tasks = TaskRegistry()
    for name in ("push_session", "pull_results"):
        tasks.register(name, lambda _arguments, _progress: None)
    return create_app(replace(office, queue=TransactionalQueue(tasks), moodle=moodle), settings)  # type: ignore[arg-type]


@pytest.fixture
def as_(app: Flask) -> Browsers:
    known: dict[str, PageClient] = {}

    def browser(login: str) -> PageClient:
        if login not in known:
            known[login] = PageClient(app).at_work(login)
        return known[login]

    return browser


@pytest.fixture
def day(office: Office) -> SittingDay:
    return sitting_day.build(office)


def drawn(office: Office, competition: UUID) -> UUID:
    """One form of one question for everybody admitted, as the draw leaves it; returns the session."""
    with office.work(actor_of(office, "secretary")) as work:
        session = session_of(work, competition)
        assert session is not None
        form = ExaminationForm(
            session_id=session.id, variant=0, language="ky", test_idnumber=f"{session.code}-v1-ky", group_idnumber="g"
        )
        work.add(form)
        work.session.flush()
        work.add(
            FormItem(
                form_id=form.id,
                slot=1,
                block="general",
                twin_group="t1",
                question_idnumber="q1-ky",
                content_hash="0" * 64,
                version=3,
            )
        )
        rows = work.session.scalars(
            select(Application).where(
                Application.competition_id == competition, Application.state.in_(("admitted", "qualified"))
            )
        )
        for number, application in enumerate(rows, start=1):
            work.add(Seat(application_id=application.id, form_id=form.id, number=number))
        return session.id


def scheduled_anew(office: Office, here: town.Town) -> None:
    """The town's sitting taken away, so that it is to be scheduled."""
    with office.work(actor_of(office, "secretary")) as work:
        session = session_of(work, here.screening)
        assert session is not None
        work.session.delete(session)


def test_a_sitting_is_scheduled_with_its_seed(as_: Browsers, office: Office, here: town.Town) -> None:
    scheduled_anew(office, here)
    secretary, path = as_("secretary"), f"/sittings/{here.screening}/schedule"
    page = secretary.get(path)
    seed = fields(page, path)["seed"]
    assert len(seed) == 8
    answer = secretary.browser.post(
        path, data=fields(page, path) | {"day": "2026-04-28", "place_ky": "Чакан зал", "seed": seed}
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    shown = secretary.get(f"/sittings/{here.screening}")
    assert seed in shown.text
    with office.work(actor_of(office, "secretary")) as work:
        made = session_of(work, here.screening)
        assert made is not None
        assert made.starts_at == datetime(2026, 4, 28, 4, 0, tzinfo=UTC)


def test_a_day_too_near_asks_for_the_notices_on_paper(as_: Browsers, office: Office, here: town.Town) -> None:
    scheduled_anew(office, here)
    secretary, path = as_("secretary"), f"/sittings/{here.screening}/schedule"
    typed = fields(secretary.get(path), path) | {"day": "2026-04-20", "place_ky": "Чакан зал"}
    assert "told_already" not in typed
    near = secretary.post(path, typed, 422)
    assert near.all("input", id="told_already")
    answer = secretary.browser.post(path, data=fields(near, path) | {"told_already": "yes"})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def test_who_has_no_language_is_told_before_the_forms_are_drawn(as_: Browsers, here: town.Town) -> None:
    shown = as_("secretary").get(f"/sittings/{here.screening}")
    assert "Язык теста не выбран у 6 из 6." in shown.text
    assert f"/procedures/competition/{here.screening}/applicants?language=none" in shown.links()


def test_a_notice_of_before_is_entered_although_the_test_is_near(
    as_: Browsers, office: Office, here: town.Town
) -> None:
    scheduled_anew(office, here)
    secretary, path = as_("secretary"), f"/sittings/{here.screening}/schedule"
    typed = fields(secretary.get(path), path) | {"day": "2026-04-20", "place_ky": "Чакан зал"}
    near = secretary.post(path, typed, 422)
    assert secretary.browser.post(path, data=fields(near, path) | {"told_already": "yes"}).status_code == 303
    people = f"/procedures/competition/{here.screening}/applicants"
    picked = fields(secretary.get(people), f"{people}/review") | {"step": "notify", "all": "1"}
    told = secretary.post(f"{people}/review", picked, 200)
    act = f"{people}/act/notify"
    form = fields(told, act) | {"channel": "phone", "evidence": "журнал № 1"}
    assert form["happened_on"] == "", "it was given before: the day is asked for"
    assert "20 апреля" in told.text
    late = secretary.post(act, form | {"happened_on": "16.04.2026"}, 409)
    assert "4 дня" in late.text
    answer = secretary.browser.post(act, data=fields(late, act) | {"happened_on": "12.04.2026", "channel": "phone"})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def test_a_sitting_is_moved_and_says_who_is_to_be_told_anew(as_: Browsers, office: Office, here: town.Town) -> None:
    secretary, path = as_("secretary"), f"/sittings/{here.screening}/move"
    typed = fields(secretary.get(path), path)
    assert (typed["starts"], typed["place_ru"]) == ("10:00", "Малый зал, 3-й этаж")
    unsaid = secretary.post(path, typed | {"day": "2026-05-12", "reason": ""}, 422)
    assert unsaid.all("p", id="reason-problem")
    assert fields(unsaid, path)["day"] == "2026-05-12", "nothing typed is lost"
    near = secretary.post(path, typed | {"day": "2026-04-22", "reason": "нет света"}, 422)
    assert near.all("input", id="told_already")
    late = secretary.post(path, typed | {"day": "2026-05-12", "reason": "нет света", "happened_on": "31.12.2030"}, 422)
    assert late.all("p", id="happened_on-problem")
    answer = secretary.browser.post(path, data=typed | {"day": "2026-05-12", "reason": "нет света"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    shown = secretary.get(f"/sittings/{here.screening}")
    assert "нет света" in shown.text
    assert "5 мая 2026" in shown.text, "the last day for notices"


def test_only_the_reviewed_plan_is_pushed(
    as_: Browsers,
    office: Office,
    here: town.Town,
    moodle: PlanningMoodle,
    session_factory: sessionmaker[Session],
) -> None:
    drawn(office, here.screening)
    secretary, path = as_("secretary"), f"/sittings/{here.screening}/plan"
    seen = fields(secretary.get(path), path)
    moodle.extra.append(Step("save_test", "kyzmat", "something-new"))
    changed = secretary.post(path, seen, 409)
    assert "something-new" in changed.text
    answer = secretary.browser.post(path, data=fields(changed, path))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    job = answer.headers["Location"]
    shown = secretary.get(job)
    assert [meta.get("content") for meta in shown.all("meta", http_equiv="refresh")] == ["3"], "without a script"
    assert [part.get("hx-trigger") for part in shown.all("section", id="live")] == ["every 3s"], "with one"
    assert len(shown.all("progress")) == 1
    send(secretary, job, f"{job}/stop")
    with session_factory() as session:
        row = session.scalars(select(JobProgress)).one()
    assert (row.task, row.cancel_requested) == ("push_session", True)
    as_("stranger").get(job, 404)


def test_a_plan_that_meets_a_foreign_change_has_no_button(
    as_: Browsers, office: Office, here: town.Town, moodle: PlanningMoodle
) -> None:
    drawn(office, here.screening)
    moodle.extra.append(Step("foreign_change", "bank", "q1-ky", expected_version=4))
    page = as_("secretary").get(f"/sittings/{here.screening}/plan")
    assert f"/sittings/{here.screening}/plan" not in [form.get("action") for form in page.all("form")]


def test_results_explain_each_threshold(as_: Browsers, day: SittingDay) -> None:
    client = as_("secretary")
    client.raw_get("/?lang=ru")
    rows = client.get(f"/sittings/{day.id}/results").rows()
    assert "49 / 60" in rows[0]
    assert "Собеседование: весь тест, 49 из 60, нужно не менее 50 % – достигнуто" in rows[0]
    assert "Резерв: весь тест, 49 из 60, нужно не менее 75 % – достигнуто" in rows[0]
    assert "Резерв: весь тест, 39 из 60, нужно не менее 75 % – не достигнуто" in rows[2]
    assert "Собеседование: весь тест, 21 из 60, нужно не менее 50 % – не достигнуто" in rows[3]


def attempt_of(office: Office, day: SittingDay) -> None:
    """The first candidate's attempt, one answer."""
    with office.work(actor_of(office, "secretary")) as work:
        person = work.get(Application, day.candidates[0]).person_id
        attempt = Attempt(
            moodle_attempt=77,
            test_idnumber="К-2026-020-v1-ky",
            person_idnumber=str(person),
            number=1,
            revision=1,
            newest=True,
            state="finished",
            deleted=False,
            started_at=work.now,
            finished_at=work.now,
            modified_at=work.now,
            mark=Decimal(1),
            maximum=Decimal(1),
            pulled_at=work.now,
            content_hash="0" * 64,
        )
        work.add(attempt)
        work.session.flush()
        work.add(
            AttemptResponse(
                attempt_id=attempt.id,
                slot=1,
                question_idnumber="q1-ky",
                entryid=1,
                questionid=1,
                question_version=3,
                state="gradedright",
                mark=Decimal(1),
                maximum=Decimal(1),
                response="<b>жооп</b>",
                right_answer="жооп",
                answered_at=work.now - timedelta(hours=1),
            )
        )


def test_answers_are_opened_by_right_and_noted(
    as_: Browsers, office: Office, day: SittingDay, session_factory: sessionmaker[Session]
) -> None:
    drawn(office, day.id)
    attempt_of(office, day)
    path = f"/sittings/{day.id}/candidates/{day.candidates[0]}/answers"
    for login, status in (("head", 403), ("member", 403), ("stranger", 404)):
        as_(login).post(path, {"form_token": as_(login).token("/")}, status)
    secretary = as_("secretary")
    page = secretary.post(path, fields(secretary.get(f"/sittings/{day.id}/results"), path), 200)
    assert "<b>жооп</b>" in page.text
    with session_factory() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "attempt.opened")).all()
    assert [event.actor_login for event in events] == ["secretary"]


PAGES = ("", "/schedule", "/plan", "/results")


@pytest.mark.parametrize("page", PAGES)
def test_another_body_sees_nothing(as_: Browsers, here: town.Town, page: str) -> None:
    as_("stranger").get(f"/sittings/{here.screening}{page}", 404)


def test_who_only_views_has_no_button(as_: Browsers, here: town.Town) -> None:
    for login in ("head", "auditor"):
        page = as_(login).get(f"/sittings/{here.screening}")
        assert not [form for form in page.all("form") if (form.get("action") or "").startswith("/sittings")]
        as_(login).get(f"/sittings/{here.screening}/schedule", 403)
        as_(login).get(f"/sittings/{here.screening}/plan", 403)


@pytest.mark.parametrize("state", ["closed", "archived", "cancelled"])
def test_results_stay_to_be_read_when_the_competition_is_over(
    as_: Browsers, office: Office, here: town.Town, day: SittingDay, state: str
) -> None:
    with office.work(actor_of(office, "hr")) as work:
        work.get(Competition, day.id).state = state
        work.get(Competition, here.decided).state = state
        bare = work.get(Competition, here.draft)
        bare.state = state
    for login in ("hr", "secretary", "chair", "member", "head", "auditor"):
        assert f"/sittings/{day.id}" in as_(login).get("/sittings").links(), login
        assert str(bare.id) not in str(as_(login).get("/sittings").links()), "there was no sitting"
        page = as_(login).get(f"/sittings/{day.id}")
        assert not [form for form in page.all("form") if (form.get("action") or "").startswith("/sittings")], login
        assert f"/sittings/{day.id}/plan" not in page.links(), login
        assert "К-2026/020" in as_(login).get(f"/sittings/{day.id}/results").text
    for login in ("hr", "secretary"):
        as_(login).get(f"/sittings/{day.id}/plan", 403)
        as_(login).get(f"/sittings/{bare.id}", 404)
    as_("training").get(f"/sittings/{day.id}", 404)
    as_("stranger").get(f"/sittings/{day.id}", 404)


def test_queries(as_: Browsers, office: Office, day: SittingDay, queries: QueryCount) -> None:
    drawn(office, day.id)
    for path in ("/sittings", f"/sittings/{day.id}", f"/sittings/{day.id}/results"):
        browser = as_("secretary")
        queries.statements.clear()
        browser.get(path)
        assert len(queries.statements) <= 15, (path, len(queries.statements), queries.statements)
