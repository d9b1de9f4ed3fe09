"""Procedures: the list of competitions and training orders, and the page of each."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from flask_app.domain.workflows import WORKFLOWS
from flask_app.services import overview
from flask_app.services.local_time import local_time
from flask_app.services.procedure_story import competition_story, order_story
from flask_app.web.area import Area
from flask_app.web.fields import choice_of, page_of, text_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

AREA = Area("procedures")

TYPES = (overview.COMPETITION, overview.ORDER)
STATES = {f"{type_}.{state}": (type_, state) for type_ in TYPES for state in WORKFLOWS[type_].states}

SAVED = ("draft", "correction", "commission", "agreement", "publication")
"""What a form that leads back to the competition's page may have kept; the page says so in a line."""


@AREA.get("/procedures")
def index(visit: Visit) -> ResponseReturnValue:
    wanted = overview.Filter(
        text=text_of(request.args, "q"),
        state=choice_of(request.args, "state", STATES),
        only=choice_of(request.args, "only", TYPES),
    )
    with visit.work() as work:
        found = overview.procedures(work, wanted, page_of(request.args))
        word = Wording(visit.language, local_time(work).today)
        return visit.page(
            "procedures/list.html",
            word=word,
            found=found,
            wanted=wanted,
            types=TYPES,
            states=STATES,
            doubled=_doubled(word),
        )


def _doubled(word: Wording) -> frozenset[str]:
    """Names that states of both kinds of procedures bear: a list of all states tells their kind too."""
    said = Counter(word.state(type_, state) for type_, state in STATES.values())
    return frozenset(name for name, times in said.items() if times > 1)


@AREA.get("/procedures/competition/<uuid:id_>")
def competition(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        story = competition_story(work, id_)
        word = Wording(visit.language, local_time(work).today)
        saved = choice_of(request.args, "saved", SAVED)
        return visit.page("procedures/competition.html", word=word, story=story, saved=saved)


@AREA.get("/procedures/training/<uuid:id_>")
def training_order(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        story = order_story(work, id_)
        word = Wording(visit.language, local_time(work).today)
        return visit.page("procedures/training.html", word=word, story=story)
