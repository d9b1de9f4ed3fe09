"""What the measurement loads is what the use cases would have written: the schema took it, and the rest fits too."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select

from flask_app.bench.panel_competitions import PATHS, SHARES, in_turns, sizes, states
from flask_app.bench.panel_lists import FILE
from flask_app.bench.panel_objects import objects_of
from flask_app.domain.canonical import digest
from flask_app.domain.numbering import follows_without_gap
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services.applicants_upload import file_report, preview_upload
from flask_app.services.bodies import actor_of
from flask_app.services.commission_desk import desk_of
from flask_app.services.competition_facts import competition_facts
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.papers import PAPERS, SIGNED_KINDS
from flask_app.store.models.applications import Application
from flask_app.store.models.documents import Document, RegistrationCounter
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, StageRecord
from flask_app.store.models.training import TrainingOrder
from flask_app.store.models.versions import ObjectVersion
from tests.bench.conftest import PEOPLE, PROCEDURES, World


def test_as_many_people_and_procedures_as_were_asked_for(world: World) -> None:
    with world.installed.office.work(actor_of(world.installed.office, "hr_officer")) as work:
        counted = {
            model: work.session.scalar(select(func.count()).select_from(model)) or 0
            for model in (Person, Competition, TrainingOrder)
        }
    assert counted[Person] == PEOPLE
    assert counted[Competition] + counted[TrainingOrder] == PROCEDURES


def test_every_state_of_every_procedure_is_there(world: World) -> None:
    with world.installed.office.work(actor_of(world.installed.office, "hr_officer")) as work:
        found = {
            workflow: set(work.session.scalars(select(model.state).distinct()))
            for workflow, model in (("competition", Competition), ("training_order", TrainingOrder))
        }
    assert found["competition"] == set(WORKFLOWS["competition"].states)
    assert found["training_order"] == set(WORKFLOWS["training_order"].states)


def test_each_path_is_one_the_workflow_has() -> None:
    workflow = WORKFLOWS["competition"]
    for state, path in PATHS.items():
        reached = workflow.initial
        for step in path:
            assert reached in workflow.transitions[step].sources, (state, step)
            reached = workflow.transitions[step].target
        assert reached == state


def test_every_chain_is_whole_and_nothing_is_left_unsealed(world: World) -> None:
    found = {body.body: body for body in world.chains}
    assert len(found) == 2
    assert all(body.sound and body.unsealed == 0 and body.sealed > 1000 for body in found.values())
    assert found["measured"].sealed == world.town.events


def test_records_of_steps_lead_from_state_to_state(world: World) -> None:
    with world.installed.office.work(actor_of(world.installed.office, "hr_officer")) as work:
        path = defaultdict(list)
        for record in work.session.scalars(select(StageRecord).order_by(StageRecord.version)):
            path[record.object_id].append(record)
        models: tuple[Any, ...] = (Competition, Application, TrainingOrder, Document)
        for model in models:
            for row in work.session.scalars(select(model)):
                taken = path[row.id]
                places = [WORKFLOWS[row.workflow].initial, *(record.target for record in taken)]
                assert [record.source for record in taken] == places[:-1]
                assert (row.state, row.version) == (places[-1], 1 + len(taken))
                assert [record.happened_on for record in taken] == sorted(record.happened_on for record in taken)


def test_versions_carry_their_checksum(world: World) -> None:
    with world.installed.office.work(actor_of(world.installed.office, "hr_officer")) as work:
        versions = work.session.scalars(select(ObjectVersion).limit(300)).all()
    assert len(versions) == 300
    assert all(version.checksum == digest(version.data) for version in versions)


def test_registers_have_no_gap(world: World) -> None:
    with world.installed.office.work(actor_of(world.installed.office, "hr_officer")) as work:
        given: dict[tuple[str | None, int | None], list[int]] = defaultdict(list)
        for paper in work.session.scalars(select(Document).where(Document.registration_value.is_not(None))):
            given[paper.registration_series, paper.registration_year].append(paper.registration_value or 0)
        counters = {(c.series, c.year): c.last for c in work.session.scalars(select(RegistrationCounter))}
    assert given
    assert all(follows_without_gap(numbers) for numbers in given.values())
    assert counters == {series: max(numbers) for series, numbers in given.items()}


def test_every_paper_of_a_decided_competition_can_be_made_from_the_facts(world: World) -> None:
    """The marks, votes and scores fit together well enough to be printed and counted."""
    office = world.installed.office
    with office.work(actor_of(office, "commission_secretary")) as work:
        papers = work.session.scalars(select(Document).where(Document.state.in_(("in_force", "archived")))).all()
        by_kind = {paper.kind: paper for paper in papers}
        assert set(by_kind) == SIGNED_KINDS
        for kind, paper in by_kind.items():
            assert office.paper.render(PAPERS[kind].facts(work, paper)).content.startswith(b"PK")


def test_one_competition_and_a_list_of_them_are_judged_by_the_same_facts(world: World) -> None:
    with world.installed.office.work(actor_of(world.installed.office, "hr_officer")) as work:
        competitions = work.session.scalars(select(Competition)).all()
        at_once = competition_facts_of(work, competitions)
        for competition in competitions:
            assert at_once[competition.id] == competition_facts(work, competition), competition.state


def test_a_list_that_was_taken_in_says_what_its_applications_say(world: World) -> None:
    office, imported = world.installed.office, world.town.imported
    assert imported
    for one in imported:
        with office.work(actor_of(office, "hr_officer")) as work:
            kept, seen = preview_upload(work, one.competition, office.files.get(one.sha256), FILE)
            _, told = file_report(work, one.competition, kept.sha256, kept.seal)
            rows = work.session.scalars(
                select(Application).where(Application.competition_id == one.competition).order_by(Application.number)
            ).all()
        assert kept.sha256 == one.sha256
        assert (seen.registered, seen.known, len(seen.refused)) == ((), told.registered, 1)
        assert [
            (person.row, person.education, person.service.in_months, person.documents_complete)
            for person in told.registered
        ] == [(row.source["row"], row.education, row.service_months, row.documents_complete) for row in rows]


def test_what_the_commission_is_waited_for_is_there_in_every_situation(world: World) -> None:
    """Sitting to be opened and open, votes to be given and to be counted, each where the body's own people sit."""
    sampled = objects_of(world.installed.engine, world.town.body, 1)
    ids = {one.situation: one.id for one in sampled if one.state in ("interviewing", "voting")}
    waiting, sitting, voting, voted = (
        *("interviewing test", "interviewing test sitting"),
        *("voting test sitting", "voting test sitting votes"),
    )
    assert set(ids) == {waiting, sitting, voting, voted}
    with world.installed.office.work(actor_of(world.installed.office, "commission_secretary")) as work:
        desks = {situation: desk_of(work, id_) for situation, id_ in ids.items()}
    assert (desks[waiting].meeting, desks[waiting].qualified, desks[waiting].may("hold_meeting")) == (None, (), True)
    assert desks[sitting].meeting is not None
    assert (desks[voting].voted, desks[voting].may("count_vote")) == (0, True)
    assert (desks[voted].uncounted, desks[voted].outcome, desks[voted].may("count_vote")) == (None, None, True)


def test_states_come_each_once_and_then_by_their_shares() -> None:
    import random

    drawn = states(400, random.Random(1))
    assert set(drawn) == set(SHARES)
    assert 120 < drawn.count("archived") < 240


def test_everybody_applies_once_before_anybody_applies_twice() -> None:
    import random

    people = [{"id": number} for number in range(50)]
    groups = list(in_turns(people, [20, 0, 25, 10, 20], random.Random(2)))
    assert [len(group) for group in groups] == [20, 0, 25, 10, 20]
    assert all(len({person["id"] for person in group}) == len(group) for group in groups)
    first = [person["id"] for group in groups for person in group][:50]
    assert len(set(first)) == 50


def test_the_sizes_of_competitions_add_up_to_about_everybody() -> None:
    import random

    wanted = states(400, random.Random(3))
    found = sizes(wanted, 20_000, random.Random(4))
    assert 18_000 < sum(found) < 22_000
    assert max(found) > 200
    assert all((size == 0) == ("open_documents" not in PATHS[state]) for state, size in zip(wanted, found, strict=True))
