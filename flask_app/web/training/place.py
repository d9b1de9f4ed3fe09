"""The area of the panel where training orders are worked on, and what its forms share."""

from __future__ import annotations

import re
from decimal import Decimal

from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.web.announcing.forms import Form
from flask_app.web.area import Area
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

AREA = Area("training")

LANGUAGES = ("ky", "ru")
MONEY = re.compile(r"[0-9]{1,13}(?:[.,][0-9]{1,2})?")
WHOLE = re.compile(r"[0-9]{1,6}")


def word_of(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)


def money(form: Form, name: str) -> Decimal | None:
    """A sum in som: `495 000`, `495000,50`. A comma before three digits could be either, so it is refused."""
    given = "".join(form[name].split())
    if not MONEY.fullmatch(given):
        form.refuse(name, "tr_problem_money" if given else "problem_empty")
        return None
    return Decimal(given.replace(",", "."))


def whole(form: Form, name: str, *, least: int) -> int | None:
    """A whole number from `least` on."""
    given = "".join(form[name].split())
    if not WHOLE.fullmatch(given) or int(given) < least:
        form.refuse(name, "tr_problem_whole" if given else "problem_empty", least=least)
        return None
    return int(given)


def plain_sum(value: Decimal) -> str:
    """A sum as a form shows it: `495000,50`; whole som without a fraction."""
    shown = f"{value:.2f}".removesuffix(".00")
    return shown.replace(".", ",")


def both(form: Form, name: str) -> dict[str, str]:
    """A text of the body in its two languages, as the form has it."""
    return {language: form[f"{name}_{language}"] for language in LANGUAGES}
