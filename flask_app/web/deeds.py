"""The parts of an act as forms of the panel bring them: day, evidence, reason, the version the page was made from."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from werkzeug.datastructures import MultiDict

from flask_app.domain.errors import InvalidInput
from flask_app.domain.workflow import Act
from flask_app.services.office import Work
from flask_app.services.transitions import act_on
from flask_app.web.fields import text_of

LONG_TEXT = 2000


def act_of(work: Work, sent: MultiDict[str, str]) -> Act:
    """The act a form tells of; without a day it happened today.

    Raises `InvalidInput("form.day_unreadable")`.
    """
    happened_on = day_of(sent, "happened_on") if sent.get("happened_on") else work.today
    return act_on(work, happened_on, text_of(sent, "evidence"), text_of(sent, "reason", LONG_TEXT))


def day_of(sent: MultiDict[str, str], name: str) -> date:
    """`2026-04-16`, as a browser's date field sends it, or `16.04.2026`, as a person types it."""
    given = text_of(sent, name)
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(given, pattern).date()  # noqa: DTZ007  # a day at the body, not a moment
        except ValueError:
            continue
    raise InvalidInput("form.day_unreadable", given=given)


def clock_of(sent: MultiDict[str, str], name: str) -> time:
    """`09:30` or `9.30`. Raises `InvalidInput("form.clock_unreadable")`."""
    given = text_of(sent, name)
    try:
        return datetime.strptime(given.replace(".", ":"), "%H:%M").time()  # noqa: DTZ007  # an hour, no moment
    except ValueError:
        raise InvalidInput("form.clock_unreadable", given=given) from None


def at_the_body(work: Work, day: date, hour: time) -> datetime:
    """The moment when the body's clocks show this."""
    return datetime.combine(day, hour, work.local(work.now).tzinfo)


def version_of(sent: MultiDict[str, str]) -> int:
    """The version the page was made from. Raises `InvalidInput("form.version_missing")`."""
    given = sent.get("version", "")
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise InvalidInput("form.version_missing")
    return int(given)


def number_of(sent: MultiDict[str, str], name: str) -> int:
    """A whole number from 0 on. Raises `InvalidInput("form.whole_number_unreadable")`."""
    given = text_of(sent, name).replace(" ", "")
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise InvalidInput("form.whole_number_unreadable", given=given)
    return int(given)


def decimal_of(sent: MultiDict[str, str], name: str) -> Decimal:
    """`7,5` or `7.5`, spaces between thousands. Raises `InvalidInput("form.number_unreadable")`."""
    given = "".join(text_of(sent, name).split()).replace(",", ".")
    try:
        value = Decimal(given)
    except InvalidOperation:
        raise InvalidInput("form.number_unreadable", given=given) from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 15:
        raise InvalidInput("form.number_unreadable", given=given)
    return value


def both_languages(sent: MultiDict[str, str], name: str) -> dict[str, str]:
    """A text of the body in its two languages, as `<name>_ky` and `<name>_ru`; an empty one is left out."""
    given = {language: text_of(sent, f"{name}_{language}") for language in ("ky", "ru")}
    return {language: text for language, text in given.items() if text}
