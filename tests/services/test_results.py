"""Results: pulled page by page, corrected by revisions, judged against the very form each candidate sat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from sqlalchemy import func, select

from connector.moodle.results import result_pages
from flask_app.domain.errors import InvalidInput, Refused, VersionConflict
from flask_app.messages import LANGUAGES, explain
from flask_app.ports.moodle import MoodleGateway, ResultsPage
from flask_app.services.absences import begun_by_now, mark_no_shows
from flask_app.services.applications import correct_practical, move_applications, scores_of
from flask_app.services.candidate_list import take_step_for
from flask_app.services.competition_facts import competition_facts
from flask_app.services.result_totals import (
    AGREE,
    DIFFER,
    ControlTotals,
    alarms,
    pulled_finished,
    totals_of,
    unexplained_attempts,
)
from flask_app.services.results import PullReport, enter_results, pull_results
from flask_app.services.test_sessions import session_of
from flask_app.services.transitions import act_on
from flask_app.store.locks import exclusive
from flask_app.store.models.applications import Application, PracticalResult, TestScore
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import Attempt, AttemptResponse
from flask_app.store.models.testing import FormItem, Seat
from tests.services.desk import NOW, TODAY, FrozenClock
from tests.services.stages import CODE, RIGHT, Scene, sit, slip
from tests.services.test_sitting_live import begin

SAT = {number: right for number, right in RIGHT.items() if right is not None}


def pull(scene: Scene) -> PullReport:
    return pull_results(scene.office, scene.actor, scene.competition)


def enter(scene: Scene) -> int:
    with scene.work() as work:
        return enter_results(work, scene.competition, TODAY)


def totals(scene: Scene) -> dict[int, int]:
    """Number of the application → marks in all."""
    with scene.work() as work:
        rows = work.session.execute(
            select(Application.number, func.sum(TestScore.mark))
            .join(TestScore, TestScore.application_id == Application.id)
            .group_by(Application.number)
        )
        return {number: int(mark) for number, mark in rows}


def attempt_of(scene: Scene, number: int) -> int:
    """Moodle's id of the candidate's attempt."""
    person = str(scene.person(number))
    found: dict[str, int] = scene.site.control("attempt_ids", testidnumber=slip(scene, number)[2])["attempts"]
    return found[person]


def wrong_slots(scene: Scene, number: int) -> list[int]:
    with scene.work() as work:
        return list(
            work.session.scalars(
                select(AttemptResponse.slot)
                .join(Attempt, Attempt.id == AttemptResponse.attempt_id)
                .where(Attempt.person_idnumber == str(scene.person(number)), Attempt.newest, AttemptResponse.mark == 0)
                .order_by(AttemptResponse.slot)
            )
        )


def test_everything_is_pulled_once(sat: Scene) -> None:
    report = pull(sat)
    assert (report.new, report.revised, report.total) == (len(SAT), 0, len(SAT))
    again = pull(sat)
    assert (again.new, again.revised, again.total) == (0, 0, len(SAT))
    with sat.work() as work:
        assert work.session.scalar(select(func.count()).select_from(AttemptResponse)) == 60 * len(SAT)


def test_each_candidate_has_the_marks_he_earned(sat: Scene) -> None:
    pull(sat)
    assert enter(sat) == len(SAT)
    assert totals(sat) == SAT
    states = sat.states()
    assert states[4] == "qualified", "30 of 60 is 50 per cent"
    assert states[5] == "below_threshold", "29 of 60 is less"
    with sat.work() as work:
        blocks = {score.block: score.maximum for score in scores_of(work, sat.application(1))}
    assert blocks == {"general": 30, "subject": 30}
    assert enter(sat) == 0


def test_a_pull_that_dies_between_pages_goes_on_after_the_last_one(sat: Scene) -> None:
    """Pages of one attempt; the line breaks after the second."""
    broken = one_per_page(sat, breaks_after=2)
    with pytest.raises(ConnectionResetError):
        pull(broken)
    with sat.work() as work:
        assert work.session.scalar(select(func.count()).select_from(Attempt)) == 2
    whole = one_per_page(sat)
    assert pull(whole).new == len(SAT) - 2
    assert enter(sat) == len(SAT)
    assert totals(sat) == SAT


@dataclass
class OnePerPage:
    """The real gateway, made to answer one attempt at a time, and to break off."""

    inner: Any
    breaks_after: int = 0

    def results(self, tests: list[str], cursor: str) -> Iterator[ResultsPage]:
        for place, page in enumerate(result_pages(self.inner.client, tests, cursor, 1), start=1):
            yield page
            if place == self.breaks_after:
                raise ConnectionResetError


def one_per_page(scene: Scene, *, breaks_after: int = 0) -> Scene:
    gateway: Any = OnePerPage(scene.office.moodle, breaks_after)
    return replace(scene, office=replace(scene.office, moodle=gateway))


def test_while_pages_are_missing_nobody_is_said_to_have_stayed_away(sat: Scene) -> None:
    broken = one_per_page(sat, breaks_after=2)
    with pytest.raises(Refused) as refused, sat.work() as work:
        mark_no_shows(work, sat.competition, TODAY, "не явился")
    assert refused.value.code == "results.not_pulled"
    with pytest.raises(ConnectionResetError):
        pull(broken)
    with pytest.raises(Refused) as refused, sat.work() as work:
        mark_no_shows(work, sat.competition, TODAY, "не явился")
    assert refused.value.code == "competition.attempts_unexplained"
    assert refused.value.params["n"] == len(SAT) - 2


def test_the_control_total_explains_every_attempt(sat: Scene) -> None:
    pull(sat)
    with sat.work() as work:
        session = session_of(work, sat.competition)
        assert session is not None
        assert (pulled_finished(work, session), unexplained_attempts(work, session)) == (len(SAT), 0)
        facts = competition_facts(work, work.get(Competition, sat.competition)).session
    assert facts is not None
    assert facts.unexplained == 0


def test_whoever_did_not_come_is_noted_and_nobody_else(sat: Scene) -> None:
    pull(sat)
    enter(sat)
    with sat.work() as work:
        assert mark_no_shows(work, sat.competition, TODAY, "не явился", begun=frozenset()) == 1
    assert [number for number, state in sat.states().items() if state == "no_show"] == [6]


def hours_later(scene: Scene, hours: int) -> Scene:
    """The same office when the sitting, which lasts seven hours more, may be over."""
    return replace(scene, office=replace(scene.office, clock=FrozenClock(NOW + timedelta(hours=hours))))


def test_while_the_test_is_open_nobody_is_said_to_have_stayed_away(sat: Scene) -> None:
    pull(sat)
    enter(sat)
    with pytest.raises(Refused) as refused, sat.work() as work:
        mark_no_shows(work, sat.competition, TODAY, "не явился")
    assert refused.value.code == "results.test_open"
    evening = hours_later(sat, 8)
    with pytest.raises(Refused) as refused, evening.work() as work:
        mark_no_shows(work, sat.competition, TODAY, "не явился")
    assert refused.value.code == "results.pulled_before_end"
    pull(evening)
    with evening.work() as work:
        assert mark_no_shows(work, sat.competition, TODAY, "не явился") == 1


def test_whoever_is_sitting_the_test_is_not_missing(sat: Scene) -> None:
    pull(sat)
    enter(sat)
    assert begun_by_now(sat.office, sat.actor, sat.competition) == {sat.application(n) for n in SAT}
    begin(sat, 6)
    begun = begun_by_now(sat.office, sat.actor, sat.competition)
    assert sat.application(6) in begun
    with pytest.raises(Refused) as refused, sat.work() as work:
        mark_no_shows(work, sat.competition, TODAY, "не явился", begun=begun)
    assert (refused.value.code, refused.value.params["n"]) == ("results.still_sitting", 1)
    assert sat.states()[6] == "notified"


def test_whoever_sat_though_noted_as_absent_is_found_and_gets_the_result(entered_online: Scene) -> None:
    scene, late = entered_online, 6
    assert scene.states()[late] == "no_show"
    sit(scene, late, 45)
    pull(scene)
    assert totals_now(scene).absent == 1
    assert not totals_now(scene).agrees
    assert alarms_of(scene)[0][1]["absent"] == 1
    with pytest.raises(Refused) as refused:
        scene.move("begin_interviews")
    assert refused.value.code == "competition.absent_have_sat"
    with scene.work() as work:
        act = act_on(work, TODAY, reason="пришёл к концу")
        version = work.get(Application, scene.application(late)).version
        take_step_for(work, scene.competition, "recall_absence", {scene.application(late): version}, act)
    assert enter(scene) == 1
    assert (scene.states()[late], totals(scene)[late]) == ("qualified", 45)
    assert totals_now(scene).agrees


def test_an_absence_stands_once_the_interviews_have_begun(entered_online: Scene) -> None:
    scene = entered_online
    scene.move("begin_interviews")
    absent = scene.application(6)
    with scene.work() as work:
        act = act_on(work, TODAY, reason="пришёл к концу")
        with pytest.raises(Refused) as refused:
            move_applications(work, scene.competition, [absent], "recall_absence", act)
    assert refused.value.code == "application.testing_over"


def test_a_practical_mark_is_corrected_once_by_who_saw_it(entered_online: Scene) -> None:
    scene = entered_online
    one = scene.application(1)

    def correct(mark: str, seen: str) -> None:
        with scene.work() as work:
            correct_practical(work, scene.competition, one, Decimal(mark), Decimal(10), "описка", seen=seen)

    with pytest.raises(InvalidInput) as wrong:
        correct("10.5", "8/10")
    assert wrong.value.code == "application.mark_out_of_range"
    correct("9.50", "8/10")
    with pytest.raises(VersionConflict) as late:
        correct("7", "8/10")
    assert late.value.code == "application.practical_changed"
    correct("7", "9.5/10")
    with scene.work() as work:
        kept = work.session.scalars(select(PracticalResult).where(PracticalResult.application_id == one)).one()
        told = work.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "application.practical_corrected").order_by(AuditEvent.id)
        ).all()
        assert (kept.mark, kept.maximum) == (Decimal(7), Decimal(10))
        assert [(event.before["mark"], event.after["mark"], event.after["reason"]) for event in told] == [
            ("8", "9.50", "описка"),
            ("9.50", "7", "описка"),
        ]


def test_two_pulls_at_once_take_turns(sat: Scene) -> None:
    key = f"results:{CODE}:{sat.actor.body_id}"
    with exclusive(sat.office.sessions, key), pytest.raises(Refused) as refused:
        pull(sat)
    assert refused.value.code == "results.pulling"
    assert pull(sat).new == len(SAT)


# ----------------------------------------------------------------------------------------------------- revisions


def test_a_regrade_arrives_as_a_revision_and_corrects_the_result(sat: Scene) -> None:
    pull(sat)
    enter(sat)
    slot = wrong_slots(sat, 5)[0]
    sat.site.control("mark", attemptid=attempt_of(sat, 5), slot=slot, mark="1")
    report = pull(sat)
    assert (report.new, report.revised) == (0, 1)
    with sat.work() as work:
        kept = work.session.execute(
            select(Attempt.revision, Attempt.newest, Attempt.mark)
            .where(Attempt.person_idnumber == str(sat.person(5)))
            .order_by(Attempt.revision)
        ).all()
        assert [tuple(row) for row in kept] == [(1, False, 29), (2, True, 30)]
        assert work.session.scalars(select(AuditEvent.action).where(AuditEvent.action == "attempt.revised")).all()
    assert totals(sat)[5] == 29, "a result is corrected by a person's act, not by the pull"
    assert enter(sat) == 1
    assert totals(sat)[5] == 30
    assert sat.states()[5] == "qualified"
    assert enter(sat) == 0


def test_a_regrade_may_carry_a_result_down(sat: Scene) -> None:
    pull(sat)
    enter(sat)
    sat.site.control("mark", attemptid=attempt_of(sat, 4), slot=1, mark="0")
    pull(sat)
    assert enter(sat) == 1
    assert (totals(sat)[4], sat.states()[4]) == (29, "below_threshold")


def test_the_interviews_wait_for_a_correction(entered_online: Scene) -> None:
    scene = entered_online
    scene.site.control("mark", attemptid=attempt_of(scene, 5), slot=wrong_slots(scene, 5)[0], mark="1")
    pull(scene)
    with pytest.raises(Refused) as refused:
        scene.move("begin_interviews")
    assert refused.value.code == "competition.attempts_unexplained"
    enter(scene)
    with pytest.raises(Refused) as refused:
        scene.move("begin_interviews")
    assert refused.value.code == "competition.practical_missing", "the one more who qualified has no practical task yet"


def test_a_deleted_attempt_arrives_as_a_revision_and_stops_the_interviews(entered_online: Scene) -> None:
    scene = entered_online
    scene.site.control("delete_attempt", attemptid=attempt_of(scene, 1))
    report = pull(scene)
    assert (report.new, report.revised, report.total) == (0, 1, len(SAT) - 1)
    with scene.work() as work:
        newest = work.session.scalars(
            select(Attempt).where(Attempt.person_idnumber == str(scene.person(1)), Attempt.newest)
        ).one()
        assert (newest.revision, newest.deleted) == (2, True)
    with pytest.raises(Refused) as refused:
        scene.move("begin_interviews")
    assert refused.value.code == "competition.attempts_unexplained"


def test_who_sits_again_after_a_deletion_has_the_new_result(entered_online: Scene) -> None:
    scene = entered_online
    scene.site.control("delete_attempt", attemptid=attempt_of(scene, 1))
    sit(scene, 1, 31)
    pull(scene)
    enter(scene)
    assert totals(scene)[1] == 31
    scene.move("begin_interviews")


def test_several_attempts_are_left_to_a_person(sat: Scene) -> None:
    pull(sat)
    with sat.work() as work:
        one = work.session.scalars(select(Attempt).where(Attempt.person_idnumber == str(sat.person(2)))).one()
        twin = {
            column.key: getattr(one, column.key)
            for column in Attempt.__table__.columns
            if column.key not in ("id", "body_id")
        }
        work.add(Attempt(**{**twin, "moodle_attempt": one.moodle_attempt + 5000, "number": 2}))
    with pytest.raises(Refused) as refused:
        enter(sat)
    assert refused.value.code == "results.several_attempts"
    assert refused.value.params == {"number": 2, "n": 2}
    assert totals(sat) == {}, "all or none"


def spoil(scene: Scene, number: int, **values: object) -> None:
    """Change the candidate's third answer as it was pulled."""
    with scene.work() as work:
        response = work.session.scalars(
            select(AttemptResponse)
            .join(Attempt, Attempt.id == AttemptResponse.attempt_id)
            .where(Attempt.person_idnumber == str(scene.person(number)), AttemptResponse.slot == 3)
        ).one()
        for name, value in values.items():
            setattr(response, name, value)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"question_idnumber": "another-001.ru"}, "results.foreign_question"),
        ({"question_version": 9}, "results.foreign_question"),
        ({"slot": 61}, "results.foreign_question"),
        ({"state": "needsgrading", "mark": None}, "results.not_marked"),
        ({"maximum": 2}, "results.maximum_differs"),
    ],
)
def test_only_the_questions_of_the_form_count(sat: Scene, values: dict[str, object], code: str) -> None:
    pull(sat)
    spoil(sat, 3, **values)
    with pytest.raises(Refused) as refused:
        enter(sat)
    assert refused.value.code == code
    assert refused.value.params["number"] == 3


