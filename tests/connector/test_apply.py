"""Plan and apply against a stand-in Moodle over real HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.moodle.apply import apply_plan
from connector.moodle.apply.run import CHANGED_SINCE
from connector.moodle.gateway import MoodleConnector
from flask_app.domain.errors import InvalidInput, NotUnderstood, Refused, RefusedOutside
from flask_app.ports.moodle import (
    ApplyReport,
    ForeignDecision,
    Step,
    Wanted,
    WantedBank,
    WantedEnrolment,
    WantedQuestion,
)
from tests.connector.conftest import Place
from tests.connector.ledger import SqliteLedger
from tests.connector.scripted_server import ScriptedServer, reply
from tests.connector.wishes import enrolment, form_of, person, question


def quiet(_done: int, _total: int) -> None:
    pass


def wish(place: Place, *questions: WantedQuestion, **more: Any) -> Wanted:
    return Wanted(banks=(WantedBank(place.course, place.bank, "Банк", questions),), **more)


def sync(place: Place, wanted: Wanted) -> ApplyReport:
    return place.connector.apply(place.connector.plan(wanted, place.ledger), place.ledger, quiet)


def outcomes(report: ApplyReport) -> list[tuple[str, str, str, int]]:
    return [(item.kind, item.idnumber, item.outcome, item.version) for item in report.items]


def state(place: Place) -> dict[str, tuple[int, str, str, str]]:
    """idnumber → version, status, hash, category."""
    page = place.connector.client.get_bank_state(place.bank, "", 200)
    return {
        found.idnumber: (found.version, found.status, found.content_hash, found.category_path)
        for found in page.questions
    }


def edit(place: Place, idnumber: str) -> None:
    place.standin.control("edit_question", bankidnumber=place.bank, idnumber=idnumber, text="Чужая правка")


# ----------------------------------------------------------------------------------------------------- the happy way


def test_everything_arrives_once(place: Place) -> None:
    people = (person(place.name("p-1"), password="Pass-2026"), person(place.name("p-2")))
    wanted = wish(
        place,
        question("a.ky"),
        question("b.ky"),
        people=people,
        enrolments=tuple(enrolment(entry.idnumber, "g-1", course=place.course) for entry in people),
        tests=(form_of(("a.ky", 1), ("b.ky", 1), idnumber=place.name("t"), course=place.course),),
    )
    told: list[tuple[int, int]] = []
    plan = place.connector.plan(wanted, place.ledger)
    report = place.connector.apply(plan, place.ledger, lambda done, total: told.append((done, total)))
    assert report.failures == ()
    assert [item.outcome for item in report.items] == ["created"] * 8
    assert (report.plan_hash, report.calls, report.replayed) == (plan.hash, 5, 0)
    assert told == [(1, 8), (3, 8), (5, 8), (7, 8), (8, 8)]
    assert state(place)["a.ky"] == (1, "ready", "hash-1", "Top/A")
    numbers = [item for item in report.items if item.kind == "create_question"]
    assert all(item.entryid and item.questionid for item in numbers)
    assert place.connector.plan(wanted, place.ledger).steps == ()


def test_a_dry_run_writes_nothing(place: Place) -> None:
    sync(place, wish(place, question("a.ky"), question("b.ky")))
    before = place.standin.control("state")
    wanted = wish(place, question("a.ky", "2"), question("c.ky"), people=(person(place.name("p")),))
    plan = place.connector.plan(wanted, place.ledger)
    assert len(plan.steps) == 4
    assert place.standin.control("state") == before


def test_a_change_a_move_a_farewell_and_a_return(place: Place) -> None:
    sync(place, wish(place, question("a.ky"), question("b.ky"), question("c.ky")))
    report = sync(place, wish(place, question("a.ky", "2"), question("b.ky", path="Top/B")))
    assert outcomes(report) == [
        ("new_version", "a.ky", "newversion", 2),
        ("move_question", "b.ky", "updated", 1),
        ("retire_question", "c.ky", "updated", 1),
    ]
    assert state(place) == {
        "a.ky": (2, "ready", "hash-2", "Top/A"),
        "b.ky": (1, "ready", "hash-1", "Top/B"),
        "c.ky": (1, "hidden", "hash-1", "Top/A"),
    }
    report = sync(place, wish(place, question("a.ky", "2"), question("b.ky", path="Top/B"), question("c.ky", "3")))
    assert [(kind, outcome) for kind, _, outcome, _ in outcomes(report)] == [
        ("new_version", "newversion"),
        ("restore_question", "unchanged"),
    ]
    assert state(place)["c.ky"] == (2, "ready", "hash-3", "Top/A")


def test_hiding_showing_and_hiding_again_within_a_second(place: Place) -> None:
    one, none = wish(place, question("a.ky")), wish(place)
    sync(place, one)
    for wanted, status in [(none, "hidden"), (one, "ready"), (none, "hidden"), (one, "ready"), (none, "hidden")]:
        report = sync(place, wanted)
        assert ([item.outcome for item in report.items], report.replayed) == (["updated"], 0)
        assert state(place)["a.ky"][1] == status


def test_there_and_back_again_for_a_person(place: Place) -> None:
    """A → B → A → B: the third wish is the first one's twin, and still a call of its own."""
    for name, outcome in [("Айбек", "created"), ("Бакыт", "updated"), ("Айбек", "updated"), ("Бакыт", "updated")]:
        report = sync(place, Wanted(people=(person(place.name("p"), name),)))
        assert ([item.outcome for item in report.items], report.replayed) == ([outcome], 0)


