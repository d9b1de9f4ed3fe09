"""Candidates' names as papers print them: nobody may be mistaken for a namesake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import select

from flask_app.services.office import Work
from flask_app.store.models.applications import Application
from flask_app.store.models.people import Person

Label = Callable[[Application, Person], str]

LABELS: tuple[Label, ...] = (
    lambda _application, person: person.name,
    lambda _application, person: f"{person.name} ({person.birth_date:%Y})" if person.birth_date else "",
    lambda _application, person: f"{person.name} ({person.birth_date:%d.%m.%Y})" if person.birth_date else "",
    lambda application, person: f"{person.name} (№ {application.number})",
)
"""From the plain name to what always tells two people of one competition apart: the number of the application."""


def candidate_names(work: Work, competition_id: UUID) -> Mapping[UUID, str]:
    """Application → name. Namesakes all carry the same kind of mark, the shortest that tells them apart."""
    rows = work.session.execute(
        select(Application, Person)
        .join(Person, Person.id == Application.person_id)
        .where(Application.competition_id == competition_id)
        .order_by(Application.number)
    )
    alike: dict[str, list[tuple[Application, Person]]] = {}
    for application, person in rows:
        alike.setdefault(person.folded_name, []).append((application, person))
    return {
        application.id: label(application, person)
        for namesakes in alike.values()
        for label in [_telling(namesakes)]
        for application, person in namesakes
    }


def _telling(namesakes: list[tuple[Application, Person]]) -> Label:
    """The first kind of label that is there for each of them and different for all."""
    for label in LABELS:
        given = Counter(label(*namesake) for namesake in namesakes)
        if "" not in given and max(given.values()) == 1:
            return label
    return LABELS[-1]
