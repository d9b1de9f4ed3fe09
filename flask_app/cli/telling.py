"""How the command line tells of errors: what happened, why, by which rule, what to do."""

from __future__ import annotations

import os
from collections.abc import Mapping

import click

from flask_app.domain.errors import KyzmatError, Rule
from flask_app.messages import LANGUAGES, Language, explain, label


def language() -> Language:
    """From KYZMAT_LANG, else from the terminal's own language, else Russian."""
    for name in ("KYZMAT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        wished = os.environ.get(name, "")[:2]
        for known in LANGUAGES:
            if wished == known and not (name != "KYZMAT_LANG" and known == "en"):
                return known
    return "ru"


def tell_error(error: KyzmatError) -> None:
    """Print an error for a person on stderr, and then everything else the same attempt was refused for."""
    _tell(error.code, error.params, error.rule)
    for other in error.others:
        _tell(other.code, other.params, other.rule)


def _tell(code: str, params: Mapping[str, object], rule: Rule | None) -> None:
    told = explain(code, language(), dict(params))
    click.echo(click.style(f"{place_of(params)}{told.text}", fg="red", bold=True), err=True)
    for line in (told.why, rule_line(rule), told.cure):
        if line:
            click.echo(f"  {line}", err=True)


def place_of(params: Mapping[str, object]) -> str:
    """`file:line:column: ` for an error about a place in a file; the file as seen from where the person stands."""
    if "file" not in params:
        return ""
    file = os.path.relpath(str(params["file"]))
    place = ":".join(str(params[part]) for part in ("line", "column") if params.get(part))
    return f"{file}:{place}: " if place else f"{file}: "


def rule_line(rule: Rule | None) -> str:
    """The act and the point; a point nobody has seen is shown as such."""
    if rule is None:
        return ""
    point = label("rule_point_unverified", language()) if rule.point == "unverified" else rule.point
    return f"{rule.act}; {point} ({rule.source})"