def test_an_enrolment_taken_back_and_given_again(place: Place) -> None:
    somebody = person(place.name("p"))
    member = WantedEnrolment(place.course, somebody.idnumber, ("g-1",))
    sync(place, Wanted(people=(somebody,), enrolments=(member,)))
    for entry, outcome in [(replace(member, remove=True), "removed"), (member, "created")] * 2:
        report = sync(place, Wanted(enrolments=(entry,)))
        assert [item.outcome for item in report.items] == [outcome]


def test_a_renamed_bank(place: Place) -> None:
    sync(place, wish(place, question("a.ky")))
    renamed = Wanted(banks=(WantedBank(place.course, place.bank, "Жаңы ат", (question("a.ky"),)),))
    assert outcomes(sync(place, renamed)) == [("save_bank", place.bank, "updated", 0)]
    assert place.connector.plan(renamed, place.ledger).steps == ()


def test_a_new_ledger_adopts_what_is_there(place: Place) -> None:
    """The panel was restored from an old copy: nothing is written twice."""
    wanted = wish(place, question("a.ky"), people=(person(place.name("p"), password="Pass-2026"),))
    sync(place, wanted)
    fresh = SqliteLedger()
    plan = place.connector.plan(wanted, fresh)
    assert [step.kind for step in plan.steps] == ["save_bank", "save_person"]
    report = place.connector.apply(plan, fresh, quiet)
    assert report.failures == ()
    assert state(place)["a.ky"][0] == 1
    assert place.connector.plan(wanted, fresh).steps == ()
    fresh.close()


def test_chunks_follow_the_limits_of_the_site(place: Place) -> None:
    plan = place.connector.plan(wish(place, *(question(f"q{n}.ky") for n in range(7))), place.ledger)
    limits = {"questions": 3, "people": 2, "attempts": 1, "cards": 1}
    report = apply_plan(place.connector.client, plan, place.ledger, limits, place.connector.session.seal, quiet)
    assert (report.calls, report.failures, len(state(place))) == (4, (), 7)


# -------------------------------------------------------------------------------------------- what is not carried out


def test_a_foreign_edit_stops_the_apply(place: Place) -> None:
    sync(place, wish(place, question("a.ky"), question("b.ky")))
    edit(place, "a.ky")
    before = place.standin.control("state")
    with pytest.raises(Refused) as caught:
        sync(place, wish(place, question("a.ky"), question("b.ky", "2"), people=(person(place.name("p")),)))
    assert (caught.value.code, caught.value.params["idnumber"]) == ("sync.foreign_change", "a.ky")
    assert place.standin.control("state") == before


def test_a_foreign_edit_in_place_stops_the_apply(place: Place) -> None:
    sync(place, wish(place, question("a.ky")))
    place.standin.control("edit_question", bankidnumber=place.bank, idnumber="a.ky", text="x", mode="inplace")
    assert place.connector.plan(wish(place, question("a.ky")), place.ledger).blocked


