"""The panel's pages. `create_app` only puts the parts together: it opens no file, no database and no network."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_app.services.authentication import Authentication, SessionLimits
from flask_app.services.office import Office
from flask_app.settings import Settings
from flask_app.web import (
    account,
    announcing,
    applicants,
    banks,
    commission,
    commissions,
    errors,
    guard,
    headers,
    health,
    home,
    hooks,
    journal,
    moodle,
    paper_actions,
    papers,
    people,
    procedures,
    questions,
    sittings,
    templating,
    training,
    verification,
)
from flask_app.web.visit import PANEL, Panel

AREAS = (
    account,
    home,
    procedures,
    papers,
    journal,
    health,
    commission,
    paper_actions,
    announcing,
    applicants,
    sittings,
    verification,
    training,
    banks,
    moodle,
    questions,
    commissions,
    people,
    hooks,
)
"""One module per area of the panel; each brings an `AREA`."""


def create_app(office: Office, settings: Settings) -> Flask:
    """The WSGI application over an office that is wired already."""
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.config.update(
        MAX_CONTENT_LENGTH=settings.upload_limit,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        TEMPLATES_AUTO_RELOAD=False,
    )
    limits = SessionLimits(idle=settings.session_idle, length=settings.session_length)
    app.extensions[PANEL] = Panel(office, settings, Authentication(office, limits))
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way to wrap a middleware
    templating.prepare(app)
    for area in AREAS:
        app.register_blueprint(area.AREA.blueprint)
    guard.install(app)
    errors.install(app)
    headers.install(app)
    return app
