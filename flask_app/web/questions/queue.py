"""The questions on their way: what waits for me, all of them, and the banks they belong to."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.workflows.question import WORKFLOW
from flask_app.services import question_items as desk
from flask_app.services.question_releases import banks_for_editors
from flask_app.web.fields import choice_of, page_of, text_of
from flask_app.web.questions.place import AREA, wording
from flask_app.web.visit import Visit


@AREA.get("/questions")
def index(visit: Visit) -> ResponseReturnValue:
    asked = request.args
    state = choice_of(asked, "state", WORKFLOW.states)
    mine = asked.get("all") is None
    with visit.work() as work:
        banks = banks_for_editors(work)
        bank = choice_of(asked, "bank", {one.code for one in banks})
        found = desk.items(work, bank=bank, state=state, mine=mine, page=page_of(asked))
        return visit.page(
            "questions/list.html",
            word=wording(visit, work),
            found=found,
            banks=banks,
            bank=bank,
            state=state,
            states=tuple(WORKFLOW.states),
            mine=mine,
            handed_in=_count(asked.get("handed_in", "")),
            written=_count(asked.get("written", "")),
            left=_count(asked.get("left", "")),
        )


def _count(given: str) -> int:
    """How many the page that led here handed in or wrote; only a number of the panel's own."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 5 else 0


@AREA.post("/questions/banks/<uuid:id_>/revisions")
def revise(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Take up a question of the bank for changing."""
    sent = request.form
    with visit.work() as work:
        bank = desk.bank_for(work, id_)
        item = desk.begin_revision(work, bank, text_of(sent, "group", 100), text_of(sent, "reason") or "edit").id
    return redirect(url_for("questions.show", id_=item), 303)