def test_a_decision_lets_the_panels_text_return(place: Place) -> None:
    sync(place, wish(place, question("a.ky")))
    edit(place, "a.ky")
    decided = wish(place, question("a.ky"), decisions=(ForeignDecision(place.bank, "a.ky", 2),))
    assert outcomes(sync(place, decided)) == [("new_version", "a.ky", "newversion", 3)]
    assert place.connector.plan(decided, place.ledger).steps == ()
    edit(place, "a.ky")
    assert place.connector.plan(decided, place.ledger).blocked


def test_an_edit_between_plan_and_apply_is_a_conflict(place: Place) -> None:
    sync(place, wish(place, question("a.ky"), question("b.ky"), question("c.ky")))
    plan = place.connector.plan(wish(place, question("a.ky", "2"), question("c.ky", "2")), place.ledger)
    edit(place, "a.ky")
    edit(place, "b.ky")
    report = place.connector.apply(plan, place.ledger, quiet)
    assert outcomes(report) == [
        ("new_version", "a.ky", "conflict", 2),
        ("new_version", "c.ky", "newversion", 2),
        ("retire_question", "b.ky", "conflict", 0),
    ]
    assert report.items[2].message == CHANGED_SINCE
    assert state(place)["b.ky"][1] == "ready"
    assert place.connector.plan(wish(place, question("a.ky", "2")), place.ledger).blocked


def test_a_plan_that_was_overtaken_does_not_write_over_the_newer_one(place: Place) -> None:
    first = person(place.name("p-1")), person(place.name("p-2"))
    sync(place, Wanted(people=first))
    old = place.connector.plan(Wanted(people=tuple(replace(entry, firstname="Эски") for entry in first)), place.ledger)
    newer = Wanted(people=(replace(first[0], firstname="Жаңы"),))
    sync(place, newer)
    report = place.connector.apply(old, place.ledger, quiet)
    assert [(item.outcome, item.message) for item in report.items] == [("conflict", CHANGED_SINCE), ("updated", "")]
    assert place.connector.plan(newer, place.ledger).steps == ()


def test_an_old_plan_applied_again_changes_nothing(place: Place) -> None:
    somebody = person(place.name("p"))
    old = place.connector.plan(Wanted(people=(somebody,)), place.ledger)
    place.connector.apply(old, place.ledger, quiet)
    newer = Wanted(people=(replace(somebody, firstname="Жаңы"),))
    sync(place, newer)
    report = place.connector.apply(old, place.ledger, quiet)
    assert (report.calls, report.replayed, [item.outcome for item in report.items]) == (0, 1, ["created"])
    assert place.connector.plan(newer, place.ledger).steps == ()


@pytest.mark.parametrize(
    "tampered",
    [
        lambda plan: replace(plan, steps=plan.steps[:-1]),
        lambda plan: replace(plan, steps=(*plan.steps, Step("retire_question", "x", "y", seen="0.0"))),
        lambda plan: replace(plan, wanted=replace(plan.wanted, banks=(replace(plan.wanted.banks[0], name="x"),))),
    ],
)
def test_another_plan_than_the_reviewed_one_is_refused(place: Place, tampered: Any) -> None:
    plan = place.connector.plan(wish(place, question("a.ky")), place.ledger)
    before = place.standin.control("state")
    with pytest.raises(Refused) as caught:
        place.connector.apply(tampered(plan), place.ledger, quiet)
    assert caught.value.code == "sync.plan_changed"
    assert place.standin.control("state") == before


def test_a_bad_question_does_not_spoil_its_neighbours(place: Place) -> None:
    bad = replace(question("bad.ky"), source="::x::Нет ответа {")
    report = sync(place, wish(place, question("a.ky"), bad, question("c.ky")))
    assert [item.outcome for item in report.items] == ["created", "created", "invalid", "created"]
    assert report.failures[0].message
    again = sync(place, wish(place, question("a.ky"), question("bad.ky"), question("c.ky")))
    assert [item.outcome for item in again.items] == ["created"]


def test_the_same_bad_question_is_really_tried_again(place: Place) -> None:
    """The site was mended meanwhile: the stored refusal must not be the answer for ever."""
    bad = wish(place, replace(question("bad.ky"), source="::x::Нет ответа {"))
    assert sync(place, bad).replayed == 0
    assert sync(place, bad).replayed == 0


