"""One programme: its people, a list of names enrolled after a review, outcomes from a paper, the list for export."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import Refused
from flask_app.domain.grade_sheets import HEADS, Column
from flask_app.messages import explain
from flask_app.services.exports import workbook_of
from flask_app.services.office import Work
from flask_app.services.training_desk import shown_order
from flask_app.services.training_programmes import (
    ENTERED,
    MOST_AT_ONCE,
    Chosen,
    EnteredOutcome,
    NameLine,
    ProgrammeDesk,
    Trainee,
    enrol_chosen,
    enter_outcomes,
    exported_people,
    programme_desk,
    read_list,
)
from flask_app.web.announcing.conflicts import whys
from flask_app.web.announcing.forms import Form, clean, written
from flask_app.web.applicants.listing import XLSX
from flask_app.web.training.place import AREA, word_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

OUTCOMES = ("passed", "failed", "absent", "in-progress")
NEW, LEFT_OUT = "new", "out"
LONGEST_LIST = MOST_AT_ONCE * 130
POINTS = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,2})?")
COLUMNS = ("order", "course", "person_id", "name", "outcome", "document")
PLACE = "/training/<uuid:id_>/programmes/<uuid:programme>"


@AREA.get(PLACE)
def programme(visit: Visit, id_: UUID, programme: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        return _page(visit, work, id_, programme, Form(word_of(visit, work)))


def _page(visit: Visit, work: Work, id_: UUID, programme: UUID, form: Form) -> str:
    desk = programme_desk(work, id_, programme)
    return visit.page("training/programme.html", word=form.word, desk=desk, form=form, most=MOST_AT_ONCE)


# -- enrolling ---------------------------------------------------------------------------------------------------------


@AREA.post(f"{PLACE}/review")
def review(visit: Visit, id_: UUID, programme: UUID) -> ResponseReturnValue:
    """Each name with the people of the body who bear it; enrols nobody."""
    with visit.work() as work:
        form = Form(word_of(visit, work), {"names": clean(request.form.get("names", ""), LONGEST_LIST)})
        typed = _names(form["names"])
        lines = read_list(work, id_, programme, typed[:MOST_AT_ONCE])
        if not typed:
            form.refuse("names", "problem_empty")
        if len(typed) > MOST_AT_ONCE:
            form.refuse("names", "tr_problem_many_names", most=MOST_AT_ONCE)
        for line in lines:
            if not line.good:
                form.refuse("names", "tr_problem_name", said=_name_problem(form.word, line, typed.index(line.typed)))
        if not form.ok:
            return _page(visit, work, id_, programme, form), 422
        return _review_page(visit, work, id_, programme, form, lines)


def _names(text: str) -> list[str]:
    return [line.strip(" \t,;.") for line in text.split("\n") if line.strip(" \t,;.")]


def _name_problem(word: Wording, line: NameLine, place: int) -> str:
    if line.again:
        return word.say("tr_name_again", who=line.reading.name)
    params = {"sheet": "", "row": place + 1, "column": word.say("entry_names"), "detail": line.reading.detail}
    return str(explain(line.reading.problem, word.language, params))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the review's form says of one line."""

    who: str
    seen: int


@AREA.post(f"{PLACE}/people")
def enrol(visit: Visit, id_: UUID, programme: UUID) -> ResponseReturnValue:
    """Enrol exactly who was chosen in the review; where somebody of a name came in meanwhile, review again."""
    try:
        with visit.work() as work:
            form = Form(word_of(visit, work), {"names": clean(request.form.get("names", ""), LONGEST_LIST)})
            lines = read_list(work, id_, programme, _names(form["names"])[:MOST_AT_ONCE])
            chosen = _chosen(form, lines)
            if not form.ok:
                return _review_page(visit, work, id_, programme, form, lines), 422
            enrol_chosen(work, id_, programme, chosen)
    except Refused as changed:
        with visit.work() as work:
            lines = read_list(work, id_, programme, _names(form["names"])[:MOST_AT_ONCE])
            return _review_page(visit, work, id_, programme, form, lines, whys(form.word, changed)), 409
    return redirect(url_for("training.programme", id_=id_, programme=programme), 303)


