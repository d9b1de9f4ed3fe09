"""How the command line tells of errors: what happened, why, by which rule, what to do."""

from __future__ import annotations

import os

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
    """Print an error for a person on stderr, with everything else the same attempt was refused for."""
    told = explain(error.code, language(), dict(error.params))
    click.echo(click.style(told.text, fg="red", bold=True), err=True)
    for line in (told.why, rule_line(error.rule), told.cure):
        if line:
            click.echo(f"  {line}", err=True)
    for other in getattr(error, "others", ()):
        told = explain(other.code, language(), dict(other.params))
        click.echo(f"  · {told}", err=True)


def rule_line(rule: Rule | None) -> str:
    """The act and the point; a point nobody has seen is shown as such."""
    if rule is None:
        return ""
    point = label("rule_point_unverified", language()) if rule.point == "unverified" else rule.point
    return f"{rule.act}; {point} ({rule.source})"
