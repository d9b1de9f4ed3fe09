"""A member stands aside in one candidate's case, with a reason, or comes back to it."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput
from flask_app.domain.recusal import check_case, check_withdrawal
from flask_app.services.commission_hearing import Hearing
from flask_app.services.commission_table import CandidateRow
from flask_app.services.recusals import recuse as keep_recusal
from flask_app.services.recusals import withdraw_recusal
from flask_app.web.announcing.forms import Form
from flask_app.web.commission.place import AREA, own_candidate, to_desk, word_of
from flask_app.web.deeds import both_languages
from flask_app.web.entered import fields_in
from flask_app.web.visit import Visit

FIELDS = ("reason_ky", "reason_ru")


@AREA.get("/commission/<uuid:id_>/candidates/<uuid:candidate>/recusal")
def recusal(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    """What standing aside does, with the form for its reason; of who has, the reason and the way back."""
    with visit.work() as work:
        found, row = own_candidate(work, id_, candidate)
        return _page(visit, found, row, Form(word_of(visit, work)))


@AREA.post("/commission/<uuid:id_>/candidates/<uuid:candidate>/recusal")
def recuse(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found, row = own_candidate(work, id_, candidate)
        form = fields_in(word_of(visit, work), {name: name for name in FIELDS})
        reason = both_languages(request.form, "reason")
        if not reason and found.may_recuse(row):
            form.blame("reason_ky", InvalidInput("recusal.without_reason"))
        if not form.ok:
            return _page(visit, found, row, form), form.status
        keep_recusal(work, id_, candidate, reason)
    return to_desk(id_)


@AREA.post("/commission/<uuid:id_>/candidates/<uuid:candidate>/recusal/withdrawal")
def withdraw(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        own_candidate(work, id_, candidate)
        withdraw_recusal(work, id_, candidate)
    return to_desk(id_)


def _page(visit: Visit, found: Hearing, row: CandidateRow, form: Form) -> str:
    return visit.page(
        "commission/recusal.html",
        word=form.word,
        desk=found,
        candidate=row,
        entered=form,
        refused=_refused(found, row),
    )


def _refused(found: Hearing, row: CandidateRow) -> InvalidInput | None:
    """Why the actor may neither stand aside nor come back now, by the check that enforces it."""
    case = found.case(row)
    try:
        (check_withdrawal if case.recused else check_case)(case)
    except InvalidInput as problem:
        return problem
    return None