def test_an_unknown_course_spoils_only_what_needs_it(place: Place) -> None:
    somebody = person(place.name("p"))
    wanted = Wanted(
        banks=(WantedBank("no-such-course", place.bank, "Банк", (question("a.ky"),)),),
        people=(somebody,),
        enrolments=(enrolment(somebody.idnumber, course="no-such-course"),),
        tests=(form_of(("a.ky", 1), idnumber=place.name("t"), course="no-such-course"),),
    )
    report = sync(place, wanted)
    assert [(item.kind, item.outcome, item.message) for item in report.items] == [
        ("save_bank", "missing", "unknowncourse"),
        ("create_question", "missing", "unknownbank"),
        ("save_person", "created", ""),
        ("save_enrolment", "missing", "unknowncourse"),
        ("save_test", "missing", "unknowncourse"),
    ]
    assert len(place.connector.plan(wanted, place.ledger).steps) == 4


def test_a_slot_that_is_not_in_the_bank(place: Place) -> None:
    sync(place, wish(place, question("a.ky")))
    report = sync(place, Wanted(tests=(form_of(("a.ky", 7), idnumber=place.name("t"), course=place.course),)))
    assert [(item.outcome, item.message) for item in report.items] == [("invalid", "invalidquestion")]


def test_a_refusal_of_the_site_is_raised_and_noted(place: Place) -> None:
    place.connector.site()
    place.standin.control("setting", name="denied", value=["moodle/user:create"])
    try:
        with pytest.raises(RefusedOutside) as caught:
            sync(place, Wanted(people=(person(place.name("p")),)))
    finally:
        place.standin.control("setting", name="denied", value=[])
    assert caught.value.code == "moodle.nopermissions"
    assert list(place.ledger.states().values()) == ["failed"]
    assert [item.outcome for item in sync(place, Wanted(people=(person(place.name("p")),))).items] == ["created"]


def test_cancelling_between_chunks_keeps_what_is_done(place: Place) -> None:
    class CancelledError(Exception):
        pass

    def cancel(done: int, _total: int) -> None:
        if done:
            raise CancelledError

    wanted = wish(place, question("a.ky"), people=(person(place.name("p")),))
    plan = place.connector.plan(wanted, place.ledger)
    with pytest.raises(CancelledError):
        place.connector.apply(plan, place.ledger, cancel)
    report = place.connector.apply(plan, place.ledger, quiet)
    assert (report.calls, report.replayed, report.failures) == (2, 1, ())


def test_one_person_in_too_many_groups(place: Place) -> None:
    crowd = WantedEnrolment(place.course, "p", tuple(f"g{number}" for number in range(5000)))
    with pytest.raises(InvalidInput):
        sync(place, Wanted(enrolments=(crowd,)))


def test_a_quiz_with_another_version_is_not_that_form() -> None:
    site = {
        "wire": 1,
        "pluginversion": "1",
        "release": "5.0",
        "branch": 500,
        "servertime": 1795300507,
        "timezone": "Asia/Bishkek",
        "cronlastrun": 0,
        "bankcontext": "module",
        "limits": {"questions": 200, "people": 500, "attempts": 500, "cards": 150},
        "capabilities": [],
    }
    slot = {"slot": 1, "idnumber": "a.ky", "entryid": 1, "questionid": 1, "version": 3}
    saved = {"outcome": "created", "quizid": 1, "cmid": 2, "url": "", "sumgrades": 1, "slots": [slot]}
    with ScriptedServer(reply(site), reply(saved)) as server:
        connector, ledger = MoodleConnector(server.url, "t"), SqliteLedger()
        plan = connector.plan(Wanted(tests=(form_of(("a.ky", 2)),)), ledger)
        with pytest.raises(NotUnderstood) as caught:
            connector.apply(plan, ledger, quiet)
        assert caught.value.code == "moodle.slots_differ"
        ledger.close()


# ------------------------------------------------------------------------------------------------- lost on the way