def test_a_question_that_is_missing_is_no_wrong_answer(sat: Scene) -> None:
    pull(sat)
    with sat.work() as work:
        form = work.session.scalars(select(Seat.form_id).where(Seat.application_id == sat.application(3))).one()
        item = work.session.scalars(select(FormItem).where(FormItem.form_id == form, FormItem.slot == 60)).one()
        values = {c.key: getattr(item, c.key) for c in FormItem.__table__.columns if c.key not in ("id", "body_id")}
        work.add(FormItem(**{**values, "slot": 61, "question_idnumber": "extra-001.ky"}))
    with pytest.raises(Refused) as refused:
        enter(sat)
    assert refused.value.code == "results.question_missing"


# ------------------------------------------------------------------------------------------------------ control totals


def totals_now(scene: Scene) -> ControlTotals:
    with scene.work() as work:
        session = session_of(work, scene.competition)
        assert session is not None
        return totals_of(work, session)


def alarms_of(scene: Scene) -> list[tuple[str, dict[str, Any]]]:
    with scene.work() as work:
        session = session_of(work, scene.competition)
        assert session is not None
        return [(event.action, event.after) for event in alarms(work, session)]


def control_totals(scene: Scene) -> ControlTotals:
    with scene.work() as work:
        session = session_of(work, scene.competition)
        assert session is not None
        return totals_of(work, session)


