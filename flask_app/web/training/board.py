"""The board: orders by stage, the share of the budget, filters by address."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from flask_app.domain.workflows.training_order import WORKFLOW
from flask_app.services.training import MOODLE
from flask_app.services.training_board import BoardFilter, board
from flask_app.web.fields import choice_of, page_of, text_of
from flask_app.web.training.place import AREA, word_of
from flask_app.web.visit import Visit


@AREA.get("/training")
def index(visit: Visit) -> ResponseReturnValue:
    wanted = wanted_of(request.args)
    with visit.work() as work:
        found = board(work, wanted, page_of(request.args))
        return visit.page(
            "training/board.html",
            word=word_of(visit, work),
            board=found,
            wanted=wanted,
            states=tuple(WORKFLOW.states),
            moodle=MOODLE,
        )


def wanted_of(sent: MultiDict[str, str]) -> BoardFilter:
    """What is no year, no stage and no institution's id filters nothing."""
    year = text_of(sent, "year", 4)
    return BoardFilter(
        year=int(year) if len(year) == 4 and year.isascii() and year.isdecimal() else None,
        state=choice_of(sent, "state", WORKFLOW.states),
        institution=_institution(text_of(sent, "institution", 40)),
    )


def _institution(given: str) -> str:
    if given == MOODLE:
        return given
    try:
        return str(UUID(given))
    except ValueError:
        return ""
