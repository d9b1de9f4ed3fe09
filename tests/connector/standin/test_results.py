"""What comes back: control totals, regraded and deleted attempts, completions, and cursors while rows change."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.moodle.standin import answering, attempts, corrections, functions
from connector.moodle.standin.access import access_for
from connector.moodle.standin.call import FUNCTIONS, Call
from connector.moodle.standin.control import edit_question, ensure_course
from connector.moodle.standin.database import Database
from connector.moodle.standin.parameters import Fields, check, read_form
from connector.moodle.standin.process import StandinError
from connector.moodle.standin.site import Site, service_user
from connector.moodle.standin.sitting import Trainee, sit
from tests.connector.standin.bench import COURSE_PASSWORD, Bench, php, take_right, take_wrong


def sit_all(bench: Bench, quizid: int, count: int) -> list[int]:
    """People 1..count sit the test; every second one knows everything."""
    strategies = (take_wrong, take_right)
    return [
        sit(bench.url, f"{bench.tag}.user{n}", COURSE_PASSWORD, quizid, strategies[n % 2]).attemptid
        for n in range(1, count + 1)
    ]


def test_results_in_pages_with_a_control_total(bench: Bench) -> None:
    quizid = bench.make_test(2)
    bench.enrol(5)
    sat = sit_all(bench, quizid, 5)
    seen: list[int] = []
    cursor, more = "", True
    while more:
        page = bench.results(cursor=cursor, limit=2, responses=False)
        assert page["total"] == 5
        seen += [attempt["attemptid"] for attempt in page["attempts"]]
        assert all(attempt["responses"] == [] for attempt in page["attempts"])
        cursor, more = page["cursor"], page["more"]
    assert seen == sat
    rest = bench.results(cursor=cursor)
    assert (rest["attempts"], rest["more"], rest["cursor"]) == ([], False, cursor)


def test_results_in_xml_hold_the_same(bench: Bench) -> None:
    quizid = bench.make_test(2)
    bench.enrol(2)
    sit_all(bench, quizid, 2)
    asked = {"testidnumbers": [f"{bench.tag}-test"], "cursor": "", "limit": 9, "responses": True}
    _, kind, body = bench.form({"wstoken": bench.site.token, "wsfunction": "local_kyzmat_get_results", **php(asked)})
    assert kind.startswith("application/xml")
    words = [element.text for element in ET.fromstring(body).iter("VALUE")]
    in_json = bench.results()
    assert words[1:4] == [in_json["cursor"], "0", "2"]
    assert sum(word == "gradedright" for word in words) == 2


def test_one_result_in_full(bench: Bench) -> None:
    bench.make_test(1)
    bench.enrol(1)
    quizid = bench.write("save_test", **bench.test([1]))["quizid"]
    sit_all(bench, quizid, 1)
    page = bench.results()
    (attempt,) = page["attempts"]
    (response,) = attempt.pop("responses")
    assert attempt == {
        "attemptid": attempt["attemptid"],
        "testidnumber": f"{bench.tag}-test",
        "useridnumber": f"{bench.tag}-person-1",
        "attempt": 1,
        "state": "finished",
        "deleted": False,
        "timestart": attempt["timestart"],
        "timefinish": attempt["timefinish"],
        "timemodified": attempt["timemodified"],
        "mark": 1,
        "maxmark": 1,
    }
    assert 0 < attempt["timestart"] <= attempt["timefinish"] <= attempt["timemodified"] <= page["servertime"]
    state = bench.read("get_bank_state", bankidnumber=bench.bank, cursor="", limit=1)["questions"][0]
    expected = {
        "slot": 1,
        "state": "gradedright",
        "mark": 1,
        "maxmark": 1,
        "response": "right 1",
        "rightanswer": "right 1",
    }
    same = {name: state[name] for name in ("idnumber", "entryid", "questionid", "version")}
    assert response == {**expected, **same, "time": response["time"]}
    assert attempt["timestart"] <= response["time"] <= attempt["timefinish"]


def test_an_attempt_in_progress_is_no_result(bench: Bench) -> None:
    quizid = bench.make_test(1)
    bench.enrol(1)
    with Trainee(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD) as trainee:
        trainee.start(quizid)
    page = bench.results()
    assert (page["attempts"], page["total"]) == ([], 0)


def test_a_regraded_attempt_comes_again(bench: Bench) -> None:
    quizid = bench.make_test(1)
    bench.enrol(2)
    sit_all(bench, quizid, 2)
    first = bench.results()
    marks = {attempt["attemptid"]: attempt["mark"] for attempt in first["attempts"]}
    question = first["attempts"][0]["responses"][0]["questionid"]
    bench.site.control("set_key", questionid=question, fractions=[0, 1, 1, 1])
    loser = next(attempt for attempt, mark in marks.items() if mark == 0)
    bench.site.control("regrade", attemptid=loser)
    page = bench.results(cursor=first["cursor"])
    assert [(one["attemptid"], one["mark"], one["responses"][0]["state"]) for one in page["attempts"]] == [
        (loser, 1, "gradedright")
    ]
    assert page["total"] == 2


def test_a_deleted_attempt_comes_as_deleted(bench: Bench) -> None:
    quizid = bench.make_test(1)
    bench.enrol(2)
    sat = sit_all(bench, quizid, 2)
    first = bench.results()
    bench.site.control("delete_attempt", attemptid=sat[0])
    page = bench.results(cursor=first["cursor"])
    assert [(one["attemptid"], one["deleted"], one["responses"]) for one in page["attempts"]] == [(sat[0], True, [])]
    assert page["total"] == 1
    from_the_start = bench.results()
    assert {one["attemptid"]: one["deleted"] for one in from_the_start["attempts"]} == {sat[0]: True, sat[1]: False}


def test_a_never_submitted_attempt_is_reopened_and_finished(bench: Bench) -> None:
    quizid = bench.make_test(1)
    bench.enrol(1)
    with Trainee(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD) as trainee:
        attempt = trainee.start(quizid)["id"]
        bench.site.control("abandon", attemptid=attempt)
        page = bench.results()
        assert ([one["state"] for one in page["attempts"]], page["total"]) == (["abandoned"], 0)
        with pytest.raises(StandinError, match="abandoned, not inprogress"):
            bench.site.control("abandon", attemptid=attempt)
        bench.site.control("reopen", attemptid=attempt)
        assert bench.results(cursor=page["cursor"])["attempts"] == []
        trainee.process(attempt, {}, finish=True)
    again = bench.results(cursor=page["cursor"])
    assert ([one["state"] for one in again["attempts"]], again["total"]) == (["finished"], 1)
    with pytest.raises(StandinError, match="finished, not abandoned"):
        bench.site.control("reopen", attemptid=attempt)


def test_after_a_deletion_the_person_may_begin_anew(bench: Bench) -> None:
    quizid = bench.make_test(1)
    bench.enrol(1)
    (sat,) = sit_all(bench, quizid, 1)
    bench.site.control("delete_attempt", attemptid=sat)
    (again,) = sit_all(bench, quizid, 1)
    assert again != sat


# ------------------------------------------------------------------------------------------------------ completions


def completions(bench: Bench, cursor: str = "") -> Any:
    return bench.read("get_completions", courseidnumbers=[bench.course], cursor=cursor, limit=500)


def test_a_training_course_is_completed_step_by_step(bench: Bench) -> None:
    bench.site.ensure_course(bench.course, "Training", ("One", "Two"))
    bench.enrol(2)
    page = completions(bench)
    assert (page["total"], [one["state"] for one in page["completions"]]) == (2, ["enrolled", "enrolled"])
    with Trainee(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD) as trainee:
        (course,) = trainee.call("core_enrol_get_users_courses", {"userid": _own_id(trainee)})
        (section,) = trainee.call("core_course_get_contents", {"courseid": course["id"]})
        assert [(module["name"], module["completion"]) for module in section["modules"]] == [("One", 1), ("Two", 1)]
        for module, state, done in zip(section["modules"], ("inprogress", "completed"), (1, 2), strict=True):
            asked = {"cmid": module["id"], "completed": 1}
            trainee.call("core_completion_update_activity_completion_status_manually", asked)
            page = completions(bench, page["cursor"])
            (row,) = page["completions"]
            assert (row["state"], row["activitiesdone"], row["activities"]) == (state, done, 2)
    assert row["timecompleted"] > 0
    assert (row["grade"], row["maxgrade"], row["useridnumber"]) == (None, 100, f"{bench.tag}-person-1")
    person = f"{bench.tag}-person-1"
    bench.site.control("grade_course", courseidnumber=bench.course, useridnumber=person, grade="87.5")
    (row,) = completions(bench, page["cursor"])["completions"]
    assert row["grade"] == 87.5


def _own_id(trainee: Trainee) -> int:
    return int(trainee.call("core_webservice_get_site_info", {})["userid"])


# ----------------------------------------------------------------------------------------- cursors while rows change


@contextmanager
def direct_site(people: int) -> Iterator[Site]:
    """A site without its server, with so many people in a test of one question: thousands of steps in a second."""
    functions.load()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "site.sqlite")
        try:
            site = Site(database, "http://x.example")
            _fill(site, people)
            yield site
        finally:
            database.close()


def _fill(site: Site, people: int) -> None:
    bench = Bench.__new__(Bench)
    bench.tag, bench.course, bench.bank = "t", "t-course", "t-bank"
    with site.database.writing() as db:
        call = site.call(db, service_user(db))
        ensure_course(call, {"idnumber": bench.course})
        listed = [bench.person(number, password="") for number in range(people)]
        do(call, "save_bank", courseidnumber=bench.course, bankidnumber=bench.bank, name="B")
        do(call, "import_questions", bankidnumber=bench.bank, questions=[bench.question(1)])
        do(call, "save_people", people=listed)
        do(call, "save_enrolments", courseidnumber=bench.course, members=[bench.member(n) for n in range(people)])
        do(call, "save_test", **bench.test([1], attempts=0))


def do(call: Call, function: str, **given: Any) -> Any:
    chosen = FUNCTIONS.functions[f"local_kyzmat_{function}"]
    return chosen.body(call, check(Fields(chosen.takes.fields), read_form(php(given).items())))


def change(site: Site, action: str, which: int) -> dict[int, tuple[Any, ...]]:
    """One thing happens to the site; returns every ended attempt as it then is."""
    with site.database.writing() as db:
        call = site.call(db, service_user(db))
        quiz = db.execute("SELECT * FROM quizzes").fetchone()
        ended = [row[0] for row in db.execute("SELECT id FROM quiz_attempts WHERE deleted = 0 ORDER BY id")]
        if action == "sit" or not ended:
            users = [row[0] for row in db.execute("SELECT id FROM users WHERE service = 0 ORDER BY id")]
            userid = users[which % len(users)]
            begun = attempts.begin(call, quiz, access_for(call, quiz, userid), userid)
            row = attempts.load(db, begun)
            assert row is not None
            answering.finish(call, row, call.now)
        else:
            row = attempts.load(db, ended[which % len(ended)])
            assert row is not None
            (corrections.regrade if action == "regrade" else corrections.delete)(call, row)
        return {row["id"]: (row["changeno"], row["deleted"]) for row in db.execute("SELECT * FROM quiz_attempts")}


def pull(site: Site, cursor: str, limit: int) -> Any:
    with site.database.reading() as db:
        user = db.execute("SELECT * FROM users WHERE service = 1").fetchone()
        asked = {"testidnumbers": ["t-test"], "cursor": cursor, "limit": limit, "responses": False}
        return do(site.call(db, user), "get_results", **asked)


_CHANGES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["sit", "sit", "regrade", "delete"]), st.integers(0, 9)),
        st.just(("pull", 0)),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(_CHANGES, st.integers(1, 4))
def test_pulling_while_rows_change_neither_repeats_nor_skips(steps: list[tuple[str, int]], limit: int) -> None:
    with direct_site(3) as site:
        cursor = ""
        truth: dict[int, tuple[Any, ...]] = {}
        pulled: list[tuple[int, bool]] = []
        known: dict[int, bool] = {}
        changes = 0
        for action, which in [*steps, *[("pull", 0)] * (len(steps) + 1)]:
            if action == "pull":
                page = pull(site, cursor, limit)
                cursor = page["cursor"]
                assert len(page["attempts"]) <= limit
                pulled += [(one["attemptid"], one["deleted"]) for one in page["attempts"]]
                known |= {one["attemptid"]: one["deleted"] for one in page["attempts"]}
            else:
                truth = change(site, action, which)
                changes += 1
        assert known == {attempt: bool(deleted) for attempt, (_, deleted) in truth.items()}
        assert len(pulled) <= changes  # nothing came twice unless it had changed in between
        assert page["total"] == sum(1 for deleted in known.values() if not deleted)


_BANK_CHANGES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["import", "move", "hide", "show", "by hand"]), st.integers(0, 4)),
        st.just(("pull", 0)),
    ),
    max_size=25,
)


@settings(max_examples=20, deadline=None)
@given(_BANK_CHANGES, st.integers(1, 3))
def test_reading_a_bank_while_it_changes_neither_repeats_nor_skips(steps: list[tuple[str, int]], limit: int) -> None:
    with direct_site(1) as site:
        cursor, changes = "", 1  # one question is there
        pulled: list[str] = []
        known: dict[str, dict[str, Any]] = {}
        for action, which in [*steps, *[("pull", 0)] * (len(steps) + 6)]:
            if action != "pull":
                changes += change_bank(site, action, which)
                continue
            page = bank_page(site, cursor, limit)
            cursor = page["cursor"]
            pulled += [question["idnumber"] for question in page["questions"]]
            known |= {question["idnumber"]: question for question in page["questions"]}
        whole = bank_page(site, "", 200)
        assert known == {question["idnumber"]: question for question in whole["questions"]}
        assert whole["total"] == len(known)
        assert len(pulled) <= changes


def bank_page(site: Site, cursor: str, limit: int) -> Any:
    with site.database.reading() as db:
        user = db.execute("SELECT * FROM users WHERE service = 1").fetchone()
        return do(site.call(db, user), "get_bank_state", bankidnumber="t-bank", cursor=cursor, limit=limit)


def change_bank(site: Site, action: str, which: int) -> int:
    """One thing happens to one question; how many things really changed (0 or 1)."""
    bench = Bench.__new__(Bench)
    bench.tag = "t"
    with site.database.writing() as db:
        call = site.call(db, service_user(db))
        row = db.execute("SELECT * FROM entries WHERE idnumber = ?", (f"t-{which}.ru",)).fetchone()
        if action in ("hide", "show"):
            items = [{"idnumber": f"t-{which}.ru", "status": {"hide": "hidden", "show": "ready"}[action]}]
            results = do(call, "set_question_status", bankidnumber="t-bank", items=items)["results"]
        elif action == "by hand" and row is not None:
            wishes = {"bankidnumber": "t-bank", "idnumber": f"t-{which}.ru", "text": "By hand", "mode": "inplace"}
            edit_question(call, wishes)
            return 1
        else:
            latest = 0 if row is None else row["latest"]
            changed = {"contenthash": f"h{latest}"} if action == "import" else {"categorypath": f"top/{which}"}
            question = bench.question(which, expectedversion=latest, **changed)
            results = do(call, "import_questions", bankidnumber="t-bank", questions=[question])["results"]
    return int(results[0]["outcome"] in ("created", "updated", "newversion"))
