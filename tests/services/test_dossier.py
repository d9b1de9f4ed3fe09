"""The dossier of an attempt: what was shown, answered and marked, and what changed since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from flask_app.domain.errors import NotFound, NotPermitted
from flask_app.domain.identity import HEAD
from flask_app.services.dossier import Dossier, dossier_of
from flask_app.store.models.banks import BankQuestion
from flask_app.store.models.results import Attempt
from tests.services.stages import RIGHT, Scene

ABSENT = next(number for number, right in RIGHT.items() if right is None)


def dossier(scene: Scene, number: int = 2) -> Dossier:
    with scene.work() as work:
        return dossier_of(work, scene.competition, scene.application(number))


def test_every_question_stands_as_it_was_shown(entered: Scene) -> None:
    found = dossier(entered)
    right = RIGHT[2]
    assert right is not None
    assert [row.slot for row in found.rows] == list(range(1, 61))
    assert sum(row.mark or 0 for row in found.rows) == right
    for row in found.rows:
        assert row.shown is not None
        key = next(choice.text.text for choice in row.shown.choices if choice.right)
        assert (row.response == row.right_answer) == (row.mark == row.maximum)
        assert key.strip() == row.right_answer.strip()
        assert row.content_hash
        assert row.entry
    assert found.newest.number == 1
    assert found.newest.mark == right


def test_a_question_changed_since_is_shown_as_it_was(entered: Scene) -> None:
    before = dossier(entered)
    with entered.work() as work:
        work.session.execute(update(BankQuestion).values(source="::x:: Текст {=а ~б}", content_hash="0" * 64))
    assert dossier(entered).rows == before.rows


def test_a_regrade_is_a_revision_beside_the_first(entered: Scene) -> None:
    """As the pull writes it: the attempt comes again, and the older revision stays."""
    found = dossier(entered)
    with entered.work() as work:
        old = work.session.query(Attempt).filter_by(moodle_attempt=found.attempt, newest=True).one()
        assert old.mark is not None
        old.newest = False
        values = {column.key: getattr(old, column.key) for column in Attempt.__table__.columns if column.key != "id"}
        again = Attempt(**{**values, "revision": 2, "newest": True, "mark": old.mark - 1})
        again.modified_at = datetime(2026, 11, 30, tzinfo=UTC)
        work.add(again)
    later = dossier(entered)
    assert [(r.number, r.newest) for r in later.revisions] == [(1, False), (2, True)]
    assert found.newest.mark is not None
    assert later.newest.mark == found.newest.mark - 1


def test_who_did_what_stands_in_it(entered: Scene) -> None:
    dossier(entered)
    events = dossier(entered).events
    actions = [event.action for event in events]
    assert "attempt.opened" in actions, "the first look is itself on record"
    assert [event.id for event in events] == sorted(event.id for event in events)
    assert {event.object_type for event in events} == {"attempt", "application"}


def test_somebody_who_did_not_come_has_none(entered: Scene) -> None:
    with pytest.raises(NotFound):
        dossier(entered, ABSENT)


def test_answers_are_not_for_everybody(entered: Scene) -> None:
    head = replace(entered, actor=replace(entered.actor, roles=frozenset({HEAD})))
    with pytest.raises(NotPermitted):
        dossier(head)