@dataclass
class Forgetful:
    """A gateway that keeps the first attempt of every page to itself, `times` pages long; the total stays."""

    inner: Any
    times: int

    def results(self, tests: list[str], cursor: str) -> Iterator[ResultsPage]:
        for page in self.inner.results(tests, cursor):
            if self.times and page.attempts:
                self.times -= 1
                yield replace(page, attempts=page.attempts[1:])
            else:
                yield page


def forgetting(scene: Scene, times: int) -> Scene:
    return replace(
        scene, office=replace(scene.office, moodle=cast("MoodleGateway", Forgetful(scene.office.moodle, times)))
    )


def test_before_any_pull_nothing_is_said(sat: Scene) -> None:
    totals = control_totals(sat)
    assert (totals.moodle, totals.pulled, totals.pulled_at, totals.agrees) == (None, 0, None, True)


def test_attempts_in_moodle_are_those_pulled_and_those_explained(sat: Scene) -> None:
    assert pull(sat).unexplained == 0
    sat.site.control("delete_attempt", attemptid=attempt_of(sat, 2))
    assert pull(sat).unexplained == 0
    totals = control_totals(sat)
    assert (totals.moodle, totals.pulled, totals.deleted, totals.difference) == (len(SAT) - 1, len(SAT) - 1, 1, 0)
    assert totals.agrees
    assert alarms_of(sat) == []


