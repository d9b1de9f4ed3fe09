"""The questions on their way: what waits for me, all of them, and the banks they belong to."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.services import question_items as desk
from flask_app.services.office import Work
from flask_app.services.question_list import STATES_SHOWN, items
from flask_app.services.question_releases import banks_for_editors
from flask_app.web.announcing.forms import Form
from flask_app.web.deeds import act_of
from flask_app.web.fields import choice_of, page_of, text_of
from flask_app.web.questions.importing import reasons_at
from flask_app.web.questions.place import AREA, wording
from flask_app.web.visit import Visit

NO_REASON = "workflow.needs_reason"


@AREA.get("/questions")
def index(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        return _index(visit, work)


def _index(visit: Visit, work: Work, form: Form | None = None) -> str:
    asked = request.args
    state = choice_of(asked, "state", STATES_SHOWN)
    mine = asked.get("all") is None
    word = wording(visit, work)
    banks = banks_for_editors(work)
    bank = choice_of(asked, "bank", {one.code for one in banks})
    return visit.page(
        "questions/list.html",
        word=word,
        found=items(work, bank=bank, state=state, mine=mine, page=page_of(asked)),
        banks=banks,
        bank=bank,
        state=state,
        states=STATES_SHOWN,
        mine=mine,
        handed_in=_count(asked.get("handed_in", "")),
        written=_count(asked.get("written", "")),
        left=_count(asked.get("left", "")),
        reasons=reasons_at(asked),
        entered=form or Form(word),
    )


def _count(given: str) -> int:
    """How many the page that led here handed in or wrote; only a number of the panel's own."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 5 else 0


@AREA.post("/questions/banks/<uuid:id_>/revisions")
def revise(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Take up a question of the bank for changing; one that is being worked on already is opened."""
    sent = request.form
    with visit.work() as work:
        bank = desk.bank_for(work, id_)
        named, reason = f"group-{bank.code}", f"reason-{bank.code}"
        form = Form(wording(visit, work)).put(**{named: text_of(sent, "group", 100), reason: text_of(sent, "reason")})
        try:
            item, taken = desk.take_up(work, bank, form[named], act_of(work, sent))
        except InvalidInput as unknown:
            form.blame(named, unknown)
            return _index(visit, work, form), 422
        except Refused as refused:
            if refused.code != NO_REASON:
                raise
            form.refuse(reason, "qs_why_needed", step=form.word.step("question", desk.REVISE))
            return _index(visit, work, form), 422
        return redirect(url_for("questions.show", id_=item.id, done=desk.REVISE if taken else None), 303)
