"""Log-in and log-out."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, KyzmatError, Refused
from flask_app.web.area import Area
from flask_app.web.fields import text_of, way_back
from flask_app.web.guard import set_cookie
from flask_app.web.languages import GUEST_LANGUAGE
from flask_app.web.visit import Visit, guest_cookie
from flask_app.web.wording import Wording

AREA = Area("account")

STATUS = {"account.wrong": 422, "account.locked": 429, "account.busy": 503}


@AREA.get("/login", guests=True)
def log_in(visit: Visit) -> ResponseReturnValue:
    if visit.signed_in is not None:
        return redirect(url_for("home.show"), 303)
    return _form(visit)


@AREA.post("/login", guests=True)
def begin_session(visit: Visit) -> ResponseReturnValue:
    chosen = request.cookies.get(GUEST_LANGUAGE, "")
    try:
        secret = visit.panel.authentication.log_in(
            text_of(request.form, "login"),
            request.form.get("password", ""),
            visit.request_id,
            visit.language if chosen == visit.language else "",
        )
    except (InvalidInput, Refused) as problem:
        return _form(visit, problem), STATUS[problem.code]
    response = redirect(way_back(request.form.get("next", "")), 303)
    settings = visit.panel.settings
    set_cookie(response, settings, settings.cookie_name, secret)
    for spent in (GUEST_LANGUAGE, guest_cookie(settings)):
        response.delete_cookie(spent, path="/")
    return response


@AREA.post("/logout")
def log_out(visit: Visit) -> ResponseReturnValue:
    visit.panel.authentication.log_out(visit.secret, visit.actor, visit.request_id)
    response = make_response(redirect(url_for("account.log_in", left="yes"), 303))
    response.delete_cookie(visit.panel.settings.cookie_name, path="/")
    return response


def _form(visit: Visit, problem: KyzmatError | None = None) -> str:
    """The form; after a refusal with the reason in an error summary and the login kept."""
    now = visit.panel.office.clock.now()
    word = Wording(visit.language, now.date())
    return visit.page(
        "account/login.html",
        word=word,
        problem=None if problem is None else word.why(problem).said,
        login=text_of(request.values, "login"),
        target=way_back(request.values.get("next", "")),
        left="left" in request.args,
    )
