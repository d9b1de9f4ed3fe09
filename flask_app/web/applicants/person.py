"""One candidate's page; personal data are opened by a form, and the reading is recorded."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.applicants import OLDEST_YEARS, YOUNGEST_YEARS, likely_births
from flask_app.domain.errors import InvalidInput
from flask_app.domain.names import read_name
from flask_app.services import applications
from flask_app.services.candidate_list import choose_language_for
from flask_app.services.candidate_story import candidate_story
from flask_app.services.corrections import birth_date_seen, correct_birth_date, correct_name
from flask_app.services.local_time import local_time
from flask_app.web.announcing.forms import Form, written
from flask_app.web.applicants.deciding import ids_of, nobody_chosen
from flask_app.web.applicants.listing import wanted_of
from flask_app.web.applicants.place import AREA
from flask_app.web.entered import against
from flask_app.web.fields import choice_of, text_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

SAME = {"person.birth_date_same": "birth_date"}
"""Code of what is against a birth date → its field."""

SAME_NAME = {"person.name_same": "full_name"}
"""The same of a name."""

DONE = ("birth", "name")
"""What an act that leads back to the page may have done; the page says so in a line."""


@AREA.get("/procedures/competition/<uuid:id_>/applicants/<uuid:application_id>")
def show(visit: Visit, id_: UUID, application_id: UUID) -> ResponseReturnValue:
    return _page(visit, id_, application_id, done=choice_of(request.args, "done", DONE))


@AREA.post("/procedures/competition/<uuid:id_>/applicants/<uuid:application_id>/identity")
def open_identity(visit: Visit, id_: UUID, application_id: UUID) -> ResponseReturnValue:
    return _page(visit, id_, application_id, opened=True)


@AREA.post("/procedures/competition/<uuid:id_>/applicants/<uuid:application_id>/birth-date")
def correct_birth(visit: Visit, id_: UUID, application_id: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        word = Wording(visit.language, local_time(work).today)
    form = Form(word).read(request.form, ("birth_date", "reason", "seen"))
    born = form.day("birth_date", latest=word.today, earliest=date.min)
    earliest, latest = likely_births(word.today)
    if born is not None and not earliest <= born <= latest:
        form.refuse("birth_date", "birth_unlikely", day=word.long_day(born), least=YOUNGEST_YEARS, most=OLDEST_YEARS)
    form.require("reason", problem="problem_reason")
    if born is None or not form.ok:
        return _page(visit, id_, application_id, opened=True, form=form), form.status
    try:
        with visit.work() as work:
            correct_birth_date(work, id_, application_id, born, form["reason"], seen=form["seen"])
    except InvalidInput as problem:
        return _page(visit, id_, application_id, opened=True, form=against(form, SAME, problem)), 422
    return redirect(url_for("applicants.show", id_=id_, application_id=application_id, done="birth"), 303)


@AREA.post("/procedures/competition/<uuid:id_>/applicants/<uuid:application_id>/name")
def correct_person_name(visit: Visit, id_: UUID, application_id: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        form = Form(Wording(visit.language, local_time(work).today))
    form.read(request.form, ("full_name", "name_reason", "name_seen"))
    reading = read_name(form["full_name"])
    if reading.problem:
        form.refuse("full_name", f"problem_{reading.problem.lower()}", detail=reading.detail)
    form.require("name_reason", problem="problem_reason")
    if not form.ok:
        return _page(visit, id_, application_id, form=form), form.status
    try:
        with visit.work() as work:
            correct_name(work, id_, application_id, reading.name, form["name_reason"], seen=form["name_seen"])
    except InvalidInput as problem:
        return _page(visit, id_, application_id, form=against(form, SAME_NAME, problem)), 422
    return redirect(url_for("applicants.show", id_=id_, application_id=application_id, done="name"), 303)


@AREA.post("/procedures/competition/<uuid:id_>/applicants/<uuid:application_id>/language")
def choose_language(visit: Visit, id_: UUID, application_id: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        applications.choose_language(work, id_, [application_id], text_of(request.form, "language"))
    return redirect(url_for("applicants.show", id_=id_, application_id=application_id), 303)


@AREA.post("/procedures/competition/<uuid:id_>/applicants/language")
def choose_languages(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """The language of the test for those who are ticked in the list, or for everybody under its filter."""
    language = text_of(request.form, "chosen")
    who = None if request.form.get("all") == "1" else ids_of(request.form.getlist("who"))
    try:
        with visit.work() as work:
            people = choose_language_for(work, id_, who, wanted_of(request.form), language)
    except InvalidInput as nobody:
        if nobody.code != "applicants.nobody_chosen":
            raise
        return nobody_chosen(visit, id_, nobody), 422
    return redirect(url_for("applicants.index", id_=id_, chosen=language, people=people), 303)


def _page(
    visit: Visit, id_: UUID, application_id: UUID, *, opened: bool = False, form: Form | None = None, done: str = ""
) -> str:
    """`form`: a name or birth date that could not be corrected so; `done`: the act that led here."""
    with visit.work() as work:
        story = candidate_story(work, id_, application_id, opened=opened)
        word = Wording(visit.language, story.here.today)
        form = form or Form(word)
        form.put(name_seen=story.name)
        form.values.setdefault("full_name", story.name)
        if story.identity is not None:
            born = story.identity.birth_date
            form.put(seen=birth_date_seen(born))
            form.values.setdefault("birth_date", "" if born is None else written(born))
        return visit.page("applicants/person.html", word=word, story=story, form=form, done=done)
