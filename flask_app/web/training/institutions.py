"""Training institutions: the list, a new one, and what each has sent."""

from __future__ import annotations

import re
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput
from flask_app.services import training_batches
from flask_app.services.training import require_keeping_orders
from flask_app.web.announcing.conflicts import whys
from flask_app.web.announcing.forms import Form
from flask_app.web.fields import page_of
from flask_app.web.training.place import AREA, both, word_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Why

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""A code that can stand in a batch's `sender` and in an address."""
FIELDS = ("institution_code", "name_ky", "name_ru")


@AREA.get("/training/institutions")
def institutions(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        found = training_batches.institutions(work, page_of(request.args))
        return visit.page("training/institutions.html", word=word_of(visit, work), found=found)


@AREA.get("/training/institutions/new")
def new_institution(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        require_keeping_orders(work)
        return _page(visit, Form(word_of(visit, work)))


@AREA.post("/training/institutions/new")
def add_institution(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        require_keeping_orders(work)
        form = Form(word_of(visit, work)).read(request.form, FIELDS)
        form.require(*FIELDS)
        if form["institution_code"] and not CODE.fullmatch(form["institution_code"]):
            form.refuse("institution_code", "tr_problem_institution_code")
        if not form.ok:
            return _page(visit, form), 422
        try:
            id_ = training_batches.new_institution(work, form["institution_code"], both(form, "name"))
        except InvalidInput as taken:
            return _page(visit, form, whys(form.word, taken)), 422
    return redirect(url_for("training.institution", id_=id_), 303)


def _page(visit: Visit, form: Form, refused: tuple[Why, ...] = ()) -> str:
    return visit.page("training/institution_new.html", word=form.word, form=form, refused=refused)


@AREA.get("/training/institutions/<uuid:id_>")
def institution(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = training_batches.institution_desk(work, id_, page_of(request.args))
        return visit.page("training/institution.html", word=word_of(visit, work), desk=found)
