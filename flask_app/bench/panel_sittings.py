"""The test and the commission's sitting of a competition: forms, seats, attempts with answers, marks and votes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from flask_app.bench.panel_applicants import ABOVE, AHEAD, HALL, HEARD, WITH_RESULT, test_begins
from flask_app.bench.panel_bulk import Bulk, Row
from flask_app.bench.panel_people import Seated
from flask_app.bench.panel_questions import Paper, QuestionPapers, Version
from flask_app.bench.panel_trail import moment
from flask_app.domain.rule_pack import RulePack
from flask_app.store.models.applications import PracticalResult, TestScore
from flask_app.store.models.commissions import Attendance, InterviewMark, Meeting, VoteRow
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.results import Attempt, AttemptResponse, PullCursor
from flask_app.store.models.testing import ExaminationForm, FormItem, Seat, TestSession

VARIANTS = 2
LANGUAGES = ("ky", "ru")
SEATED = frozenset({"admitted", "notified", "no_show"}) | WITH_RESULT
"""How far away the test is of a competition that is still in screening."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A form's row and the versions of its questions, slot by slot."""

    row: Row
    questions: Sequence[Version]


@dataclass
class Tests:
    bulk: Bulk
    pack: RulePack
    papers: QuestionPapers
    today: date
    chance: random.Random
    _attempts: int = 0

    def make(self, competition: Row, days: Mapping[str, date], applications: Sequence[Row]) -> None:
        """The sitting, its forms and seats; once it was held, the attempts with every answer, and the scores."""
        held = days.get("begin_testing", self.today + AHEAD)
        session = self._session(competition, test_begins(days, self.today), pushed="begin_testing" in days)
        papers = [self.papers.draw() for _ in range(VARIANTS)]
        forms = [
            self._form(session, variant, language, paper)
            for variant, paper in enumerate(papers)
            for language in LANGUAGES
        ]
        sitting = [application for application in applications if application["state"] in SEATED]
        finished = 0
        for number, application in enumerate(sitting, start=1):
            form = forms[number % len(forms)]
            self.bulk.add(Seat, application_id=application["id"], form_id=form.row["id"], number=number)
            if "begin_testing" in days and application["state"] in WITH_RESULT:
                self._attempt(application, form, held)
                finished += 1
        if "begin_testing" in days:
            self._pulled(competition, session, held, finished)

    def _session(self, competition: Row, starts: datetime, *, pushed: bool) -> Row:
        return self.bulk.add(
            TestSession,
            competition_id=competition["id"],
            code=competition["code"].replace("/", "-"),
            course="kyzmat",
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            place=HALL,
            duration_minutes=self.pack.test.duration_minutes,
            variants=VARIANTS,
            seed="7f3a",
            bank_hashes={},
            withdrawn=[],
            proctor="Токоев Б. С.",
            pushed_at=starts - timedelta(days=1) if pushed else None,
        )

    def _form(self, session: Row, variant: int, language: str, paper: Paper) -> _Form:
        name = f"{session['code']}-{self.bulk.body_id.hex[:6]}-v{variant}-{language}"
        form = self.bulk.add(
            ExaminationForm,
            session_id=session["id"],
            variant=variant,
            language=language,
            test_idnumber=name,
            group_idnumber=f"{name}-group",
        )
        questions = [asked.versions[language] for asked in paper]
        for slot, (asked, question) in enumerate(zip(paper, questions, strict=True), start=1):
            self.bulk.add(
                FormItem,
                form_id=form["id"],
                slot=slot,
                block=asked.block,
                twin_group=asked.group,
                question_idnumber=question.idnumber,
                content_hash=question.content_hash,
                version=1,
            )
        return _Form(form, questions)

    def _attempt(self, application: Row, form: _Form, held: date) -> None:
        """One finished attempt. Who qualified reached the threshold, who did not stayed below it."""
        self._attempts += 1
        share = 0.85 if application["state"] in ABOVE else 0.45
        right = [self.chance.random() < share for _ in range(self.pack.test.questions)]
        begun = moment(held, 3)
        attempt = self.bulk.add(
            Attempt,
            moodle_attempt=self._attempts,
            test_idnumber=form.row["test_idnumber"],
            person_idnumber=str(application["person_id"]),
            number=1,
            revision=1,
            newest=True,
            state="finished",
            deleted=False,
            started_at=begun,
            finished_at=begun + timedelta(minutes=70),
            modified_at=begun + timedelta(minutes=70),
            mark=Decimal(sum(right)),
            maximum=Decimal(len(right)),
            pulled_at=begun + timedelta(hours=3),
            content_hash=f"{self._attempts:064x}",
        )
        for slot, (question, well) in enumerate(zip(form.questions, right, strict=True), start=1):
            self._answer(attempt, question, slot, well)
        self._scores(application, attempt, right)
        if application["state"] in HEARD or application["state"] in ABOVE:
            self.bulk.add(
                PracticalResult,
                application_id=application["id"],
                mark=Decimal(8),
                maximum=Decimal(10),
                happened_on=held,
                recorded_at=moment(held, 9),
            )

    def _answer(self, attempt: Row, question: Version, slot: int, well: bool) -> None:
        self.bulk.add(
            AttemptResponse,
            attempt_id=attempt["id"],
            slot=slot,
            question_idnumber=question.idnumber,
            entryid=slot,
            questionid=slot,
            question_version=1,
            state="gradedright" if well else "gradedwrong",
            mark=Decimal(int(well)),
            maximum=Decimal(1),
            response=question.right if well else self.chance.choice(question.wrong),
            right_answer=question.right,
            answered_at=attempt["finished_at"],
        )

    def _scores(self, application: Row, attempt: Row, right: Sequence[bool]) -> None:
        first = 0
        for block in self.pack.test.blocks:
            self.bulk.add(
                TestScore,
                application_id=application["id"],
                block=block.id,
                mark=Decimal(sum(right[first : first + block.count])),
                maximum=Decimal(block.count),
                attempt_id=attempt["id"],
            )
            first += block.count

    def _pulled(self, competition: Row, session: Row, held: date, finished: int) -> None:
        at = moment(held, 9)
        self.bulk.add(PullCursor, what=f"results:{session['code']}", cursor="end", total=finished, pulled_at=at)
        for task, key in (("push_session", "push-session"), ("pull_results", "pull-results")):
            self.bulk.add(
                JobProgress,
                task=task,
                key=f"{key}:{competition['id']}",
                state="done",
                done=finished,
                total=finished,
                message_code="",
                params={},
                created_at=at,
                updated_at=at,
                cancel_requested=False,
            )


