"""The pages a person sees: log-in, own page, sitting a test, training courses. They work without JavaScript."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from importlib import resources

from werkzeug.wrappers import Request, Response

from connector.moodle.standin.errors import MoodleError
from connector.moodle.standin.pages import course_pages, home, quiz_pages
from connector.moodle.standin.pages.visit import PageError, Visit, open_visit
from connector.moodle.standin.site import Site

_SHOWN: dict[str, Callable[[Visit], Response]] = {
    "/": home.show_home,
    "/courses": course_pages.show_courses,
    "/course/view.php": course_pages.show_course,
    "/mod/quiz/view.php": quiz_pages.show_test,
    "/mod/quiz/attempt.php": quiz_pages.show_attempt,
    "/mod/quiz/summary.php": quiz_pages.show_summary,
    "/mod/quiz/review.php": quiz_pages.show_review,
}
_POSTED: dict[str, Callable[[Visit], Response]] = {
    "/login": home.post_login,
    "/logout": home.post_logout,
    "/language": home.post_language,
    "/course/done": course_pages.post_done,
    "/mod/quiz/startattempt.php": quiz_pages.post_start,
    "/mod/quiz/attempt.php": quiz_pages.post_attempt,
    "/mod/quiz/processattempt.php": quiz_pages.post_finish,
}
_WITHOUT_FORMKEY = ("/login", "/language")


def serve_page(site: Site, request: Request) -> Response:
    """The page at this address; errors become a page as well."""
    if request.path == "/standin.css":
        return _stylesheet()
    visit = open_visit(site, request)
    try:
        return _serve(visit)
    except MoodleError as error:
        return _failed(visit, error.errorcode, 403)
    except PageError as error:
        return _failed(visit, error.code, error.status)


def _serve(visit: Visit) -> Response:
    request = visit.request
    body = (_POSTED if request.method == "POST" else _SHOWN).get(request.path)
    if body is None:
        raise PageError("not_found", 404)
    if visit.user is None and request.method != "POST":
        return home.show_login(visit)
    if request.method == "POST" and request.path not in _WITHOUT_FORMKEY:
        _require_formkey(visit)
    return body(visit)


def _require_formkey(visit: Visit) -> None:
    """Only a form of this session may change anything."""
    if not visit.formkey or not hmac.compare_digest(visit.request.form.get("formkey", ""), visit.formkey):
        raise PageError("formkey", 403)


def _failed(visit: Visit, code: str, status: int) -> Response:
    return visit.page("error.html", visit.words("error_title"), status, sentence=visit.words.error(code))


def _stylesheet() -> Response:
    css = resources.files(__package__).joinpath("standin.css").read_bytes()
    return Response(css, content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=300"})
