"""Tests and overrides over the wire: fixed versions, groups, who may change what, and who sits where."""

from __future__ import annotations

import time
from typing import Any

import pytest

from connector.moodle.standin.sitting import SittingError, Trainee, sit
from tests.connector.standin.bench import COURSE_PASSWORD, Bench, choice_gift, take_right, take_wrong


def save(bench: Bench, slots: Any = (), **changed: Any) -> Any:
    return bench.write("save_test", **bench.test(slots, **changed))


def trainee(bench: Bench, number: int = 1) -> Trainee:
    return Trainee(bench.url, f"{bench.tag}.user{number}", COURSE_PASSWORD)


def test_a_test_of_fixed_slots(bench: Bench) -> None:
    questions = bench.make_bank([bench.question(1), bench.question(2)])
    slots = [{"idnumber": f"{bench.tag}-{n}.ru", "version": 1, "maxmark": mark} for n, mark in ((2, "1.5"), (1, "2"))]
    reply = bench.write("save_test", **{**bench.test(), "slots": slots})
    assert (reply["outcome"], reply["sumgrades"]) == ("created", 3.5)
    assert [(slot["slot"], slot["idnumber"], slot["entryid"], slot["version"]) for slot in reply["slots"]] == [
        (1, f"{bench.tag}-2.ru", questions[1]["entryid"], 1),
        (2, f"{bench.tag}-1.ru", questions[0]["entryid"], 1),
    ]
    assert reply["url"] == f"{bench.url}/mod/quiz/view.php?id={reply['cmid']}"
    again = bench.write("save_test", **{**bench.test(), "slots": slots})
    assert again == {**reply, "outcome": "unchanged"}


def test_settings_and_slots_may_change_until_somebody_begins(bench: Bench) -> None:
    bench.make_test(3)
    assert save(bench, [1, 2, 3], name="Other")["outcome"] == "updated"
    assert save(bench, [1, 2], name="Other")["outcome"] == "updated"
    assert save(bench, [1, 2], name="Other", groupidnumbers=["g"])["outcome"] == "updated"
    assert save(bench, [1, 2], name="Other", groupidnumbers=["g"])["outcome"] == "unchanged"
    bench.enrol(1, ["g"])
    with trainee(bench) as someone:
        someone.start(someone.quizzes()["Other"])
    refused = save(bench, [1, 2, 3], name="Other", groupidnumbers=["g"])
    assert refused["errorcode"] == "testhasattempts"
    assert save(bench, [1, 2], name="Third", groupidnumbers=["g"])["outcome"] == "updated"


def test_a_test_keeps_the_version_it_was_drawn_with(bench: Bench) -> None:
    quizid = bench.make_test(1)
    newer = bench.question(1, expectedversion=1, contenthash="two", source=choice_gift(1, "right two"))
    bench.write("import_questions", bankidnumber=bench.bank, questions=[newer])
    bench.enrol(1)
    seen: list[str] = []

    def look(_: str, labels: Any) -> str:
        seen.extend(labels)
        return str(labels[0])

    sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, look)
    assert "right 1" in seen
    assert "right two" not in seen
    (attempt,) = bench.results()["attempts"]
    assert attempt["responses"][0]["version"] == 1


@pytest.mark.parametrize(
    "slot",
    [
        {"idnumber": "nowhere", "version": 1, "maxmark": "1"},
        {"idnumber": "{tag}-1.ru", "version": 2, "maxmark": "1"},
        {"idnumber": "{tag}-1.ru", "version": 1, "maxmark": "0"},
        {"idnumber": "{tag}-2.ru", "version": 1, "maxmark": "1"},
    ],
)
def test_slots_that_cannot_be(bench: Bench, slot: dict[str, Any]) -> None:
    bench.make_bank([bench.question(1), bench.question(2, source="::d::Only a text")])
    slot = {**slot, "idnumber": slot["idnumber"].format(tag=bench.tag)}
    reply = bench.write("save_test", **{**bench.test(), "slots": [slot]})
    assert reply["errorcode"] == "invalidquestion"
    assert bench.read("get_progress", testidnumber=f"{bench.tag}-test")["errorcode"] == "unknowntest"


