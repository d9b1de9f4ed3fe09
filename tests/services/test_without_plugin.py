"""A Moodle without the plugin: results through core, marked as what they are; banks as files. Nothing is invented."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import func, select

from connector.moodle.fallback import gaps
from connector.moodle.fallback.hand_export import hand_file
from flask_app import jobs
from flask_app.cli.by_hand import questions_of
from flask_app.domain.errors import NotFound, NotPermitted, Refused, RefusedOutside
from flask_app.messages import LANGUAGES, explain
from flask_app.ports.moodle import PulledAttempt, PulledResponse, ResultsPage
from flask_app.services import bank_by_hand, dossier, sitting_desk
from flask_app.services.absences import mark_no_shows
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.result_totals import gaps_of, poorer_attempts, totals_of
from flask_app.services.results import (
    PullReport,
    enter_results,
    pull_results,
    pull_without_plugin,
)
from flask_app.services.test_sessions import session_of
from flask_app.settings import Settings
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import Attempt, AttemptResponse, PullCursor
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.worker import Worker
from flask_app.web import create_app
from gift_export.reader import read
from question_banks.files import SHIPPED, bank_folders
from tests.services.desk import PASSWORD, TODAY, actor_with
from tests.services.stages import RIGHT, Scene
from tests.services.test_results import SAT, attempt_of, totals
from tests.web.client import Page, PageClient

FINISHED = len(SAT)
QUESTIONS = "moodle/question:viewall"
"""The right without which Moodle shows no versions."""


def bare(scene: Scene, *denied: str) -> Scene:
    """The site loses its plugin; the account lacks these rights."""
    scene.site.control("setting", name="plugin", value="off")
    scene.site.control("setting", name="denied", value=list(denied))
    return scene


def poor(scene: Scene) -> PullReport:
    return pull_without_plugin(scene.office, scene.actor, scene.competition)


def rich(scene: Scene) -> PullReport:
    return pull_results(scene.office, scene.actor, scene.competition)


def enter(scene: Scene) -> int:
    with scene.work() as work:
        return enter_results(work, scene.competition, TODAY)


def refusal(scene: Scene) -> Refused:
    with pytest.raises(Refused) as caught:
        enter(scene)
    for language in LANGUAGES:
        assert explain(caught.value.code, language, caught.value.params).cure
    return caught.value


@dataclass
class TellsVersions:
    """A site whose account may edit questions: core shows it the version, and all that core never shows is left out.

    `change`: what else is other about an answer.
    """

    inner: Any
    change: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def without_plugin(self, _courses: object, questions: Iterable[tuple[str, str]], _clock: object) -> TellsVersions:
        assert list(questions)
        return self

    @property
    def gaps(self) -> Sequence[str]:
        return gaps.ALWAYS

    def results(self, tests: Sequence[str], cursor: str = "") -> Iterator[ResultsPage]:
        for page in self.inner.results(tests, cursor):
            yield replace(page, cursor="", attempts=tuple(self._poorer(attempt) for attempt in page.attempts))

    def _poorer(self, attempt: PulledAttempt) -> PulledAttempt:
        return replace(attempt, responses=tuple(self._answer(response) for response in attempt.responses))

    def _answer(self, response: PulledResponse) -> PulledResponse:
        changed = self.change if response.slot == 7 else {}
        return replace(response, entryid=0, questionid=0, time=None, **changed)


def telling(scene: Scene, **change: Any) -> Scene:
    return replace(scene, office=replace(scene.office, moodle=TellsVersions(scene.office.moodle, change)))


def test_results_come_and_say_what_they_lack(sat: Scene) -> None:
    with pytest.raises(RefusedOutside):
        rich(bare(sat, QUESTIONS))
    report = poor(sat)
    assert (report.new, report.revised, report.total, report.unexplained) == (FINISHED, 0, FINISHED, 0)
    with sat.work() as work:
        answers = work.session.scalars(select(AttemptResponse)).all()
        assert len(answers) == 60 * FINISHED
        assert {(a.entryid, a.questionid, a.question_version, a.answered_at) for a in answers} == {(0, 0, 0, None)}
        assert sum(a.mark or 0 for a in answers) == sum(SAT.values())
        session = session_of(work, sat.competition)
        assert session is not None
        assert poorer_attempts(work, session) == FINISHED
        assert set(gaps.ALWAYS) <= set(gaps_of(work, session))
        (event,) = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "results.without_plugin"))
        assert event.after["attempts"] == FINISHED
        found = sitting_desk.sitting_of(work, sat.competition)
        assert found.totals is not None
        assert (found.totals.in_moodle, found.totals.held, found.totals.unexplained) == (FINISHED, FINISHED, 0)
        assert found.totals.gaps
        assert found.lacks_plugin
        shown = sitting_desk.results_of(work, sat.competition)
        assert (shown.poorer, set(gaps.ALWAYS) <= set(shown.gaps)) == (FINISHED, True)
        competition = work.get(Competition, sat.competition)
        facts = competition_facts_of(work, [competition])[sat.competition].session
        assert facts is not None
        assert facts.unexplained == 0
    assert poor(sat).new == 0, "what is known is recognised"


def test_answers_without_a_version_become_no_marks_until_it_is_told(sat: Scene) -> None:
    poor(bare(sat, QUESTIONS))
    assert refusal(sat).code == "results.version_untold"
    assert sat.states()[1] == "notified"
    report = poor(bare(sat))
    assert (report.new, report.revised) == (0, FINISHED), "the cure that the sentence names"
    assert poor(bare(sat, QUESTIONS)).revised == 0, "less is not other"
    assert enter(sat) == FINISHED
    assert totals(sat) == SAT


def test_people_core_does_not_name_are_nobodys_results(sat: Scene) -> None:
    poor(bare(sat, "moodle/user:viewalldetails"))
    with sat.work() as work:
        session = session_of(work, sat.competition)
        assert session is not None
        assert totals_of(work, session).unseated == FINISHED
        assert gaps.PERSON_UNKNOWN in gaps_of(work, session)
    assert enter(sat) == 0
    assert sat.states()[1] == "notified"


def test_nobody_is_said_to_have_stayed_away(sat: Scene) -> None:
    poor(bare(sat))
    with pytest.raises(Refused) as caught, sat.work() as work:
        mark_no_shows(work, sat.competition, TODAY, "не явился")
    assert caught.value.code == "results.absence_untold"
    assert sat.states()[6] == "notified"


def test_where_core_tells_versions_the_results_are_the_same(sat: Scene) -> None:
    poor(bare(sat))
    assert enter(sat) == FINISHED
    assert totals(sat) == SAT
    with sat.work() as work:
        found = dossier.dossier_of(work, sat.competition, sat.application(1))
        assert {row.entry for row in found.rows} == {0}
        assert all(row.version and row.content_hash and row.shown for row in found.rows)


UNTOLD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"idnumber": ""}, "results.question_untold"),
    ({"state": "gradedpartial", "mark": "0.33"}, "results.mark_rounded"),
    ({"state": "mangrpartial", "mark": "0.5"}, "results.mark_rounded"),
    ({"state": "needsgrading", "mark": None}, "results.not_marked"),
    ({"version": 9}, "results.foreign_question"),
    ({"idnumber": "const-999.ky"}, "results.foreign_question"),
)


def test_what_core_cannot_tell_stops_the_step_that_needs_it(sat: Scene) -> None:
    for change, code in UNTOLD:
        poor(telling(sat, **change))
        refused = refusal(sat)
        assert (refused.code, refused.params["slot"]) == (code, 7), change
    poor(telling(sat))
    assert enter(sat) == FINISHED


def test_what_the_plugin_told_is_not_overwritten_with_less(sat: Scene) -> None:
    rich(sat)
    report = poor(bare(sat, QUESTIONS))
    assert (report.new, report.revised, report.unexplained) == (0, 0, 0)
    with sat.work() as work:
        assert work.session.scalar(select(func.min(AttemptResponse.entryid))) != 0
        session = session_of(work, sat.competition)
        assert session is not None
        assert poorer_attempts(work, session) == 0
    assert enter(sat) == FINISHED
    assert totals(sat) == SAT


def test_a_regrade_since_is_a_revision_all_the_same(sat: Scene) -> None:
    rich(sat)
    sat.site.control("mark", attemptid=attempt_of(sat, 1), slot=1, mark="0.5")
    report = poor(sat)
    assert report.revised == 1
    with sat.work() as work:
        newest = work.session.scalars(
            select(Attempt).where(Attempt.moodle_attempt == attempt_of(sat, 1), Attempt.newest.is_(True))
        ).one()
        assert newest.revision == 2
        assert newest.mark in (Decimal(RIGHT[1] or 0) - Decimal("0.5"), Decimal(RIGHT[1] or 0) + Decimal("0.5"))


def test_an_attempt_deleted_in_moodle_is_missed_and_alarmed(sat: Scene) -> None:
    rich(sat)
    sat.site.control("delete_attempt", attemptid=attempt_of(sat, 2))
    assert poor(sat).unexplained == 1
    with sat.work() as work:
        session = session_of(work, sat.competition)
        assert session is not None
        assert totals_of(work, session).difference == -1


def test_the_plugin_goes_on_where_it_was_and_fills_in_what_was_lacking(sat: Scene) -> None:
    poor(sat)
    with sat.work() as work:
        cursors = {row.what.partition(":")[0]: row.cursor for row in work.session.scalars(select(PullCursor))}
    assert cursors == {"results-core": ""}
    report = rich(sat)
    assert report.unexplained == 0
    with sat.work() as work:
        session = session_of(work, sat.competition)
        assert session is not None
        assert poorer_attempts(work, session) == 0
    assert enter(sat) == FINISHED
    assert totals(sat) == SAT


def test_only_who_pulls_may_pull_so(sat: Scene) -> None:
    auditor = actor_with(sat.office, sat.actor.body_id, "auditor")
    with pytest.raises(NotPermitted):
        pull_without_plugin(sat.office, auditor, sat.competition)


# -- on the pages ------------------------------------------------------------------------------------------------------


def test_the_sittings_page_offers_it_after_a_pull_that_found_no_plugin(sat: Scene, tmp_path: Path) -> None:
    tasks = TaskRegistry()
    office = replace(sat.office, queue=TransactionalQueue(tasks))
    jobs.register(tasks, lambda: office, ProgressBook(office.sessions))  # type: ignore[arg-type]  # a sessionmaker
    client = PageClient(create_app(office, Settings(home=tmp_path)))
    login = actor_with(sat.office, sat.actor.body_id, "hr_officer").login
    assert client.log_in(login, PASSWORD).status_code == 303
    client.raw_get("/?lang=ru")
    sitting, pull = f"/sittings/{sat.competition}", f"/sittings/{sat.competition}/pull"

    def press(**more: str) -> Page:
        answer = client.browser.post(pull, data={"form_token": client.token(sitting), **more})
        assert answer.status_code == 303
        with contextlib.suppress(RefusedOutside):
            Worker(sat.database_url, tasks).run(wait=False)
        return client.get(answer.headers["Location"])

    bare(sat, QUESTIONS)
    assert "Забрать без модуля" not in client.get(sitting).text
    assert "Забор итогов без модуля" not in press(without_plugin="1").text, "nobody has seen yet that it is missing"
    page = client.get(sitting)
    assert "Забрать без модуля" in page.text
    assert "Итоги забраны без модуля" in press(without_plugin="1").text
    page = client.get(sitting)
    assert "В последний раз забрано без модуля: чего не хватает" in page.text
    assert "Номера вопросов, их версии и места в банке Moodle без модуля не сообщает." in page.text
    entered = {"form_token": client.token(sitting), "happened_on": TODAY.isoformat()}
    refused = client.post(f"{sitting}/results", entered, 409)
    assert "версия вопроса неизвестна" in refused.text
    poor(bare(sat))
    assert client.browser.post(f"{sitting}/results", data=entered).status_code == 303
    results = client.get(f"{sitting}/results")
    assert "5 попыток пришли без модуля: чего не хватает" in results.text
    answers = next(form for form in results.all("form") if form.get("action", "").endswith("/answers"))
    opened = client.post(answers.get("action", ""), {"form_token": entered["form_token"]}, 200)
    assert "неизвестно: ответ пришёл без модуля версия 1" in opened.text
    reader = PageClient(client.app)
    reader.log_in(actor_with(sat.office, sat.actor.body_id, "auditor").login, PASSWORD)
    reader.raw_get("/?lang=ru")
    assert "Итоги забраны без модуля local_kyzmat" in reader.get("/journal").text


# -- banks as files ----------------------------------------------------------------------------------------------------


def bank_id(scene: Scene, code: str) -> Any:
    with scene.work() as work:
        return work.session.scalars(select(QuestionBank.id).where(QuestionBank.code == code)).one()


@pytest.mark.parametrize("form", bank_by_hand.FORMS)
def test_the_panels_file_is_that_of_the_command(synced_offline: Scene, form: Literal["gift", "xml"]) -> None:
    """One content, one category, whoever writes the file: else Moodle would hold each question twice."""
    folder = next(folder for folder in bank_folders(SHIPPED) if folder.name == "general")
    with synced_offline.work() as work:
        mine = bank_by_hand.hand_out(work, bank_id(synced_offline, "general"), form)
    theirs = hand_file("general", list(questions_of(folder)), form)
    assert (mine.category, mine.name, mine.questions) == (theirs.category, theirs.name, theirs.questions)
    if form == "gift":
        assert sorted(q.idnumber for q in read(mine.text).questions) == sorted(
            q.idnumber for q in read(theirs.text).questions
        )


def test_who_hands_a_bank_out_is_in_the_log(synced_offline: Scene) -> None:
    id_ = bank_id(synced_offline, "general")
    with synced_offline.work() as work:
        bank_by_hand.hand_out(work, id_, "xml")
    with synced_offline.work() as work:
        (event,) = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "bank.handed_out"))
        assert (event.object_id, event.after["form"]) == (str(id_), "xml")
    auditor = actor_with(synced_offline.office, synced_offline.actor.body_id, "auditor")
    with pytest.raises(NotPermitted), synced_offline.work(auditor) as work:
        bank_by_hand.by_hand(work, id_)
    with synced_offline.work(auditor) as work:
        assert bank_by_hand.banks_by_hand(work) == ()
    head = actor_with(synced_offline.office, synced_offline.actor.body_id, "head_of_body")
    with pytest.raises(NotFound), synced_offline.work(head) as work:
        bank_by_hand.by_hand(work, id_)