def _chosen(form: Form, lines: Sequence[NameLine]) -> list[Chosen]:
    found = []
    for place, line in enumerate(lines):
        answer = request.form.get(f"who-{place}", "")
        seen = request.form.get(f"seen-{place}", "0")
        form.values[f"who-{place}"] = answer
        known = {str(one.id): one.id for one in line.namesakes}
        if answer not in (NEW, LEFT_OUT, *known):
            form.refuse(f"who-{place}", "tr_problem_who", who=line.reading.name)
        elif answer != LEFT_OUT:
            count = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 5 else 0
            found.append(Chosen(line.reading.name, known.get(answer), count))
    if form.ok and not found:
        form.refuse("who-0", "tr_problem_nobody")
    return found


def _review_page(
    visit: Visit,
    work: Work,
    id_: UUID,
    programme: UUID,
    form: Form,
    lines: Sequence[NameLine],
    refused: tuple[Why, ...] = (),
) -> str:
    for place, line in enumerate(lines):
        form.values.setdefault(f"who-{place}", _suggested(line))
    return visit.page(
        "training/review.html",
        word=form.word,
        desk=programme_desk(work, id_, programme),
        form=form,
        lines=lines,
        refused=refused,
        new=NEW,
        left_out=LEFT_OUT,
    )


def _suggested(line: NameLine) -> str:
    """One bearer of the name is most likely meant; among several the person chooses; nobody means somebody new."""
    if len(line.namesakes) > 1:
        return ""
    return str(line.namesakes[0].id) if line.namesakes else NEW


# -- outcomes ----------------------------------------------------------------------------------------------------------