@dataclass
class Meetings:
    bulk: Bulk
    pack: RulePack
    chance: random.Random
    made: list[Row] = field(default_factory=list)

    def make(
        self,
        competition: Row,
        state: str,
        days: Mapping[str, date],
        applications: Sequence[Row],
        seats: Seated,
        *,
        voted: bool,
    ) -> None:
        """The sitting with everybody there; the marks of who was heard; the votes where everybody has `voted`; from
        the decision on, their count."""
        held = days["begin_interviews"]
        counted = "decide" in days
        heard = [application for application in applications if application["state"] in HEARD]
        winner = next((one for one in heard if one["state"] == "winner"), None)
        if state == "decided" and heard:
            winner = heard[0]
        meeting = self.bulk.add(
            Meeting,
            competition_id=competition["id"],
            held_on=held,
            started_at=moment(held, 4),
            ended_at=moment(held, 8) if counted else None,
            form="in_person",
            place=HALL,
            secret_ballot=self.chance.random() < 0.3,
            counted_at=moment(days["decide"], 5) if counted else None,
            winner_id=winner["id"] if winner is not None and counted else None,
        )
        self.made.append(meeting)
        for member in seats.members:
            self.bulk.add(Attendance, meeting_id=meeting["id"], member_id=member["id"], present=True, reason={})
        for application in heard:
            self._marked(application, seats, held)
        if voted:
            self._voted(meeting, heard, winner, seats, days["decide" if counted else "begin_voting"])

    def _marked(self, application: Row, seats: Seated, held: date) -> None:
        for member in seats.voting:
            for competence in range(1, len(self.pack.interview.competences) + 1):
                self.bulk.add(
                    InterviewMark,
                    application_id=application["id"],
                    member_id=member["id"],
                    competence=competence,
                    mark=self.chance.randrange(2, self.pack.interview.scale_max + 1),
                    recorded_at=moment(held, 7),
                )

    def _voted(self, meeting: Row, heard: Sequence[Row], winner: Row | None, seats: Seated, day: date) -> None:
        """Everybody votes for one candidate at most: the winner gets all but one; with no winner they are split."""
        voters = seats.voting
        for place, member in enumerate(voters):
            favourite = heard[place % len(heard)] if winner is None or place == len(voters) - 1 else winner
            for application in heard:
                self.bulk.add(
                    VoteRow,
                    meeting_id=meeting["id"],
                    member_id=member["id"],
                    application_id=application["id"],
                    choice="for" if application is favourite else "against",
                    recorded_at=moment(day),
                )
