"""Numbers as Kyrgyz and Russian text writes them: a decimal comma, thousands apart by a no-break space."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from docs_templates.contexts.dates import NBSP
from docs_templates.contexts.text import optional
from flask_app.ports.paper import PaperRefused


def number(text: str, field: str) -> Decimal:
    """The decimal number that `text` spells with a point. Raises `PaperRefused` for anything else."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise PaperRefused("PAPER_NOT_A_NUMBER", field=field, value=text)
    return value


def _spelled(value: Decimal) -> str:
    whole, _, fraction = f"{value:f}".partition(".")
    return f"{whole},{fraction}" if fraction else whole


def decimal(text: str, field: str) -> str:
    """`53.30` -> `53,30`: the digits as they came, no rounding."""
    return _spelled(number(text, field))


def percent(text: str, field: str) -> str:
    """`53.3` -> `53,3 %`"""
    return f"{decimal(text, field)}{NBSP}%"


def money(text: str, field: str) -> str:
    """`1234567.5` -> `1 234 567,50`; a fraction of a tyiyn is refused."""
    value = number(text, field)
    if value != round(value, 2):
        raise PaperRefused("PAPER_NOT_A_NUMBER", field=field, value=text)
    return f"{value:,.2f}".replace(",", NBSP).replace(".", ",")


def mark(text: str, field: str) -> str:
    """A mark of any scale: a number gets its comma, `85.5/100` too; a word stays, nothing becomes a dash."""
    line = optional(text, field)
    return "/".join(map(_mark, line.split("/")))


def _mark(part: str) -> str:
    try:
        value = Decimal(part)
    except InvalidOperation:
        return part
    return _spelled(value) if value.is_finite() else part
