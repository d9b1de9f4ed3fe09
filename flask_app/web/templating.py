"""Templates: strict about unknown names, with the govuk macros at hand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Flask, current_app, request, url_for
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader, Undefined

from flask_app.domain.identity import AUDITOR
from flask_app.web.environment import PageEnvironment
from flask_app.web.guard import LANGUAGE_ARGUMENT, TOKEN_FIELD
from flask_app.web.languages import NAMES, SHORT, offered
from flask_app.web.navigation import navigation
from flask_app.web.question_words import topic_titles
from flask_app.web.wording import plain

VERSION = version("kyzmat")


NUNJUCKS = frozenset({"caller", "undefined", "null"})
"""Names the govuk macros use as they are known from Nunjucks, where they need not be defined."""


class Missing(Undefined):
    """An unknown name or attribute is an error; a key that a macro's parameters leave out is not.

    The govuk macros ask their one dictionary of parameters for everything it might hold.
    """

    def _insist(self) -> None:
        if not isinstance(self._undefined_obj, dict) and self._undefined_name not in NUNJUCKS:
            self._fail_with_undefined_error()

    def __bool__(self) -> bool:
        self._insist()
        return False

    def __str__(self) -> str:
        self._insist()
        return ""

    def __iter__(self) -> Iterator[Any]:
        self._insist()
        return iter(())

    def __len__(self) -> int:
        self._insist()
        return 0

    def __eq__(self, other: object) -> bool:
        self._insist()
        return type(self) is type(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return id(type(self))


PAGES = {
    "competition": "procedures.competition",
    "training_order": "procedures.training_order",
    "document": "papers.show",
}
"""Object types that have a page of their own, by endpoint."""


def link_to(type_: str, id_: UUID) -> str:
    """The page of an object."""
    return url_for(PAGES[type_], id_=id_)


def address(endpoint: str, **values: Any) -> str:
    """Flask's `url_for`; that of a page without an object, or of a file, is put together once: a page's frame has
    dozens of them.
    """
    if endpoint.startswith(".") or (values and endpoint != "static"):
        return url_for(endpoint, **values)
    return _fixed(request.script_root, endpoint, tuple(values.items()))


@lru_cache(maxsize=512)
def _fixed(_script_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(values))


def language_link(language: str) -> str:
    """The page at hand in another language; after a form was sent, the nearest page above it that can be asked for."""
    if request.method != "GET":
        return f"{_page_above(request.path)}?{LANGUAGE_ARGUMENT}={language}"
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != LANGUAGE_ARGUMENT]
    return f"?{urlencode([*kept, (LANGUAGE_ARGUMENT, language)])}"


def _page_above(path: str) -> str:
    paths = current_app.url_map.bind("")
    while path != "/" and not paths.test(path, "GET"):
        path = path.rpartition("/")[0] or "/"
    return path


def prepare(app: Flask) -> None:
    app.jinja_environment = PageEnvironment
    environment = app.jinja_env
    environment.undefined = Missing
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
        language_argument=LANGUAGE_ARGUMENT,
        language_names=NAMES,
        language_short=SHORT,
        offered_languages=offered,
        auditor=AUDITOR,
        object_pages=PAGES,
        navigation=navigation,
        topic_titles=topic_titles,
    )
    environment.globals["url_for"] = address
    environment.globals["link_to"] = link_to
    environment.globals["language_link"] = language_link
    environment.filters["plain"] = plain
    environment.filters["tuple"] = tuple


def compile_templates(app: Flask) -> None:
    """All of them, some seconds of work that would else be done page by page as each is first asked for."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
