"""Follows what a template asks for through the context's dataclasses: a mistyped field is found before printing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import get_args, get_origin, get_type_hints

from jinja2 import TemplateError, nodes

from docs_templates.sandbox import ENVIRONMENT, FILTERS, LOOP_FIELDS, TESTS
from flask_app.ports.paper import TemplateFault

# What a template may consist of. Calls, macros, assignments, imports and arithmetic are not
# among it (the division in a looped grid is written later, by `docs_templates.columns`).
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.For, nodes.If,
    nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
)  # fmt: skip
Scope = Mapping[str, object]


def faults(part: str, source: str, context: type) -> Iterator[TemplateFault]:
    """All places of a part where the template breaks its promise. `source` has been through docxtpl's repair."""
    try:
        tree = ENVIRONMENT.parse(source)
    except TemplateError as error:
        yield TemplateFault("TEMPLATE_SYNTAX", part=part, reason=str(error))
        return
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, ALLOWED) or _unlisted(node):
            yield TemplateFault("TEMPLATE_FORBIDDEN", part=part, expression=type(node).__name__)
    yield from _walk(part, tree, get_type_hints(context))


def _unlisted(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name not in FILTERS
    return isinstance(node, nodes.Test) and node.name not in TESTS


def _walk(part: str, node: nodes.Node, scope: Scope) -> Iterator[TemplateFault]:
    if isinstance(node, nodes.For):
        yield from _loop(part, node, scope)
        return
    if isinstance(node, nodes.Name | nodes.Getattr):
        if _type_of(node, scope) is None:
            yield TemplateFault("TEMPLATE_UNKNOWN_FIELD", part=part, field=_path(node))
        return
    if isinstance(node, nodes.Output):
        yield from _printed(part, node, scope)
    for child in node.iter_child_nodes():
        yield from _walk(part, child, scope)


def _loop(part: str, node: nodes.For, scope: Scope) -> Iterator[TemplateFault]:
    yield from _walk(part, node.iter, scope)
    found = _type_of(node.iter, scope)
    if found is not None and get_origin(found) is not tuple:
        yield TemplateFault("TEMPLATE_NOT_A_LIST", part=part, field=_path(node.iter))
        return
    item = get_args(found)[0] if found is not None else None
    target = node.target.name if isinstance(node.target, nodes.Name) else ""
    inner = {**scope, target: item or _Anything, "loop": _Loop}
    for child in (*node.body, *node.else_):
        yield from _walk(part, child, inner)


def _printed(part: str, node: nodes.Output, scope: Scope) -> Iterator[TemplateFault]:
    for child in node.nodes:
        found = _type_of(child, scope) if isinstance(child, nodes.Name | nodes.Getattr) else None
        if found not in (None, _Anything, str, int):
            yield TemplateFault("TEMPLATE_NOT_A_TEXT", part=part, field=_path(child))


class _Anything:
    """Of what could not be told: reported once where it came from, not at every use."""


class _Loop:
    """Jinja's own `loop`."""


def _type_of(node: nodes.Node, scope: Scope) -> object:
    """The declared type, None for what the context does not have."""
    if isinstance(node, nodes.Name):
        return scope.get(node.name)
    if not isinstance(node, nodes.Getattr):
        return _Anything
    owner = _type_of(node.node, scope)
    if owner is _Anything:
        return _Anything
    if owner is _Loop:
        return int if node.attr in LOOP_FIELDS else None
    if isinstance(owner, type) and is_dataclass(owner):
        return get_type_hints(owner).get(node.attr)
    return None


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else type(node).__name__
