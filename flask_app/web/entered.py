"""What forms of the working pages bring, read into a `Form` by the ids of their fields: a mistake is noted beside its
field, and the page comes back with everything that was typed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping

from flask import request

from flask_app.domain.errors import KyzmatError, Refused
from flask_app.domain.workflow import Act, Offer
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.transitions import act_on
from flask_app.web.announcing.forms import LONG_TEXT, Form
from flask_app.web.wording import Wording

ACT = ("happened_on", "evidence", "reason")
UNTIMELY = ("act.out_of_order", "act.in_the_future")


def fields_in(word: Wording, ids: Mapping[str, str]) -> Form:
    """The fields of the request; `ids`: id of the field on its page → its name."""
    form = Form(word).read(request.form, ids.values(), LONG_TEXT)
    form.values = {id_: form[name] for id_, name in ids.items()}
    return form


def act_in(work: Work, word: Wording, needs: Iterable[str] = (), *, at: str = "") -> tuple[Form, Act | None]:
    """The act a form tells of; without a field for the day it happened today. `at`: what the fields' ids begin with.

    None where something is missing or cannot be read; then the form says what.
    """
    form = fields_in(word, {f"{at}{name}": name for name in ACT})
    today = local_time(work).today
    happened_on = form.day(f"{at}happened_on", latest=today) if "happened_on" in request.form else today
    for need in sorted(needs):
        form.require(f"{at}{need}", problem=f"problem_{need}")
    if happened_on is None or not form.ok:
        return form, None
    return form, act_on(work, happened_on, form[f"{at}evidence"], form[f"{at}reason"])


def step_in(work: Work, word: Wording, offer: Offer | None, *, at: str = "") -> tuple[Form, Act | None]:
    """As `act_in`, for a step of a workflow. Where it is not offered, what was typed is beside the point: the guard
    says why it is not.
    """
    if offer is None:
        return Form(word), act_on(work, local_time(work).today)
    return act_in(work, word, offer.transition.needs, at=at)


def against(form: Form, places: Mapping[str, str], problem: KyzmatError) -> Form:
    """Note what a use case has against a field. `places`: code of the error → id of the field; any other goes up."""
    if problem.code not in places:
        raise problem
    form.blame(places[problem.code], problem)
    return form


@contextlib.contextmanager
def noting_the_day(form: Form, *, at: str = "") -> Iterator[None]:
    """What is refused for its day is noted beside the day; the form comes back as it was sent. `at`: as in `act_in`."""
    try:
        yield
    except Refused as problem:
        against(form, dict.fromkeys(UNTIMELY, f"{at}happened_on"), problem)
