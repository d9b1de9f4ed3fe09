"""The sitting is scheduled, and moved to another day, hour or place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, KyzmatError, NotFound, Refused, VersionConflict
from flask_app.services import sync_desk
from flask_app.services.office import Work
from flask_app.services.session_moves import NewTime, move_session, seen_mark
from flask_app.services.sitting_desk import Sitting
from flask_app.services.test_sessions import NewSession, schedule_session
from flask_app.services.transitions import act_on
from flask_app.web.announcing.forms import Form
from flask_app.web.deeds import at_the_body, both_languages, clock_of, number_of
from flask_app.web.entered import against, fields_in
from flask_app.web.fields import LONGEST
from flask_app.web.sittings.place import AREA, sitting_for, to_sitting, word_of
from flask_app.web.visit import Visit

HOURS = ("day", "starts", "ends", "place_ky", "place_ru", "proctor", "told_already")
SCHEDULE = (*HOURS, "code", "variants", "seed")
MOVE = (*HOURS, "same_place", "happened_on", "reason", "seen")
AGAINST_SCHEDULE = {
    "session.too_short": "ends",
    "session.no_forms": "variants",
    "session.code_taken": "code",
    "session.too_near": "day",
}
AGAINST_MOVE = {
    "session.too_short": "ends",
    "session.unchanged": "day",
    "session.too_near": "day",
    "session.moved_too_late": "happened_on",
    "session.moved_meanwhile": "day",
    "act.out_of_order": "happened_on",
    "act.in_the_future": "happened_on",
}
LONGEST_CODE, LONGEST_SEED = 60, 40
FORESEEN = timedelta(days=3 * 366)
"""How far ahead a sitting may be planned."""
NEAR = "near"
"""Set in a form whose day is too near for a notice in time: it then asks whether notices were given on paper."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When and where, as both forms ask for it."""

    starts_at: datetime
    ends_at: datetime
    place: dict[str, str]
    proctor: str
    told_already: bool


@AREA.get("/sittings/<uuid:id_>/schedule")
def schedule(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return _schedule_page(visit, id_) or to_sitting(id_)


@AREA.post("/sittings/<uuid:id_>/schedule")
def save_schedule(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = sitting_for(work, id_, "schedule_session")
        form = fields_in(word_of(visit, work), {name: name for name in SCHEDULE})
        new = _session_in(work, form, found.today)
    if new is None:
        return _schedule_page(visit, id_, form), form.status
    try:
        with visit.work() as work:
            schedule_session(work, id_, new)
    except InvalidInput as problem:
        return _schedule_page(visit, id_, _blamed(form, AGAINST_SCHEDULE, problem)), 422
    return to_sitting(id_)


def _blamed(form: Form, places: Mapping[str, str], problem: KyzmatError) -> Form:
    if problem.code == "session.too_near":
        form.put(**{NEAR: "yes"})
    return against(form, places, problem)


def _session_in(work: Work, form: Form, today: date) -> NewSession | None:
    """The sitting as entered, or None with the problems noted."""
    form.require("code", "seed")
    variants = form.take("variants", lambda: number_of(request.form, "variants"))
    hours = _hours_in(work, form, today)
    if hours is None or variants is None:
        return None
    return NewSession(
        code=form["code"][:LONGEST_CODE],
        course=sync_desk.last_course(work),
        starts_at=hours.starts_at,
        ends_at=hours.ends_at,
        place=hours.place,
        variants=variants,
        seed=form["seed"][:LONGEST_SEED],
        proctor=hours.proctor,
        told_already=hours.told_already,
    )


def _hours_in(work: Work, form: Form, today: date) -> Hours | None:
    """When and where, or None with the problems of the form noted."""
    sent = request.form
    form.require("place_ky")
    day = form.day("day", latest=today + FORESEEN, earliest=today)
    starts = form.take("starts", lambda: clock_of(sent, "starts"))
    ends = form.take("ends", lambda: clock_of(sent, "ends"))
    if day is None or starts is None or ends is None or not form.ok:
        return None
    return Hours(
        starts_at=at_the_body(work, day, starts),
        ends_at=at_the_body(work, day, ends),
        place=both_languages(sent, "place"),
        proctor=form["proctor"][:LONGEST],
        told_already=form["told_already"] == "yes",
    )


def _schedule_page(visit: Visit, id_: UUID, form: Form | None = None) -> str:
    """Empty where it is scheduled already and nothing was sent."""
    with visit.work() as work:
        found = sitting_for(work, id_, "schedule_session")
        if found.session is not None and form is None:
            return ""
        word, seed = word_of(visit, work), work.office.ids.new().hex[-8:]
        return visit.page("sittings/schedule.html", word=word, desk=found, seed=seed, entered=form or Form(word))


# -- moved -------------------------------------------------------------------------------------------------------------


@AREA.get("/sittings/<uuid:id_>/move")
def move(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Asks for another time, and says what the move brings along."""
    return _move_page(visit, id_)


@AREA.post("/sittings/<uuid:id_>/move")
def save_move(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = _to_move(work, id_)
        form = fields_in(word_of(visit, work), {name: name for name in MOVE})
        form.require("reason", problem="problem_reason")
        happened_on = form.day("happened_on", latest=found.today)
        to = _hours_in(work, form, found.today)
    if to is None or happened_on is None:
        return _move_page(visit, id_, form), form.status
    try:
        with visit.work() as work:
            act = act_on(work, happened_on, reason=form["reason"])
            move_session(work, id_, _new_time(to, form), act, seen=form["seen"])
    except (InvalidInput, Refused) as problem:
        return _move_page(visit, id_, _blamed(form, AGAINST_MOVE, problem)), 422
    except VersionConflict as problem:
        return _move_page(visit, id_, _blamed(form, AGAINST_MOVE, problem)), 409
    return to_sitting(id_)


def _new_time(to: Hours, form: Form) -> NewTime:
    return NewTime(
        to.starts_at, to.ends_at, to.place, to.proctor, form["same_place"] == "yes", told_already=to.told_already
    )


def _to_move(work: Work, id_: UUID) -> Sitting:
    """Raises `NotFound` where nothing is scheduled yet."""
    found = sitting_for(work, id_, "schedule_session")
    if found.session is None:
        raise NotFound("object.unknown", type="")
    return found


def _move_page(visit: Visit, id_: UUID, form: Form | None = None) -> str:
    with visit.work() as work:
        found, word = _to_move(work, id_), word_of(visit, work)
        assert found.session is not None
        mark = seen_mark(found.session)
        return visit.page("sittings/move.html", word=word, desk=found, entered=form or Form(word), mark=mark)
