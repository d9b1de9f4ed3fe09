"""The one Jinja environment of papers: sandboxed, strict, escaping, with the few filters and tests listed here.

`A < B & C` comes out as written, a name that looks like a template expression stays a name, a field that does not exist
is an error and never an empty place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from flask_app.ports.paper import TemplateFault

FILTERS = ("length", "join", "upper")
TESTS = ("defined", "none", "eq", "equalto", "==", "even", "odd")


class PaperEnvironment(ImmutableSandboxedEnvironment):
    """No arithmetic that can grow without bound: a template has nothing to multiply."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.tests = {name: self.tests[name] for name in TESTS}
        self.globals = {}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002 - jinja's own signature
        raise SecurityError(f"the operator {operator} is not allowed in a paper")


ENVIRONMENT = PaperEnvironment()


def compiled(part: str, source: str) -> Callable[[dict[str, object]], str]:
    """A function from context to text. Both steps raise `TemplateFault` with the part's name."""
    try:
        template = ENVIRONMENT.from_string(source)
    except TemplateError as error:
        raise TemplateFault("TEMPLATE_SYNTAX", part=part, reason=str(error)) from error

    def render(context: dict[str, object]) -> str:
        try:
            return template.render(context)
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise TemplateFault("TEMPLATE_RENDER", part=part, reason=str(error)) from error

    return render
