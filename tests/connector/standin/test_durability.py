"""Keys, and kill -9 at the worst moments: nothing is lost, nothing is done twice."""

from __future__ import annotations

import http.client
import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connector.moodle.standin.process import StandinError, StandinProcess
from connector.moodle.standin.question_fields import read_fields
from connector.moodle.standin.sitting import Trainee, answer
from tests.connector.standin.bench import COURSE_PASSWORD, Bench, php, post, take_right

GONE = (ConnectionError, http.client.HTTPException)


def test_a_repeated_key_gets_the_kept_result(bench: Bench) -> None:
    bench.make_bank()
    asked = {"bankidnumber": bench.bank, "questions": [bench.question(1)], "opkey": "op-1." + bench.tag}
    first = bench.write("import_questions", **asked)
    before = bench.site.control("state")
    again = bench.write("import_questions", **asked)
    assert (first["replayed"], again) == (False, {**first, "replayed": True})
    assert bench.site.control("state") == before


def test_a_key_with_another_request_is_a_conflict(bench: Bench) -> None:
    bench.make_bank()
    key = f"{bench.tag}.same"
    bench.write("save_bank", opkey=key, courseidnumber=bench.course, bankidnumber=f"{bench.bank}-2", name="A")
    before = bench.site.control("state")
    for other in ("B", "A "):
        named = {"courseidnumber": bench.course, "bankidnumber": f"{bench.bank}-2", "name": other}
        assert bench.write("save_bank", opkey=key, **named)["errorcode"] == "opkeyconflict"
    assert bench.write("save_people", opkey=key, people=[])["errorcode"] == "opkeyconflict"
    assert bench.site.control("state") == before


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "a/b", "ключ"])
def test_keys_that_cannot_be(bench: Bench, key: str) -> None:
    assert bench.write("save_people", opkey=key, people=[])["errorcode"] == "invalidparameter"
    assert bench.core("local_kyzmat_save_people")["errorcode"] == "invalidparameter"


def test_a_refused_call_leaves_nothing_and_its_key_is_free(bench: Bench) -> None:
    key = f"{bench.tag}.refused"
    refused = bench.write("save_bank", opkey=key, courseidnumber="nowhere", bankidnumber=bench.bank, name="A")
    assert refused["errorcode"] == "unknowncourse"
    named = {"courseidnumber": bench.course, "bankidnumber": bench.bank, "name": "A"}
    assert bench.write("save_bank", opkey=key, **named)["replayed"] is False


def _writes(bench: Bench) -> dict[str, Callable[[str], Any]]:
    """A call of every writing function, by name; the argument is its key."""
    bench.make_test(2)
    bench.enrol(1)
    person = f"{bench.tag}-person-1"
    card = {"cardid": "c", "useridnumber": person, "kind": "notice", "url": "", "due": 0, "state": "", "remove": False}
    card["titles"] = [{"lang": "ky", "text": "T"}]
    given: dict[str, dict[str, Any]] = {
        "save_bank": {"courseidnumber": bench.course, "bankidnumber": "other", "name": "O"},
        "import_questions": {"bankidnumber": bench.bank, "questions": [bench.question(9)]},
        "set_question_status": {
            "bankidnumber": bench.bank,
            "items": [{"idnumber": f"{bench.tag}-1.ru", "status": "hidden"}],
        },
        "save_people": {"people": [bench.person(7)]},
        "save_enrolments": {"courseidnumber": bench.course, "members": [bench.member(1, ["g"])]},
        "save_test": bench.test([1], testidnumber="second"),
        "save_overrides": {
            "testidnumber": f"{bench.tag}-test",
            "items": [{"useridnumber": person, "attempts": 2}],
        },
        "save_cards": {"cards": [card]},
        "save_push": {"url": "http://127.0.0.1:9/", "secret": "s", "events": ["completion"]},
    }
    return {name: partial(_write, bench, name, asked) for name, asked in given.items()}


def _write(bench: Bench, name: str, asked: dict[str, Any], key: str) -> Any:
    return bench.write(name, opkey=key, **asked)


