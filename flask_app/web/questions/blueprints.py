"""The builder of blueprints: rows of conditions, judged by the banks before anything is kept."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import AlreadyThere, InvalidInput
from flask_app.domain.workflow import Refusal
from flask_app.services import blueprint_desk as desk
from flask_app.services.office import Work
from flask_app.web.announcing.forms import Form
from flask_app.web.deeds import number_of, version_of
from flask_app.web.fields import text_of
from flask_app.web.questions.place import AREA, wording
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording
from question_banks.bank import DIFFICULTIES
from question_banks.blueprints import Cell

EXACT = 10**9
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
ROWS = 8
"""Rows the form offers; a blueprint that was kept with more shows them all and two empty ones."""


@AREA.get("/questions/blueprints")
def blueprints(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        return visit.page("questions/blueprints.html", word=wording(visit, work), found=desk.blueprints(work))


@AREA.get("/questions/blueprints/new")
def new_blueprint(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        menu = desk.menu(work)
        cells = tuple(Cell(block, 30) for block in menu.blocks)
        wanted = desk.Wanted("", cells, menu.languages, None, work.office.ids.new().hex[-8:])
        return _builder(visit, work, wanted, menu=menu)


@AREA.post("/questions/blueprints/new")
def build(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        return _judge_or_keep(visit, work, None)


@AREA.get("/questions/blueprints/<uuid:id_>")
def blueprint(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        row, wanted = desk.blueprint(work, id_)
        banks = desk.banks(work)
        judged, menu = desk.judge(work, wanted, banks), desk.menu(work, banks)
        return _builder(visit, work, wanted, id_=id_, version=row.version, judged=judged, menu=menu)


@AREA.post("/questions/blueprints/<uuid:id_>")
def rebuild(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        desk.blueprint(work, id_)
        return _judge_or_keep(visit, work, id_)


def _judge_or_keep(visit: Visit, work: Work, id_: UUID | None) -> ResponseReturnValue:
    version = version_of(request.form) if id_ else 0
    form = Form(wording(visit, work))
    wanted = _wanted(form)
    if not form.ok:
        return _builder(visit, work, wanted, id_=id_, version=version, form=form), form.status
    try:
        if request.form.get("do") == "keep":
            kept = desk.keep_blueprint(work, wanted, id_, version).id
            return redirect(url_for("questions.blueprint", id_=kept), 303)
        judged = desk.judge(work, wanted)
    except (InvalidInput, AlreadyThere) as problem:
        form.problems["title"] = str(form.word.why(problem).said)
        return _builder(visit, work, wanted, id_=id_, version=version, form=form), 422
    return _builder(visit, work, wanted, id_=id_, version=version, judged=judged)


def _builder(
    visit: Visit,
    work: Work,
    wanted: desk.Wanted,
    *,
    id_: UUID | None = None,
    version: int = 0,
    judged: desk.Judged | None = None,
    form: Form | None = None,
    menu: desk.Menu | None = None,
) -> str:
    word = wording(visit, work)
    refused = word.why(Refusal(judged.refused.code, None, judged.refused.params)) if judged and judged.refused else None
    return visit.page(
        "questions/blueprint.html",
        word=word,
        wanted=wanted,
        menu=menu or desk.menu(work),
        difficulties=DIFFICULTIES,
        rows=max(ROWS, len(wanted.cells) + 2),
        id_=id_,
        seen=version,
        total=sum(cell.count for cell in wanted.cells),
        judged=judged,
        refused=refused,
        large=large,
        numbers=lambda places: _rows(word, places),
        entered=form or Form(word),
    )


def _rows(word: Wording, places: Sequence[int]) -> str:
    """Rows of the plan, counted from 1, as the sentence about them needs it: one, or several."""
    return word.say("qs_bp_short_rows", n=len(places), rows=", ".join(str(place + 1) for place in places))


def large(word: Wording, number: int) -> str:
    """A count of papers: whole as far as it can be read, then as a power of ten."""
    if number < EXACT:
        return word.number(number)
    power = len(str(number)) - 1
    return f"{word.number(round(number / 10**power, 1), 1)} · 10{str(power).translate(RAISED)}"


def _count(form: Form, row: int) -> int:
    """How many questions a row asks for; what is no whole number is noted with the row."""
    name = f"count_{row}"
    try:
        return number_of(request.form, name)
    except InvalidInput:
        given = text_of(request.form, name)
        form.refuse(name, "qs_bp_count_unreadable" if given else "qs_bp_count_empty", row=row, given=given)
        return 0


def _wanted(form: Form) -> desk.Wanted:
    sent = request.form
    rows = [at for at in range(1, desk.MOST_CELLS + 1) if text_of(sent, f"block_{at}", 60)]
    cells = []
    for at in rows:
        count = _count(form, at)
        named = {name: text_of(sent, f"{name}_{at}", 100) for name in ("block", "topic", "difficulty", "act")}
        cells.append(Cell(count=count, **named))
    limit = form.take("limit", lambda: number_of(sent, "limit")) if text_of(sent, "limit") else None
    languages = tuple(text[:5] for text in sent.getlist("languages")[:6])
    return desk.Wanted(text_of(sent, "title", 120), tuple(cells), languages, limit, text_of(sent, "seed", 60))
