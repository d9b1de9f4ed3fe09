"""One request by one person: who it is, in which language, and what the page needs to be made.

It is built once per request and handed to every view as its first argument; nothing is kept in globals.
"""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import cast

from flask import Request, current_app, render_template, request
from werkzeug.exceptions import Unauthorized

from flask_app.domain.identity import Actor
from flask_app.messages import Language, label
from flask_app.services.authentication import Authentication, SignedIn
from flask_app.services.office import Office, Work
from flask_app.settings import Settings
from flask_app.web.languages import GUEST_LANGUAGE, LAST_LANGUAGE, choose, offered

PANEL = "kyzmat"
_KEPT = "kyzmat.visit"


@dataclass(frozen=True, slots=True)
class Panel:
    """What the application holds for its whole life."""

    office: Office
    settings: Settings
    authentication: Authentication


@dataclass(slots=True)
class Visit:
    """A request in progress. `guest`: the cookie that ties a form to this browser before log-in."""

    panel: Panel
    language: Language
    signed_in: SignedIn | None
    secret: str = field(repr=False)
    guest: str = field(repr=False)
    request_id: str = field(default_factory=lambda: secrets.token_hex(6))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def actor(self) -> Actor:
        """Raises 401 for a guest; the guard lets none come this far."""
        if self.signed_in is None:
            raise Unauthorized
        return self.signed_in.actor

    def work(self) -> AbstractContextManager[Work]:
        """A transaction in the actor's name."""
        return self.panel.office.work(self.actor, self.request_id, self.signed_in.zone if self.signed_in else None)

    def say(self, name: str, **params: object) -> str:
        """A label in the reader's language."""
        return label(name, self.language, **params)

    @property
    def form_token(self) -> str:
        """What every form of this page must send back."""
        if self.signed_in is not None:
            return self.signed_in.csrf
        return self.panel.authentication.guest_token(self.guest)

    def page(self, template: str, **context: object) -> str:
        """The template, with this visit at hand."""
        return render_template(template, visit=self, **context)


def panel() -> Panel:
    return cast(Panel, current_app.extensions[PANEL])


def this_visit() -> Visit:
    """The visit of the request at hand, made on first use.

    Where the session cannot be read (the database is away), the error goes up once; the page that tells of it is made
    for a guest.
    """
    visit = request.environ.get(_KEPT)
    if visit is None:
        of = panel()
        signed_in: SignedIn | None = None
        try:
            signed_in = of.authentication.recognise(request.cookies.get(of.settings.cookie_name, ""))
        finally:
            visit = request.environ[_KEPT] = _begin(of, request, signed_in)
    return cast(Visit, visit)


def _begin(of: Panel, asked: Request, signed_in: SignedIn | None) -> Visit:
    secret = asked.cookies.get(of.settings.cookie_name, "")
    guest = "" if signed_in else asked.cookies.get(guest_cookie(of.settings), "") or secrets.token_urlsafe(24)
    language = choose(
        offered(of.settings),
        signed_in.language if signed_in else asked.cookies.get(GUEST_LANGUAGE) or asked.cookies.get(LAST_LANGUAGE, ""),
        asked.accept_languages,
    )
    return Visit(of, language, signed_in, secret if signed_in else "", guest)


def guest_cookie(settings: Settings) -> str:
    return f"{settings.cookie_name}_guest"
