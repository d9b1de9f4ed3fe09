"""Every way a request can end badly, and the page a person then sees.

| error | status |
|---|---|
| `Refused`, `VersionConflict`, `AlreadyThere` | 409: what, why (rule, act, point), what to do |
| `NotPermitted` | 403 |
| `NotFound` | 404; the same for another body's object and for one that may not be seen |
| `InvalidInput` | 422 |
| `OutsideError` | 503, with the request's number |
| anything else | 500, logged once with the request's number |
"""

from __future__ import annotations

import traceback

import structlog
from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, RequestEntityTooLarge

from flask_app.domain.errors import (
    AlreadyThere,
    InvalidInput,
    KyzmatError,
    NotFound,
    NotPermitted,
    OutsideError,
    Refused,
    VersionConflict,
)
from flask_app.messages import Explanation
from flask_app.web.guard import FormTokenMissing, SessionEnded
from flask_app.web.visit import Visit, this_visit
from flask_app.web.wording import Why, Wording

log = structlog.get_logger(__name__)

STATUS: tuple[tuple[type[KyzmatError], int, str], ...] = (
    (Refused, 409, "error_refused_title"),
    (VersionConflict, 409, "error_conflict_title"),
    (AlreadyThere, 409, "error_conflict_title"),
    (NotPermitted, 403, "error_forbidden_title"),
    (NotFound, 404, "error_not_found_title"),
    (InvalidInput, 422, "error_input_title"),
    (OutsideError, 503, "error_outside_title"),
)


def install(app: Flask) -> None:
    app.register_error_handler(KyzmatError, _ours)
    app.register_error_handler(FormTokenMissing, _form)
    app.register_error_handler(SessionEnded, _ended)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _ours(error: KyzmatError) -> ResponseReturnValue:
    """What the panel raises on purpose: the sentence of its code, and the sentences that came along."""
    kind = next(((status, title) for type_, status, title in STATUS if isinstance(error, type_)), None)
    if kind is None:
        return _unforeseen(error)
    visit = this_visit()
    if isinstance(error, OutsideError):
        log.warning("outside", code=error.code, request_id=visit.request_id)
    word = _word(visit)
    others = tuple(word.why(other) for other in getattr(error, "others", ()))
    return _page(visit, *kind, word.why(error), others), kind[0]


def _form(_: FormTokenMissing) -> ResponseReturnValue:
    return _own(400, "error_form", cure=True), 400


def _ended(error: SessionEnded) -> ResponseReturnValue:
    return _own(403, "error_ended", cure=True, log_in_at=url_for("account.log_in", next=error.page)), 403


def _http(error: HTTPException) -> ResponseReturnValue:
    """What routing and reading of requests refuse: unknown address, wrong method, too large, unreadable."""
    if error.response is not None:
        return error.response
    if error.code == 401:
        return redirect(url_for("account.log_in"), 303)
    if error.code == 404:
        return _ours(NotFound("object.unknown", type=""))
    if isinstance(error, MethodNotAllowed):
        return _own(405, "error_method"), 405, {"Allow": ", ".join(error.valid_methods or ())}
    if isinstance(error, RequestEntityTooLarge):
        limit = this_visit().panel.settings.upload_limit // (1024 * 1024)
        return _own(413, "error_large", limit=limit), 413
    if isinstance(error, InternalServerError):
        return _unforeseen(error)
    return _own(error.code or 400, "error_request"), error.code or 400


def _unforeseen(error: Exception) -> ResponseReturnValue:
    visit = this_visit()
    # The trace as text: a log that formats exceptions itself may print the values of variables, and those name people.
    trace = "".join(traceback.format_exception(error))
    log.error("unforeseen", path=request.path, method=request.method, request_id=visit.request_id, trace=trace)
    return _own(500, "error_internal", cure=True), 500


def _own(status: int, name: str, *, cure: bool = False, log_in_at: str = "", **params: object) -> str:
    """A page of the panel's own words: `<name>_title`, `<name>_text`, perhaps `<name>_cure`."""
    visit = this_visit()
    said = Explanation(visit.say(f"{name}_text", **params), cure=visit.say(f"{name}_cure") if cure else "")
    return _page(visit, status, f"{name}_title", Why(said, None), log_in_at=log_in_at)


def _page(visit: Visit, status: int, title: str, why: Why, others: tuple[Why, ...] = (), *, log_in_at: str = "") -> str:
    """`log_in_at`: where to log in, for who has to."""
    return visit.page(
        "errors/error.html",
        word=_word(visit),
        status=status,
        title=title,
        why=why,
        others=others,
        log_in_at=log_in_at,
    )


def _word(visit: Visit) -> Wording:
    return Wording(visit.language, visit.panel.office.clock.now().date())
