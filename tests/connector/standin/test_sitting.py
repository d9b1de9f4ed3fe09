"""Sitting a test end to end as a student, and the edges: time, windows side by side, wrong hands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.moodle.standin.question_fields import read_fields
from connector.moodle.standin.sitting import SittingError, Trainee, answer, as_pairs, sit
from tests.connector.standin.bench import COURSE_PASSWORD, Bench, take_right, take_wrong

EVERY_TYPE = {
    1: "::n1::Pick{\n=right\n~wrong a\n~wrong b\n}",
    2: "::n2::Pick all{\n~%50%right a\n~%50%right b\n~%-100%wrong\n}",
    3: "::n3::True?{TRUE}",
    4: "::n4::Capital{=Bishkek =%50%Osh}",
    5: "::n5::Pairs{\n=one -> 1\n=two -> 2\n=three -> 3\n}",
    6: "::n6::Pi{#3.14:0.01}",
    7: "::n7::Write{}",
}


def make_every_type(bench: Bench) -> int:
    bench.make_bank(bench.question(number, source=source) for number, source in EVERY_TYPE.items())
    bench.enrol(1)
    return int(bench.write("save_test", **bench.test(EVERY_TYPE))["quizid"])


def knows_all(text: str, labels: Any) -> Any:
    typed = {"Capital": "bishkek", "Pi": "3,14", "Write": "My essay"}
    if text in typed:
        return typed[text]
    if " / " in text:
        return {"one": "1", "two": "2", "three": "3"}[text.split(" / ")[1]]
    return "True" if "True" in labels else [label for label in labels if label.startswith("right")]


def refused(trainee: Trainee, function: str, **fields: Any) -> str:
    with pytest.raises(SittingError) as error:
        trainee.call(function, fields)
    return error.value.errorcode


def trainee(bench: Bench, number: int = 1) -> Trainee:
    return Trainee(bench.url, f"{bench.tag}.user{number}", COURSE_PASSWORD)


def test_every_type_is_asked_answered_and_marked(bench: Bench) -> None:
    quizid = make_every_type(bench)
    done = sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, knows_all)
    assert (done.state, done.questions, done.answered) == ("finished", 7, 7)
    (attempt,) = bench.results()["attempts"]
    shown = [(one["state"], one["mark"], one["response"], one["rightanswer"]) for one in attempt["responses"]]
    assert shown == [
        ("gradedright", 1, "right", "right"),
        ("gradedright", 1, shown[1][2], "right a; right b"),
        ("gradedright", 1, "True", "True"),
        ("gradedright", 1, "bishkek", "Bishkek"),
        ("gradedright", 1, "one -> 1; two -> 2; three -> 3", "one -> 1; two -> 2; three -> 3"),
        ("gradedright", 1, "3,14", "3.14"),
        ("needsgrading", None, "My essay", ""),
    ]
    assert sorted(shown[1][2].split("; ")) == ["right a", "right b"]
    assert (attempt["mark"], attempt["maxmark"]) == (None, 7)  # until a person has read the essay
    bench.site.control("mark", attemptid=attempt["attemptid"], slot=7, mark="0.5")
    (marked,) = bench.results()["attempts"]
    assert (marked["mark"], marked["responses"][6]["state"]) == (6.5, "mangrpartial")


def test_nothing_answered_gives_nothing(bench: Bench) -> None:
    quizid = make_every_type(bench)
    done = sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, lambda _text, _labels: "")
    assert done.answered == 0
    (attempt,) = bench.results()["attempts"]
    assert {(one["state"], one["mark"], one["response"]) for one in attempt["responses"]} == {("gaveup", None, "")}
    assert attempt["mark"] == 0


@pytest.mark.parametrize(("choose", "mark"), [(take_right, 12), (take_wrong, 0)])
def test_the_label_counts_whatever_the_order(bench: Bench, choose: Any, mark: int) -> None:
    quizid = bench.make_test(12)
    bench.enrol(2)
    orders = []
    for number in (1, 2):
        sit(bench.url, f"{bench.tag}.user{number}", COURSE_PASSWORD, quizid, choose)
    for attempt in bench.results()["attempts"]:
        assert attempt["mark"] == mark
        review = bench.core("mod_quiz_get_attempt_review", attemptid=attempt["attemptid"])
        orders.append([[one.label for one in read_fields(q["html"]).choices] for q in review["questions"]])
    assert orders[0] != orders[1]  # shuffled for each attempt by itself


def test_without_shuffling_answers_stand_as_written(bench: Bench) -> None:
    quizid = bench.make_test(3, shuffleanswers=False)
    bench.enrol(1)
    with trainee(bench) as someone:
        page = someone.page(someone.start(quizid)["id"], 0)
    for question in page["questions"]:
        labels = [choice.label.split()[0] for choice in read_fields(question["html"]).choices]
        assert labels == ["right", "wrong", "wrong", "wrong"]


def test_the_order_stays_for_the_whole_attempt(bench: Bench) -> None:
    quizid = bench.make_test(2)
    bench.enrol(1)
    with trainee(bench) as someone:
        attempt = someone.start(quizid)["id"]
        first, second = (someone.page(attempt, 0)["questions"] for _ in range(2))
    assert [one["html"] for one in first] == [one["html"] for one in second]


def test_answers_are_kept_from_page_to_page(bench: Bench) -> None:
    quizid = bench.make_test(7)  # five on a page
    bench.enrol(1)
    with trainee(bench) as someone:
        attempt = someone.start(quizid)
        assert attempt["layout"] == "1,2,3,4,5,0,6,7,0"
        page = someone.page(attempt["id"], 0)
        assert (page["nextpage"], someone.page(attempt["id"], 1)["nextpage"]) == (1, -1)
        data = answer(read_fields(page["questions"][0]["html"]), take_right)
        assert someone.process(attempt["id"], data, finish=False) == "inprogress"
        question = someone.page(attempt["id"], 0)["questions"][0]
        assert (question["sequencecheck"], question["stateclass"]) == (2, "answersaved")
        assert 'checked="checked"' in question["html"].split("clearchoice")[0]
        summary = someone.call("mod_quiz_get_attempt_summary", {"attemptid": attempt["id"]})
        assert (len(summary["questions"]), summary["totalunanswered"]) == (7, 6)
        assert refused(someone, "mod_quiz_get_attempt_data", attemptid=attempt["id"], page=2) == "Invalid page number"
        assert refused(someone, "mod_quiz_get_attempt_data", attemptid=attempt["id"], page=-1) == "Invalid page number"


def test_two_windows_the_second_is_refused(bench: Bench) -> None:
    quizid = bench.make_test(1)
    bench.enrol(1)
    with trainee(bench) as someone:
        attempt = someone.start(quizid)["id"]
        fields = read_fields(someone.page(attempt, 0)["questions"][0]["html"])
        someone.process(attempt, answer(fields, take_right), finish=False)
        with pytest.raises(SittingError) as stale:
            someone.process(attempt, answer(fields, take_wrong), finish=True)
        assert stale.value.errorcode == "submissionoutofsequencefriendlymessage"
        assert someone.process(attempt, {}, finish=True) == "finished"
    assert bench.results()["attempts"][0]["mark"] == 1


def test_an_answer_without_its_sequencecheck_is_passed_over_as_in_moodle(bench: Bench) -> None:
    quizid = bench.make_test(1)
    bench.enrol(1)
    with trainee(bench) as someone:
        attempt = someone.start(quizid)["id"]
        sent = answer(read_fields(someone.page(attempt, 0)["questions"][0]["html"]), take_right)
        only_answer = {name: value for name, value in sent.items() if "sequencecheck" not in name}
        someone.process(attempt, only_answer, finish=True)
    assert bench.results()["attempts"][0]["responses"][0]["state"] == "gaveup"


def test_an_autosaved_answer_counts_when_the_test_is_handed_in(bench: Bench) -> None:
    quizid = bench.make_test(1)
    bench.enrol(1)
    with trainee(bench) as someone:
        attempt = someone.start(quizid)["id"]
        sent = answer(read_fields(someone.page(attempt, 0)["questions"][0]["html"]), take_right)
        someone.call("mod_quiz_save_attempt", {"attemptid": attempt, **as_pairs(sent)})
        assert someone.process(attempt, {}, finish=True) == "finished"
    assert bench.results()["attempts"][0]["mark"] == 1


def test_wrong_hands_and_closed_attempts(bench: Bench) -> None:
    quizid = bench.make_test(1)
    bench.enrol(2)
    with trainee(bench, 1) as first, trainee(bench, 2) as second:
        attempt = first.start(quizid)["id"]
        assert refused(second, "mod_quiz_get_attempt_data", attemptid=attempt, page=0) == "notyourattempt"
        assert refused(second, "mod_quiz_process_attempt", attemptid=attempt) == "notyourattempt"
        assert refused(second, "mod_quiz_get_attempt_review", attemptid=attempt) == "noreviewattempt"
        assert refused(second, "mod_quiz_get_user_attempts", quizid=quizid, userid=1) == "nopermissions"
        assert refused(first, "mod_quiz_get_attempt_review", attemptid=attempt) == "attemptclosed"
        assert refused(first, "mod_quiz_get_attempt_data", attemptid=9**9, page=0) == "invalidrecordunknown"
        first.process(attempt, {}, finish=True)
        for function, fields in (
            ("mod_quiz_get_attempt_data", {"page": 0}),
            ("mod_quiz_process_attempt", {}),
            ("mod_quiz_save_attempt", as_pairs({"a": "b"})),
        ):
            assert refused(first, function, attemptid=attempt, **fields) == "attemptalreadyclosed"


def test_a_test_without_questions_cannot_be_begun(bench: Bench) -> None:
    quizid = bench.write("save_test", **bench.test())["quizid"]
    bench.enrol(1)
    with trainee(bench) as someone:
        assert refused(someone, "mod_quiz_start_attempt", quizid=quizid) == "noquestionsfound"
        assert refused(someone, "mod_quiz_start_attempt", quizid=9**9) == "invalidrecordunknown"


def test_marks_are_shown_when_the_review_allows_it(bench: Bench) -> None:
    quizid = bench.make_test(2, review="immediate")
    bench.enrol(1)
    sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, take_right)
    with trainee(bench) as someone:
        best = someone.call("mod_quiz_get_user_best_grade", {"quizid": quizid})
        assert (best["hasgrade"], best["grade"]) == (True, 100)
        listed = someone.call("mod_quiz_get_user_attempts", {"quizid": quizid})["attempts"]
        assert listed[0]["sumgrades"] == 2
        review = someone.call("mod_quiz_get_attempt_review", {"attemptid": listed[0]["id"]})
    assert [one["mark"] for one in review["questions"]] == ["1.00", "1.00"]


def test_hidden_marks_stay_hidden_in_every_answer(bench: Bench) -> None:
    quizid = bench.make_test(2, review="none")
    bench.enrol(1)
    sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, take_right)
    with trainee(bench) as someone:
        listed = someone.call("mod_quiz_get_user_attempts", {"quizid": quizid})["attempts"]
        assert listed[0]["sumgrades"] is None
        assert "grade" not in someone.call("mod_quiz_get_user_best_grade", {"quizid": quizid})
        pages = json.dumps(someone.call("mod_quiz_get_quizzes_by_courses", {}))
    assert "right" not in pages.replace("reviewrightanswer", "")


# ----------------------------------------------------------------------------------------------------------- time


def begun(bench: Bench, **changed: Any) -> tuple[Trainee, int, dict[str, str]]:
    """Somebody who has begun a test of a hundred seconds; the right answer to its one question."""
    quizid = bench.make_test(1, timelimit=100, **changed)
    bench.enrol(1)
    someone = trainee(bench)
    attempt = someone.start(quizid)["id"]
    return someone, attempt, answer(read_fields(someone.page(attempt, 0)["questions"][0]["html"]), take_right)


def test_a_minute_of_grace(own_bench: Bench) -> None:
    someone, attempt, sent = begun(own_bench)
    with someone:
        own_bench.site.control("clock", advance=150)
        assert someone.process(attempt, sent, finish=False) == "finished"
    (kept,) = own_bench.results()["attempts"]
    assert kept["mark"] == 1
    assert kept["timefinish"] - kept["timestart"] >= 150


def test_later_answers_do_not_count(own_bench: Bench) -> None:
    someone, attempt, sent = begun(own_bench)
    with someone:
        own_bench.site.control("clock", advance=500)
        assert (
            refused(someone, "mod_quiz_process_attempt", attemptid=attempt, **as_pairs(sent)) == "attemptalreadyclosed"
        )
    (kept,) = own_bench.results()["attempts"]
    assert (kept["mark"], kept["responses"][0]["state"]) == (0, "gaveup")
    assert kept["timefinish"] - kept["timestart"] == 100


def test_an_attempt_left_behind_is_closed_with_what_was_saved(own_bench: Bench) -> None:
    someone, attempt, sent = begun(own_bench)
    with someone:
        someone.call("mod_quiz_save_attempt", {"attemptid": attempt, **as_pairs(sent)})
    own_bench.site.control("clock", advance=5000)
    assert own_bench.site.control("cron") == {"closed": 1, "delivered": 0}
    (kept,) = own_bench.results()["attempts"]
    assert (kept["state"], kept["mark"], kept["timefinish"] - kept["timestart"]) == ("finished", 1, 100)
    assert own_bench.read("get_progress", testidnumber=f"{own_bench.tag}-test")["counts"]["finished"] == 1


def test_the_end_of_the_test_cuts_the_time_limit(own_bench: Bench) -> None:
    now = own_bench.read("get_site")["servertime"]
    someone, attempt, _ = begun(own_bench, timeclose=now + 40)
    with someone:
        assert someone.page(attempt, 0)["attempt"]["timecheckstate"] == now + 40


def test_a_closed_review_opens_after_the_close(own_bench: Bench) -> None:
    now = own_bench.read("get_site")["servertime"]
    quizid = own_bench.make_test(1, review="closed", timeclose=now + 1000)
    own_bench.enrol(1)
    done = sit(own_bench.url, f"{own_bench.tag}.user1", COURSE_PASSWORD, quizid, take_right)
    with trainee(own_bench) as someone:
        assert refused(someone, "mod_quiz_get_attempt_review", attemptid=done.attemptid) == "noreview"
        own_bench.site.control("clock", advance=2000)
        review = someone.call("mod_quiz_get_attempt_review", {"attemptid": done.attemptid})
    assert review["grade"] == 100
