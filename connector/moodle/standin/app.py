"""The WSGI application: which address goes where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from connector.moodle.standin.control import serve_control
from connector.moodle.standin.pages import serve_page
from connector.moodle.standin.rest import serve_rest, serve_token
from connector.moodle.standin.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MOST_BODY = 64 * 1024 * 1024
_SERVICES: dict[str, Callable[[Site, Request], Response]] = {
    "/webservice/rest/server.php": serve_rest,
    "/login/token.php": serve_token,
    "/standin/control": serve_control,
}


def make_app(site: Site) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """The application of this site."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = MOST_BODY
        request.max_form_memory_size = MOST_BODY
        serve = _SERVICES.get(request.path, serve_page)
        try:
            return serve(site, request)(environ, start_response)
        except HTTPException as refusal:  # a body that is too large or cannot be a form
            return refusal(environ, start_response)

    return app
