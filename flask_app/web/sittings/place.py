"""The area of the panel for sittings of the test, and what its pages share."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask import redirect, url_for
from werkzeug.wrappers import Response

from flask_app.domain.errors import NotPermitted
from flask_app.domain.workflow import Refusal
from flask_app.services import sitting_desk
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.sitting_desk import Sitting
from flask_app.web.announcing.forms import Form
from flask_app.web.area import Area
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

AREA = Area("sittings")

STEPS = ("begin_testing", "begin_interviews")
"""Steps of the competition that are taken on the sitting's page."""


def sitting_for(work: Work, id_: UUID, action: str) -> Sitting:
    """Raises `NotPermitted` where the permission map of the state does not give the actor this action."""
    found = sitting_desk.sitting_of(work, id_)
    if not found.may(action):
        raise NotPermitted(
            "workflow.action_not_permitted", action=action, state=found.competition.state, workflow="competition"
        )
    return found


def to_sitting(id_: UUID) -> Response:
    return redirect(url_for("sittings.show", id_=id_), 303)


def to_job(id_: UUID, job: UUID) -> Response:
    return redirect(url_for("sittings.job", id_=id_, job=job), 303)


def word_of(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)


def lacking(word: Wording, gaps: Iterable[str]) -> list[Why]:
    """What came without the plugin lacks, in sentences."""
    return [word.why(Refusal(code)) for code in gaps]


def show_sitting(visit: Visit, id_: UUID, form: Form | None = None) -> str:
    """The page of the sitting, with what was typed into one of its forms and is wrong."""
    with visit.work() as work:
        found = sitting_desk.sitting_of(work, id_)
        word = word_of(visit, work)
        untold = lacking(word, found.totals.gaps if found.totals else ())
        page = {"word": word, "desk": found, "steps": STEPS, "entered": form or Form(word), "lacking": untold}
        return visit.page("sittings/sitting.html", **page)
