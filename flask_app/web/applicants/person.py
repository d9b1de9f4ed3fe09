"""One candidate's page; personal data are opened by a form, and the reading is recorded."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput
from flask_app.services import applications
from flask_app.services.candidate_list import choose_language_for
from flask_app.services.candidate_story import candidate_story
from flask_app.web.applicants.deciding import ids_of, nobody_chosen
from flask_app.web.applicants.listing import wanted_of
from flask_app.web.applicants.place import AREA
from flask_app.web.fields import text_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording


@AREA.get("/procedures/competition/<uuid:id_>/applicants/<uuid:application_id>")
def show(visit: Visit, id_: UUID, application_id: UUID) -> ResponseReturnValue:
    return _page(visit, id_, application_id, opened=False)


@AREA.post("/procedures/competition/<uuid:id_>/applicants/<uuid:application_id>/identity")
def open_identity(visit: Visit, id_: UUID, application_id: UUID) -> ResponseReturnValue:
    return _page(visit, id_, application_id, opened=True)


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


def _page(visit: Visit, id_: UUID, application_id: UUID, *, opened: bool) -> ResponseReturnValue:
    with visit.work() as work:
        story = candidate_story(work, id_, application_id, opened=opened)
        word = Wording(visit.language, story.here.today)
        return visit.page("applicants/person.html", word=word, story=story)
