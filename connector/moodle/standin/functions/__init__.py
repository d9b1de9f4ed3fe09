"""The web service functions, each registered under its name when its module is imported."""

from __future__ import annotations

from importlib import import_module

_MODULES = ("banks", "people", "tests", "results", "site", "core_site", "core_course", "core_quiz")


def load() -> None:
    """Register every function."""
    for name in _MODULES:
        import_module(f"{__name__}.{name}")
