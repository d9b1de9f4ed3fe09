"""Jinja's environment with shorter ways: a page calls thousands of small methods and begins dozens of templates."""

from __future__ import annotations

from collections.abc import MutableMapping
from types import MethodType
from typing import Any

from flask.templating import Environment
from jinja2.runtime import Context, Macro
from jinja2.utils import internalcode


class PageContext(Context):
    """Jinja's own context asks each thing it calls six times whether it wants the context; ours never do.

    Methods take their arguments as they are, macros the evaluation context before them, as Jinja has it. Everything
    else goes the long way.
    """

    @internalcode
    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  # as in Jinja: `self` may be a keyword argument
        kind = type(__obj)
        if kind is Macro:
            args = (__self.eval_ctx, *args)
        elif kind is not MethodType or hasattr(__obj, "jinja_pass_arg"):
            return super().call(__obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        try:
            return __obj(*args, **kwargs)
        except StopIteration:  # would end the template without a word
            return __self.environment.undefined("a callable raised StopIteration")


class PageEnvironment(Environment):
    """Globals stand before the first template is loaded and never change: each template has them in one dictionary.

    Jinja's own is a chain of two, walked key by key whenever a template is begun, included or imported.
    """

    context_class = PageContext

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}