@pytest.mark.parametrize(
    "changed",
    [
        {"review": "always"},
        {"timeopen": 10, "timeclose": 10},
        {"timelimit": -1},
        {"passpercent": "101"},
        {"name": ""},
        {"groupidnumbers": [""]},
        {"testidnumber": ""},
        {"visible": "yes"},
    ],
)
def test_settings_that_cannot_be(bench: Bench, changed: dict[str, Any]) -> None:
    bench.make_bank([bench.question(1)])
    assert save(bench, [1], **changed)["errorcode"] == "invalidparameter"


def test_unknown_things(bench: Bench) -> None:
    assert save(bench, courseidnumber="nowhere")["errorcode"] == "unknowncourse"
    assert bench.read("get_progress", testidnumber="none")["errorcode"] == "unknowntest"
    assert bench.results(testidnumbers=["none"])["errorcode"] == "unknowntest"
    assert bench.write("save_overrides", testidnumber="none", items=[])["errorcode"] == "unknowntest"


def test_a_test_does_not_move_to_another_course(bench: Bench) -> None:
    bench.make_bank([bench.question(1)])
    assert save(bench, [1])["outcome"] == "created"
    bench.site.ensure_course(f"{bench.course}-2", "Second")
    assert save(bench, [1], courseidnumber=f"{bench.course}-2")["errorcode"] == "invalidparameter"
    assert save(bench, [1])["outcome"] == "unchanged"


def test_sections_draw_from_a_category_and_those_below(bench: Bench) -> None:
    paths = ("top/law", "top/law/deep", "top/lawless")
    bench.make_bank(bench.question(number, categorypath=path) for number, path in enumerate(paths))
    section = {"categorypath": "top/law", "count": 2, "maxmark": "1"}
    too_many = save(bench, sections=[{**section, "count": 3}])
    assert too_many["errorcode"] == "notenoughquestions"
    quizid = save(bench, sections=[section], attempts=0)["quizid"]
    bench.enrol(1)
    for _ in range(2):
        done = sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, take_right)
        assert done.questions == 2
    for attempt in bench.results()["attempts"]:
        assert {one["idnumber"] for one in attempt["responses"]} == {f"{bench.tag}-0.ru", f"{bench.tag}-1.ru"}


def test_hidden_tests_and_other_groups(bench: Bench) -> None:
    quizid = bench.make_test(1, groupidnumbers=["form-a"])
    bench.enrol(2, ["form-a"])
    bench.write("save_enrolments", courseidnumber=bench.course, members=[bench.member(2, ["form-b"])])
    with trainee(bench, 1) as first, trainee(bench, 2) as second:
        assert list(first.quizzes().values()) == [quizid]
        assert second.quizzes() == {}
        with pytest.raises(SittingError) as outside:
            second.start(quizid)
        assert outside.value.errorcode == "requireloginerror"
        save(bench, [1], groupidnumbers=["form-a"], visible=False)
        with pytest.raises(SittingError) as hidden:
            first.start(quizid)
        assert hidden.value.errorcode == "requireloginerror"


def test_attempts_are_counted(bench: Bench) -> None:
    quizid = bench.make_test(1, attempts=2)
    bench.enrol(1)
    for _ in range(2):
        sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, take_right)
    with trainee(bench) as someone, pytest.raises(SittingError) as refused:
        someone.start(quizid)
    assert refused.value.message == "No more attempts are allowed"


# ------------------------------------------------------------------------------------------------------ overrides


def override(bench: Bench, **item: Any) -> str:
    reply = bench.write("save_overrides", testidnumber=f"{bench.tag}-test", items=[item])
    return str(reply["results"][0]["outcome"])


