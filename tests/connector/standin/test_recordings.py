"""The stand-in's answers have the shape of a real Moodle's: same keys, same types, same codes, same field names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.moodle.standin.question_fields import QuestionFields, read_fields
from connector.moodle.standin.sitting import SittingError, Trainee, answer, as_pairs
from tests.connector.standin.bench import COURSE_PASSWORD, Bench, take_right
from tests.connector.standin.recordings import differences, exchange, recorded


@pytest.fixture
def quizid(bench: Bench) -> int:
    quizid = bench.make_test(6, timeclose=4_000_000_000)
    bench.enrol(1)
    return quizid


@pytest.fixture
def trainee(bench: Bench, quizid: int) -> Any:
    with Trainee(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD) as someone:
        yield someone


def refusal(trainee: Trainee, function: str, **fields: Any) -> SittingError:
    with pytest.raises(SittingError) as refused:
        trainee.call(function, fields)
    return refused.value


def test_a_whole_sitting_has_the_recorded_shapes(bench: Bench, quizid: int, trainee: Trainee) -> None:
    access = trainee.call("mod_quiz_get_quiz_access_information", {"quizid": quizid})
    assert differences(recorded("50_attempt_0_access"), access) == []
    started = trainee.call("mod_quiz_start_attempt", {"quizid": quizid})
    assert differences(recorded("50_attempt_1_start"), started) == []
    attempt = started["attempt"]["id"]
    page = trainee.page(attempt, 0)
    assert differences(recorded("50_attempt_2_data_page0"), page) == []
    data: dict[str, str] = {}
    for question in page["questions"]:
        data |= answer(read_fields(question["html"]), take_right)
    saved = trainee.call("mod_quiz_save_attempt", {"attemptid": attempt, **as_pairs(data)})
    assert saved == recorded("50_attempt_3_save")
    summary = trainee.call("mod_quiz_get_attempt_summary", {"attemptid": attempt})
    assert differences(recorded("50_attempt_4_summary"), summary) == []
    assert summary["questions"][0]["hasautosavedstep"] is True
    # As recorded: the sequencecheck of before the autosave still fits.
    done = trainee.call("mod_quiz_process_attempt", {"attemptid": attempt, "finishattempt": 1, **as_pairs(data)})
    assert done == recorded("50_attempt_5_process_stale")
    noreview = refusal(trainee, "mod_quiz_get_attempt_review", attemptid=attempt)
    assert (noreview.errorcode, noreview.message) == ("noreview", recorded("50_attempt_6_review_student")["message"])
    review = bench.core("mod_quiz_get_attempt_review", attemptid=attempt)
    assert differences(recorded("50_attempt_7_review_admin"), review) == []
    best = trainee.call("mod_quiz_get_user_best_grade", {"quizid": quizid})
    assert differences(recorded("50_attempt_8_best_grade"), best) == []
    assert (best["hasgrade"], best["gradetopass"]) == (False, 60)


@pytest.mark.parametrize("function", ["mod_quiz_get_user_attempts", "mod_quiz_get_user_quiz_attempts"])
def test_lists_of_attempts(bench: Bench, quizid: int, trainee: Trainee, function: str) -> None:
    attempt = trainee.start(quizid)["id"]
    trainee.process(attempt, {}, finish=True)
    listed = bench.core(function, quizid=quizid, userid=trainee.call("core_webservice_get_site_info", {})["userid"])
    assert differences(recorded("50_user_quiz_attempts"), listed) == []
    assert [one["state"] for one in listed["attempts"]] == ["finished"]


def test_quizzes_as_the_panel_sees_them(bench: Bench, quizid: int) -> None:
    listed = bench.core("mod_quiz_get_quizzes_by_courses")
    listed["quizzes"] = [quiz for quiz in listed["quizzes"] if quiz["id"] == quizid]
    assert differences(recorded("50_core_quizzes_by_courses"), listed) == []


def test_students_do_not_see_the_password_of_a_test(bench: Bench, quizid: int, trainee: Trainee) -> None:
    (quiz,) = trainee.call("mod_quiz_get_quizzes_by_courses", {})["quizzes"]
    assert "password" not in quiz
    assert quiz["id"] == quizid


@pytest.mark.parametrize("version", ["50", "45"])
def test_field_names_are_read_out_of_real_html(version: str) -> None:
    question = recorded(f"{version}_attempt_2_data_page0")["questions"][0]
    fields = read_fields(question["html"])
    name = f"q1:{question['slot']}_"
    assert fields.hidden == {f"{name}:sequencecheck": "1"}
    assert [(choice.name, choice.value) for choice in fields.choices] == [(f"{name}answer", str(n)) for n in range(4)]
    assert all(choice.label.startswith(("right ", "wrong ")) for choice in fields.choices)
    assert fields.text.startswith("Random question")


def test_the_html_offers_what_real_html_offers(quizid: int, trainee: Trainee) -> None:
    ours = read_fields(trainee.page(trainee.start(quizid)["id"], 0)["questions"][0]["html"])
    real = read_fields(recorded("50_attempt_2_data_page0")["questions"][0]["html"])
    assert _outline(ours) == _outline(real)


def _outline(fields: QuestionFields) -> list[str]:
    """Names and values without the ids of usage and slot."""
    names = [f"{choice.name.split('_', 1)[1]}={choice.value}" for choice in fields.choices]
    return [*(name.split("_", 1)[1] for name in fields.hidden), *names]


# --------------------------------------------------------------------------------------------------------- refusals


def test_a_closed_or_not_yet_open_test_gives_a_warning_and_an_empty_attempt(bench: Bench) -> None:
    bench.enrol(1)
    for recording, times in (("50_start_closed", (1, 2)), ("50_start_notopen", (4_000_000_000, 4_000_000_100))):
        changed = {"testidnumber": f"{bench.tag}-{recording}", "timeopen": times[0], "timeclose": times[1]}
        quizid = bench.make_test(1, **changed)
        with Trainee(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD) as trainee:
            reply = trainee.call("mod_quiz_start_attempt", {"quizid": quizid})
        expected = recorded(recording)
        expected["warnings"][0]["itemid"] = quizid
        assert reply == expected


def test_attempt_in_progress(quizid: int, trainee: Trainee) -> None:
    trainee.start(quizid)
    refused = refusal(trainee, "mod_quiz_start_attempt", quizid=quizid)
    expected = recorded("50_start_inprogress")
    assert (refused.errorcode, refused.message) == (expected["errorcode"], expected["message"])


def test_password_of_a_test(bench: Bench) -> None:
    quizid = bench.make_test(1, password="s3cret")
    bench.enrol(1)
    given = {"preflightdata[0][name]": "quizpassword", "preflightdata[0][value]": "x"}
    with Trainee(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD) as trainee:
        for recording, fields in (("50_pw_nopreflight", {}), ("50_pw_wrong", given)):
            expected = recorded(recording)
            refused = refusal(trainee, "mod_quiz_start_attempt", quizid=quizid, **fields)
            assert (refused.errorcode, refused.message) == (expected["errorcode"], expected["message"])
        reply = trainee.call("mod_quiz_start_attempt", {"quizid": quizid, **given, "preflightdata[0][value]": "s3cret"})
    assert differences(recorded("50_pw_ok"), reply) == []


def test_too_few_random_questions_are_noticed_at_the_start(bench: Bench) -> None:
    bench.make_bank([bench.question(1), bench.question(2)])
    sections = [{"categorypath": "top/block", "count": 2, "maxmark": "1"}]
    quizid = bench.write("save_test", **bench.test(sections=sections))["quizid"]
    bench.enrol(1)
    hidden = [{"idnumber": f"{bench.tag}-1.ru", "status": "hidden"}]
    bench.write("set_question_status", bankidnumber=bench.bank, items=hidden)
    with Trainee(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD) as trainee:
        refused = refusal(trainee, "mod_quiz_start_attempt", quizid=quizid)
    assert refused.errorcode == recorded("50_start_notenough")["errorcode"]


# ------------------------------------------------------------------------------------------------- recorded errors

_CALLS: dict[str, dict[str, str]] = {
    "badparamtype": {"wsfunction": "core_user_get_users_by_field", "field": "id", "values[a][b]": "1"},
    "invalidtoken": {"wsfunction": "core_webservice_get_site_info", "wstoken": "nonsense"},
    "missingparam": {"wsfunction": "core_user_get_users_by_field", "field": "id"},
    "nofunction": {"wsfunction": "no_such_function"},
    "recordnotfound": {"wsfunction": "mod_quiz_get_attempt_review", "attemptid": "99999"},
    "unexpectedparam": {"wsfunction": "core_webservice_get_site_info", "foo": "bar"},
}


def _ask(bench: Bench, fields: dict[str, str]) -> Any:
    given = {"wstoken": bench.site.token, "moodlewsrestformat": "json", **fields}
    status, kind, body = bench.form(given)
    return status, kind, json.loads(body)


@pytest.mark.parametrize("name", sorted(_CALLS))
def test_errors_are_the_recorded_ones(bench: Bench, name: str) -> None:
    kept = exchange(f"50_err_debug0_{name}")
    assert _ask(bench, _CALLS[name]) == (kept["status"], kept["content_type"], kept["response"])


def test_errors_of_a_site_in_developer_mode_carry_debuginfo(own_bench: Bench) -> None:
    own_bench.site.control("setting", name="debug", value=1)
    for name, call in _CALLS.items():
        kept = recorded(f"50_err_debug32767_{name}")
        _, _, reply = _ask(own_bench, call)
        assert (reply["errorcode"], reply["message"]) == (kept["errorcode"], kept["message"])
        assert sorted(reply) == sorted(kept)


def test_a_capability_that_was_taken_away(own_bench: Bench) -> None:
    own_bench.site.control("setting", name="denied", value=["moodle/question:add"])
    reply = own_bench.write("import_questions", bankidnumber="b", questions=[])
    kept = recorded("50_err_debug0_nocap")
    assert (reply["exception"], reply["errorcode"]) == (kept["exception"], kept["errorcode"])
    rights = {one["name"]: one["allowed"] for one in own_bench.read("get_site")["capabilities"]}
    assert rights["moodle/question:add"] is False
    assert sum(rights.values()) == len(rights) - 1


def test_a_student_may_not_call_the_plugin(quizid: int, trainee: Trainee) -> None:
    refused = refusal(trainee, "local_kyzmat_get_site")
    assert (refused.errorcode, refused.message) == ("accessexception", "Access control exception")
    assert quizid


def test_maintenance_and_switched_off_services(own_bench: Bench) -> None:
    own_bench.enrol(1)
    with Trainee(own_bench.url, f"{own_bench.tag}.user1", COURSE_PASSWORD) as trainee:
        own_bench.site.control("setting", name="maintenance", value="on")
        refused = refusal(trainee, "core_webservice_get_site_info")
        kept = recorded("50_err_maintenance_student")
        assert (refused.errorcode, refused.message) == (kept["errorcode"], kept["message"])
        assert own_bench.read("get_site")["wire"] == 1  # the panel's account passes
    own_bench.site.control("setting", name="maintenance", value="cli")
    status, kind, body = own_bench.form({"wsfunction": "x"})
    assert (status, kind.split(";")[0]) == (503, "text/html")
    assert b"<html>" in body
    own_bench.site.control("setting", name="maintenance", value="off")
    own_bench.site.control("setting", name="webservices", value="off")
    kept = exchange("50_err_ws_disabled")
    assert own_bench.form({"wsfunction": "x"}) == (kept["status"], kept["content_type"], b"")


def test_a_token_that_expires_is_told_once_and_then_unknown(own_bench: Bench) -> None:
    own_bench.site.control("setting", name="token", value="expired")
    assert [own_bench.read("get_site")["errorcode"] for _ in range(3)] == ["accessexception", *["invalidtoken"] * 2]
    own_bench.site.control("setting", name="token", value="valid")
    assert own_bench.read("get_site")["wire"] == 1


def test_moodle_45_lacks_what_came_later(own_bench: Bench) -> None:
    own_bench.site.control("setting", name="branch", value=405)
    site = own_bench.read("get_site")
    assert (site["branch"], site["bankcontext"], site["release"][:3]) == (405, "course", "4.5")
    reply = own_bench.core("mod_quiz_get_user_quiz_attempts", quizid=1)
    assert reply["errorcode"] == "invalidrecordunknown"
    functions = {one["name"] for one in own_bench.core("core_webservice_get_site_info")["functions"]}
    assert "mod_quiz_get_user_attempts" in functions
    assert "mod_quiz_get_user_quiz_attempts" not in functions
