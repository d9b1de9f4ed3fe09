"""Pulling results and completions page by page, with what happens to attempts afterwards on the site."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from connector.moodle.client import MoodleClient
from connector.moodle.gateway import MoodleConnector
from connector.moodle.present import bank_questions
from connector.moodle.results import completion_pages, result_pages
from connector.moodle.standin.sitting import sit
from connector.transport import RestSession
from flask_app.domain.errors import NotUnderstood, RefusedOutside
from flask_app.ports.moodle import PulledAttempt, Wanted, WantedBank
from tests.connector.conftest import Place
from tests.connector.scripted_server import ScriptedServer, reply
from tests.connector.wishes import enrolment, form_of, person, question

PASSWORD = "Pass-2026!"


def session_of(place: Place, count: int) -> tuple[str, dict[str, int]]:
    """A test with two questions, sat by `count` people, all right; its idnumber and person → attempt id."""
    people = tuple(person(f"{place.bank}-p{number}", password=PASSWORD) for number in range(count))
    bank = WantedBank(place.course, place.bank, "Банк", (question("a.ky"), question("b.ky")))
    test = form_of(("a.ky", 1), ("b.ky", 1), idnumber=place.name("t"), course=place.course, name=place.name("Билет"))
    wanted = Wanted(
        (bank,), people, tuple(enrolment(entry.idnumber, "g-1", course=place.course) for entry in people), (test,)
    )
    plan = place.connector.plan(wanted, place.ledger)
    assert place.connector.apply(plan, place.ledger, lambda _done, _total: None).failures == ()
    quizid = place.connector.client.save_test(f"again.{place.bank}", test).quizid
    attempts = {
        entry.idnumber: sit(place.standin.url, entry.username, PASSWORD, quizid, right).attemptid for entry in people
    }
    return test.test, attempts


def right(_text: str, labels: Sequence[str]) -> str:
    return next(label for label in labels if label == "туура")


def pull(place: Place, test: str, cursor: str = "") -> tuple[list[PulledAttempt], str, int]:
    pages = list(place.connector.results([test], cursor))
    return [attempt for page in pages for attempt in page.attempts], pages[-1].cursor, pages[-1].total


def test_results_arrive_with_their_marks(place: Place) -> None:
    test, attempts = session_of(place, 3)
    pulled, _, total = pull(place, test)
    assert (sorted(attempt.attemptid for attempt in pulled), total) == (sorted(attempts.values()), 3)
    for attempt in pulled:
        assert (Decimal(attempt.mark or "-1"), Decimal(attempt.maxmark)) == (Decimal(2), Decimal(2))
        assert [(answer.idnumber, answer.version) for answer in attempt.responses] == [("a.ky", 1), ("b.ky", 1)]


def test_a_regraded_attempt_comes_again(place: Place) -> None:
    test, attempts = session_of(place, 2)
    _, cursor, _ = pull(place, test)
    assert pull(place, test, cursor)[0] == []
    someone, attemptid = next(iter(attempts.items()))
    place.standin.control("mark", attemptid=attemptid, slot=1, mark="0.33333")
    ((again,), _, total) = pull(place, test, cursor)
    assert (again.person, again.mark, again.responses[0].mark, total) == (someone, "1.33333", "0.33333", 2)


def test_a_deleted_attempt_comes_as_deleted(place: Place) -> None:
    test, attempts = session_of(place, 2)
    _, cursor, _ = pull(place, test)
    someone, attemptid = next(iter(attempts.items()))
    place.standin.control("delete_attempt", attemptid=attemptid)
    ((gone,), _, total) = pull(place, test, cursor)
    assert (gone.person, gone.deleted, total) == (someone, True, 1)


def test_a_new_pull_without_news_gives_one_empty_page(place: Place) -> None:
    test, _ = session_of(place, 1)
    _, cursor, _ = pull(place, test)
    (page,) = place.connector.results([test], cursor)
    assert (page.attempts, page.cursor, page.total) == ((), cursor, 1)


def test_pages_are_small_and_complete(place: Place) -> None:
    test, attempts = session_of(place, 3)
    pages = list(result_pages(place.connector.client, [test], "", 2))
    assert [len(page.attempts) for page in pages] == [2, 1]
    assert {attempt.attemptid for page in pages for attempt in page.attempts} == set(attempts.values())


def test_completions(place: Place) -> None:
    session_of(place, 3)
    pages = list(completion_pages(place.connector.client, [place.course], "", 2))
    assert [len(page.completions) for page in pages] == [2, 1]
    assert {page.total for page in pages} == {3}
    (page,) = place.connector.completions([place.course], "")
    assert {entry.state for entry in page.completions} == {"enrolled"}


def test_nothing_asked_is_nothing_read(place: Place) -> None:
    assert list(place.connector.results([], "")) == []
    assert list(place.connector.completions([], "")) == []


# ----------------------------------------------------------------------------------------------- pages from a script


def page_of(cursor: str, more: bool, attempts: int = 0, answers: int = 0) -> dict[str, Any]:
    answer = {
        "slot": 1,
        "idnumber": "a.ky",
        "entryid": 1,
        "questionid": 1,
        "version": 1,
        "state": "gradedright",
        "mark": 1,
        "maxmark": 1,
        "response": "жооп " * 20,
        "rightanswer": "жооп",
        "time": 1795300400,
    }
    attempt = {
        "attemptid": 7,
        "testidnumber": "t",
        "useridnumber": "p",
        "attempt": 1,
        "state": "finished",
        "deleted": False,
        "timestart": 1795300000,
        "timefinish": 1795300500,
        "timemodified": 1795300501,
        "mark": 1,
        "maxmark": 1,
        "responses": [answer] * answers,
    }
    head = {"servertime": 1795300507, "cursor": cursor, "more": more, "total": 4000}
    return {**head, "attempts": [attempt] * attempts}


def client_of(server: ScriptedServer) -> MoodleClient:
    return MoodleClient(RestSession(server.url, "token"))


def test_a_list_that_goes_in_a_circle_is_not_followed() -> None:
    with ScriptedServer(reply(page_of("c1", True)), reply(page_of("c1", True))) as server:
        pages = result_pages(client_of(server), ["t"], "", 100)
        assert next(pages).cursor == "c1"
        with pytest.raises(NotUnderstood) as caught:
            next(pages)
        assert caught.value.code == "moodle.cursor_stuck"


def bank_page(cursor: str, more: bool, *entryids: int, total: int) -> dict[str, Any]:
    entry = {
        "idnumber": "a.ky",
        "questionid": 1,
        "version": 1,
        "status": "ready",
        "contenthash": None,
        "categorypath": "Top",
        "foreign": 0,
        "timemodified": 1795300400,
    }
    return {
        "cursor": cursor,
        "more": more,
        "total": total,
        "questions": [{**entry, "entryid": entryid} for entryid in entryids],
    }


def test_an_entry_that_changed_while_the_bank_was_read_counts_once() -> None:
    pages = [reply(bank_page("c1", True, 1, 2, total=3)), reply(bank_page("c2", False, 3, 1, total=3))]
    with ScriptedServer(*pages) as server:
        found = bank_questions(client_of(server), "b")
        assert found is not None
        assert sorted(question.entryid for question in found) == [1, 2, 3]


@pytest.mark.parametrize(
    ("pages", "code"),
    [
        ([bank_page("c1", False, 1, 2, total=3)], "moodle.incomplete_list"),
        ([bank_page("c1", True, 1, total=3), bank_page("c1", True, 2, total=3)], "moodle.cursor_stuck"),
    ],
)
def test_half_a_bank_is_no_bank(pages: list[dict[str, Any]], code: str) -> None:
    with ScriptedServer(*map(reply, pages)) as server:
        with pytest.raises(NotUnderstood) as caught:
            bank_questions(client_of(server), "b")
        assert caught.value.code == code


def test_a_bank_that_may_not_be_read_is_not_taken_for_a_missing_one() -> None:
    refusal = {"exception": "x", "errorcode": "nopermissions", "message": ""}
    with ScriptedServer(reply(refusal)) as server, pytest.raises(RefusedOutside):
        bank_questions(client_of(server), "b")


def test_a_course_is_made_once(place: Place) -> None:
    name = place.name("course")
    for _ in range(2):
        place.connector.ensure_course(name, "Курс")
    assert [course.idnumber for course in place.connector.client.courses_by_idnumber(name)] == [name]


def test_what_is_in_a_bank(place: Place) -> None:
    assert place.connector.present(place.bank) == ()
    session_of(place, 0)
    assert {found.idnumber for found in place.connector.present(place.bank)} == {"a.ky", "b.ky"}


def test_memory_stays_flat_however_many_pages_come() -> None:
    pages = [reply(page_of(f"c{number}", number < 15, attempts=15, answers=20)) for number in range(16)]
    peaks: list[int] = []
    with ScriptedServer(*pages) as server:
        for page in result_pages(client_of(server), ["t"], "", 100):
            if not tracemalloc.is_tracing():
                tracemalloc.start()  # after the first page, when everything that stays has been loaded
            peaks.append(tracemalloc.get_traced_memory()[1])
            assert len(page.attempts) == 15
    tracemalloc.stop()
    assert len(peaks) == 16
    assert peaks[-1] < 2 * peaks[5]


def test_the_site_is_asked_once_and_its_contract_checked() -> None:
    site = {
        "wire": 2,
        "pluginversion": "2027010100",
        "release": "5.1",
        "branch": 501,
        "servertime": 1795300507,
        "timezone": "UTC",
        "cronlastrun": 0,
        "bankcontext": "module",
        "limits": {"questions": 200, "people": 500, "attempts": 500, "cards": 150},
        "capabilities": [],
    }
    with ScriptedServer(reply(site)) as server:
        connector = MoodleConnector(server.url, "token")
        with pytest.raises(NotUnderstood) as caught:
            connector.site()
        assert (caught.value.code, caught.value.params["found"]) == ("moodle.wire_version", 2)
        assert "token" not in repr(connector)
    with ScriptedServer(reply({**site, "wire": 1}), reply(page_of("c1", False))) as server:
        connector = MoodleConnector(server.url, "token")
        for _ in range(2):
            list(connector.results(["t"], ""))
        functions = [request["wsfunction"] for request in server.requests]
        assert functions.count("local_kyzmat_get_site") == 1
