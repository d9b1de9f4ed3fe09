"""save_people, save_enrolments, save_cards, save_push."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.moodle.standin.sitting import SittingError
from connector.moodle.wire.records import Card, Push
from flask_app.ports.moodle import WantedEnrolment
from tests.connector.contract.conftest import Bench, key, renamed
from tests.connector.contract.refusals import refused


def test_people_are_created_kept_and_changed(bench: Bench) -> None:
    one, two = bench.person(), bench.person()
    first = bench.client.save_people(key(), [one, two])
    assert [item.outcome for item in first.items] == ["created", "created"]
    assert all(item.userid for item in first.items)
    second = bench.client.save_people(key(), [renamed(one, "Бакыт"), two])
    assert [item.outcome for item in second.items] == ["updated", "unchanged"]
    assert [item.userid for item in second.items] == [item.userid for item in first.items]


def test_an_empty_password_keeps_the_present_one(bench: Bench) -> None:
    one = bench.person()
    bench.client.save_people(key(), [one])
    assert bench.client.save_people(key(), [replace(one, password="")]).items[0].outcome == "unchanged"
    with bench.trainee(one) as trainee:
        assert trainee.call("core_webservice_get_site_info", {})["username"] == one.username


def test_a_new_password_counts_at_once(bench: Bench) -> None:
    one = bench.person()
    bench.client.save_people(key(), [replace(one, password="Former-2026!")])
    with pytest.raises(SittingError) as caught:
        bench.trainee(one)
    assert caught.value.errorcode == "invalidlogin"
    assert bench.client.save_people(key(), [one]).items[0].outcome == "updated"
    bench.trainee(one).close()


def test_somebody_suspended_does_not_get_in(bench: Bench) -> None:
    one = bench.person()
    bench.client.save_people(key(), [replace(one, suspended=True)])
    with pytest.raises(SittingError):
        bench.trainee(one)


def test_a_person_without_an_address(bench: Bench) -> None:
    people = [replace(bench.person(), email="") for _ in range(2)]
    assert [item.outcome for item in bench.client.save_people(key(), people).items] == ["created", "created"]


def test_an_address_is_never_taken_away(bench: Bench) -> None:
    one = replace(bench.person(), email="aibek@example.org")
    for given, outcome in ((one, "created"), (replace(one, email=""), "unchanged"), (one, "unchanged")):
        assert bench.client.save_people(key(), [given]).items[0].outcome == outcome
    bare = replace(bench.person(), email="")
    outcomes = [bench.client.save_people(key(), [bare]).items[0].outcome for _ in range(2)]
    assert outcomes == ["created", "unchanged"]


def test_bad_people_spoil_nobody(bench: Bench) -> None:
    good = bench.person()
    taken = replace(bench.person(), username=good.username)
    odd = replace(bench.person(), username="With Space")
    tongue = replace(bench.person(), lang="xx")
    answer = bench.client.save_people(key(), [good, taken, odd, tongue])
    assert [item.outcome for item in answer.items] == ["created", "conflict", "invalid", "invalid"]


def test_people_replay_conflict_and_limit(bench: Bench) -> None:
    opkey, one = key(), bench.person()
    for replayed in (False, True):
        answer = bench.client.save_people(opkey, [one])
        assert (answer.replayed, answer.items[0].outcome) == (replayed, "created")
    assert refused(lambda: bench.client.save_people(opkey, [renamed(one, "Б")])) == "opkeyconflict"
    assert refused(lambda: bench.client.save_people(key(), [one] * 501)) == "chunktoolarge"
    assert bench.client.save_people(key(), []).items == ()


# -------------------------------------------------------------------------------------------------------- enrolments


def test_enrolments_come_and_go(bench: Bench) -> None:
    (one,) = bench.enrol(1, "g-1")
    member = WantedEnrolment(bench.course, one.idnumber, ("g-1",))

    def save(wanted: WantedEnrolment) -> str:
        return bench.client.save_enrolments(key(), bench.course, [wanted]).items[0].outcome

    assert save(member) == "unchanged"
    assert save(replace(member, groups=("g-1", "g-2"))) == "updated"
    assert save(replace(member, groups=())) == "updated"
    assert save(replace(member, groups=(), timeend=datetime(2036, 1, 1, tzinfo=UTC))) == "updated"
    assert save(replace(member, remove=True)) == "removed"
    assert save(replace(member, remove=True)) == "unchanged"
    assert save(member) == "created"


def test_enrolments_of_nobody_and_nowhere(bench: Bench) -> None:
    (one,) = bench.enrol(1)
    members = [WantedEnrolment(bench.course, "nobody"), WantedEnrolment(bench.course, one.idnumber)]
    answer = bench.client.save_enrolments(key(), bench.course, members)
    assert [item.outcome for item in answer.items] == ["missing", "unchanged"]
    assert refused(lambda: bench.client.save_enrolments(key(), "no-such-course", members)) == "unknowncourse"


def test_enrolments_replay_conflict_and_limit(bench: Bench) -> None:
    people = [bench.person()]
    bench.client.save_people(key(), people)
    opkey, member = key(), WantedEnrolment(bench.course, people[0].idnumber, ("g-1",))
    for replayed in (False, True):
        answer = bench.client.save_enrolments(opkey, bench.course, [member])
        assert (answer.replayed, answer.items[0].outcome) == (replayed, "created")
    other = [replace(member, groups=())]
    assert refused(lambda: bench.client.save_enrolments(opkey, bench.course, other)) == "opkeyconflict"
    many = [replace(member, person=f"p{number}") for number in range(501)]
    assert refused(lambda: bench.client.save_enrolments(key(), bench.course, many)) == "chunktoolarge"


# --------------------------------------------------------------------------------------------------- cards and push


def card(bench: Bench, who: str, title: str = "Тест") -> Card:
    return Card(f"card-{bench.bank}", who, "test", {"ky": title, "ru": "Тест"}, {"ky": ""}, "https://panel.example/1")


def test_cards(bench: Bench) -> None:
    (one,) = bench.enrol(1)
    mine = card(bench, one.idnumber)

    def save(wanted: Card) -> str:
        return bench.client.save_cards(key(), [wanted]).items[0].outcome

    assert [save(mine), save(mine), save(card(bench, one.idnumber, "Башка"))] == ["created", "unchanged", "updated"]
    assert [save(replace(mine, remove=True)), save(replace(mine, remove=True))] == ["removed", "unchanged"]
    assert save(replace(mine, useridnumber="nobody")) == "missing"
    assert save(replace(mine, kind="gossip")) == "invalid"  # type: ignore[arg-type]  # what the record does not allow
    assert save(replace(mine, url="javascript:alert(1)")) == "invalid"


def test_cards_replay_conflict_and_limit(bench: Bench) -> None:
    (one,) = bench.enrol(1)
    opkey, mine = key(), card(bench, one.idnumber)
    for replayed in (False, True):
        answer = bench.client.save_cards(opkey, [mine])
        assert (answer.replayed, answer.items[0].outcome) == (replayed, "created")
    assert refused(lambda: bench.client.save_cards(opkey, [card(bench, one.idnumber, "Б")])) == "opkeyconflict"
    many = [replace(mine, cardid=f"{mine.cardid}-{number}") for number in range(151)]
    assert refused(lambda: bench.client.save_cards(key(), many)) == "chunktoolarge"


def test_push(bench: Bench) -> None:
    """The site has one push target: it is put back to nothing at the end."""
    target = Push(f"https://panel.example/{bench.bank}", "s3cret", ("attempt_finished", "completion"))
    opkey = key()
    assert bench.client.save_push(opkey, target).outcome in ("created", "updated")
    assert bench.client.save_push(opkey, target).replayed
    assert refused(lambda: bench.client.save_push(opkey, replace(target, secret="x"))) == "opkeyconflict"
    assert bench.client.save_push(key(), target).outcome == "unchanged"
    assert refused(lambda: bench.client.save_push(key(), replace(target, events=("gossip",)))) == "invalidparameter"
    assert refused(lambda: bench.client.save_push(key(), replace(target, url="ftp://x"))) == "invalidparameter"
    assert bench.client.save_push(key(), Push("", "", ())).outcome == "updated"
