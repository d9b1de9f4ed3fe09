"""What waits for me."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from flask_app.services import overview
from flask_app.web.area import Area
from flask_app.web.navigation import own_sections, writes_questions
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

AREA = Area("home")

FIRST = 30
"""Tasks on the page before it is asked for all of them: the most urgent come first."""


@AREA.get("/")
def show(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        found = overview.home(work)
        word = Wording(visit.language, found.today)
        shown = len(found.tasks) if "all" in request.args else FIRST
        return visit.page(
            "home/home.html",
            word=word,
            home=found,
            shown=shown,
            looked=overview.LOOKED_AT,
            sections=own_sections(visit.actor),
            writes=writes_questions(visit.actor),
        )
