"""An area of the panel: a blueprint whose views take the visit as their first argument."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from flask_app.web.visit import Visit, this_visit

View = Callable[..., ResponseReturnValue]

GUESTS: set[str] = set()
"""Endpoints that people who are not logged in may ask for. Every other one is closed to them."""

MACHINES: set[str] = set()
"""Endpoints that another system calls: no log-in, no form and its token. Each proves in its own way who calls."""


class Area:
    """`name` is the first part of the endpoints and the section that the navigation shows as current."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.blueprint = Blueprint(name, __name__)

    def get(self, rule: str, *, guests: bool = False) -> Callable[[View], View]:
        return self._route(rule, "GET", GUESTS if guests else None)

    def post(self, rule: str, *, guests: bool = False) -> Callable[[View], View]:
        return self._route(rule, "POST", GUESTS if guests else None)

    def machine(self, rule: str) -> Callable[[View], View]:
        """A POST by another system. The guard lets it pass: the view itself asks for the proof."""
        return self._route(rule, "POST", MACHINES)

    def _route(self, rule: str, method: str, open_: set[str] | None) -> Callable[[View], View]:
        def register(view: View) -> View:
            @wraps(view)
            def answer(**arguments: Any) -> ResponseReturnValue:
                visit: Visit = this_visit()
                return view(visit, **arguments)

            self.blueprint.add_url_rule(rule, view.__name__, answer, methods=[method])
            if open_ is not None:
                open_.add(f"{self.name}.{view.__name__}")
            return view

        return register
