"""Anybody tries anything, in any order: whatever is refused changes nothing, whatever is done leaves a sound whole."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from flask_app.domain.errors import KyzmatError
from flask_app.domain.identity import ROLES, Actor
from flask_app.domain.numbering import follows_without_gap
from flask_app.domain.voting import BALLOT
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services.applications import move_applications
from flask_app.services.competitions import move_competition
from flask_app.services.meetings import (
    NewMeeting,
    cast_vote,
    count_vote,
    finish_interviews,
    give_marks,
    hold_meeting,
    settle_candidates,
)
from flask_app.services.office import Work
from flask_app.services.papers import PAPERS, draft_paper, move_paper, sign_paper
from flask_app.services.transitions import act_on
from flask_app.store.models.applications import Application
from flask_app.store.models.commissions import Meeting, VoteRow
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition, StageRecord
from flask_app.store.models.versions import ObjectVersion
from tests.services.building import BOTH
from tests.services.desk import FrozenClock
from tests.services.stages import COMPETENCES, Scene

GIVING_UP = ("cancel", "withdraw", "miss", "return", "annul", "archive")
NUMBERED = {"in_force", "annulled", "archived"}
AFTER_THE_VOTE = {"decided", "appointed", "no_winner", "repeat_decision", "closed", "archived"}


@dataclass
class Walk:
    """One walk through one competition. `done`: what was let through."""

    scene: Scene
    clock: FrozenClock
    chance: random.Random
    members: list[Actor]
    done: list[str] = field(default_factory=list)

    def actor(self) -> Actor:
        """Mostly somebody who may; else somebody with one role, or a member with nothing but his seat."""
        kind = self.chance.random()
        if kind < 0.15:
            return replace(self.scene.actor, roles=frozenset({self.chance.choice(ROLES)}), person_id=None)
        return self.chance.choice(self.members) if kind < 0.5 else self.scene.actor

    def step(self) -> None:
        state, before = self.picture()
        fitting = FITTING.get(state, FITTING["decided"]) if self.chance.random() < 0.8 else EVERYTHING
        name = self.chance.choice(fitting)
        try:
            with self.scene.work(self.actor()) as work:
                getattr(self, name)(work)
        except KyzmatError:
            assert self.picture() == (state, before), f"{name} was refused and left something"
        else:
            self.done.append(name)
            self.check()

    def day(self, work: Work) -> Any:
        return work.today - timedelta(days=self.chance.choice([0] * 10 + [1, 5, -1]))

    def act(self, work: Work) -> Any:
        words = self.chance.choice(["№ 1"] * 7 + [""])
        return act_on(work, self.day(work), words, words)

    def competition(self, work: Work) -> None:
        row = work.get(Competition, self.scene.competition)
        step = self.from_here("competition", row.state)
        version = row.version - self.chance.choice([0, 0, 0, 1])
        move_competition(work, row.id, step, self.act(work), expected_version=version)

    def from_here(self, workflow: str, state: str) -> str:
        """Mostly a step that leads on from the state, now and then any; giving up only rarely."""
        steps = WORKFLOWS[workflow].transitions.values()
        onward = [t.id for t in steps if state in t.sources and t.id not in GIVING_UP]
        kind = self.chance.random()
        if onward and kind < 0.8:
            return self.chance.choice(onward)
        return self.chance.choice([t.id for t in steps if kind > 0.97 or t.id not in GIVING_UP])

    def applications(self, work: Work) -> None:
        rows = work.session.execute(select(Application.id, Application.state).order_by(Application.number)).all()
        state = self.chance.choice([state for _, state in rows])
        chosen = [id_ for id_, there in rows if there == state]
        if self.chance.random() < 0.2:
            chosen = self.chance.sample([id_ for id_, _ in rows], 2)
        step = self.from_here("application", state)
        move_applications(work, self.scene.competition, chosen, step, self.act(work))

    def interviews(self, work: Work) -> None:
        finish_interviews(work, self.scene.competition, self.day(work))

    def count(self, work: Work) -> None:
        count_vote(work, self.scene.competition)

    def meeting(self, work: Work) -> None:
        sitting = NewMeeting(work.today, work.now - timedelta(hours=1), "in_person", BOTH, False, {})
        hold_meeting(work, self.scene.competition, sitting)

    def mark(self, work: Work) -> None:
        invited = select(Application.id).where(Application.state == "invited").order_by(Application.number)
        for application in work.session.scalars(invited).all():
            give_marks(work, self.scene.competition, application, dict.fromkeys(COMPETENCES, self.chance.randint(0, 5)))

    def vote(self, work: Work) -> None:
        standing = work.session.scalars(
            select(Application.id).where(Application.state == "interviewed").order_by(Application.number)
        ).all()
        favourite = self.chance.random() < 0.9
        choices = {id_: self.chance.choice(BALLOT) for id_ in standing}
        if favourite:
            choices = {id_: "for" if place == 0 else "against" for place, id_ in enumerate(standing)}
        cast_vote(work, self.scene.competition, choices)

    def settle(self, work: Work) -> None:
        if work.session.scalar(select(Meeting.id)) is not None:
            settle_candidates(work, self.scene.competition, self.day(work))

    def draft(self, work: Work) -> None:
        kind = self.chance.choice([kind for kind in PAPERS if kind != "D53"])
        parameters = {"appointed_from": work.today.isoformat(), "probation_months": self.chance.choice([0, 3, 3, 4])}
        draft_paper(work, kind, self.scene.competition, parameters if kind == "D19" else None)

    def some_paper(self, work: Work) -> Document:
        papers = work.session.scalars(select(Document).order_by(Document.kind)).all()
        return self.chance.choice(papers) if papers else Document(id=UUID(int=0), version=0, state="draft")

    def paper(self, work: Work) -> None:
        paper = self.some_paper(work)
        step = self.from_here("document", paper.state)
        move_paper(work, paper.id, step, self.act(work), expected_version=paper.version)

    def sign(self, work: Work) -> None:
        paper = self.some_paper(work)
        sign_paper(work, paper.id, self.act(work), expected_version=paper.version)

    def time(self, _: Work) -> None:
        self.clock.forward(timedelta(hours=self.chance.choice([1] * 9 + [20])))

    # ----------------------------------------------------------------------------------------------- what is there

    def picture(self) -> tuple[str, tuple[object, ...]]:
        """The competition's state, and everything a refused attempt must leave as it was."""
        with self.scene.work() as work:
            row = work.session.execute(PICTURE).one()
            return row[0], tuple(row)

    def check(self) -> None:
        with self.scene.work() as work:
            competition = work.get(Competition, self.scene.competition)
            meeting = work.session.scalars(select(Meeting)).one_or_none()
            papers = {paper.kind: paper for paper in work.session.scalars(select(Document))}
            applications = list(work.session.scalars(select(Application)))
            self.check_winner(work, competition, meeting, applications)
            self.check_papers(competition, papers)
            self.check_records(work, [competition, *applications, *papers.values()])

    def check_winner(
        self, work: Work, competition: Competition, meeting: Meeting | None, applications: list[Application]
    ) -> None:
        winners = [application.id for application in applications if application.state == "winner"]
        assert len(winners) <= 1
        if competition.state in AFTER_THE_VOTE or winners:
            assert meeting is not None
            assert meeting.counted_at is not None
        if meeting is None or meeting.counted_at is None:
            return
        if winners:
            assert winners == [meeting.winner_id]
        if meeting.winner_id is not None:
            votes = work.session.scalars(
                select(VoteRow.choice).where(VoteRow.application_id == meeting.winner_id)
            ).all()
            assert votes.count("for") * 2 > len(votes)
            assert next(a.state for a in applications if a.id == meeting.winner_id) in ("interviewed", "winner")

    def check_papers(self, competition: Competition, papers: dict[str, Document]) -> None:
        for paper in papers.values():
            assert (paper.registration_value is not None) == (paper.state in NUMBERED)
            assert (paper.signed_by is not None) == (paper.state in NUMBERED)
        for series in ("T", "P", "O"):
            numbers = [p.registration_value for p in papers.values() if p.registration_series == series]
            assert follows_without_gap([number for number in numbers if number])
        if "D19" in papers and papers["D19"].state in NUMBERED:
            protocol, order = papers["D16"].registered_on, papers["D19"].registered_on
            assert protocol is not None
            assert order is not None
            assert protocol <= order <= protocol + timedelta(days=3)
        if competition.state == "appointed":
            assert papers["D19"].state in NUMBERED

    def check_records(self, work: Work, objects: list[Any]) -> None:
        """The records of each object lead from step to step to where it is; each version of it is kept."""
        records: dict[UUID, list[StageRecord]] = defaultdict(list)
        for record in work.session.scalars(select(StageRecord).order_by(StageRecord.version)):
            records[record.object_id].append(record)
        kept: dict[UUID, list[int]] = defaultdict(list)
        for id_, version in work.session.execute(select(ObjectVersion.object_id, ObjectVersion.version)):
            kept[id_].append(version)
        for obj in objects:
            for one, following in pairwise(records[obj.id]):
                assert one.target == following.source
                assert one.happened_on <= following.happened_on
            assert not records[obj.id] or records[obj.id][-1].target == obj.state
            assert sorted(kept[obj.id]) == list(range(1, obj.version + 1))


