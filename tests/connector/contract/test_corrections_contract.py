"""What people do in Moodle itself – regrade, delete, reopen, edit – and what the panel sees of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.moodle.wire.records import NewCourse, QuestionUpload
from flask_app.ports.moodle import PresentQuestion, PulledAttempt, WantedBank, WantedPerson, WantedTest
from tests.connector.contract.conftest import Bench, key, right, upload, wrong
from tests.connector.contract.hand import Hand
from tests.connector.contract.refusals import refused


def pull(bench: Bench, test: WantedTest, cursor: str = "") -> tuple[list[PulledAttempt], str, int]:
    page, more = bench.client.get_results([test.test], cursor, 100)
    assert not more
    return list(page.attempts), page.cursor, page.total


def sat(bench: Bench, *, finish: bool = True) -> tuple[WantedTest, WantedPerson, int]:
    """A test that one person sat, answering the first question right and the second wrong."""
    test = bench.ready_form()
    quizid = bench.client.save_test(key(), test).quizid
    (one,) = bench.enrol(1, "g-1")
    choose = lambda text, labels: (right if "a.ky" in text else wrong)(text, labels)  # noqa: E731  # a Choose
    return test, one, bench.sit(one, quizid, choose, finish=finish).attemptid


def state(bench: Bench) -> dict[str, PresentQuestion]:
    return {found.idnumber: found for found in bench.client.get_bank_state(bench.bank, "", 200).questions}


# ---------------------------------------------------------------------------------------------------------- attempts


def test_a_regrade_comes_as_a_revision(bench: Bench, hand: Hand) -> None:
    test, one, attemptid = sat(bench)
    (before,), cursor, _ = pull(bench, test)
    hand.do("set_key", questionid=before.responses[1].questionid, fractions=[0, 1, 1])  # the wrong ones become right
    hand.do("regrade", attemptid=attemptid)
    (after,), later, total = pull(bench, test, cursor)
    assert (after.attemptid, after.person, after.attempt, total) == (attemptid, one.idnumber, 1, 1)
    assert (Decimal(before.mark or "-1"), Decimal(after.mark or "-1")) == (Decimal(1), Decimal(2))
    assert [answer.state for answer in after.responses] == ["gradedright", "gradedright"]
    assert after.timemodified >= before.timemodified
    assert pull(bench, test, later)[0] == []


def test_an_answer_marked_by_hand_comes_as_a_revision(bench: Bench, hand: Hand) -> None:
    test, _, attemptid = sat(bench)
    _, cursor, _ = pull(bench, test)
    hand.do("mark", attemptid=attemptid, slot=2, mark="0.5")
    (after,), _, _ = pull(bench, test, cursor)
    assert Decimal(after.mark or "-1") == Decimal("1.5")
    assert (after.responses[1].state, Decimal(after.responses[1].mark or "-1")) == ("mangrpartial", Decimal("0.5"))


def test_a_deleted_attempt_leaves_a_tombstone(bench: Bench, hand: Hand) -> None:
    test, one, attemptid = sat(bench)
    (before,), cursor, total = pull(bench, test)
    assert total == 1
    hand.do("delete_attempt", attemptid=attemptid)
    (grave,), later, total = pull(bench, test, cursor)
    assert (grave.attemptid, grave.person, grave.test, grave.attempt) == (attemptid, one.idnumber, test.test, 1)
    assert (grave.deleted, grave.responses, total) == (True, (), 0)
    assert (grave.timestart, grave.timefinish) == (before.timestart, before.timefinish)
    assert pull(bench, test, later)[0] == []


def test_one_deleted_before_it_was_pulled_is_told_as_well(bench: Bench, hand: Hand) -> None:
    test, one, attemptid = sat(bench)
    hand.do("delete_attempt", attemptid=attemptid)
    assert [(gone.person, gone.deleted) for gone in pull(bench, test)[0]] in ([(one.idnumber, True)], [])
    assert pull(bench, test)[2] == 0


def test_a_reopened_attempt_is_no_longer_told_as_ended(bench: Bench, hand: Hand) -> None:
    test, one, attemptid = sat(bench, finish=False)
    hand.do("abandon", attemptid=attemptid)
    (left,), cursor, total = pull(bench, test)
    assert (left.state, left.attemptid, total) == ("abandoned", attemptid, 0)
    hand.do("reopen", attemptid=attemptid)
    assert "abandoned" not in {attempt.state for attempt in pull(bench, test)[0]}
    with bench.trainee(one) as trainee:
        trainee.process(attemptid, {}, finish=True)
    ended = [attempt for attempt in pull(bench, test, cursor)[0] if attempt.state == "finished"]
    assert [(attempt.attemptid, attempt.deleted) for attempt in ended] == [(attemptid, False)]
    assert pull(bench, test)[2] == 1


def test_a_begun_test_keeps_its_form_and_its_answers(bench: Bench, hand: Hand) -> None:
    test, _, attemptid = sat(bench)
    other = replace(test, slots=test.slots[:1])
    assert refused(lambda: bench.client.save_test(key(), other)) == "testhasattempts"
    assert len(pull(bench, test)[0][0].responses) == 2
    hand.do("delete_attempt", attemptid=attemptid)
    assert bench.client.save_test(key(), other).outcome == "updated"


# --------------------------------------------------------------------------------------------------------- questions


@pytest.mark.parametrize(("mode", "version"), [("newversion", 2), ("inplace", 1)])
def test_a_foreign_edit_is_seen_and_not_written_over(bench: Bench, hand: Hand, mode: str, version: int) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"), upload("b.ky"))
    hand.do("edit_question", bankidnumber=bench.bank, idnumber="a.ky", text="Бөтөн текст", mode=mode)
    found = state(bench)
    assert (found["a.ky"].version, found["a.ky"].foreign, found["a.ky"].content_hash) == (version, True, "hash-1")
    assert (found["b.ky"].version, found["b.ky"].foreign) == (1, False)
    assert "Бөтөн текст" in bench.client.get_question(bench.bank, "a.ky").xml
    if version == 2:
        assert bench.put(upload("a.ky", "2", expected=1)).items[0].outcome == "conflict"
    decided = bench.put(upload("a.ky", "2", expected=version)).items[0]
    assert (decided.outcome, decided.version) == ("newversion", version + 1)
    mended = state(bench)["a.ky"]
    assert (mended.foreign, mended.content_hash) == (False, "hash-2")


def test_a_foreign_edit_that_is_undone_by_the_same_text_is_a_version_of_the_panels(bench: Bench, hand: Hand) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    hand.do("edit_question", bankidnumber=bench.bank, idnumber="a.ky", text="Бөтөн текст", mode="newversion")
    again = bench.put(upload("a.ky", "1", expected=2)).items[0]
    assert (again.outcome, again.version, state(bench)["a.ky"].foreign) == ("newversion", 3, False)


def test_a_bank_synced_ten_times_has_one_entry_and_one_version(bench: Bench) -> None:
    bench.save_bank()
    outcomes = [bench.put(upload("a.ky", expected=min(n, 1))).items[0].outcome for n in range(10)]
    assert outcomes == ["created", *["unchanged"] * 9]
    page = bench.client.get_bank_state(bench.bank, "", 200)
    assert (page.total, [found.version for found in page.questions]) == (1, [1])


def test_a_category_with_foreign_questions(bench: Bench, hand: Hand) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    hand.do("add_question", bankidnumber=bench.bank, categorypath="Top/A", idnumber="by-hand", text="Кол менен")
    found = state(bench)
    assert (found["by-hand"].foreign, found["by-hand"].content_hash) == (True, "")
    assert found["by-hand"].category_path == "Top/A"
    assert bench.put(upload("a.ky", expected=1), upload("c.ky")).items[1].outcome == "created"
    assert bench.put(upload("by-hand")).items[0].outcome == "conflict"
    assert not found["a.ky"].foreign


def test_a_question_made_by_hand_without_a_name(bench: Bench, hand: Hand) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    hand.do("add_question", bankidnumber=bench.bank, categorypath="Top/A", idnumber="", text="Аты жок")
    assert {name: one.foreign for name, one in state(bench).items()} == {"a.ky": False, "": True}
    assert bench.client.get_bank_state(bench.bank, "", 200).total == 2


# ------------------------------------------------------------------------------------------------- banks and people


def test_a_bank_does_not_move_to_another_course(bench: Bench) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    other = Bench(bench.site, bench.client, f"{bench.course}-2", bench.bank)
    bench.client.create_courses([_course(other.course)])
    moved = WantedBank(other.course, bench.bank, "Банк", ())
    assert refused(lambda: bench.client.save_bank(key(), moved)) == "invalidparameter"
    assert list(state(bench)) == ["a.ky"]
    assert bench.save_bank() == "unchanged"


def _course(name: str) -> NewCourse:
    return NewCourse(name, name, name)


def test_a_user_name_that_is_somebody_elses(bench: Bench) -> None:
    one = bench.person()
    bench.client.save_people(key(), [one])
    other = replace(bench.person(), username=one.username)
    (answer,) = bench.client.save_people(key(), [other]).items
    assert (answer.outcome, bool(answer.message)) == ("conflict", True)
    assert bench.client.save_people(key(), [one]).items[0].outcome == "unchanged"
    with bench.trainee(one) as trainee:
        assert trainee.call("core_webservice_get_site_info", {})["username"] == one.username


def test_a_right_that_is_taken_away_is_named_and_loses_nothing(bench: Bench, hand: Hand) -> None:
    bench.save_bank()
    opkey, uploads = key(), [upload("a.ky")]
    hand.do("deny", capabilities=["moodle/question:add"])
    try:
        assert refused(lambda: bench.client.import_questions(opkey, bench.bank, uploads)) == "nopermissions"
        rights = bench.client.get_site().capabilities
        assert [name for name, allowed in rights.items() if not allowed] == ["moodle/question:add"]
    finally:
        hand.do("deny", capabilities=[])
    answer = bench.client.import_questions(opkey, bench.bank, uploads)
    assert (answer.replayed, answer.items[0].outcome) == (False, "created")
    assert all(bench.client.get_site().capabilities.values())


def test_rights_of_results_and_tests_are_asked_for(bench: Bench, hand: Hand) -> None:
    test = bench.ready_form()
    hand.do("deny", capabilities=["mod/quiz:viewreports", "mod/quiz:manage"])
    try:
        assert refused(lambda: bench.client.get_results([test.test], "", 10)) == "nopermissions"
        assert refused(lambda: bench.client.save_test(key(), test)) == "nopermissions"
    finally:
        hand.do("deny", capabilities=[])
    assert bench.client.save_test(key(), test).outcome == "unchanged"


def test_one_source_with_a_bad_neighbour_and_a_foreign_one(bench: Bench, hand: Hand) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    hand.do("edit_question", bankidnumber=bench.bank, idnumber="a.ky", text="Бөтөн", mode="newversion")
    bad = QuestionUpload("bad.ky", "hash-x", "Top/A", "::x::Q {~a}", 0)
    answer = bench.put(upload("a.ky", "2", expected=1), bad, upload("c.ky"))
    assert [item.outcome for item in answer.items] == ["conflict", "invalid", "created"]
