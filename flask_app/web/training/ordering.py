"""A training order drawn up by a short form, corrected before its approval, and given programmes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from flask_app.domain.errors import InvalidInput, VersionConflict
from flask_app.services.competition_draft import packs
from flask_app.services.office import Work
from flask_app.services.training import (
    MOODLE,
    NewOrder,
    NewProgramme,
    OrderFigures,
    add_programme,
    correct_order,
    draw_up_order,
    insist_on_free_code,
    require_keeping_orders,
)
from flask_app.services.training_board import InstitutionChoice, institutions_to_choose
from flask_app.services.training_desk import shown_order
from flask_app.services.training_facts import training_pack
from flask_app.web.announcing.conflicts import version_of, whys
from flask_app.web.announcing.forms import Form, written
from flask_app.web.training.place import AREA, both, money, plain_sum, whole, word_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Why

FIGURES = ("name_ky", "name_ru", "needs", "plan_reference", "body_funds", "money_planned")
COURSE = ("course_code", "course_ky", "course_ru", "hours")
LONGEST_CODE = 60


# -- drawn up ----------------------------------------------------------------------------------------------------------


@AREA.get("/training/new")
def new(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        require_keeping_orders(work)
        word = word_of(visit, work)
        form = Form(word, {"opened_on": written(word.today), "pack": packs()[0].id, "institution": MOODLE})
        return _new_page(visit, work, form)


@AREA.post("/training/new")
def draw_up(visit: Visit) -> ResponseReturnValue:
    """The order and, if one is named, its first programme: both or neither."""
    with visit.work() as work:
        require_keeping_orders(work)
        form = Form(word_of(visit, work))
        form.read(request.form, ("order_code", "opened_on", "pack", *FIGURES, *COURSE, "institution"))
        choices = institutions_to_choose(work)
        order = _check_order(work, form)
        course = _check_course(form, choices) if any(form[name] for name in COURSE) else None
        if order is None or not form.ok:
            return _new_page(visit, work, form), 422
        id_ = draw_up_order(work, order)
        if course is not None:
            add_programme(work, id_, course)
    return _to_desk(id_)


def _check_order(work: Work, form: Form) -> NewOrder | None:
    form.require("order_code")
    form.values["order_code"] = form["order_code"][:LONGEST_CODE]
    if form["order_code"]:
        form.take("order_code", lambda: insist_on_free_code(work, form["order_code"]))
    opened_on = form.day("opened_on", latest=form.word.today)
    form.choose("pack", [pack.id for pack in packs()])
    figures = _check_figures(form)
    if opened_on is None or figures is None or not form.ok:
        return None
    return NewOrder(
        code=form["order_code"],
        opened_on=opened_on,
        title=figures.title,
        pack_id=form["pack"],
        needs=figures.needs,
        plan_reference=figures.plan_reference,
        body_funds=figures.body_funds,
        money_planned=figures.money_planned,
    )


def _check_figures(form: Form) -> OrderFigures | None:
    """Papers are printed in both languages, so both titles are asked for. Needs and plan may still be missing."""
    form.require("name_ky", "name_ru")
    needs = whole(form, "needs", least=0)
    funds, planned = money(form, "body_funds"), money(form, "money_planned")
    if funds is not None and funds == 0:
        form.refuse("body_funds", "tr_problem_no_funds")
    if needs is None or funds is None or planned is None:
        return None
    return OrderFigures(both(form, "name"), needs, form["plan_reference"], funds, planned)


def _new_page(visit: Visit, work: Work, form: Form) -> str:
    return visit.page(
        "training/new.html",
        word=form.word,
        form=form,
        packs=packs(),
        institutions=institutions_to_choose(work),
        moodle=MOODLE,
    )


# -- corrected ---------------------------------------------------------------------------------------------------------


@AREA.get("/training/<uuid:id_>/correct")
def edit(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        order = shown_order(work, id_, "correct")
        form = Form(word_of(visit, work), {f"name_{code}": str(order.title.get(code, "")) for code in ("ky", "ru")})
        form.put(needs=str(order.needs), plan_reference=order.plan_reference, version=str(order.version))
        form.put(body_funds=plain_sum(order.body_funds), money_planned=plain_sum(order.money_planned))
        return _edit_page(visit, work, id_, form)


@AREA.post("/training/<uuid:id_>/correct")
def correct(visit: Visit, id_: UUID) -> ResponseReturnValue:
    try:
        with visit.work() as work:
            shown_order(work, id_, "correct")
            form = Form(word_of(visit, work)).read(request.form, (*FIGURES, "version"))
            figures = _check_figures(form)
            if figures is None or not form.ok:
                return _edit_page(visit, work, id_, form), 422
            correct_order(work, id_, figures, expected_version=version_of(form["version"]))
    except VersionConflict as changed:
        with visit.work() as work:
            form.put(version=str(shown_order(work, id_, "correct").version))
            return _edit_page(visit, work, id_, form, whys(form.word, changed)), 409
    return _to_desk(id_)


def _edit_page(visit: Visit, work: Work, id_: UUID, form: Form, refused: tuple[Why, ...] = ()) -> str:
    order = shown_order(work, id_, "correct")
    return visit.page(
        "training/correct.html", word=form.word, order=order, form=form, pack=training_pack(order), refused=refused
    )


# -- programmes --------------------------------------------------------------------------------------------------------


@AREA.get("/training/<uuid:id_>/programmes/new")
def new_programme(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        shown_order(work, id_, "edit")
        return _programme_page(visit, work, id_, Form(word_of(visit, work), {"institution": MOODLE}))


@AREA.post("/training/<uuid:id_>/programmes/new")
def save_programme(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        shown_order(work, id_, "edit")
        form = Form(word_of(visit, work)).read(request.form, (*COURSE, "institution"))
        course = _check_course(form, institutions_to_choose(work))
        if course is None or not form.ok:
            return _programme_page(visit, work, id_, form), 422
        try:
            add_programme(work, id_, course)
        except InvalidInput as taken:
            return _programme_page(visit, work, id_, form, whys(form.word, taken)), 422
    return _to_desk(id_)


def _check_course(form: Form, choices: Sequence[InstitutionChoice]) -> NewProgramme | None:
    form.require("course_code", "course_ky", "course_ru")
    hours = whole(form, "hours", least=1)
    codes = {str(choice.id): choice.code for choice in choices}
    form.choose("institution", [MOODLE, *codes])
    if hours is None or not form.ok:
        return None
    return NewProgramme(form["course_code"], both(form, "course"), hours, codes.get(form["institution"]))


def _programme_page(visit: Visit, work: Work, id_: UUID, form: Form, refused: tuple[Why, ...] = ()) -> str:
    return visit.page(
        "training/programme_new.html",
        word=form.word,
        order=shown_order(work, id_, "edit"),
        form=form,
        institutions=institutions_to_choose(work),
        moodle=MOODLE,
        refused=refused,
    )


def _to_desk(id_: UUID) -> Response:
    return redirect(url_for("training.show", id_=id_), 303)
