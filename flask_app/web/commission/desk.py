"""The list of sittings, and the desk: what is asked of whom now."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from flask_app.services import commission_desk
from flask_app.web.announcing.forms import Form
from flask_app.web.commission.place import AREA, word_of
from flask_app.web.fields import page_of
from flask_app.web.visit import Visit

STEPS = ("decide", "find_no_winner", "appoint", "order_repeat", "close")
"""Steps of the competition that are taken on the commission's page."""


@AREA.get("/commission")
def index(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        found = commission_desk.desks(work, page_of(request.args))
        return visit.page("commission/list.html", word=word_of(visit, work), found=found)


@AREA.get("/commission/<uuid:id_>")
def desk(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return show_desk(visit, id_)


def show_desk(visit: Visit, id_: UUID, form: Form | None = None) -> str:
    with visit.work() as work:
        found = commission_desk.desk_of(work, id_)
        word = word_of(visit, work)
        return visit.page("commission/desk.html", word=word, desk=found, steps=STEPS, entered=form or Form(word))
