"""Many drafts handed in at once: a page that shows what would become of each, then the act and its report."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput
from flask_app.services import question_bulk
from flask_app.services.question_bulk import HandIn
from flask_app.web.announcing.conflicts import whys
from flask_app.web.applicants.deciding import seen_of
from flask_app.web.fields import text_of
from flask_app.web.questions.place import AREA, told, wording
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording


@AREA.post("/questions/hand-in/review")
def look_at_many(visit: Visit) -> ResponseReturnValue:
    """Shows the questions with what stands against each; changes nothing."""
    sent = request.form
    chosen = None if sent.get("every") == "1" else list(dict(seen_of(sent.getlist("who"))))
    with visit.work() as work:
        word = wording(visit, work)
        try:
            found = question_bulk.review_hand_in(work, chosen, bank=text_of(sent, "bank"), mine=sent.get("all") is None)
        except InvalidInput as none:
            return visit.page(
                "questions/hand_in.html", word=word, found=HandIn((), ()), why=word.why(none), whys=whys
            ), 422
        return _page(visit, "questions/hand_in.html", word, found)


@AREA.post("/questions/hand-in")
def hand_in(visit: Visit) -> ResponseReturnValue:
    """Where all went well, back to the list; where not, a report of what stayed and why."""
    with visit.work() as work:
        found = question_bulk.hand_in(work, dict(seen_of(request.form.getlist("who"))))
        if found.staying:
            report = _page(visit, "questions/handed_in.html", wording(visit, work), found)
            return report, 200 if found.going else 409
    return redirect(url_for("questions.index", handed_in=len(found.going)), 303)


def _page(visit: Visit, template: str, word: Wording, found: HandIn) -> str:
    return visit.page(
        template, word=word, found=found, whys=whys, told=told(word), why=None, most=question_bulk.MOST_AT_ONCE
    )
