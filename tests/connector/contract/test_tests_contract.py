"""save_test, save_overrides, get_progress, and sitting a test as a student does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.moodle.standin.sitting import SittingError
from connector.moodle.wire import answers, requests
from connector.moodle.wire.flatten import Params
from connector.moodle.wire.records import Override, TestAnswer
from flask_app.ports.moodle import WantedSlot, WantedTest
from tests.connector.contract.conftest import Bench, key, upload
from tests.connector.contract.refusals import refused


def save(bench: Bench, test: WantedTest) -> TestAnswer:
    return bench.client.save_test(key(), test)


def test_a_test_is_made_with_fixed_versions(bench: Bench) -> None:
    bench.save_bank()
    first = bench.put(upload("a.ky"), upload("b.ky")).items
    second = bench.put(upload("a.ky", "2", expected=1)).items
    test = replace(bench.form(), slots=(WantedSlot("b.ky", 1, "2.5"), WantedSlot("a.ky", 1), WantedSlot("a.ky", 2)))
    saved = save(bench, test)
    assert saved.outcome == "created"
    assert float(saved.sumgrades) == 4.5
    assert [(slot.slot, slot.idnumber, slot.version, slot.questionid) for slot in saved.slots] == [
        (1, "b.ky", 1, first[1].questionid),
        (2, "a.ky", 1, first[0].questionid),
        (3, "a.ky", 2, second[0].questionid),
    ]
    assert saved.url.startswith(("http://", "https://"))
    assert saved.cmid
    assert save(bench, test).outcome == "unchanged"


def test_a_test_is_changed_as_the_same_quiz(bench: Bench) -> None:
    test = bench.ready_form()
    first = save(bench, test)
    changed = save(bench, replace(test, timelimit=1800, name=test.name + " x", groups=("g-1", "g-2")))
    assert (first.outcome, changed.outcome, changed.quizid) == ("unchanged", "updated", first.quizid)
    other = save(bench, replace(test, slots=(WantedSlot("b.ky", 1),)))
    assert (other.outcome, [slot.idnumber for slot in other.slots]) == ("updated", ["b.ky"])


@pytest.mark.parametrize("slot", [("nothing.ky", 1), ("a.ky", 9)])
def test_a_slot_that_is_not_in_the_bank(bench: Bench, slot: tuple[str, int]) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    test = bench.form(("a.ky", 1), slot)
    assert refused(lambda: save(bench, test)) == "invalidquestion"
    assert refused(lambda: bench.client.get_progress(test.test)) == "unknowntest"


def test_a_test_in_no_course(bench: Bench) -> None:
    test = replace(bench.form(), course="no-such-course")
    assert refused(lambda: save(bench, test)) == "unknowncourse"


def test_a_practice_section_needs_enough_questions(bench: Bench) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"), upload("b.ky"))
    test = bench.form()

    def practice(count: int) -> TestAnswer:
        section: Params = {"categorypath": "Top/A", "count": count, "maxmark": 1}
        params: Params = {**requests.save_test(test), "sections": [section]}
        return answers.test(bench.client.write("save_test", key(), params))

    assert refused(lambda: practice(3)) == "notenoughquestions"
    assert len(practice(2).slots) == 2


def test_save_test_replay_and_conflict(bench: Bench) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    opkey, test = key(), bench.form(("a.ky", 1))
    first, second = bench.client.save_test(opkey, test), bench.client.save_test(opkey, test)
    assert (first.outcome, first.replayed, second.outcome, second.replayed) == ("created", False, "created", True)
    assert first.quizid == second.quizid
    assert refused(lambda: bench.client.save_test(opkey, replace(test, timelimit=60))) == "opkeyconflict"


# ------------------------------------------------------------------------------------------------------------ sitting


def test_the_questions_of_a_begun_test_stay(bench: Bench) -> None:
    test = bench.ready_form()
    quizid = save(bench, test).quizid
    (one,) = bench.enrol(1, "g-1")
    bench.sit(one, quizid, finish=False)
    assert refused(lambda: save(bench, replace(test, slots=(WantedSlot("a.ky", 1),)))) == "testhasattempts"
    assert save(bench, replace(test, timelimit=7200)).outcome == "updated"


def test_only_its_group_enters_a_test(bench: Bench) -> None:
    quizid = save(bench, bench.ready_form()).quizid
    (stranger,) = bench.enrol(1, "g-2")
    (member,) = bench.enrol(1, "g-1")
    with pytest.raises(SittingError):
        bench.sit(stranger, quizid)
    assert bench.sit(member, quizid).state == "finished"


def test_somebody_without_an_address_sits_the_test_too(bench: Bench) -> None:
    quizid = save(bench, bench.ready_form()).quizid
    (member,) = bench.enrol(1, "g-1", email="")
    assert bench.sit(member, quizid).state == "finished"


def test_one_attempt_is_one_attempt(bench: Bench) -> None:
    quizid = save(bench, bench.ready_form()).quizid
    (one,) = bench.enrol(1, "g-1")
    bench.sit(one, quizid)
    with pytest.raises(SittingError):
        bench.sit(one, quizid)


def test_a_test_that_is_closed_is_not_begun(bench: Bench) -> None:
    test = bench.ready_form()
    closed = replace(test, timeopen=test.timeopen - timedelta(days=9), timeclose=test.timeopen)
    quizid = save(bench, closed).quizid
    (one,) = bench.enrol(1, "g-1")
    with pytest.raises(SittingError):
        bench.sit(one, quizid)


def test_a_new_version_does_not_reach_a_fixed_form(bench: Bench) -> None:
    quizid = save(bench, bench.ready_form()).quizid
    bench.put(upload("a.ky", "2", expected=1))
    (one,) = bench.enrol(1, "g-1")
    shown: list[str] = []

    def look(text: str, labels: object) -> str:
        shown.append(f"{text} {labels}")
        return ""

    bench.sit(one, quizid, look)
    assert len(shown) == 2
    assert not [text for text in shown if "туура 2" in text]


# ---------------------------------------------------------------------------------------------------------- overrides


def test_an_override_for_a_person(bench: Bench) -> None:
    test = bench.ready_form()
    closed = replace(test, timeopen=test.timeopen - timedelta(days=9), timeclose=test.timeopen)
    quizid = save(bench, closed).quizid
    (one,) = bench.enrol(1, "g-1")
    longer = Override(useridnumber=one.idnumber, timeclose=test.timeclose, timelimit=5400)

    def put(override: Override) -> str:
        return bench.client.save_overrides(key(), test.test, [override]).items[0].outcome

    assert [put(longer), put(longer), put(replace(longer, attempts=2))] == ["created", "unchanged", "updated"]
    assert bench.sit(one, quizid).state == "finished"
    assert [put(replace(longer, remove=True)), put(replace(longer, remove=True))] == ["removed", "unchanged"]


def test_overrides_for_a_group_and_for_nobody(bench: Bench) -> None:
    test = bench.ready_form()
    bench.enrol(1, "g-1")
    overrides = [
        Override(groupidnumber="g-1", timelimit=60),
        Override(useridnumber="nobody", timelimit=60),
        Override(groupidnumber="no-group", timelimit=60),
    ]
    answer = bench.client.save_overrides(key(), test.test, overrides)
    assert [item.outcome for item in answer.items] == ["created", "missing", "missing"]


def test_overrides_replay_conflict_limit_and_unknown_test(bench: Bench) -> None:
    test = bench.ready_form()
    bench.enrol(1, "g-1")
    opkey, override = key(), Override(groupidnumber="g-1", timelimit=60)
    for replayed in (False, True):
        answer = bench.client.save_overrides(opkey, test.test, [override])
        assert (answer.replayed, answer.items[0].outcome) == (replayed, "created")
    other = [replace(override, timelimit=90)]
    assert refused(lambda: bench.client.save_overrides(opkey, test.test, other)) == "opkeyconflict"
    many = [Override(useridnumber=f"p{number}") for number in range(501)]
    assert refused(lambda: bench.client.save_overrides(key(), test.test, many)) == "chunktoolarge"
    assert refused(lambda: bench.client.save_overrides(key(), "no-test", [override])) == "unknowntest"


# ----------------------------------------------------------------------------------------------------------- progress


def test_progress(bench: Bench) -> None:
    test = bench.ready_form()
    quizid = save(bench, test).quizid
    idle, begun, done = bench.enrol(3, "g-1")
    bench.enrol(1, "g-2")
    bench.sit(begun, quizid, lambda _text, labels: labels[0], finish=False)
    bench.sit(done, quizid)
    found = bench.client.get_progress(test.test)
    assert found.counts == {"notstarted": 1, "inprogress": 1, "overdue": 0, "finished": 1}
    people = {entry.person: entry for entry in found.people}
    assert set(people) == {idle.idnumber, begun.idnumber, done.idnumber}
    assert [people[one.idnumber].state for one in (idle, begun, done)] == ["notstarted", "inprogress", "finished"]
    assert (people[begun.idnumber].answered, people[begun.idnumber].questions) == (2, 2)
    assert people[idle.idnumber].timestart is None
    assert people[done.idnumber].timeend is not None


def test_progress_of_no_test(bench: Bench) -> None:
    assert refused(lambda: bench.client.get_progress("no-test")) == "unknowntest"
