"""One visit of a page: who looks, in which language, and how a page is made of a template."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from connector.moodle.standin.database import read_settings
from connector.moodle.standin.pages.words import LANGUAGES, Words
from connector.moodle.standin.richtext import as_html
from connector.moodle.standin.site import Site, now

SESSION_COOKIE = "standin_session"
LANGUAGE_COOKIE = "standin_lang"
SESSION_SECONDS = 12 * 3600
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class PageError(Exception):
    """The visitor is told `code` in their language."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class Visit:
    """`user` and `formkey` are those of the session; None and "" before the log-in."""

    site: Site
    request: Request
    user: sqlite3.Row | None
    formkey: str
    words: Words

    @property
    def person(self) -> sqlite3.Row:
        if self.user is None:
            raise PageError("not_found", 404)
        return self.user

    def page(self, template: str, title: str, status: int = 200, **values: object) -> Response:
        """The page as HTML. `title` is the one heading of first rank."""
        shown = _environment().get_template(template)
        html = shown.render(
            w=self.words,
            title=title,
            user=self.user,
            formkey=self.formkey,
            languages=LANGUAGES,
            here=self.request.full_path.rstrip("?"),
            **values,
        )
        return Response(html, status, _HEADERS, content_type="text/html; charset=utf-8")

    def go(self, address: str) -> Response:
        """On to another page of this site, after something was done."""
        return redirect(address, 303)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["rich"] = _rich
    return environment


def _rich(text: str, text_format: str) -> Markup:
    return Markup(as_html(text, text_format))  # noqa: S704 - as_html lets only listed elements through


def open_visit(site: Site, request: Request) -> Visit:
    """The visit of this request."""
    with site.database.reading() as db:
        oldest = now(read_settings(db)) - SESSION_SECONDS
        row = db.execute(
            "SELECT u.*, s.formkey FROM sessions s JOIN users u ON u.id = s.userid"
            " WHERE s.id = ? AND u.suspended = 0 AND s.timecreated > ?",
            (request.cookies.get(SESSION_COOKIE, ""), oldest),
        ).fetchone()
    chosen = request.args.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    language = chosen if chosen in LANGUAGES else (row["lang"] if row is not None else "")
    return Visit(site, request, row, row["formkey"] if row is not None else "", Words(language))


def begin_session(site: Site, user: sqlite3.Row, moment: int) -> str:
    """A new session of this person; returns its id for the cookie."""
    identity = secrets.token_urlsafe(24)
    with site.database.writing() as db:
        db.execute(
            "INSERT INTO sessions VALUES (?, ?, ?, ?)", (identity, user["id"], secrets.token_urlsafe(16), moment)
        )
    return identity


def own_address(address: str) -> str:
    """The address if it is one of this site, else the first page: nobody is led away."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"


def end_session(visit: Visit) -> None:
    with visit.site.database.writing() as db:
        db.execute("DELETE FROM sessions WHERE id = ?", (visit.request.cookies.get(SESSION_COOKIE, ""),))
