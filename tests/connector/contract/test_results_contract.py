"""get_results and get_completions."""

from __future__ import annotations

from decimal import Decimal

from flask_app.ports.moodle import PulledAttempt, WantedTest
from tests.connector.contract.conftest import Bench, key, right, wrong
from tests.connector.contract.refusals import refused


def pull(bench: Bench, *tests: WantedTest, cursor: str = "", limit: int = 100) -> tuple[list[PulledAttempt], str]:
    attempts: list[PulledAttempt] = []
    more = True
    while more:
        page, more = bench.client.get_results([test.test for test in tests], cursor, limit)
        assert len(page.attempts) <= limit
        attempts += page.attempts
        cursor = page.cursor
    return attempts, cursor


def test_an_attempt_comes_with_every_answer(bench: Bench) -> None:
    test = bench.ready_form()
    quizid = bench.client.save_test(key(), test).quizid
    (one,) = bench.enrol(1, "g-1")
    sitting = bench.sit(one, quizid, lambda text, labels: (right if "a.ky" in text else wrong)(text, labels))
    (attempt,), _ = pull(bench, test)
    assert (attempt.attemptid, attempt.test, attempt.person) == (sitting.attemptid, test.test, one.idnumber)
    assert (attempt.attempt, attempt.state, attempt.deleted) == (1, "finished", False)
    assert (Decimal(attempt.mark or "-1"), Decimal(attempt.maxmark)) == (Decimal(1), Decimal(2))
    assert attempt.timestart
    assert attempt.timefinish
    assert attempt.timestart <= attempt.timefinish
    assert [(answer.slot, answer.idnumber, answer.version, answer.state) for answer in attempt.responses] == [
        (1, "a.ky", 1, "gradedright"),
        (2, "b.ky", 1, "gradedwrong"),
    ]
    assert [Decimal(answer.mark or "-1") for answer in attempt.responses] == [1, 0]
    assert (attempt.responses[0].response, attempt.responses[0].rightanswer) == ("туура 1", "туура 1")
    assert attempt.responses[1].response.startswith("ката")
    assert all(answer.entryid and answer.questionid for answer in attempt.responses)


def test_an_answer_left_out_is_given_up(bench: Bench) -> None:
    test = bench.ready_form()
    quizid = bench.client.save_test(key(), test).quizid
    (one,) = bench.enrol(1, "g-1")
    bench.sit(one, quizid, lambda _text, _labels: "")
    (attempt,), _ = pull(bench, test)
    assert Decimal(attempt.mark or "-1") == 0
    assert {(answer.state, answer.response) for answer in attempt.responses} == {("gaveup", "")}


def test_an_attempt_in_progress_is_no_result(bench: Bench) -> None:
    test = bench.ready_form()
    quizid = bench.client.save_test(key(), test).quizid
    (one,) = bench.enrol(1, "g-1")
    bench.sit(one, quizid, finish=False)
    page, more = bench.client.get_results([test.test], "", 100)
    assert (page.attempts, page.total, more) == ((), 0, False)


def test_results_in_pages_with_a_control_total(bench: Bench) -> None:
    test = bench.ready_form()
    quizid = bench.client.save_test(key(), test).quizid
    people = bench.enrol(5, "g-1")
    for person in people[:4]:
        bench.sit(person, quizid)
    attempts, cursor = pull(bench, test, limit=2)
    assert sorted(attempt.person for attempt in attempts) == sorted(person.idnumber for person in people[:4])
    assert bench.client.get_results([test.test], "", 1)[0].total == 4
    bench.sit(people[4], quizid)
    later, _ = pull(bench, test, cursor=cursor, limit=2)
    assert [attempt.person for attempt in later] == [people[4].idnumber]


def test_results_of_several_tests_and_without_answers(bench: Bench) -> None:
    tests = [bench.ready_form()]
    tests.append(bench.form(("a.ky", 1), name="Экинчи"))
    (one,) = bench.enrol(1, "g-1")
    for test in tests:
        bench.sit(one, bench.client.save_test(key(), test).quizid)
    attempts, _ = pull(bench, *tests)
    assert [attempt.test for attempt in attempts] == [test.test for test in tests]
    page, _ = bench.client.get_results([tests[0].test], "", 10, responses=False)
    assert [(attempt.test, attempt.responses) for attempt in page.attempts] == [(tests[0].test, ())]


def test_results_of_no_test_and_with_a_cursor_of_elsewhere(bench: Bench) -> None:
    test = bench.ready_form()
    assert refused(lambda: bench.client.get_results([test.test, "no-test"], "", 10)) == "unknowntest"
    assert refused(lambda: bench.client.get_results([test.test], "elsewhere", 10)) == "invalidparameter"


def test_completions(bench: Bench) -> None:
    people = bench.enrol(3)
    page, more = bench.client.get_completions([bench.course], "", 2)
    assert (len(page.completions), page.total, more) == (2, 3, True)
    rest, more = bench.client.get_completions([bench.course], page.cursor, 2)
    assert (len(rest.completions), more) == (1, False)
    found = {entry.person: entry for entry in (*page.completions, *rest.completions)}
    assert set(found) == {person.idnumber for person in people}
    for entry in found.values():
        assert (entry.course, entry.state, entry.timecompleted, entry.grade) == (bench.course, "enrolled", None, None)
    assert bench.client.get_completions([bench.course], rest.cursor, 2)[0].completions == ()


def test_completions_of_no_course(bench: Bench) -> None:
    assert refused(lambda: bench.client.get_completions([bench.course, "no-such-course"], "", 10)) == "unknowncourse"
