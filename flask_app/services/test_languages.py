"""In which language candidates sit the test: for whom somebody has said it, and what the others would get.

A form is drawn in the language that stands with the person. Until somebody chooses, that is only the one the panel
begins with (Kyrgyz, the state language): it is counted and told, so that nobody sits a test in it by oversight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from flask_app.services.office import Work
from flask_app.store.models.applications import Application
from flask_app.store.models.people import Person
from flask_app.store.models.testing import ExaminationForm, Seat, TestSession

SITTING: Final = ("admitted", "notified")
BEFORE_THE_TEST: Final = ("received", "registered", "under_screening", *SITTING)


@dataclass(frozen=True, slots=True)
class LanguageChoices:
    """Those who are to sit the test and have no form yet. `chosen`: language → how many it was chosen for; `lacking`:
    language they would get → how many nobody has chosen for.
    """

    chosen: Mapping[str, int]
    lacking: Mapping[str, int]

    @property
    def undecided(self) -> int:
        return sum(self.lacking.values())

    @property
    def people(self) -> int:
        return self.undecided + sum(self.chosen.values())


def language_choices(work: Work, competition_id: UUID) -> LanguageChoices:
    """What the page of a test session tells before forms are drawn, and before latecomers are given theirs. One query.

    The caller has asked whether the actor may see the competition.
    """
    seated = (
        select(Seat.application_id)
        .join(ExaminationForm, ExaminationForm.id == Seat.form_id)
        .join(TestSession, TestSession.id == ExaminationForm.session_id)
        .where(TestSession.competition_id == competition_id)
    )
    rows = work.session.execute(
        select(Person.language, Person.language_chosen, func.count())
        .join(Application, Application.person_id == Person.id)
        .where(
            Application.competition_id == competition_id,
            Application.body_id == work.actor.body_id,
            Application.state.in_(SITTING),
            Application.id.not_in(seated),
        )
        .group_by(Person.language, Person.language_chosen)
        .order_by(Person.language)
    ).all()
    return LanguageChoices(
        {language: people for language, chosen, people in rows if chosen},
        {language: people for language, chosen, people in rows if not chosen},
    )


def lacking_languages(work: Work, competition_id: UUID, *states: str) -> dict[str, int]:
    """Language they would get → how many applicants in these states nobody has chosen a language for."""
    rows = work.session.execute(
        select(Person.language, func.count())
        .join(Application, Application.person_id == Person.id)
        .where(
            Application.competition_id == competition_id,
            Application.body_id == work.actor.body_id,
            Application.state.in_(states),
            Person.language_chosen.is_(False),
        )
        .group_by(Person.language)
        .order_by(Person.language)
    )
    return dict(rows.all())
