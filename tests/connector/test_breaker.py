"""The circuit breaker: when a site is left alone, who may look again, and what is said meanwhile."""

from __future__ import annotations

import gc
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.transport import Breaker, BreakerPolicy, RestSession, RetryPolicy, TransportOptions
from connector.transport.breaker import breaker_of
from flask_app.domain.errors import OutsideError, RefusedOutside, Unreachable
from flask_app.messages import catalogue
from tests.connector.scripted_server import Act, ScriptedServer, hang_up, raw, reply

POLICY = BreakerPolicy(failures=3, pause=30.0, longest=100.0, most_asked=400.0, probe=60.0)
ONCE = TransportOptions(connect_timeout=1.0, read_timeout=0.3, retry=RetryPolicy(attempts=1, base=0.0), breaker=POLICY)


class HandClock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def opened(clock: HandClock) -> Breaker:
    breaker = Breaker(POLICY, clock)
    assert [breaker.failed("moodle.timeout") for _ in range(3)] == [False, False, True]
    return breaker


# ------------------------------------------------------------------------------------------------------- the rule


def test_an_answer_in_between_forgets_the_failures(clock: HandClock) -> None:
    breaker = Breaker(POLICY, clock)
    for _ in range(5):
        breaker.failed("moodle.timeout")
        breaker.failed("moodle.timeout")
        breaker.answered()
    assert breaker.admit() is None


def test_a_rest_ends_with_one_probe(clock: HandClock) -> None:
    breaker = opened(clock)
    resting = breaker.admit()
    assert resting is not None
    assert (resting.seconds, resting.cause, resting.failures) == (30.0, "moodle.timeout", 3)
    clock.now += 29.9
    assert breaker.admit() is not None
    clock.now += 0.1
    assert breaker.admit() is None, "the probe"
    assert breaker.admit() is not None, "a second one beside it"
    breaker.answered()
    assert [breaker.admit() for _ in range(3)] == [None] * 3


def test_each_probe_that_fails_doubles_the_rest_up_to_the_longest(clock: HandClock) -> None:
    breaker, rests = opened(clock), []
    for _ in range(4):
        resting = breaker.admit()
        assert resting is not None
        rests.append(resting.seconds)
        clock.now += resting.seconds
        assert breaker.admit() is None
        assert breaker.failed("moodle.unreachable")
    assert rests == [30.0, 60.0, 100.0, 100.0]


def test_a_probe_whose_caller_died_blocks_nobody_for_ever(clock: HandClock) -> None:
    breaker = opened(clock)
    clock.now += 30
    assert breaker.admit() is None
    clock.now += 59
    assert breaker.admit() is not None
    clock.now += 1
    assert breaker.admit() is None


@pytest.mark.parametrize(("asked", "given_"), [(45.0, 45.0), (5000.0, 400.0)])
def test_a_site_that_asks_for_patience_gets_it_within_reason(clock: HandClock, asked: float, given_: float) -> None:
    breaker = Breaker(POLICY, clock)
    assert breaker.failed("moodle.maintenance", asked)
    resting = breaker.admit()
    assert resting is not None
    assert resting.seconds == given_


def test_somebody_who_asks_now_is_the_probe(clock: HandClock) -> None:
    breaker = opened(clock)
    breaker.try_now()
    assert breaker.admit() is None
    assert breaker.admit() is not None


EVENTS = st.lists(
    st.one_of(
        st.just("answer"),
        st.just("fail"),
        st.tuples(st.just("wait"), st.integers(0, 200).map(float)),
        st.tuples(st.just("asked"), st.integers(31, 1000).map(float)),
    ),
    max_size=60,
)


@given(events=EVENTS)
def test_whatever_happens(events: Sequence[str | tuple[str, float]]) -> None:
    """Closed below the threshold; never a rest longer than the longest; after the rest always exactly one probe."""
    clock = HandClock()
    breaker, failures = Breaker(POLICY, clock), 0
    for event in events:
        if isinstance(event, tuple) and event[0] == "wait":
            clock.now += event[1]
            continue
        resting = breaker.admit()
        if resting is not None:
            assert failures > 0
            assert 0 < resting.seconds <= max(POLICY.longest, POLICY.most_asked)
            assert resting.failures == failures
            clock.now += resting.seconds
            assert breaker.admit() is None
            assert breaker.admit() is not None
        if event == "answer":
            breaker.answered()
            failures = 0
            assert breaker.admit() is None
        else:
            failures += 1
            rests = breaker.failed("moodle.busy", event[1] if isinstance(event, tuple) else None)
            if failures >= POLICY.failures or isinstance(event, tuple):
                assert rests
            if failures < POLICY.failures and not rests:
                assert breaker.admit() is None