@AREA.get(f"{PLACE}/outcomes")
def outcomes(visit: Visit, id_: UUID, programme: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        form = Form(word_of(visit, work))
        form.put(happened_on=written(form.word.today))
        for trainee in programme_desk(work, id_, programme).to_enter:
            points, _, maximum = trainee.score.partition("/")
            name = trainee.enrolment.hex
            form.put(**{f"outcome-{name}": trainee.outcome if trainee.outcome in ENTERED else ""})
            form.put(**{f"points-{name}": points.replace(".", ","), f"maximum-{name}": maximum.replace(".", ",")})
        return _outcomes_page(visit, work, id_, programme, form)


@AREA.post(f"{PLACE}/outcomes")
def save_outcomes(visit: Visit, id_: UUID, programme: UUID) -> ResponseReturnValue:
    try:
        with visit.work() as work:
            desk = programme_desk(work, id_, programme)
            form = Form(word_of(visit, work)).read(request.form, ("happened_on", "document"))
            entered = [found for trainee in desk.to_enter if (found := _entered(form, trainee)) is not None]
            day = form.day("happened_on", latest=form.word.today)
            form.require("document")
            if form.ok and not entered:
                form.refuse("document", "tr_problem_no_outcome")
            if day is None or not form.ok:
                return _outcomes_page(visit, work, id_, programme, form), 422
            enter_outcomes(work, id_, programme, entered, form["document"], day)
    except Refused as refused:
        with visit.work() as work:
            return _outcomes_page(visit, work, id_, programme, form, whys(form.word, refused)), 409
    return redirect(url_for("training.programme", id_=id_, programme=programme), 303)


def _entered(form: Form, trainee: Trainee) -> EnteredOutcome | None:
    """One person's row; None where nothing is chosen or nothing has changed."""
    name = trainee.enrolment.hex
    form.read(request.form, (f"outcome-{name}", f"points-{name}", f"maximum-{name}"))
    outcome = form[f"outcome-{name}"]
    if outcome and outcome not in ENTERED:
        form.refuse(f"outcome-{name}", "tr_problem_of", who=trainee.name, said=form.word.say("problem_choose"))
    points, maximum = _points(form, f"points-{name}", trainee), _points(form, f"maximum-{name}", trainee)
    if (points is None) != (maximum is None) or (points is not None and maximum is not None and points > maximum):
        form.refuse(f"points-{name}", "tr_problem_points", who=trainee.name)
    if points is not None and outcome in ("", "absent"):
        form.refuse(f"outcome-{name}", "tr_problem_points_of_nobody", who=trainee.name)
    if not outcome:
        return None
    found = EnteredOutcome(trainee.enrolment, outcome, points, maximum)
    score = "" if points is None else f"{points}/{maximum}"
    return None if (outcome, score) == (trainee.outcome, trainee.score) else found


def _points(form: Form, name: str, trainee: Trainee) -> Decimal | None:
    given = "".join(form[name].split())
    if not given:
        return None
    if not POINTS.fullmatch(given) or (name.startswith("maximum") and not Decimal(given.replace(",", "."))):
        form.refuse(name, "tr_problem_points", who=trainee.name)
        return None
    return Decimal(given.replace(",", "."))


def _outcomes_page(
    visit: Visit, work: Work, id_: UUID, programme: UUID, form: Form, refused: tuple[Why, ...] = ()
) -> str:
    shown_order(work, id_, "enter_outcomes")
    desk = programme_desk(work, id_, programme)
    return visit.page("training/outcomes.html", word=form.word, desk=desk, form=form, refused=refused, outcomes=ENTERED)


# -- the list for the institution --------------------------------------------------------------------------------------


@AREA.get(f"{PLACE}/people.xlsx")
def people(visit: Visit, id_: UUID, programme: UUID) -> ResponseReturnValue:
    """Order, course and the ids that a grade batch names people by; no personal number, no birth date, no phone."""
    with visit.work() as work:
        desk = exported_people(work, id_, programme)
        word = word_of(visit, work)
        heads = [word.say(f"tr_export_{column}") for column in COLUMNS]
        content = workbook_of(desk.programme.course_code, heads, [_cells(word, desk, one) for one in desk.trainees])
    safe = re.sub(r"[^A-Za-z0-9-]+", "-", desk.programme.course_code).strip("-") or "programme"
    headers = {"Content-Disposition": f'attachment; filename="kyzmat-{safe}.xlsx"'}
    return Response(content, mimetype=XLSX, headers=headers)


@AREA.get(f"{PLACE}/grades.xlsx")
def grade_sheet(visit: Visit, id_: UUID, programme: UUID) -> ResponseReturnValue:
    """The spreadsheet for the institution to fill in: who is on the course, and columns for what became of them."""
    with visit.work() as work:
        desk = exported_people(work, id_, programme)
        word = word_of(visit, work)
        results = [word.say(f"tr_outcome_{name}") for name in OUTCOMES]
        content = workbook_of(
            desk.programme.course_code,
            [HEADS[column] for column in Column],
            [_to_fill_in(desk, one) for one in desk.trainees],
            choices={list(Column).index(Column.STATUS): results},
            notes=(word.say("tr_sheet_notes"), [word.say(f"tr_sheet_note_{place}") for place in range(1, 7)]),
        )
    safe = re.sub(r"[^A-Za-z0-9-]+", "-", desk.programme.course_code).strip("-") or "programme"
    headers = {"Content-Disposition": f'attachment; filename="kyzmat-{safe}-grades.xlsx"'}
    return Response(content, mimetype=XLSX, headers=headers)


def _to_fill_in(desk: ProgrammeDesk, one: Trainee) -> list[str]:
    known = {
        Column.ORDER: desk.order.code,
        Column.COURSE: desk.programme.course_code,
        Column.PERSON: str(one.person),
        Column.NAMES: one.name,
        Column.ATTEMPT: "1",
        Column.HOURS: str(desk.programme.hours),
    }
    return [known.get(column, "") for column in Column]


def _cells(word: Wording, desk: ProgrammeDesk, one: Trainee) -> list[str]:
    outcome = word.say(f"tr_outcome_{one.outcome}")
    return [desk.order.code, desk.programme.course_code, str(one.person), one.name, outcome, one.document]
