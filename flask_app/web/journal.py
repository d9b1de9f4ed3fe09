"""The audit log, for the auditor."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from flask_app.services import journal
from flask_app.services.local_time import local_time
from flask_app.web.area import Area
from flask_app.web.fields import page_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

AREA = Area("journal")


@AREA.get("/journal")
def body(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        found = journal.body_journal(work, page_of(request.args))
        word = Wording(visit.language, local_time(work).today)
        return visit.page("journal/body.html", word=word, found=found)


@AREA.get("/journal/<string(maxlength=40):type_>/<uuid:id_>")
def of_object(visit: Visit, type_: str, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = journal.object_journal(work, type_, id_, page_of(request.args))
        word = Wording(visit.language, local_time(work).today)
        return visit.page("journal/object.html", word=word, found=found, type_=type_, id_=id_)