PICTURE = text("""
SELECT (SELECT state FROM competition),
       (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM competition t),
       (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM application t),
       (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM document t),
       (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM meeting t),
       (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM registration_counter t),
       (SELECT count(*) FROM stage_record), (SELECT count(*) FROM object_version), (SELECT count(*) FROM vote),
       (SELECT count(*) FROM document_version), (SELECT count(*) FROM interview_mark)
""")
EVERYTHING = (
    "competition", "applications", "meeting", "mark", "interviews", "vote", "count", "settle", "draft", "paper", "sign"
)  # fmt: skip
FITTING = {
    "testing": ("competition", "applications"),
    "interviewing": ("competition", "applications", "applications", "meeting", "mark", "mark", "mark", "interviews"),
    "voting": ("vote", "vote", "vote", "count", "competition", "draft"),
    "decided": ("competition", "settle", "settle", "draft", "draft", "paper", "paper", "paper", "sign", "sign", "time"),
}
"""What people mostly do in a state of the competition."""


def walk(scene: Scene, clock: FrozenClock, seed: int, steps: int) -> Walk:
    made = Walk(scene, clock, random.Random(seed), scene.members())
    for _ in range(steps):
        made.step()
    return made


@pytest.mark.parametrize("seed", [2, 3])
def test_from_the_results_on(entered: Scene, clock: FrozenClock, seed: int) -> None:
    done = set(walk(entered, clock, seed, 100).done)
    assert {"competition", "meeting", "interviews"} <= done


@pytest.mark.parametrize("seed", [1, 3])
def test_from_the_vote_on(voting: Scene, clock: FrozenClock, seed: int) -> None:
    done = set(walk(voting, clock, seed, 220).done)
    assert {"vote", "count", "competition", "settle", "draft", "paper"} <= done
