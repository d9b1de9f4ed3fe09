"""A draft corrected on one page."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import VersionConflict
from flask_app.services.competition_draft import GROUPS, KINDS, Draft, correct_draft, draft_of, number_is_open
from flask_app.services.competitions import insist_on_free_code
from flask_app.services.local_time import local_time
from flask_app.web.announcing.conflicts import conflict, version_of
from flask_app.web.announcing.draft_form import check_post, check_text, fill_from, read_post, read_text
from flask_app.web.announcing.forms import LONGEST_CODE, Form
from flask_app.web.announcing.place import AREA
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording


@AREA.get("/procedures/competition/<uuid:id_>/edit")
def edit(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        draft = draft_of(work, id_)
        form = fill_from(Form(Wording(visit.language, local_time(work).today)), draft)
        return _page(visit, draft, form)


@AREA.post("/procedures/competition/<uuid:id_>/edit")
def correct(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        draft = draft_of(work, id_)
        form = Form(Wording(visit.language, local_time(work).today))
        form.read(request.form, ("version", "code"), LONGEST_CODE)
        if number_is_open(draft.competition):
            form.require("code")
            if form["code"]:
                form.take("code", lambda: insist_on_free_code(work, form["code"], id_))
        if draft.own_post:
            read_post(form, request.form)
        read_text(form, request.form, draft.pack)
        post = check_post(form, form.word.today) if draft.own_post else None
        text = check_text(form, draft.pack)
        if text is None or not form.ok:
            return _page(visit, draft, form), form.status
    try:
        with visit.work() as work:
            version = version_of(form["version"])
            correct_draft(work, id_, post, text, expected_version=version, code=form["code"])
    except VersionConflict:
        return conflict(visit, id_, form, form.word.say("action_edit"))
    return redirect(url_for("procedures.competition", id_=id_, saved="correction"), 303)


def _page(visit: Visit, draft: Draft, form: Form) -> str:
    return visit.page(
        "announcing/edit.html",
        word=form.word,
        draft=draft,
        form=form,
        groups=GROUPS,
        kinds=KINDS,
        pack=draft.pack,
        numbered=not number_is_open(draft.competition),
    )