def test_an_attempt_that_did_not_arrive_is_fetched_by_reading_anew(sat: Scene) -> None:
    report = pull(forgetting(sat, 1))
    assert (report.new, report.total, report.unexplained) == (len(SAT), len(SAT), 0)
    assert alarms_of(sat) == []


def test_a_difference_that_stays_is_an_alarm_told_once_and_ended(sat: Scene) -> None:
    for _ in range(2):
        report = pull(forgetting(sat, 2))
        assert (report.total, report.unexplained) == (len(SAT), 1)
    ((action, figures),) = alarms_of(sat)
    assert (action, figures["moodle"], figures["pulled"]) == (DIFFER, len(SAT), len(SAT) - 1)
    for language in LANGUAGES:
        assert str(len(SAT)) in explain(action, language, figures).text
    with pytest.raises(Refused) as refused, sat.work() as work:
        mark_no_shows(work, sat.competition, TODAY, "не явился")
    assert refused.value.code == "competition.attempts_unexplained"
    assert pull(sat).unexplained == 0
    assert [action for action, _ in alarms_of(sat)] == [AGREE, DIFFER]
    assert explain(AGREE, "ky", alarms_of(sat)[0][1]).text


def test_a_score_on_a_regraded_attempt_is_an_alarm_until_it_is_entered_again(sat: Scene) -> None:
    pull(sat)
    enter(sat)
    sat.site.control("mark", attemptid=attempt_of(sat, 1), slot=1, mark="0")
    assert pull(sat).unexplained == 1
    assert control_totals(sat).outdated == 1
    enter(sat)
    assert pull(sat).unexplained == 0
    assert [action for action, _ in alarms_of(sat)] == [AGREE, DIFFER]


def test_an_attempt_of_somebody_without_a_seat_is_an_alarm(sat: Scene) -> None:
    """A person who sat another form than theirs: the attempt is finished, and nobody's."""
    with sat.work() as work:
        seats = work.session.scalars(select(Seat).order_by(Seat.number)).all()
        first = next(seat for seat in seats if seat.application_id == sat.application(1))
        other = next(seat.form_id for seat in seats if seat.form_id != first.form_id)
        first.form_id = other
    pull(sat)
    totals = control_totals(sat)
    assert (totals.unseated, totals.repeated, totals.difference, totals.agrees) == (1, 0, 0, False)
    assert [action for action, _ in alarms_of(sat)] == [DIFFER]