def test_kill_between_effect_and_reply(own_bench: Bench) -> None:
    site = own_bench.site
    for name, write in _writes(own_bench).items():
        site.control("fault", wsfunction=f"local_kyzmat_{name}", fault="kill", moment="after")
        with pytest.raises(GONE):
            write(f"after.{name}")
        assert site.wait() == -9
        site.start()
        before = site.control("state")
        assert write(f"after.{name}")["replayed"] is True, name
        assert site.control("state") == before, name


def test_kill_before_the_commit_leaves_nothing(own_bench: Bench) -> None:
    site = own_bench.site
    for name, write in _writes(own_bench).items():
        before = site.control("state")
        site.control("fault", wsfunction=f"local_kyzmat_{name}", fault="kill", moment="inside")
        with pytest.raises(GONE):
            write(f"inside.{name}")
        assert site.wait() == -9
        site.start()
        assert site.control("state") == before, name
        assert write(f"inside.{name}")["replayed"] is False, name


def test_a_killed_site_keeps_its_data_its_address_and_its_token(tmp_path: Path) -> None:
    with StandinProcess(tmp_path / "s.sqlite") as site:
        bench = Bench(site)
        bench.make_bank([bench.question(1)])
        url = site.url
        site.kill()
        site.start()
        assert site.url == url
        assert bench.read("get_bank_state", bankidnumber=bench.bank, cursor="", limit=1)["total"] == 1
    check = sqlite3.connect(tmp_path / "s.sqlite")
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()


def test_an_answer_saved_before_the_kill_is_there_after_it(own_bench: Bench) -> None:
    quizid = own_bench.make_test(2)
    own_bench.enrol(1)
    with Trainee(own_bench.url, f"{own_bench.tag}.user1", COURSE_PASSWORD) as trainee:
        attempt = trainee.start(quizid)["id"]
        question = trainee.page(attempt, 0)["questions"][0]
        trainee.process(attempt, answer(read_fields(question["html"]), take_right), finish=False)
    own_bench.site.kill()
    own_bench.site.start()
    with Trainee(own_bench.url, f"{own_bench.tag}.user1", COURSE_PASSWORD) as trainee:
        assert trainee.page(attempt, 0)["questions"][0]["stateclass"] == "answersaved"
        assert trainee.process(attempt, {}, finish=True) == "finished"
    assert own_bench.results()["attempts"][0]["mark"] == 1


