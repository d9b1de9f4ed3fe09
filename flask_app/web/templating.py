"""Templates: strict about unknown names, with the govuk macros at hand."""

from __future__ import annotations

from importlib.metadata import version
from urllib.parse import urlencode
from uuid import UUID

from flask import Flask, request, url_for
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader, StrictUndefined

from flask_app.domain.identity import AUDITOR
from flask_app.web.guard import LANGUAGE_ARGUMENT, TOKEN_FIELD
from flask_app.web.languages import NAMES, SHORT, offered
from flask_app.web.wording import plain

VERSION = version("kyzmat")


PAGES = {
    "competition": "procedures.competition",
    "training_order": "procedures.training_order",
    "document": "papers.show",
}
"""Object types that have a page of their own, by endpoint."""


def link_to(type_: str, id_: UUID) -> str:
    """The page of an object."""
    return url_for(PAGES[type_], id_=id_)


def language_link(language: str) -> str:
    """The page at hand in another language; after a form was sent, the first page."""
    if request.method != "GET":
        page = url_for("account.log_in" if request.blueprint == "account" else "home.show")
        return f"{page}?{LANGUAGE_ARGUMENT}={language}"
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != LANGUAGE_ARGUMENT]
    return f"?{urlencode([*kept, (LANGUAGE_ARGUMENT, language)])}"


def prepare(app: Flask) -> None:
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.loader = ChoiceLoader(
        [
            PackageLoader("flask_app.web"),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    environment.globals.update(
        version=VERSION,
        token_field=TOKEN_FIELD,
        language_names=NAMES,
        language_short=SHORT,
        offered_languages=offered,
        auditor=AUDITOR,
        object_pages=PAGES,
    )
    environment.globals["link_to"] = link_to
    environment.globals["language_link"] = language_link
    environment.filters["plain"] = plain
    environment.filters["tuple"] = tuple
