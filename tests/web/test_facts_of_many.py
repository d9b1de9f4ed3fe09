"""A list and the object's own page must judge by the same facts."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from flask_app.domain.identity import Actor
from flask_app.services.bodies import actor_of
from flask_app.services.competition_facts import competition_facts
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.facts_of_many.orders import training_facts_of
from flask_app.services.facts_of_many.papers import document_facts_of
from flask_app.services.office import Office
from flask_app.services.papers import _facts as document_facts
from flask_app.services.rights import roles_on
from flask_app.services.training_facts import training_facts
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition, Publication
from flask_app.store.models.results import PullCursor
from flask_app.store.models.testing import TestSession
from flask_app.store.models.training import TrainingOrder
from tests.web.conftest import QueryCount
from tests.web.town import Town


def anybody(office: Office) -> Actor:
    return actor_of(office, "secretary")


def test_competitions_have_the_same_facts_alone_and_in_a_list(office: Office, here: Town) -> None:
    with office.work(anybody(office)) as work:
        session = work.session.scalars(select(TestSession)).one()
        work.add(PullCursor(what=f"results:{session.code}", cursor="", total=3, pulled_at=work.now))
        work.session.flush()
        rows = work.session.scalars(select(Competition).where(Competition.body_id == here.body)).all()
        assert len(rows) == 3
        for state, unexplained in (("screening", 0), ("testing", 3)):
            work.get(Competition, here.screening).state = state
            work.session.flush()
            together = competition_facts_of(work, rows)
            for row in rows:
                assert together[row.id] == competition_facts(work, row), (row.code, state)
            session_facts = together[here.screening].session
            assert session_facts is not None
            assert session_facts.unexplained == unexplained
        assert len(together[here.decided].present_members) == 4


def test_the_dates_of_an_announcement_are_the_same_alone_and_in_a_list(office: Office, here: Town) -> None:
    with office.work(anybody(office)) as work:
        row = work.get(Competition, here.draft)
        row.state, row.last_act_on = "text_agreement", date(2026, 3, 2)
        row.agreement = {"number": "04-2/7", "date": "2026-03-05"}
        for day, outlet in ((12, "газета"), (10, "сайт"), (12, "радио")):
            work.add(
                Publication(competition_id=row.id, outlet=outlet, published_on=date(2026, 3, day), reference="№ 1")
            )
        work.session.flush()
        alone = competition_facts(work, row)
        assert competition_facts_of(work, [row])[row.id] == alone
        assert (alone.sent_on, alone.agreed_on) == (date(2026, 3, 2), date(2026, 3, 5))
        assert alone.published_on == (date(2026, 3, 10), date(2026, 3, 12), date(2026, 3, 12))


def test_orders_have_the_same_facts_alone_and_in_a_list(office: Office, here: Town) -> None:
    with office.work(anybody(office)) as work:
        rows = work.session.scalars(select(TrainingOrder).where(TrainingOrder.body_id == here.body)).all()
        together = training_facts_of(work, rows)
        assert [together[row.id] for row in rows] == [training_facts(work, row) for row in rows]
        assert together[here.reported].report_signed
        assert not together[here.order].report_signed


def test_papers_have_the_same_facts_alone_and_in_a_list(office: Office, here: Town) -> None:
    with office.work(anybody(office)) as work:
        rows = work.session.scalars(select(Document).where(Document.body_id == here.body)).all()
        roles = {row.id: roles_on(work, row) for row in rows}
        together = document_facts_of(work, rows, roles)
        assert [together[row.id] for row in rows] == [document_facts(work, row) for row in rows]


def test_a_paper_that_another_rests_on_is_known_alone_and_in_a_list(office: Office, here: Town) -> None:
    with office.work(anybody(office)) as work:
        ground, order = (
            Document(
                kind=kind,
                title={},
                parameters={},
                subject_type="competition",
                subject_id=here.draft,
                state="in_force",
                version=1,
                registration_series=series,
                registration_year=2026,
                registration_value=77,
                registered_on=date(2026, 3, 10),
                created_at=work.now,
            )
            for kind, series in (("D16", "P"), ("D19", "O"))
        )
        work.add(ground)
        work.add(order)
        work.session.flush()
        roles = {row.id: roles_on(work, row) for row in (ground, order)}
        for state, number in (("in_force", "77-O/2026"), ("annulled", "")):
            order.state = state
            work.session.flush()
            together = document_facts_of(work, [ground, order], roles)
            assert [together[row.id] for row in (ground, order)] == [
                document_facts(work, row) for row in (ground, order)
            ]
            assert (together[ground.id].rests_on_it, together[order.id].rests_on_it) == (number, "")


def test_a_longer_list_costs_no_more_queries(office: Office, here: Town, queries: QueryCount) -> None:
    with office.work(anybody(office)) as work:
        rows = work.session.scalars(select(Competition).where(Competition.body_id == here.body)).all()
        counts = []
        assert work.zone  # read once in a transaction, whatever the list
        for length in (1, 3):
            work.session.expire_all()
            chosen = [work.get(Competition, row_id) for row_id in [row.id for row in rows][:length]]
            before = len(queries.statements)
            competition_facts_of(work, chosen)
            counts.append(len(queries.statements) - before)
        assert counts[0] == counts[1] <= 5


def test_nothing_is_asked_for_nothing(office: Office, here: Town, queries: QueryCount) -> None:
    with office.work(anybody(office)) as work:
        before = len(queries.statements)
        assert not competition_facts_of(work, [])
        assert not training_facts_of(work, [])
        assert not document_facts_of(work, [], {})
        assert len(queries.statements) == before
