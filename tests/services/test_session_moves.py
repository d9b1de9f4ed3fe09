"""A sitting is moved: who was told is told anew, a week before; forms and seats stay; Moodle gets the new hours."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from flask_app.domain.errors import KyzmatError, NotPermitted
from flask_app.domain.identity import HR_OFFICER
from flask_app.services.candidate_list import take_step_for
from flask_app.services.competitions import move_competition
from flask_app.services.local_time import local_time
from flask_app.services.notices import notices_of, notify_of_test, recall_notices, told_mark
from flask_app.services.office import Work
from flask_app.services.results import enter_results, pull_results
from flask_app.services.session_moves import NewTime, move_session, moves_of, seen_mark
from flask_app.services.synchronisation import push_session
from flask_app.services.test_sessions import draw_forms, schedule_session, session_of, wanted_session
from flask_app.services.transitions import act_on
from flask_app.store.models.applications import Application
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import FormItem, Seat
from tests.services.building import BOTH
from tests.services.desk import NOW, TODAY, actor_with
from tests.services.stages import Scene, admit, nothing, session

NIGHT = timedelta(hours=8)
NO_POWER = "в зале нет электричества"


def in_days(days: int, **changes: object) -> NewTime:
    begins = NOW + timedelta(days=days)
    plain: dict[str, object] = {
        "starts_at": begins,
        "ends_at": begins + NIGHT,
        "place": BOTH,
        "proctor": "Токоев Б. С.",
    }
    return NewTime(**(plain | changes))  # type: ignore[arg-type]  # named by the tests


def moved(scene: Scene, to: NewTime, day: date = TODAY, reason: str = NO_POWER) -> int:
    with scene.work() as work:
        return move_session(work, scene.competition, to, act_on(work, day, reason=reason), seen=seen(work, scene))


def seen(work: Work, scene: Scene) -> str:
    found = session_of(work, scene.competition)
    assert found is not None
    return seen_mark(found)


def aside(act: Callable[[], object]) -> threading.Thread:
    """Another browser, that begins now and has half a second to get through."""
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(0.5)
    return thread


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(KyzmatError) as refused:
        act()
    return refused.value.code


def tell(scene: Scene, day: date) -> int:
    with scene.work() as work:
        act = act_on(work, day, "журнал № 1")
        return notify_of_test(work, scene.competition, scene.ids("admitted"), "in_person", act)


def prepare(scene: Scene) -> None:
    """Six admitted; the sitting is today, its forms are drawn."""
    admit(scene)
    with scene.work() as work:
        schedule_session(work, scene.competition, session())
        draw_forms(work, scene.competition)


@pytest.fixture
def told(screening: Scene) -> Scene:
    """The sitting is today and stands in Moodle, everybody was told a week ago."""
    prepare(screening)
    with screening.work() as work:
        sitting = session_of(work, screening.competition)
        assert sitting is not None
        sitting.pushed_at = NOW
    assert tell(screening, TODAY - timedelta(days=7)) == 6
    return screening


def test_who_was_told_is_told_anew(told: Scene) -> None:
    with told.work() as work:
        seats = work.session.scalars(select(Seat.id).order_by(Seat.id)).all()
        items = work.session.scalars(select(FormItem.id).order_by(FormItem.id)).all()
    assert moved(told, in_days(8)) == 6
    assert set(told.states().values()) == {"admitted", "rejected"}
    with told.work() as work:
        found = session_of(work, told.competition)
        assert found is not None
        assert (found.starts_at, found.pushed_at) == (NOW + timedelta(days=8), None)
        assert work.session.scalars(select(Seat.id).order_by(Seat.id)).all() == seats
        assert work.session.scalars(select(FormItem.id).order_by(FormItem.id)).all() == items
        application = work.session.scalars(select(Application).where(Application.state == "admitted")).first()
        assert application is not None
        standing, recalled = notices_of(work, application.id)
        assert standing is None
        assert [(old.recalled_on, old.recalled_because, old.starts_at) for old in recalled] == [
            (TODAY, NO_POWER, NOW - timedelta(hours=1))
        ]
        (move,) = moves_of(work, local_time(work), found)
        assert (move.on, move.before, move.after, move.reason, move.recalled) == (
            TODAY,
            NOW - timedelta(hours=1),
            NOW + timedelta(days=8),
            NO_POWER,
            6,
        )
    assert tell(told, TODAY) == 6
    with told.work() as work:
        application = work.session.scalars(select(Application).where(Application.state == "notified")).first()
        assert application is not None
        standing, recalled = notices_of(work, application.id)
        assert standing is not None
        assert (standing.starts_at, dict(standing.place), len(recalled)) == (NOW + timedelta(days=8), dict(BOTH), 1)


def test_moodle_is_brought_the_new_hours(screening_online: Scene) -> None:
    scene = screening_online
    prepare(scene)
    push_session(scene.office, scene.actor, scene.competition, nothing)
    moved(scene, in_days(8))
    with scene.work() as work:
        found = session_of(work, scene.competition)
        assert found is not None
        hours = {(test.timeopen, test.timeclose) for test in wanted_session(work, found).tests}
        assert hours == {(NOW + timedelta(days=8), NOW + timedelta(days=8) + NIGHT)}
    assert push_session(scene.office, scene.actor, scene.competition, nothing) is not None
    with scene.work() as work:
        found = session_of(work, scene.competition)
        assert found is not None
        assert found.pushed_at is not None
    assert push_session(scene.office, scene.actor, scene.competition, nothing) is None, "everything stands there"


def test_another_proctor_or_better_words_void_no_notice(told: Scene) -> None:
    starts, ends = NOW - timedelta(hours=1), NOW + timedelta(hours=7)
    assert moved(told, in_days(0, starts_at=starts, ends_at=ends, proctor="Асанова Б.")) == 0
    words = {**BOTH, "ru": "актовый зал, 2-й этаж"}
    same = in_days(0, starts_at=starts, ends_at=ends, proctor="Асанова Б.", place=words, same_place=True)
    assert moved(told, same) == 0
    assert set(told.states().values()) == {"notified", "rejected"}
    with told.work() as work:
        found = session_of(work, told.competition)
        assert found is not None
        assert found.pushed_at is not None, "Moodle knows neither place nor proctor"
    elsewhere = in_days(0, starts_at=starts, ends_at=ends, proctor="Асанова Б.", place={"ky": "мектеп"})
    assert code_of(lambda: moved(told, elsewhere)) == "session.too_near"


@pytest.mark.parametrize("days", [0, 1, 6])
def test_a_day_too_near_for_notices_is_refused_unless_they_are_on_paper(told: Scene, days: int) -> None:
    assert code_of(lambda: moved(told, in_days(days))) == "session.too_near"
    assert set(told.states().values()) == {"notified", "rejected"}
    on_paper = in_days(days, told_already=True)
    assert code_of(lambda: moved(told, on_paper)) == "session.moved_too_late", "nobody could be told after today"
    assert moved(told, on_paper, TODAY - timedelta(days=7)) == 6
    tell(told, TODAY - timedelta(days=7))


def test_a_move_is_one_and_has_its_reason_and_day(told: Scene) -> None:
    same = in_days(0, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=7))
    assert code_of(lambda: moved(told, same)) == "session.unchanged"
    assert code_of(lambda: moved(told, in_days(8), reason="")) == "session.move_unexplained"
    assert code_of(lambda: moved(told, in_days(8), TODAY + timedelta(days=1))) == "act.in_the_future"
    assert code_of(lambda: moved(told, in_days(8), TODAY - timedelta(days=8))) == "act.out_of_order"
    short = in_days(8, ends_at=NOW + timedelta(days=8, minutes=5))
    assert code_of(lambda: moved(told, short)) == "session.too_short"


def test_only_the_secretary_moves_it_and_only_before_the_testing(told: Scene) -> None:
    hr = actor_with(told.office, told.actor.body_id, HR_OFFICER)
    with pytest.raises(NotPermitted), told.work(hr) as work:
        move_session(work, told.competition, in_days(8), act_on(work, TODAY, reason=NO_POWER), seen=seen(work, told))
    told.move("begin_testing")
    with pytest.raises(NotPermitted):
        moved(told, in_days(8))


def put_off(scene: Scene) -> None:
    with scene.work() as work:
        competition = work.get(Competition, scene.competition)
        act = act_on(work, TODAY, reason=NO_POWER)
        move_competition(work, scene.competition, "put_off_testing", act, expected_version=competition.version)


def test_a_testing_that_did_not_take_place_is_put_off(screening_online: Scene) -> None:
    scene = screening_online
    prepare(scene)
    push_session(scene.office, scene.actor, scene.competition, nothing)
    tell(scene, TODAY - timedelta(days=7))
    scene.move("begin_testing")
    assert code_of(lambda: put_off(scene)) == "competition.moodle_not_asked"
    pull_results(scene.office, scene.actor, scene.competition)
    put_off(scene)
    assert scene.state() == "screening"
    assert moved(scene, in_days(8)) == 6


def test_a_test_that_somebody_has_sat_is_not_put_off(sat: Scene) -> None:
    assert code_of(lambda: put_off(sat)) == "competition.moodle_not_asked"
    pull_results(sat.office, sat.actor, sat.competition)
    assert code_of(lambda: put_off(sat)) == "competition.somebody_has_sat"
    with sat.work() as work:
        enter_results(work, sat.competition, TODAY)
    assert code_of(lambda: put_off(sat)) == "competition.somebody_has_sat"


def test_a_form_of_before_another_move_is_not_followed(told: Scene) -> None:
    with told.work() as work:
        old = seen(work, told)
    moved(told, in_days(8))

    def again() -> None:
        with told.work() as work:
            move_session(work, told.competition, in_days(9), act_on(work, TODAY, reason=NO_POWER), seen=old)

    assert code_of(again) == "session.moved_meanwhile"


def test_what_is_pushed_while_it_is_moved_does_not_count_as_brought(screening_online: Scene) -> None:
    scene = screening_online
    prepare(scene)
    once: list[int] = []

    def move_in_between(_done: int, _total: int) -> None:
        if not once:
            once.append(moved(scene, in_days(8)))

    push_session(scene.office, scene.actor, scene.competition, move_in_between)
    assert once == [0]
    with scene.work() as work:
        found = session_of(work, scene.competition)
        assert found is not None
        assert found.pushed_at is None


def test_a_notice_given_while_it_is_moved_is_of_the_new_day(told: Scene) -> None:
    (one, *_) = told.ids("notified")
    with told.work() as work:
        act = act_on(work, TODAY - timedelta(days=7), reason="не та дата")
        recall_notices(work, told.competition, [one], act)

    def tell_one() -> None:
        with told.work() as work:
            notify_of_test(work, told.competition, [one], "in_person", act_on(work, TODAY - timedelta(days=7), "№ 1"))

    with told.work() as work:
        move_session(work, told.competition, in_days(20), act_on(work, TODAY, reason=NO_POWER), seen=seen(work, told))
        work.session.flush()
        other = aside(tell_one)
        assert other.is_alive(), "waits until the sitting is moved"
    other.join(10)
    with told.work() as work:
        standing, _ = notices_of(work, one)
        assert standing is not None
        assert standing.starts_at == NOW + timedelta(days=20)


def test_a_notice_is_not_recalled_while_the_testing_begins(told: Scene) -> None:
    (one, *_) = told.ids("notified")
    refused: list[str] = []

    def recall() -> None:
        with pytest.raises(KyzmatError) as problem, told.work() as work:
            recall_notices(work, told.competition, [one], act_on(work, TODAY, reason="не та дата"))
        refused.append(problem.value.code)

    with told.work() as work:
        competition = work.get(Competition, told.competition)
        act = act_on(work, TODAY, "№ 1", "—")
        move_competition(work, told.competition, "begin_testing", act, expected_version=competition.version)
        work.session.flush()
        other = aside(recall)
    other.join(10)
    assert refused == ["application.testing_begun"]
    assert "admitted" not in told.states().values()


def test_a_notice_entered_wrongly_is_recalled_and_entered_anew(told: Scene) -> None:
    wrong = told.application(1)
    with told.work() as work:
        version = work.get(Application, wrong).version
        act = act_on(work, TODAY, reason="не та дата")
        assert take_step_for(work, told.competition, "recall_notice", {wrong: version}, act) == 1
    assert told.states()[1] == "admitted"
    with told.work() as work:
        standing, recalled = notices_of(work, wrong)
        assert (standing, len(recalled)) == (None, 1)


def test_what_is_entered_instead_of_a_wrong_notice_may_be_of_an_earlier_day(screening: Scene) -> None:
    prepare(screening)
    tell(screening, TODAY - timedelta(days=7))
    wrong = screening.application(1)
    with screening.work() as work:
        version = work.get(Application, wrong).version
        act = act_on(work, TODAY, reason="не та дата")
        take_step_for(work, screening.competition, "recall_notice", {wrong: version}, act)
    right = TODAY - timedelta(days=9)
    assert tell(screening, right) == 1
    with screening.work() as work:
        standing, _ = notices_of(work, wrong)
        assert standing is not None
        assert standing.happened_on == right
    with screening.work() as work:
        act = act_on(work, TODAY, reason="не та дата")
        take_step_for(work, screening.competition, "recall_notice", {wrong: work.get(Application, wrong).version}, act)
    assert code_of(lambda: tell(screening, TODAY - timedelta(days=25))) == "act.out_of_order", "admitted later"


def test_a_notice_is_of_the_sitting_that_was_shown(told: Scene) -> None:
    moved(told, in_days(20))
    one = told.ids("admitted")[0]

    def enter(mark: str) -> int:
        with told.work() as work:
            version = work.get(Application, one).version
            act = act_on(work, TODAY, "№ 1")
            return take_step_for(work, told.competition, "notify", {one: version}, act, channel="phone", told=mark)

    with told.work() as work:
        found = session_of(work, told.competition)
        assert found is not None
        mark = told_mark(found)
    assert code_of(lambda: enter("0" * 64)) == "session.moved_meanwhile"
    assert enter(mark) == 1