def test_of_many_threads_one_is_the_probe(clock: HandClock) -> None:
    breaker = opened(clock)
    clock.now += 30
    barrier, admitted = threading.Barrier(8), []

    def ask() -> None:
        barrier.wait(5)
        if breaker.admit() is None:
            admitted.append(1)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) == 1


def test_sessions_of_one_site_share_their_breaker_and_it_goes_with_the_last() -> None:
    one, other = RestSession("http://m.example", "a", ONCE), RestSession("http://m.example/", "b", ONCE)
    assert one.breaker is other.breaker
    assert RestSession("http://m.example/moodle", "a", ONCE).breaker is not one.breaker
    one.breaker.failed("moodle.maintenance", 99)
    del one, other
    gc.collect()
    assert breaker_of("http://m.example", POLICY).admit() is None


# ------------------------------------------------------------------------------------------------- over a real socket


def session_to(server: ScriptedServer, clock: HandClock) -> RestSession:
    return RestSession(server.url, "t", ONCE, sleep=lambda _: None, breaker=Breaker(POLICY, clock))


def said(session: RestSession) -> OutsideError:
    with pytest.raises(OutsideError) as caught:
        session.call("local_kyzmat_get_site", [], repeatable=True)
    return caught.value


HALF = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")


@pytest.mark.parametrize(
    ("act", "first", "then"),
    [
        (hang_up, "moodle.lost_reply", "moodle.resting_broken"),
        (HALF, "moodle.half_reply", "moodle.resting_broken"),
        (reply(b"", "502 Bad Gateway"), "moodle.busy", "moodle.resting_busy"),
        (reply(b"", "504 Gateway Timeout"), "moodle.busy", "moodle.resting_busy"),
    ],
)
def test_a_resting_site_is_not_asked_and_the_reason_is_said(clock: HandClock, act: Act, first: str, then: str) -> None:
    with ScriptedServer(act) as server:
        session = session_to(server, clock)
        assert [said(session).code for _ in range(4)] == [first, first, first, then]
        assert len(server.requests) == 3
        error = said(session)
        assert isinstance(error, Unreachable)
        assert error.retryable, "a job keeps waiting"
        for language in ("ky", "ru", "en"):
            text = str(catalogue.explain(error.code, language, error.params))
            assert str(error.params["until"]) in text
            assert "30" in text
        server.add(reply({"wire": 1}))
        clock.now += 30
        # the acts of this script go on where they were: its last one answers from now on
        assert session.call("f", [], repeatable=True) == {"wire": 1}


def test_silence_is_counted(clock: HandClock) -> None:
    with ScriptedServer() as server:
        server.add(server.silence)
        session = session_to(server, clock)
        assert [said(session).code for _ in range(4)] == ["moodle.timeout"] * 3 + ["moodle.resting_silent"]


def test_nobody_there_is_counted(clock: HandClock) -> None:
    with ScriptedServer() as server:
        url = server.url
    session = RestSession(url, "t", ONCE, sleep=lambda _: None, breaker=Breaker(POLICY, clock))
    assert [said(session).code for _ in range(4)] == ["moodle.unreachable"] * 3 + ["moodle.resting_unreachable"]


def test_a_refusal_is_an_answer(clock: HandClock) -> None:
    with ScriptedServer(reply({"exception": "x", "errorcode": "invalidtoken", "message": ""})) as server:
        session = session_to(server, clock)
        errors = [said(session) for _ in range(5)]
        assert all(isinstance(error, RefusedOutside) for error in errors)
        assert len(server.requests) == 5


def test_an_examination_on_demand_asks_all_the_same(clock: HandClock) -> None:
    with ScriptedServer(hang_up, hang_up, hang_up, reply({"wire": 1})) as server:
        session = session_to(server, clock)
        for _ in range(3):
            said(session)
        assert said(session).code == "moodle.resting_broken"
        now = RestSession(server.url, "t", ONCE, breaker=session.breaker, patient=False)
        assert now.call("f", [], repeatable=True) == {"wire": 1}
        assert session.call("f", [], repeatable=True) == {"wire": 1}, "and its success ends the rest for all"


def test_attempts_within_a_call_stop_when_the_rest_begins(clock: HandClock) -> None:
    patient = TransportOptions(retry=RetryPolicy(attempts=10, base=0.0), breaker=POLICY)
    with ScriptedServer(hang_up) as server:
        breaker = Breaker(POLICY, clock)
        session = RestSession(server.url, "t", patient, sleep=lambda _: None, breaker=breaker)
        assert said(session).code == "moodle.lost_reply"
        assert len(server.requests) == 3
