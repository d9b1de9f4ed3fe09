"""Wanted against present, without any Moodle."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.moodle.plan import Mark, Present, bank_hash, make_plan, question_name
from flask_app.domain.errors import InvalidInput
from flask_app.ports.moodle import ForeignDecision, PresentQuestion, Step, SyncPlan, Wanted
from tests.connector.wishes import (
    BANK,
    COURSE,
    bank,
    edited,
    enrolment,
    form_of,
    hidden,
    person,
    question,
    seal,
    there,
)


def plan_of(wanted: Wanted, *found: PresentQuestion, **marks: dict[str, str]) -> SyncPlan:
    """Against a bank that is there, under its right name, with these questions."""
    named = {entry.bank: f"{bank_hash(entry)[:48]}.1" for entry in wanted.banks}
    present = Present({entry.bank: found for entry in wanted.banks}, {"bank": named, **marks})
    return make_plan(wanted, present, seal)


def kinds(plan: SyncPlan) -> list[tuple[str, str, int]]:
    return [(step.kind, step.idnumber, step.expected_version) for step in plan.steps]


Q = question("q.ky")
MOVED = question("q.ky", path="Top/B")
CHANGED = question("q.ky", "2")
OURS = there("q.ky")


@pytest.mark.parametrize(
    ("wanted", "found", "steps"),
    [
        ((Q,), (), [("create_question", 0)]),
        ((Q,), (OURS,), []),
        ((CHANGED,), (OURS,), [("new_version", 1)]),
        ((MOVED,), (OURS,), [("move_question", 1)]),
        ((replace(CHANGED, category_path="Top/B"),), (OURS,), [("new_version", 1)]),
        ((Q,), (hidden(OURS),), [("restore_question", 1)]),
        ((Q,), (replace(OURS, status="draft"),), [("restore_question", 1)]),
        ((CHANGED,), (hidden(OURS),), [("new_version", 1), ("restore_question", 1)]),
        ((MOVED,), (hidden(OURS),), [("move_question", 1), ("restore_question", 1)]),
        ((), (OURS,), [("retire_question", 1)]),
        ((), (hidden(OURS),), []),
        ((), (replace(OURS, status="draft"),), []),
        # somebody edited it in Moodle: nothing is done before a decision, whatever is wanted
        ((Q,), (edited(OURS),), [("foreign_change", 2)]),
        ((CHANGED,), (edited(OURS),), [("foreign_change", 2)]),
        ((MOVED,), (hidden(edited(OURS)),), [("foreign_change", 2)]),
        ((), (edited(OURS),), [("foreign_change", 2)]),
        # made in Moodle by somebody: ours in name only, or not at all
        ((Q,), (replace(OURS, content_hash="", foreign=True),), [("foreign_change", 1)]),
        ((), (replace(OURS, content_hash="", foreign=True),), []),
        ((), (replace(OURS, idnumber="", content_hash="", foreign=True),), []),
        # the same idnumber twice is never guessed about
        ((Q,), (OURS, replace(OURS, entryid=11)), [("foreign_change", 1)]),
    ],
)
def test_questions(wanted: Any, found: Any, steps: list[tuple[str, int]]) -> None:
    assert [(kind, version) for kind, _, version in kinds(plan_of(bank(*wanted), *found))] == steps


@pytest.mark.parametrize(
    ("wanted", "decided", "steps"),
    [
        ((Q,), 2, [("new_version", 2)]),
        ((CHANGED,), 2, [("new_version", 2)]),
        ((), 2, [("retire_question", 2)]),
        ((Q,), 1, [("foreign_change", 2)]),
        ((Q,), 3, [("foreign_change", 2)]),
    ],
)
def test_a_decision_holds_for_the_version_it_was_about(wanted: Any, decided: int, steps: Any) -> None:
    decision = ForeignDecision(BANK, "q.ky", decided)
    plan = plan_of(replace(bank(*wanted), decisions=(decision,)), edited(OURS))
    assert [(kind, version) for kind, _, version in kinds(plan)] == steps


def test_a_decision_about_another_bank_says_nothing() -> None:
    wanted = replace(bank(Q), decisions=(ForeignDecision("b-2", "q.ky", 2),))
    assert plan_of(wanted, edited(OURS)).blocked


def test_a_blocked_plan_names_what_blocks_it() -> None:
    plan = plan_of(bank(Q, question("r.ky")), edited(OURS))
    assert [step.idnumber for step in plan.blocked] == ["q.ky"]


def test_order_of_steps() -> None:
    wanted = Wanted(
        banks=(*bank(CHANGED, question("n.ky")).banks, *bank(question("m.ky"), idnumber="b-2").banks),
        people=(person("p-1"),),
        enrolments=(enrolment("p-1", "g-1"),),
        tests=(form_of(("q.ky", 2)),),
    )
    plan = make_plan(wanted, Present({BANK: (OURS, there("old.ky"))}), seal)
    assert [(step.kind, step.target, step.idnumber) for step in plan.steps] == [
        ("save_bank", BANK, BANK),
        ("save_bank", "b-2", "b-2"),
        ("new_version", BANK, "q.ky"),
        ("create_question", BANK, "n.ky"),
        ("create_question", "b-2", "m.ky"),
        ("retire_question", BANK, "old.ky"),
        ("save_person", "", "p-1"),
        ("save_enrolment", COURSE, "p-1"),
        ("save_test", COURSE, "t-1"),
    ]


def test_a_bank_is_saved_when_missing_or_named_otherwise() -> None:
    wanted = bank()
    content = bank_hash(wanted.banks[0])
    there_and_known = Present({BANK: ()}, {"bank": {BANK: f"{content[:48]}.3"}})
    gone = Present({}, {"bank": {BANK: f"{content[:48]}.3"}})
    renamed = Present({BANK: ()}, {"bank": {BANK: "other.3"}})
    assert make_plan(wanted, there_and_known, seal).steps == ()
    assert kinds(make_plan(wanted, gone, seal)) == [("save_bank", BANK, 0)]
    assert kinds(make_plan(wanted, renamed, seal)) == [("save_bank", BANK, 0)]


WRITTEN = Wanted(people=(person("p-1", password="s3cret"),), enrolments=(enrolment("p-1"),), tests=(form_of(("q", 1)),))


def marks_after(plan: SyncPlan) -> dict[str, dict[str, str]]:
    families = {"save_person": "person", "save_enrolment": "enrolment", "save_test": "test"}
    names = {"save_person": "p-1", "save_enrolment": f"{COURSE}/p-1", "save_test": "t-1"}
    return {families[step.kind]: {names[step.kind]: str(Mark.after(step, good=True))} for step in plan.steps}


def test_what_was_written_is_not_written_again() -> None:
    first = make_plan(WRITTEN, Present(), seal)
    assert [step.kind for step in first.steps] == ["save_person", "save_enrolment", "save_test"]
    assert make_plan(WRITTEN, Present({}, marks_after(first)), seal).steps == ()


def test_a_changed_word_is_written() -> None:
    marks = marks_after(make_plan(WRITTEN, Present(), seal))
    changed = Wanted(
        people=(person("p-1", "Бакыт", "s3cret"),), enrolments=(enrolment("p-1", "g-2"),), tests=(form_of(("q", 2)),)
    )
    assert len(make_plan(changed, Present({}, marks), seal).steps) == 3


def test_no_password_is_in_a_plan_or_its_hash() -> None:
    plan = make_plan(WRITTEN, Present(), seal)
    assert "s3cret" not in repr(plan.steps) + plan.hash + repr(plan)
    same_length = replace(WRITTEN, people=(person("p-1", password="s3crex"),))
    assert make_plan(same_length, Present(), seal).hash == plan.hash  # `seal` here tells lengths only
    assert make_plan(same_length, Present(), lambda text: text).hash != plan.hash


# ------------------------------------------------------------------------------------- the state that a step has seen


def seen(wanted: Wanted, *found: PresentQuestion, **marks: dict[str, str]) -> str:
    (step,) = plan_of(wanted, *found, **marks).steps
    return step.seen


def test_hiding_again_is_another_operation() -> None:
    name = question_name(BANK, "q.ky")
    first = seen(bank(), OURS)
    assert first == seen(bank(), OURS)
    assert first != seen(bank(), OURS, status={name: "hash.2"})
    assert first != seen(bank(), replace(OURS, timemodified=1001))
    assert first != seen(bank(), replace(OURS, version=2))


def test_a_mark_counts_every_write_and_says_if_it_was_refused() -> None:
    step = Step("save_person", "", "p-1", "a" * 64, seen="4.abc")
    good, bad = Mark.after(step, good=True), Mark.after(step, good=False)
    assert good == Mark.read(str(good)) == Mark("a" * 48, 5)
    assert bad == Mark.read(str(bad))
    assert good.holds("a" * 64)
    assert not bad.holds("a" * 64)
    assert len(str(good)) <= 64


@pytest.mark.parametrize(
    ("text", "mark"),
    [(None, Mark()), ("", Mark()), ("abc", Mark("abc")), ("a.b", Mark("a.b")), ("a.b.7", Mark("a.b", 7))],
)
def test_mark_is_read(text: str | None, mark: Mark) -> None:
    assert Mark.read(text) == mark


# --------------------------------------------------------------------------------------------- the hash of the review

BASE = Wanted(
    banks=bank(Q).banks,
    people=(person("p-1", password="s3cret"),),
    enrolments=(enrolment("p-1", "g-1"),),
    tests=(form_of(("q.ky", 1)),),
)


@pytest.mark.parametrize(
    "changed",
    [
        replace(BASE, banks=bank(replace(Q, source=Q.source + " ")).banks),
        replace(BASE, banks=bank(MOVED).banks),
        replace(BASE, banks=bank(Q, name="Башка").banks),
        replace(BASE, people=(person("p-1", "Бакыт", "s3cret"),)),
        replace(BASE, people=(person("p-1", password="longer secret"),)),
        replace(BASE, enrolments=(enrolment("p-1", "g-2"),)),
        replace(BASE, tests=(form_of(("q.ky", 2)),)),
        replace(BASE, tests=(replace(BASE.tests[0], password="x"),)),
        replace(BASE, decisions=(ForeignDecision(BANK, "q.ky", 1),)),
    ],
)
def test_every_word_is_bound_by_the_hash(changed: Wanted) -> None:
    assert make_plan(changed, Present(), seal).hash != make_plan(BASE, Present(), seal).hash


def test_the_hash_is_the_same_for_the_same_plan_and_another_for_another_state() -> None:
    assert make_plan(BASE, Present(), seal).hash == make_plan(BASE, Present(), seal).hash
    assert make_plan(BASE, Present({BANK: (OURS,)}), seal).hash != make_plan(BASE, Present(), seal).hash


@pytest.mark.parametrize(
    "twice",
    [
        bank(Q, CHANGED),
        Wanted(banks=(*bank(Q).banks, *bank().banks)),
        Wanted(people=(person("p-1"), person("p-1"))),
        Wanted(enrolments=(enrolment("p-1"), enrolment("p-1", "g"))),
        Wanted(tests=(form_of(("q", 1)), form_of(("r", 1)))),
    ],
)
def test_the_same_thing_wanted_twice_is_refused(twice: Wanted) -> None:
    with pytest.raises(InvalidInput) as caught:
        make_plan(twice, Present(), seal)
    assert caught.value.code == "sync.duplicate"


def test_the_same_question_may_stand_in_two_banks_and_a_person_in_two_courses() -> None:
    wanted = Wanted(
        banks=(*bank(Q).banks, *bank(Q, idnumber="b-2").banks),
        enrolments=(enrolment("p-1"), enrolment("p-1", course="c-2")),
    )
    assert len(make_plan(wanted, Present(), seal).steps) == 6


# ------------------------------------------------------------------------------------------------------------ as a rule

IDS = st.sampled_from(["a", "b", "c"])
FOUND = st.builds(
    PresentQuestion,
    idnumber=IDS,
    entryid=st.integers(1, 9),
    questionid=st.just(1),
    version=st.integers(1, 3),
    status=st.sampled_from(["ready", "hidden", "draft"]),
    content_hash=st.sampled_from(["", "hash-1", "hash-2"]),
    category_path=st.sampled_from(["Top/A", "Top/B"]),
    foreign=st.booleans(),
    timemodified=st.just(0),
)
ASKED = st.builds(question, IDS, st.sampled_from(["1", "2"]), st.sampled_from(["Top/A", "Top/B"]))


@settings(deadline=None)
@given(
    st.lists(ASKED, max_size=3, unique_by=lambda entry: entry.idnumber),
    st.lists(FOUND, max_size=3, unique_by=lambda entry: entry.idnumber),
)
def test_no_plan_touches_a_foreign_question_and_none_forgets_one_of_ours(asked: Any, found: Any) -> None:
    plan = plan_of(bank(*asked), *found)
    by_name = {entry.idnumber: entry for entry in found}
    wanted = {entry.idnumber: entry for entry in asked}
    for step in plan.steps:
        before = by_name.get(step.idnumber)
        assert step.expected_version == (before.version if before else 0)
        if before and before.foreign:
            assert step.kind == "foreign_change"
    for idnumber, entry in by_name.items():
        told = [step for step in plan.steps if step.idnumber == idnumber]
        as_wanted = idnumber in wanted and (entry.content_hash, entry.category_path, entry.status) == (
            wanted[idnumber].content_hash,
            wanted[idnumber].category_path,
            "ready",
        )
        unwanted_and_out_of_sight = idnumber not in wanted and (
            (entry.status != "ready" and not entry.foreign) or (entry.foreign and not entry.content_hash)
        )
        assert bool(told) != ((not entry.foreign and as_wanted) or unwanted_and_out_of_sight)
