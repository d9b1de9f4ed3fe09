"""A draft corrected on one page."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import VersionConflict
from flask_app.services.competition_draft import GROUPS, KINDS, Draft, correct_draft, draft_of
from flask_app.services.local_time import local_time
from flask_app.web.announcing.conflicts import conflict, version_of
from flask_app.web.announcing.draft_form import check_post, check_text, fill_from, read_post, read_text
from flask_app.web.announcing.forms import Form
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
        form.read(request.form, ("version",))
        if draft.own_post:
            read_post(form, request.form)
        read_text(form, request.form, draft.pack)
        post = check_post(form, form.word.today) if draft.own_post else None
        text = check_text(form, draft.pack)
        if text is None or not form.ok:
            return _page(visit, draft, form), form.status
    try:
        with visit.work() as work:
            correct_draft(work, id_, post, text, expected_version=version_of(form["version"]))
    except VersionConflict:
        return conflict(visit, id_, form, form.word.say("action_edit"))
    return redirect(url_for("procedures.competition", id_=id_, saved="correction"), 303)


def _page(visit: Visit, draft: Draft, form: Form) -> str:
    return visit.page(
        "announcing/edit.html", word=form.word, draft=draft, form=form, groups=GROUPS, kinds=KINDS, pack=draft.pack
    )
