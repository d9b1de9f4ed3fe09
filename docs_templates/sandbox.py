"""The one Jinja environment of papers: sandboxed, strict, escaping, with the few filters and tests listed here.

`A < B & C` comes out as written, a name that looks like a template expression stays a name, a field that does not exist
is an error and never an empty place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from flask_app.ports.paper import TemplateFault

FILTERS = ("length", "join", "upper")
TESTS = ("defined", "none", "eq", "equalto", "==", "even", "odd")


LOOP_FIELDS = frozenset({"index", "first", "last", "length"})
_NO_FIELDS: frozenset[str] = frozenset()


@cache
def _fields_of(kind: type) -> frozenset[str]:
    """What a template may read of an object: the fields of a context, the counters of a loop, nothing of the rest."""
    if issubclass(kind, LoopContext):
        return LOOP_FIELDS
    return frozenset(field.name for field in fields(kind)) if is_dataclass(kind) else _NO_FIELDS


class PaperEnvironment(ImmutableSandboxedEnvironment):
    """Narrower than Jinja's sandbox: only declared fields are read, nothing is called, nothing grows without bound."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.tests = {name: self.tests[name] for name in TESTS}
        self.globals = {}

    def getattr(self, obj: Any, attribute: str) -> Any:
        kind: type = type(obj)
        if attribute in _fields_of(kind):
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute, exc=SecurityError)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.undefined(obj=obj, name=argument, exc=SecurityError)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 - jinja's own signature
        return False

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
