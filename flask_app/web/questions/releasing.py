"""Releases of a bank, and what its results tell about its questions."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.services.item_statistics import bank_statistics
from flask_app.services.question_releases import publish_release, release_desk
from flask_app.web.announcing.forms import clean
from flask_app.web.deeds import act_of
from flask_app.web.fields import text_of
from flask_app.web.questions.place import AREA, told, wording
from flask_app.web.visit import Visit


@AREA.get("/questions/banks/<uuid:id_>/releases")
def releases(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        return visit.page("questions/releases.html", word=wording(visit, work), desk=release_desk(work, id_))


@AREA.post("/questions/banks/<uuid:id_>/releases")
def publish(visit: Visit, id_: UUID) -> ResponseReturnValue:
    sent = request.form
    with visit.work() as work:
        notes = clean(sent.get("notes", ""), 2000)
        publish_release(work, id_, text_of(sent, "release", 40), notes, act_of(work, sent))
    return redirect(url_for("questions.releases", id_=id_), 303)


@AREA.get("/questions/banks/<uuid:id_>/statistics")
def statistics(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = bank_statistics(work, id_)
        word = wording(visit, work)
        return visit.page("questions/statistics.html", word=word, found=found, why=told(word))
