"""What stands before every view: the language switch, the token of forms, and the log-in.

Everything is closed unless a route says that guests may come: a new page is behind the log-in without a word.

Forms carry a token (synchroniser pattern). After log-in it is the secret of the session's row in the database; before
it, a keyed hash of the guest's own cookie. Flask-WTF's CSRFProtect was looked at and left: it keeps its token in the
signed client-side session of Flask, a second one beside the database's with a life of its own, and asks where a
request comes from (by Referer) only over HTTPS. The check here is twenty lines, the same for forms and for fragments.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, redirect, request, url_for
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.wrappers import Response as BaseResponse

from flask_app.messages import Language
from flask_app.settings import Settings
from flask_app.web.area import GUESTS, MACHINES
from flask_app.web.languages import GUEST_LANGUAGE, LAST_LANGUAGE, offered
from flask_app.web.visit import Visit, guest_cookie, this_visit

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_FIELD = "form_token"  # noqa: S105  # the name of a field, not a secret
TOKEN_HEADER = "X-Form-Token"  # noqa: S105  # the name of a header, not a secret
LANGUAGE_ARGUMENT = "lang"


class FormTokenMissing(BadRequest):
    """The form does not come from a page of this session, or comes from another site."""


class SessionEnded(Forbidden):
    """A form of somebody whose session has ended meanwhile. `page`: where the form was, to come back to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page


def install(app: Flask) -> None:
    app.before_request(_before)
    app.after_request(_after)


def _before() -> BaseResponse | None:
    if request.endpoint is None or request.endpoint == "static" or request.endpoint in MACHINES:
        return None
    visit = this_visit()
    if request.method not in SAFE:
        if _ended(visit):
            raise SessionEnded(_page_of_the_form())
        check_form(visit)
    if request.method == "GET" and LANGUAGE_ARGUMENT in request.args:
        return _switch_language(visit)
    if request.method == "POST" and visit.signed_in is not None and LANGUAGE_ARGUMENT in request.form:
        visit.language = _keep_language(visit, request.form[LANGUAGE_ARGUMENT]) or visit.language
    if visit.signed_in is None and not _open_to_guests(request.endpoint):
        return redirect(url_for("account.log_in", next=_here()), 303)
    return None


def _after(response: Response) -> Response:
    """A guest who was shown a form keeps the cookie the form is tied to; who is logged in leaves the language."""
    if request.endpoint is None or request.endpoint == "static" or request.endpoint in MACHINES:
        return response
    visit = this_visit()
    settings = visit.panel.settings
    if visit.signed_in is None and request.endpoint == "account.log_in" and request.method in SAFE:
        set_cookie(response, settings, guest_cookie(settings), visit.guest)
    if visit.signed_in is not None and request.cookies.get(LAST_LANGUAGE) != visit.language:
        set_cookie(response, settings, LAST_LANGUAGE, visit.language)
    return response


def _open_to_guests(endpoint: str) -> bool:
    return endpoint in GUESTS


def _here() -> str:
    """Where a person wanted to go: only pages can be come back to."""
    return request.full_path.rstrip("?") if request.method in SAFE else "/"


def _ended(visit: Visit) -> bool:
    """Whether a form of this site comes from a browser that still shows the cookie of a session that is no more."""
    closed = visit.signed_in is None and not _open_to_guests(request.endpoint or "")
    return closed and visit.panel.settings.cookie_name in request.cookies and _same_origin(visit.panel.settings)


def _page_of_the_form() -> str:
    parts = urlsplit(request.headers.get("Referer", ""))
    return parts.path + (f"?{parts.query}" if parts.query else "") or "/"


# -- forms -------------------------------------------------------------------------------------------------------------


def check_form(visit: Visit) -> None:
    """Raises `FormTokenMissing` unless the request comes from this site and repeats the token of this session."""
    if not _same_origin(visit.panel.settings):
        raise FormTokenMissing
    given = request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN_FIELD, "")
    if not hmac.compare_digest(given.encode(), visit.form_token.encode()):
        raise FormTokenMissing


def _same_origin(settings: Settings) -> bool:
    """What the browser says of where the request began; a browser that says nothing is held to the token alone."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    told = request.headers.get("Origin") or request.headers.get("Referer")
    return told is None or _origin(told) in {_origin(url) for url in (request.host_url, settings.public_url) if url}


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


# -- language ----------------------------------------------------------------------------------------------------------


def _switch_language(visit: Visit) -> BaseResponse | None:
    """`?lang=ky` keeps the language with the person (or the guest's browser) and shows the same page without it."""
    chosen = _keep_language(visit, request.args[LANGUAGE_ARGUMENT])
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != LANGUAGE_ARGUMENT]
    response = redirect(request.path + (f"?{urlencode(rest)}" if rest else ""), 303)
    if chosen is not None and visit.signed_in is None:
        set_cookie(response, visit.panel.settings, GUEST_LANGUAGE, chosen)
    return response


def _keep_language(visit: Visit, wanted: str) -> Language | None:
    """The wanted language if it is offered, kept with the person who is logged in."""
    chosen = next((language for language in offered(visit.panel.settings) if language == wanted), None)
    if chosen is not None and visit.signed_in is not None:
        visit.panel.authentication.choose_language(visit.actor.user_id, chosen)
    return chosen


def set_cookie(response: BaseResponse, settings: Settings, name: str, value: str) -> None:
    """A cookie that scripts cannot read and that ends with the browser."""
    response.set_cookie(
        name, value, httponly=True, secure=settings.secure_cookie, samesite=settings.cookie_samesite, path="/"
    )