@pytest.mark.parametrize("kind", ["half", "http502", "dbconnectionfailed"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_lost_answer_is_replayed_not_repeated(place: Place, kind: str, moment: str) -> None:
    plan = place.connector.plan(wish(place, question("a.ky")), place.ledger)
    function = "local_kyzmat_import_questions"
    place.standin.control("fault", wsfunction=function, fault=kind, moment=moment)
    report = place.connector.apply(plan, place.ledger, quiet)
    assert (report.failures, report.replayed) == ((), 1 if moment == "after" else 0)
    assert state(place) == {"a.ky": (1, "ready", "hash-1", "Top/A")}


def test_an_unknown_outcome_is_asked_again_under_the_same_key(place: Place) -> None:
    plan = place.connector.plan(wish(place, question("a.ky"), question("b.ky")), place.ledger)
    place.standin.control("fault", wsfunction="local_kyzmat_import_questions", fault="html", moment="after")
    with pytest.raises(NotUnderstood):
        place.connector.apply(plan, place.ledger, quiet)
    assert sorted(place.ledger.states().values()) == ["begun", "done"]
    report = place.connector.apply(plan, place.ledger, quiet)
    assert (report.calls, report.replayed, report.failures) == (1, 2, ())
    assert [version for version, *_ in state(place).values()] == [1, 1]


def test_another_cut_of_the_chunks_finds_its_own_texts(place: Place) -> None:
    """The reply was lost, and the site's limits changed before the second run: other keys, no doubles, no conflict."""
    plan = place.connector.plan(wish(place, *(question(f"q{n}.ky") for n in range(4))), place.ledger)
    place.standin.control("fault", wsfunction="local_kyzmat_import_questions", fault="html", moment="after")
    with pytest.raises(NotUnderstood):
        place.connector.apply(plan, place.ledger, quiet)
    limits = {"questions": 2, "people": 2, "attempts": 1, "cards": 1}
    report = apply_plan(place.connector.client, plan, place.ledger, limits, place.connector.session.seal, quiet)
    assert [(item.outcome, item.version) for item in report.items[1:]] == [("unchanged", 1)] * 4
    assert [version for version, *_ in state(place).values()] == [1] * 4


def test_the_ledger_outlives_the_process(place: Place, tmp_path: Path) -> None:
    first = SqliteLedger(tmp_path / "ledger.db")
    plan = place.connector.plan(wish(place, question("a.ky")), first)
    place.connector.apply(plan, first, quiet)
    first.close()
    second = SqliteLedger(tmp_path / "ledger.db")
    report = place.connector.apply(plan, second, quiet)
    assert (report.calls, report.replayed) == (0, 2)
    second.close()


class PowerCutError(Exception):
    """Stands for a process that dies."""


class CutOff(SqliteLedger):
    """Dies when the answer of a call is to be kept: Moodle has done it, nobody here knows."""

    def __init__(self, ledger: SqliteLedger) -> None:
        self._db = ledger._db

    def done(self, opkey: str, result: Mapping[str, object]) -> None:
        raise PowerCutError(opkey, result)


def test_a_wish_that_goes_back_after_a_death_is_not_taken_for_fulfilled(place: Place) -> None:
    """Айбек stands in Moodle; Бакыт is sent and the process dies before it knows; then Айбек is wanted again."""
    wishes = {name: Wanted(people=(person(place.name("p"), name),)) for name in ("Айбек", "Бакыт")}
    connector, ledger = place.connector, place.ledger
    connector.apply(connector.plan(wishes["Айбек"], ledger), ledger, lambda _done, _total: None)
    with pytest.raises(PowerCutError):
        connector.apply(connector.plan(wishes["Бакыт"], ledger), CutOff(ledger), lambda _done, _total: None)
    plan = connector.plan(wishes["Айбек"], ledger)
    assert [step.kind for step in plan.steps] == ["save_person"]
    (item,) = connector.apply(plan, ledger, lambda _done, _total: None).items
    assert item.outcome == "updated", "Moodle had the other name"
    assert connector.plan(wishes["Айбек"], ledger).steps == ()


def test_the_same_wish_after_a_death_has_its_key_again(place: Place) -> None:
    wish = Wanted(people=(person(place.name("p"), "Айбек"),))
    connector, ledger = place.connector, place.ledger
    connector.apply(connector.plan(wish, ledger), ledger, lambda _done, _total: None)
    other = Wanted(people=(person(place.name("p"), "Бакыт"),))
    with pytest.raises(PowerCutError):
        connector.apply(connector.plan(other, ledger), CutOff(ledger), lambda _done, _total: None)
    report = connector.apply(connector.plan(other, ledger), ledger, lambda _done, _total: None)
    assert (report.failures, report.replayed) == ((), 1)
