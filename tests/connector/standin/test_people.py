"""People, enrolments, groups and cards over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.moodle.standin.sitting import SittingError, Trainee
from tests.connector.standin.bench import COURSE_PASSWORD, Bench, post


def saved(bench: Bench, *people: dict[str, Any]) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = bench.write("save_people", people=list(people))["results"]
    return results


def enrolled(bench: Bench, *members: dict[str, Any]) -> list[str]:
    reply = bench.write("save_enrolments", courseidnumber=bench.course, members=list(members))
    return [result["outcome"] for result in reply["results"]]


def can_log_in(bench: Bench, number: int, password: str) -> bool:
    try:
        Trainee(bench.url, f"{bench.tag}.user{number}", password).close()
    except SittingError as refused:
        return refused.errorcode != "invalidlogin"
    return True


def test_a_person_is_created_changed_and_left_alone(bench: Bench) -> None:
    (created,) = saved(bench, bench.person(1))
    assert created["outcome"] == "created"
    assert saved(bench, bench.person(1)) == [{**created, "outcome": "unchanged"}]
    assert saved(bench, bench.person(1, password="")) == [{**created, "outcome": "unchanged"}]
    assert saved(bench, bench.person(1, lastname="Осмонова")) == [{**created, "outcome": "updated"}]
    (found,) = bench.core("core_user_get_users_by_field", field="idnumber", values=[f"{bench.tag}-person-1"])
    assert (found["id"], found["lastname"], found["lang"]) == (created["userid"], "Осмонова", "ky")
    assert found["fullname"] == "Айгүл Осмонова"


def test_an_empty_password_keeps_the_old_one(bench: Bench) -> None:
    saved(bench, bench.person(1))
    saved(bench, bench.person(1, password="", firstname="Other"))
    assert can_log_in(bench, 1, COURSE_PASSWORD)
    (result,) = saved(bench, bench.person(1, password="new one", firstname="Other"))
    assert result["outcome"] == "updated"
    assert (can_log_in(bench, 1, "new one"), can_log_in(bench, 1, COURSE_PASSWORD)) == (True, False)


def test_who_has_no_password_or_is_suspended_cannot_log_in(bench: Bench) -> None:
    saved(bench, bench.person(1, password=""), bench.person(2))
    assert not can_log_in(bench, 1, "")
    with Trainee(bench.url, f"{bench.tag}.user2", COURSE_PASSWORD) as trainee:
        saved(bench, bench.person(2, suspended=True))
        assert not can_log_in(bench, 2, COURSE_PASSWORD)
        with pytest.raises(SittingError) as refused:  # the token that was given out is worthless as well
            trainee.call("core_webservice_get_site_info", {})
    assert refused.value.errorcode == "invalidtoken"


@pytest.mark.parametrize(
    "changed",
    [{"idnumber": ""}, {"username": "Upper"}, {"username": ""}, {"lastname": " "}, {"lang": "fr"}],
)
def test_an_invalid_person_does_not_spoil_the_neighbours(bench: Bench, changed: dict[str, Any]) -> None:
    results = saved(bench, bench.person(1), bench.person(2, **changed), bench.person(3))
    assert [result["outcome"] for result in results] == ["created", "invalid", "created"]
    assert results[1]["message"]


def test_a_username_of_somebody_else_is_a_conflict(bench: Bench) -> None:
    saved(bench, bench.person(1), bench.person(2))
    (taken,) = saved(bench, bench.person(2, username=f"{bench.tag}.user1"))
    assert (taken["outcome"], taken["userid"]) == ("conflict", 0)
    (fresh,) = saved(bench, bench.person(3, username=f"{bench.tag}.user1"))
    assert fresh["outcome"] == "conflict"


def test_wrong_log_in_has_its_own_shape(bench: Bench) -> None:
    def ask(body: str) -> Any:
        status, kind, text = post(bench.url, "/login/token.php", body.encode())
        assert (status, kind) == (200, "application/json")
        return json.loads(text)

    saved(bench, bench.person(1))
    person = f"username={bench.tag}.user1&service=moodle_mobile_app&password="
    keys = ["debuginfo", "error", "errorcode", "reproductionlink", "stacktrace"]
    wrong = ask(f"{person}x")
    assert (sorted(wrong), wrong["errorcode"]) == (keys, "invalidlogin")
    assert ask(f"username={bench.tag}.user1")["errorcode"] == "missingparam"
    assert ask(f"{person}{COURSE_PASSWORD}&service=other")["errorcode"] == "servicenotavailable"
    assert sorted(ask(f"{person}{COURSE_PASSWORD}")) == ["privatetoken", "token"]


def test_a_student_finds_only_themselves(bench: Bench) -> None:
    saved(bench, bench.person(1), bench.person(2))
    asked = {"field": "username", "values[0]": f"{bench.tag}.user1", "values[1]": f"{bench.tag}.user2"}
    with Trainee(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD) as trainee:
        found = trainee.call("core_user_get_users_by_field", asked)
    assert [one["username"] for one in found] == [f"{bench.tag}.user1"]


# ----------------------------------------------------------------------------------------------------- enrolments


def test_enrolments(bench: Bench) -> None:
    saved(bench, bench.person(1), bench.person(2))
    assert enrolled(bench, bench.member(1, ["a"]), bench.member(2), bench.member(3)) == [
        "created",
        "created",
        "missing",
    ]
    assert enrolled(bench, bench.member(1, ["a"]), bench.member(2, role="teacher")) == ["unchanged", "invalid"]
    assert enrolled(bench, bench.member(1, ["b"]), bench.member(2, timeend=5)) == ["updated", "updated"]
    assert enrolled(bench, bench.member(1, remove=True), bench.member(1, remove=True)) == ["removed", "unchanged"]
    assert enrolled(bench, bench.member(2, [""])) == ["invalid"]
    reply = bench.write("save_enrolments", courseidnumber="nowhere", members=[])
    assert reply["errorcode"] == "unknowncourse"


def test_groups_are_exactly_those_named(bench: Bench) -> None:
    quizid = bench.make_test(1, groupidnumbers=["form-a"])
    bench.enrol(1, ["form-a", "form-c"])

    def may_enter() -> bool:
        with Trainee(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD) as trainee:
            return quizid in trainee.quizzes().values()

    assert may_enter()
    enrolled(bench, bench.member(1, ["form-b"]))
    assert not may_enter()
    enrolled(bench, bench.member(1, ["form-a"]))
    assert may_enter()
    enrolled(bench, bench.member(1, ["form-a"], timeend=1))
    assert not may_enter()


def test_five_hundred_people_and_no_more(bench: Bench) -> None:
    members = [bench.member(number) for number in range(501)]
    reply = bench.write("save_enrolments", courseidnumber=bench.course, members=members)
    assert reply["errorcode"] == "chunktoolarge"


# ---------------------------------------------------------------------------------------------------------- cards


def test_cards(bench: Bench) -> None:
    saved(bench, bench.person(1))

    def card(**changed: Any) -> dict[str, Any]:
        made = {
            "cardid": f"{bench.tag}-card",
            "useridnumber": f"{bench.tag}-person-1",
            "kind": "test",
            "titles": [{"lang": "ky", "text": "Тест"}, {"lang": "ru", "text": "Тест"}],
            "bodies": [],
            "url": "",
            "due": 0,
            "state": "open",
            "remove": False,
        }
        return {**made, **changed}

    def outcome(**changed: Any) -> str:
        return str(bench.write("save_cards", cards=[card(**changed)])["results"][0]["outcome"])

    assert outcome() == "created"
    assert outcome() == "unchanged"
    assert outcome(state="done") == "updated"
    assert outcome(kind="other") == "invalid"
    assert outcome(titles=[]) == "invalid"
    assert outcome(url="javascript:alert(1)") == "invalid"
    assert outcome(useridnumber="nobody") == "missing"
    assert outcome(remove=True) == "removed"
    assert outcome(remove=True) == "unchanged"
    too_many = [card(cardid=str(number)) for number in range(151)]
    assert bench.write("save_cards", cards=too_many)["errorcode"] == "chunktoolarge"
