"""How much a call carries: less where the site could not bear it, more again; nothing lost or doubled by the cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.moodle.apply import apply_plan
from connector.moodle.client import MoodleClient
from connector.moodle.errors import too_much
from connector.moodle.gateway import MoodleConnector
from connector.moodle.pace import Pace, PacePolicy, Paces, pieces
from connector.moodle.results import result_pages
from connector.transport import RestSession, RetryPolicy, TransportOptions
from flask_app.domain.errors import NotUnderstood, OutsideError, RefusedOutside, Unreachable
from flask_app.ports.moodle import ApplyReport, Wanted, WantedBank
from tests.connector.conftest import Place
from tests.connector.scripted_server import ScriptedServer, reply
from tests.connector.test_results import page_of
from tests.connector.wishes import enrolment, person, question

POLICY = PacePolicy(comfortable=20.0, steady=2, most_steady=8)
EVENT = st.tuples(st.sampled_from(["well", "slow", "too much"]), st.floats(0, 1))


@given(ceiling=st.integers(1, 500), events=st.lists(EVENT, max_size=80))
def test_the_size_stays_within_its_bounds(ceiling: int, events: Sequence[tuple[str, float]]) -> None:
    pace = Pace(ceiling, POLICY)
    for event, part in events:
        before, carried = pace.size, max(1, round(pace.size * part))
        if event == "too much":
            pace.too_much(carried)
            assert pace.size <= max(1, carried // 2)
        elif event == "slow":
            pace.went_well(carried, 20.1)
            assert pace.size <= before
        else:
            pace.went_well(carried, 1.0)
            assert pace.size >= before
        assert 1 <= pace.size <= ceiling


@given(ceiling=st.integers(1, 500), bears=st.integers(1, 500))
def test_it_finds_what_the_site_bears_and_keeps_near_it(ceiling: int, bears: int) -> None:
    """A site that bears so many: at most nine set-backs to get below, and later few tries above."""
    pace, failures = Pace(ceiling, POLICY), 0
    for _ in range(200):
        if pace.size > bears:
            pace.too_much(pace.size)
            failures += 1
        else:
            pace.went_well(pace.size, 1.0)
    assert failures <= 9 + 200 // POLICY.steady // 4


@given(ceiling=st.integers(1, 500), failures=st.integers(0, 20))
def test_a_site_that_has_recovered_carries_whole_chunks_again(ceiling: int, failures: int) -> None:
    pace = Pace(ceiling, POLICY)
    for _ in range(failures):
        pace.too_much(pace.size)
    for _ in range(200):
        pace.went_well(pace.size, 1.0)
    assert pace.size == ceiling


def test_a_small_call_says_nothing_about_larger_ones() -> None:
    pace = Pace(200, POLICY)
    pace.too_much(200)
    for _ in range(50):
        pace.went_well(3, 0.1)
    assert pace.size == 100


@given(items=st.lists(st.integers(), max_size=50), size=st.integers(1, 60))
def test_pieces_lose_nothing(items: list[int], size: int) -> None:
    cut = list(pieces(items, size))
    assert [item for piece in cut for item in piece] == items
    assert all(0 < len(piece) <= size for piece in cut)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unreachable("moodle.timeout"), True),
        (NotUnderstood("moodle.half_reply"), True),
        (NotUnderstood("moodle.php_limit"), True),
        (RefusedOutside("moodle.request_too_large"), True),
        (RefusedOutside("moodle.chunktoolarge"), True),
        (Unreachable("moodle.busy", status=504), True),
        (Unreachable("moodle.busy", status=502), True),
        (Unreachable("moodle.busy", status=503), False),
        (NotUnderstood("moodle.http_status", status=500), True),
        (NotUnderstood("moodle.http_status", status=501), False),
        (NotUnderstood("moodle.html"), False),
        (NotUnderstood("moodle.php_notice"), False),
        (Unreachable("moodle.lost_reply"), False),
        (Unreachable("moodle.resting_silent"), False),
        (RefusedOutside("moodle.invalidtoken"), False),
    ],
)
def test_what_smaller_calls_may_mend(error: OutsideError, expected: bool) -> None:
    assert too_much(error) is expected


# ------------------------------------------------------------------------------------------------- on a real site

SHORT = TransportOptions(read_timeout=0.4, retry=RetryPolicy(attempts=2, base=0.0))


def apply(place: Place, connector: MoodleConnector, wanted: Wanted) -> ApplyReport:
    return connector.apply(connector.plan(wanted, place.ledger), place.ledger, lambda _done, _total: None)


def everything(place: Place, questions: int, people: int) -> Wanted:
    bank = WantedBank(place.course, place.bank, "Банк", tuple(question(f"q{n:03}.ky") for n in range(questions)))
    persons = tuple(person(f"{place.bank}-p{n}") for n in range(people))
    enrolments = tuple(enrolment(entry.idnumber, "g", course=place.course) for entry in persons)
    return Wanted((bank,), persons, enrolments)


@pytest.mark.parametrize("fault", ["memory", "half", "http500", "http502"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("function", ["import_questions", "save_people", "save_enrolments"])
def test_a_call_that_was_too_much_is_cut_and_done_once(place: Place, fault: str, moment: str, function: str) -> None:
    """Whether the whole call had its effect before the site broke down, or none: every item is there once."""
    connector = MoodleConnector(place.standin.url, place.standin.token, SHORT)
    name = f"local_kyzmat_{function}"
    connector.site()
    place.standin.control("fault", fault=fault, moment=moment, wsfunction=name, times=2)
    try:
        report = apply(place, connector, everything(place, 5, 5))
    finally:
        place.standin.control("no_faults")
    assert report.failures == ()
    assert {item.outcome for item in report.items} <= {"created", "unchanged"}
    found = connector.present(place.bank)
    assert sorted((entry.idnumber, entry.version) for entry in found) == [(f"q{n:03}.ky", 1) for n in range(5)]
    members = connector.client.get_completions([place.course], "", 100)[0].completions
    assert sorted(member.person for member in members) == [f"{place.bank}-p{n}" for n in range(5)]
    assert connector.plan(everything(place, 5, 5), place.ledger).steps == ()
    assert "begun" not in place.ledger.states().values(), "no call is left without an end"


def test_silence_makes_the_next_call_smaller(place: Place) -> None:
    connector = MoodleConnector(place.standin.url, place.standin.token, SHORT)
    connector.site()
    name = "local_kyzmat_import_questions"
    place.standin.control("fault", fault="slow", moment="before", seconds=1.0, wsfunction=name, times=2)
    report = apply(place, connector, everything(place, 4, 0))
    assert report.failures == ()
    assert report.calls == 4, "the bank, the whole, and two halves"
    assert [entry.version for entry in connector.present(place.bank)] == [1] * 4


def test_a_single_item_that_is_too_much_is_told(place: Place) -> None:
    connector = MoodleConnector(place.standin.url, place.standin.token, replace(SHORT, read_timeout=5.0))
    connector.site()
    name = "local_kyzmat_import_questions"
    place.standin.control("fault", fault="memory", wsfunction=name, times=50)
    try:
        with pytest.raises(NotUnderstood) as caught:
            apply(place, connector, everything(place, 3, 0))
    finally:
        place.standin.control("no_faults")
    assert caught.value.code == "moodle.php_limit"
    assert "134217728" in str(caught.value.params["limit"])
    assert apply(place, connector, everything(place, 3, 0)).failures == ()


def test_the_pace_is_remembered_from_run_to_run(place: Place) -> None:
    paces, calls = Paces(POLICY), []
    connector = MoodleConnector(place.standin.url, place.standin.token)
    for number in range(2):
        wanted = Wanted((replace(everything(place, 8, 0).banks[0], bank=f"{place.bank}-{number}"),))
        plan = connector.plan(wanted, place.ledger)
        if number == 0:
            paces.of("import_questions", 200).too_much(8)
        seal = connector.session.seal
        limits = connector.site().limits
        report = apply_plan(
            connector.client, plan, place.ledger, limits, seal, lambda _done, _total: None, paces, lambda: 0.0
        )
        calls.append(report.calls)
    assert calls == [1 + 2, 1 + 2]


def test_a_page_that_is_too_much_is_asked_smaller() -> None:
    fatal = b"<b>Fatal error</b>: Maximum execution time of 30 seconds exceeded in <b>/a/b.php</b>"
    with ScriptedServer(
        reply(fatal, "500 Internal"), reply(page_of("c1", True, 2)), reply(page_of("c2", False))
    ) as server:
        client = MoodleClient(RestSession(server.url, "t", TransportOptions(retry=RetryPolicy(attempts=1))))
        assert [page.cursor for page in result_pages(client, ["t"], "", 100)] == ["c1", "c2"]
        asked = [(request["cursor"], request["limit"]) for request in server.requests]
        assert asked == [("", "100"), ("", "50"), ("c1", "50")]
