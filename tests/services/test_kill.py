"""kill -9 at named points of synchronisation, push, pull and grade batches; both databases counted, nothing twice.

Each point is met in the course of one long story per use case: die, look, begin again and die further on, and in the
end everything is there exactly once. Fifteen names: apply.before_call, apply.after_call, apply.after_note,
apply.between_chunks, sync.begun, sync.before_report, sync.before_record, push.planned, push.before_mark,
pull.before_page, pull.inside_page, pull.between_pages, batch.stored, batch.inside, batch.taken.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from flask_app.services.banks import load_bank
from flask_app.services.result_totals import totals_of
from flask_app.services.results import pull_results
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.services.synchronisation import push_session, sync_banks
from flask_app.services.test_sessions import draw_forms, schedule_session, session_of
from flask_app.store.models.moodle import SyncOperation, SyncRun
from flask_app.store.models.results import Attempt, AttemptResponse
from flask_app.store.models.testing import ExaminationForm
from flask_app.store.models.training import GradeBatchRow, GradeRow
from question_banks.bank import Bank
from tests.services.killing import Gallows, counts_of, errand, small_calls
from tests.services.ordering import batch, delivered, record, send
from tests.services.stages import APPLICANTS, COURSE, RIGHT, Scene, admit, nothing, session

ROOT = Path(__file__).parents[2]
SAT = sum(right is not None for right in RIGHT.values())
NAMED = {
    "apply.before_call", "apply.after_call", "apply.after_note", "apply.between_chunks",
    "sync.begun", "sync.before_report", "sync.before_record",
    "push.planned", "push.before_mark",
    "pull.before_page", "pull.inside_page", "pull.between_pages",
    "batch.stored", "batch.inside", "batch.taken",
    "papers.between",
}  # fmt: skip


@pytest.fixture(scope="module")
def gallows() -> Iterator[Gallows]:
    with Gallows() as running:
        yield running


def open_calls(scene: Scene) -> int:
    """Calls of the ledger whose outcome nobody knows."""
    with scene.work() as work:
        query = select(func.count()).select_from(SyncOperation).where(SyncOperation.state == "sent")
        return work.session.scalar(query) or 0


def runs_open(scene: Scene) -> int:
    with scene.work() as work:
        return work.session.scalar(select(func.count()).select_from(SyncRun).where(SyncRun.state == "applying")) or 0


def edition(number: int, places: int = 3) -> Bank:
    """The shipped bank with other words in three Russian questions: for each death something to bring."""
    bank = next(bank for bank in read_shipped_banks() if bank.id == "general")
    items = []
    for place, group in enumerate(bank.items):
        question = group.versions["ru"]
        if place < places:
            question = question._replace(text=f"{question.text} (редакция {number})")
        items.append(replace(group, versions={**group.versions, "ru": question}))
    return replace(bank, items=tuple(items))


def test_the_names_are_those_of_the_code() -> None:
    """Every failpoint of the program is one this suite kills at (papers.between: tests/demo)."""
    found = {
        node.args[0].value
        for folder in ("flask_app", "connector")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "failpoint"
        if isinstance(node.args[0], ast.Constant)
    }
    assert found == NAMED


def test_synchronisation(gallows: Gallows, synced: Scene, tmp_path: Path) -> None:
    points = [
        "sync.begun",
        "apply.before_call:2",
        "apply.after_call:1",
        "apply.after_call:2",
        "apply.after_note:1",
        "apply.between_chunks:1",
        "sync.before_report",
        "sync.before_record",
    ]
    before = counts_of(synced)
    for number, point in enumerate(points, 1):
        with synced.work() as work:
            load_bank(work, edition(number))
        gallows.kill(errand(synced, tmp_path, "sync", point))
        small_calls(synced.office.moodle)  # type: ignore[arg-type]  # the real connector
        sync_banks(synced.office, synced.actor, COURSE, nothing)
        after = counts_of(synced)
        assert after["entries"] == before["entries"], point
        assert after["questions"] == before["questions"] + 3 * number, f"{point}: as many versions as contents"
        assert (open_calls(synced), runs_open(synced)) == (0, 0), point
    made, report = sync_banks(synced.office, synced.actor, COURSE, nothing)
    assert (made.steps, report) == ((), None)


def test_push_of_a_sitting(gallows: Gallows, screening_online: Scene, tmp_path: Path) -> None:
    scene = screening_online
    admit(scene)
    with scene.work() as work:
        schedule_session(work, scene.competition, session())
        forms = draw_forms(work, scene.competition)
    points = [
        "push.planned",
        "sync.begun",
        "apply.before_call:1",
        "apply.after_call:1",  # people: done in Moodle, unknown here
        "apply.after_call:2",
        "apply.after_note:1",
        "apply.between_chunks:1",
        "apply.after_call:1",  # enrolments by now
        "apply.between_chunks:2",
        "apply.after_call:1",
        "apply.after_call:2",  # a form of the test
        "sync.before_report",
    ]
    people = counts_of(scene)["people"]
    for point in points:
        gallows.kill(errand(scene, tmp_path, "push", point, str(scene.competition)))
    push_session(scene.office, scene.actor, scene.competition, nothing)
    there = counts_of(scene)
    seats = APPLICANTS - 1
    assert (there["people"] - people, there["tests"], there["enrolments"]) == (seats, forms, seats)
    with scene.work() as work:
        tests = work.session.scalars(select(ExaminationForm.test_idnumber)).all()
    progress = [scene.site.rest("local_kyzmat_get_progress", {"testidnumber": test})["counts"] for test in tests]
    assert sum(count["notstarted"] for count in progress) == seats
    assert push_session(scene.office, scene.actor, scene.competition, nothing) is None, "nothing is left to do"
    assert runs_open(scene) == 0


def test_the_note_that_a_sitting_is_in_moodle(gallows: Gallows, sat: Scene, tmp_path: Path) -> None:
    with sat.work() as work:
        found = session_of(work, sat.competition)
        assert found is not None
        found.pushed_at = None
    before = counts_of(sat)
    gallows.kill(errand(sat, tmp_path, "push", "push.before_mark", str(sat.competition)))
    with sat.work() as work:
        found = session_of(work, sat.competition)
        assert found is not None
        assert found.pushed_at is None
    assert push_session(sat.office, sat.actor, sat.competition, nothing) is None
    with sat.work() as work:
        found = session_of(work, sat.competition)
        assert found is not None
        assert found.pushed_at is not None
    assert counts_of(sat) == before


def kept(scene: Scene) -> tuple[int, int, int]:
    """Attempts, their revisions, and answers."""
    with scene.work() as work:
        newest = work.session.scalar(select(func.count()).select_from(Attempt).where(Attempt.newest)) or 0
        revisions = work.session.scalar(select(func.count()).select_from(Attempt)) or 0
        return newest, revisions, work.session.scalar(select(func.count()).select_from(AttemptResponse)) or 0


def test_pull(gallows: Gallows, sat: Scene, tmp_path: Path) -> None:
    """Pages of two: every page is kept whole with its cursor, or not at all."""

    def die(point: str) -> tuple[int, int, int]:
        gallows.kill(errand(sat, tmp_path, "pull", point, str(sat.competition)))
        return kept(sat)

    assert die("pull.before_page") == (0, 0, 0)
    assert die("pull.inside_page") == (0, 0, 0)
    assert die("pull.between_pages") == (2, 2, 120)
    assert die("pull.inside_page:2") == (4, 4, 240)
    report = pull_results(sat.office, sat.actor, sat.competition)
    assert (report.new, report.revised) == (SAT - 4, 0)
    assert kept(sat) == (SAT, SAT, 60 * SAT)

    with sat.work() as work:
        first, second = work.session.scalars(select(Attempt).order_by(Attempt.moodle_attempt).limit(2)).all()
        regraded, deleted = first.moodle_attempt, second.moodle_attempt
    sat.site.control("mark", attemptid=regraded, slot=1, mark="0.5")
    sat.site.control("delete_attempt", attemptid=deleted)
    for point in ("pull.before_page", "pull.inside_page"):
        assert die(point) == (SAT, SAT, 60 * SAT)
    assert die("pull.between_pages") == (SAT, SAT + 2, 60 * (SAT + 1))
    again = pull_results(sat.office, sat.actor, sat.competition)
    assert (again.new, again.revised, again.total) == (0, 0, SAT - 1)
    with sat.work() as work:
        found = session_of(work, sat.competition)
        assert found is not None
        totals = totals_of(work, found)
    assert (totals.moodle, totals.pulled, totals.deleted, totals.unexplained) == (SAT - 1, SAT - 1, 1, 0)


def test_grade_batch(gallows: Gallows, synced: Scene, tmp_path: Path) -> None:
    order = delivered(synced)
    content = batch(order, [record(order, person) for person in range(3)])
    file = tmp_path / "batch.xml"
    file.write_bytes(content)

    def counted() -> tuple[int, int]:
        with synced.work() as work:
            batches = work.session.scalar(select(func.count()).select_from(GradeBatchRow)) or 0
            return batches, work.session.scalar(select(func.count()).select_from(GradeRow)) or 0

    for point, expected in (("batch.stored", (0, 0)), ("batch.inside", (0, 0)), ("batch.taken", (1, 3))):
        gallows.kill(errand(synced, tmp_path / "files", "batch", point, str(file)))
        assert counted() == expected, point
    again = send(order, content)
    assert (again.replayed, again.count("accepted"), counted()) == (True, 3, (1, 3))