def test_one_key_from_many_sides_at_once_is_done_once(bench: Bench) -> None:
    bench.make_bank()
    asked = {"bankidnumber": bench.bank, "questions": [bench.question(n) for n in range(20)], "opkey": bench.key()}
    replies: list[Any] = []
    threads = [
        threading.Thread(target=lambda: replies.append(bench.write("import_questions", **asked))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reply["replayed"] for reply in replies) == [False, True, True, True, True, True]
    assert len({str(reply["results"]) for reply in replies}) == 1


def test_kill_at_any_moment_while_versions_are_written(own_bench: Bench) -> None:
    """A client that repeats each key until it is answered, against a site that is killed again and again."""
    site = own_bench.site
    own_bench.make_bank([own_bench.question(1)])
    killer = random.Random(7)
    stop = threading.Event()
    kills = 0

    def kill_now_and_then() -> None:
        nonlocal kills
        while not stop.wait(killer.uniform(0.05, 0.4)):
            site.kill()
            kills += 1
            site.start()

    thread = threading.Thread(target=kill_now_and_then)
    thread.start()
    try:
        version = 0
        while kills < 5 and version < 2000:
            version += 1
            changed = own_bench.question(1, expectedversion=version, contenthash=f"h{version}")
            reply = _until_answered(own_bench, f"storm.{version}", changed)
            assert (reply["results"][0]["outcome"], reply["results"][0]["version"]) == ("newversion", version + 1)
    finally:
        stop.set()
        thread.join()
    assert kills >= 5
    (kept,) = own_bench.read("get_bank_state", bankidnumber=own_bench.bank, cursor="", limit=10)["questions"]
    assert (kept["version"], kept["contenthash"]) == (version + 1, f"h{version}")
    assert site.control("state")["questions"] == version + 1


def _until_answered(bench: Bench, key: str, question: dict[str, Any]) -> Any:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return bench.write("import_questions", opkey=key, bankidnumber=bench.bank, questions=[question])
        except GONE:
            time.sleep(0.02)
    raise AssertionError("no answer within a minute")


# --------------------------------------------------------------------------------------------- the cut of PHP


def test_the_5000_variable_cut_with_the_token_last(bench: Bench) -> None:
    junk = {f"values[{number}]": "x" for number in range(5000)}
    token = {"wstoken": bench.site.token, "wsfunction": "core_user_get_users_by_field", "moodlewsrestformat": "json"}
    status, kind, body = bench.form({"field": "username", **junk, **token})
    assert (status, kind.split(";")[0]) == (200, "application/xml")
    assert b"<ERRORCODE>invalidtoken</ERRORCODE>" in body


def test_the_5000_variable_cut_is_silent_with_the_token_first(bench: Bench) -> None:
    bench.enrol(1)
    head = {"wstoken": bench.site.token, "wsfunction": "core_user_get_users_by_field", "moodlewsrestformat": "json"}
    room = 5000 - len(head) - 1
    for junk, found in (
        (room - 1, 1),
        (room, 0),
    ):  # the person's name is the last variable that counts, or the first lost
        values = {f"values[{number}]": "x" for number in range(junk)}
        fields = {**head, "field": "username", **values, f"values[{junk}]": f"{bench.tag}.user1"}
        _, _, body = bench.form(fields)
        assert len(json.loads(body)) == found


def test_full_chunks_stay_under_the_cut(bench: Bench) -> None:
    assert len(php({"people": [bench.person(number) for number in range(500)]})) <= 4996
    card = {"cardid": "c", "useridnumber": "u", "kind": "test", "url": "", "due": 0, "state": "", "remove": False}
    texts = [{"lang": lang, "text": "T"} for lang in ("ky", "ru", "kk", "en")]
    assert len(php({"cards": [{**card, "titles": texts, "bodies": texts}] * 150})) <= 4996


# ----------------------------------------------------------------------------------------------------------- faults


def test_faults_that_do_not_kill(own_bench: Bench) -> None:
    site = own_bench.site

    def meets(fault: str, **more: Any) -> tuple[int, str, bytes]:
        site.control("fault", wsfunction="local_kyzmat_get_site", fault=fault, **more)
        asked = {"wstoken": site.token, "wsfunction": "local_kyzmat_get_site", "moodlewsrestformat": "json"}
        reply = own_bench.form(asked)
        assert own_bench.read("get_site")["wire"] == 1  # used up
        return reply

    assert meets("http500")[0] == 500
    assert meets("http502")[1] == "text/html; charset=utf-8"
    assert b"<html>" in meets("html")[2]
    assert b'"exception":"TypeError"' in meets("typeerror")[2]
    assert b'"errorcode":"dmlwriteexception"' in meets("dmlwriteexception")[2]
    assert b'"errorcode":"dbconnectionfailed"' in meets("dbconnectionfailed")[2]
    assert meets("slow", seconds=0.01)[0] == 200
    with pytest.raises(http.client.IncompleteRead):
        meets("half", moment="after")


def test_a_reply_lost_after_the_effect_is_asked_again(own_bench: Bench) -> None:
    own_bench.make_bank()
    own_bench.site.control("fault", fault="half", moment="after")
    asked = {"bankidnumber": own_bench.bank, "questions": [own_bench.question(1)], "opkey": "k"}
    with pytest.raises(http.client.IncompleteRead):
        own_bench.write("import_questions", **asked)
    assert own_bench.write("import_questions", **asked)["replayed"] is True


@pytest.mark.parametrize(
    "wishes",
    [
        {"action": "nothing"},
        {"action": "fault", "fault": "earthquake"},
        {"action": "fault", "fault": "html", "moment": "inside"},
        {"action": "setting", "name": "colour", "value": "x"},
        {"action": "regrade", "attemptid": 10**9},
        {"action": "edit_question", "bankidnumber": "none", "idnumber": "x", "text": "y"},
    ],
)
def test_the_bench_says_what_it_cannot_do(bench: Bench, wishes: dict[str, Any]) -> None:
    with pytest.raises(StandinError):
        bench.site.control(**wishes)


def test_the_bench_needs_the_token(bench: Bench) -> None:
    headers = {"Content-Type": "application/json", "X-Standin-Token": "guess"}
    assert post(bench.url, "/standin/control", b'{"action": "state"}', headers)[0] == 403
