"""Templates: strict about unknown names, with the govuk macros at hand."""

from __future__ import annotations

from importlib.metadata import version

from flask import Flask
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader, StrictUndefined

from flask_app.domain.identity import AUDITOR
from flask_app.web.guard import TOKEN_FIELD
from flask_app.web.languages import NAMES, SHORT, offered
from flask_app.web.wording import plain

VERSION = version("kyzmat")


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
    )
    environment.filters["plain"] = plain
