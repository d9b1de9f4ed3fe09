"""Every question is asked of the body's own rows: statements put together once, and on the spot."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import CompoundSelect, Select, func, select, union_all
from sqlalchemy.exc import StatementError

from flask_app.domain.identity import Actor
from flask_app.services.office import Office
from flask_app.services.own_rows import prepared
from flask_app.store.models.commissions import Commission
from flask_app.store.models.procedures import Competition
from tests.services.building import Build
from tests.services.desk import new_body

pytestmark = pytest.mark.both_engines


@prepared
def _competitions() -> Select[UUID]:
    return select(Competition.id)


@prepared
def _counted_inside() -> Select[int]:
    return select(select(func.count(Competition.id)).scalar_subquery())


@prepared
def _of_two_tables() -> CompoundSelect[UUID]:
    return union_all(select(Competition.id), select(Commission.id))


@pytest.fixture
def stranger(office: Office, everybody: Actor) -> Actor:
    return replace(everybody, body_id=new_body(office))


def test_a_prepared_statement_finds_own_rows_whoever_asked_first(
    office: Office, everybody: Actor, stranger: Actor
) -> None:
    own = {actor: Build(office, actor).draft() for actor in (everybody, stranger)}
    for actor in (everybody, stranger, everybody):
        with office.work(actor) as work:
            assert work.session.scalars(_competitions()).all() == [own[actor]]
            assert work.session.scalars(select(Competition.id)).all() == [own[actor]]
            assert work.session.scalars(_counted_inside()).all() == [1]


def test_each_part_of_a_union_is_asked_of_own_rows(office: Office, everybody: Actor, stranger: Actor) -> None:
    build = Build(office, everybody)
    competition = build.draft()
    commission = build.commission(competition)
    with office.work(stranger) as work:
        assert work.session.scalars(_of_two_tables()).all() == []
    with office.work(everybody) as work:
        assert set(work.session.scalars(_of_two_tables())) == {competition, commission}


def test_it_is_an_error_to_ask_for_nobody(office: Office) -> None:
    with office.sessions() as session, pytest.raises(StatementError, match="own_body"):
        session.execute(_competitions())


def test_a_statement_is_put_together_once() -> None:
    assert _competitions() is _competitions()