def test_overrides_of_a_person_and_a_group(bench: Bench) -> None:
    now = int(time.time())
    quizid = bench.make_test(1, timeopen=now - 200, timeclose=now - 100)
    bench.enrol(3, ["slow"])
    bench.write("save_enrolments", courseidnumber=bench.course, members=[bench.member(3)])
    person = f"{bench.tag}-person-1"
    assert override(bench, useridnumber=person, timeclose=now + 500, timelimit=60) == "created"
    assert override(bench, useridnumber=person, timeclose=now + 500, timelimit=60) == "unchanged"
    assert override(bench, groupidnumber="slow", timeclose=now + 9000, timelimit=5000) == "created"
    with trainee(bench, 1) as first, trainee(bench, 2) as second, trainee(bench, 3) as third:
        assert first.start(quizid)["timecheckstate"] <= now + 70  # the person's own beats the group's
        assert second.start(quizid)["timecheckstate"] > now + 4000
        with pytest.raises(SittingError) as closed:
            third.start(quizid)
    assert closed.value.errorcode == "notavailable"


def test_an_override_moves_the_end_of_an_attempt_in_progress(bench: Bench) -> None:
    quizid = bench.make_test(1, timelimit=100)
    bench.enrol(1)
    with trainee(bench) as someone:
        attempt = someone.start(quizid)
        assert override(bench, useridnumber=f"{bench.tag}-person-1", timelimit=1000) == "created"
        later = someone.page(attempt["id"], 0)["attempt"]["timecheckstate"]
    assert later == attempt["timecheckstate"] + 900


def test_zero_means_as_the_test_says(bench: Bench) -> None:
    quizid = bench.make_test(1, attempts=1)
    bench.enrol(1)
    assert override(bench, useridnumber=f"{bench.tag}-person-1", timeclose=0, timelimit=50, attempts=0) == "created"
    sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, take_right)
    with trainee(bench) as someone, pytest.raises(SittingError) as refused:
        someone.start(quizid)
    assert refused.value.message == "No more attempts are allowed"


def test_overrides_are_removed_and_refused(bench: Bench) -> None:
    bench.make_test(1)
    bench.enrol(1)
    person = f"{bench.tag}-person-1"
    assert override(bench, useridnumber=person, attempts=3) == "created"
    assert override(bench, useridnumber=person, attempts=4) == "updated"
    assert override(bench, useridnumber=person, remove=True) == "removed"
    assert override(bench, useridnumber=person, remove=True) == "unchanged"
    assert override(bench, useridnumber="nobody", attempts=1) == "missing"
    assert override(bench, groupidnumber="nothing", attempts=1) == "missing"
    assert override(bench, useridnumber=person, groupidnumber="g", attempts=1) == "invalid"
    assert override(bench, attempts=1) == "invalid"


# ------------------------------------------------------------------------------------------------------- progress


def test_progress_counts_everyone_who_may_enter(bench: Bench) -> None:
    quizid = bench.make_test(4, groupidnumbers=["form-a"])
    bench.enrol(4, ["form-a"])
    bench.write("save_enrolments", courseidnumber=bench.course, members=[bench.member(4, ["form-b"])])
    sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, take_wrong)
    with trainee(bench, 2) as second:
        attempt = second.start(quizid)["id"]
        prefix = f"q{attempt}:1_"
        second.process(attempt, {f"{prefix}:sequencecheck": "1", f"{prefix}answer": "0"}, finish=False)
    progress = bench.read("get_progress", testidnumber=f"{bench.tag}-test")
    assert progress["counts"] == {"notstarted": 1, "inprogress": 1, "overdue": 0, "finished": 1}
    people = {one["useridnumber"]: one for one in progress["people"]}
    seen = {name[-1]: (one["state"], one["answered"], one["questions"]) for name, one in people.items()}
    assert seen == {"1": ("finished", 4, 4), "2": ("inprogress", 1, 4), "3": ("notstarted", 0, 4)}
    assert people[f"{bench.tag}-person-1"]["timeend"] >= people[f"{bench.tag}-person-1"]["timestart"] > 0
    assert people[f"{bench.tag}-person-3"]["lastaction"] == 0
