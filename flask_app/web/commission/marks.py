"""A member's own marks for one candidate, looked through once more before they are saved."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from flask_app.services import meetings
from flask_app.services.commission_hearing import Hearing, check_marks
from flask_app.services.commission_table import CandidateRow
from flask_app.services.office import Work
from flask_app.web.commission.place import AREA, own_candidate, to_desk, word_of
from flask_app.web.guard import LANGUAGE_ARGUMENT
from flask_app.web.visit import Visit


@AREA.get("/commission/<uuid:id_>/candidates/<uuid:candidate>")
def mark_form(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found, row = own_candidate(work, id_, candidate)
        return _marks_page(visit, work, found, row, {})


@AREA.post("/commission/<uuid:id_>/candidates/<uuid:candidate>/review")
def review_marks(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    """The marks once more before they are saved; with a gap, the form again with what was chosen."""
    with visit.work() as work:
        found, row = own_candidate(work, id_, candidate)
        if row.mine:
            return redirect(url_for("commission.mark_form", id_=id_, candidate=candidate), 303)
        marks = _marks(request.form, found)
        missing = check_marks(found.pack, marks)
        look_again = "change" in request.form or (LANGUAGE_ARGUMENT in request.form and bool(missing))
        if missing or look_again:
            page = _marks_page(visit, work, found, row, marks, () if look_again else missing)
            return page, 422 if missing and not look_again else 200
        return visit.page(
            "commission/marks_review.html", word=word_of(visit, work), desk=found, candidate=row, marks=marks
        )


@AREA.post("/commission/<uuid:id_>/candidates/<uuid:candidate>")
def save_marks(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found, _ = own_candidate(work, id_, candidate)
        meetings.give_marks(work, id_, candidate, _marks(request.form, found))
    return to_desk(id_)


def _marks_page(
    visit: Visit, work: Work, found: Hearing, row: CandidateRow, marks: Mapping[int, int], missing: tuple[int, ...] = ()
) -> str:
    return visit.page(
        "commission/marks.html",
        word=word_of(visit, work),
        desk=found,
        candidate=row,
        marks=marks,
        missing=missing,
        scale=range(1, found.pack.interview.scale_max + 1),
    )


def _marks(sent: MultiDict[str, str], found: Hearing) -> dict[int, int]:
    places = range(1, len(found.pack.interview.competences) + 1)
    given = {place: sent.get(f"mark_{place}", "") for place in places}
    return {place: int(mark) for place, mark in given.items() if mark.isascii() and mark.isdecimal() and len(mark) < 4}
