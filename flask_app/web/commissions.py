"""Standing commissions: the list, one with its members, a new one, and every change of who sits there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.domain.names import fold_name, read_name
from flask_app.domain.substitution import SUBSTITUTE, can_have_substitute
from flask_app.services import commission_register as register
from flask_app.services.bodies import add_person
from flask_app.services.commission_register import Choosable
from flask_app.services.commission_seats import add_seat, against_leaving, end_seat
from flask_app.services.commissions import (
    ROLE_ORDER,
    SINGLE,
    Change,
    NewMember,
    form_commission,
    require_keeping,
    secretary_rule,
)
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.web.announcing.conflicts import whys
from flask_app.web.announcing.forms import Form
from flask_app.web.area import Area
from flask_app.web.fields import page_of
from flask_app.web.training.place import both
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

AREA = Area("commissions")

KINDS = ("competition", "attestation")
SHEET = ("name_ky", "name_ru", *(f"kind_{kind}" for kind in KINDS), "formed_on", "basis")
SEAT = ("role", "person", "other", "post_ky", "post_ru", "votes", "instead")
ROWS = ("chair", "member", "member", "member", "secretary")
"""The places a new form stands open for; «more rows» adds members."""
MORE, MOST = 3, 40
MIXED = "PERSON_NAME_MIXED_SCRIPTS"
ASKED = {
    "commission.place_taken": "role",
    "commission.seated_already": "person",
    "commission.day_before_forming": "day",
    "commission.day_before_end": "day",
    "commission.day_before_seat": "day",
    "commission.day_before_sitting": "day",
    "commission.day_before_member": "day",
    "commission.day_before_substitute": "day",
    "commission.not_a_substitute": "instead",
    "commission.substitute_of_nobody": "instead",
    "commission.substitute_of_place": "instead",
    "commission.substitute_taken": "instead",
    "commission.substitute_votes": "votes",
}
"""Code of what a use case has against a change → the field it is about."""


@dataclass(frozen=True, slots=True)
class Row:
    """A seat of a form: what the names of its fields begin with, and its number on the page."""

    at: str
    number: int


# -- looking -----------------------------------------------------------------------------------------------------------


@AREA.get("/commissions")
def index(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        found = register.commissions(work, page_of(request.args))
        may_form = register.may_form(work)
        return visit.page("commissions/list.html", word=_word(visit, work), found=found, may_form=may_form)


@AREA.get("/commissions/<uuid:id_>")
def show(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = register.commission_page(work, id_)
        return visit.page("commissions/commission.html", word=_word(visit, work), found=found)


def _word(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)


# -- a new one ---------------------------------------------------------------------------------------------------------


@AREA.get("/commissions/new")
def new(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        require_keeping(work, "form_commission")
        form = Form(_word(visit, work))
        for row, role in zip(_rows(len(ROWS)), ROWS, strict=True):
            form.put(**{f"{row.at}role": role})
        form.put(kind_competition="yes")
        return _new_page(visit, work, form, len(ROWS))


@AREA.post("/commissions/new")
def form_new(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        require_keeping(work, "form_commission")
        count = _count(request.form.get("rows", ""))
        rows = _rows(count)
        names = [*SHEET, *(f"{row.at}{field}" for row in rows for field in SEAT)]
        form = Form(_word(visit, work)).read(request.form, names)
        if request.form.get("go") == "more":
            return _more(visit, work, form, count)
        people = register.choosable(work)
        formed_on = _read_sheet(work, form)
        seats = _read_seats(work, form, rows, people)
        if not form.ok or formed_on is None:
            return _new_page(visit, work, form, count), form.status
        members = _members(work, form, seats)
        id_ = form_commission(work, both(form, "name"), _kinds(form), formed_on, form["basis"], members)
    return redirect(url_for("commissions.show", id_=id_), 303)


def _count(sent: str) -> int:
    """How many rows a form has, by what it says itself."""
    asked = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 4 else len(ROWS)
    return max(1, min(asked, MOST))


def _rows(count: int) -> list[Row]:
    return [Row(f"seat-{number}-", number) for number in range(1, count + 1)]


def _more(visit: Visit, work: Work, form: Form, count: int) -> ResponseReturnValue:
    """The same form with more rows; nothing is read and nothing is saved."""
    more = min(count + MORE, MOST)
    for row in _rows(more)[count:]:
        form.put(**{f"{row.at}role": "member"})
    return _new_page(visit, work, form, more)


def _new_page(visit: Visit, work: Work, form: Form, count: int) -> str:
    word = form.word
    return visit.page(
        "commissions/new.html",
        word=word,
        form=form,
        rows=_rows(count),
        count=count,
        more=count < MOST,
        kinds=KINDS,
        roles=ROLE_ORDER,
        people=register.choosable(work),
        instead=[(str(number), word.say("co_seat", n=number)) for number in range(1, count + 1)],
        rule=_secretary(word, work, ["competition"]),
        mistakes=_mistakes(form),
    )


def _mistakes(form: Form) -> list[tuple[str, str]]:
    """Id of each field that cannot stay as it is, and the sentence that leads to it: which seat, which field, what."""
    found = []
    for id_, problem in form.problems.items():
        _, number, field = id_.split("-", 2) if id_.startswith("seat-") else ("", "", id_)
        seat = f"{form.word.say('co_seat', n=int(number))}. " if number else ""
        found.append((id_, f"{seat}{form.word.say(f'entry_{field}')}: {problem}"))
    return found


def _secretary(word: Wording, work: Work, kinds: Sequence[str]) -> Why | None:
    """The rule on the secretary's vote, as the page explains it beforehand."""
    rule = secretary_rule(work, kinds)
    return None if rule is None else word.why(Refused("commission.secretary_votes", rule))


def _read_sheet(work: Work, form: Form) -> date | None:
    """The commission itself; returns the day it was formed on."""
    form.require("name_ky", "name_ru", "basis")
    if not _kinds(form):
        form.refuse("kind_competition", "co_problem_kind")
    return form.day("formed_on", latest=local_time(work).today)


def _kinds(form: Form) -> list[str]:
    return [kind for kind in KINDS if form[f"kind_{kind}"]]


# -- seats -------------------------------------------------------------------------------------------------------------


def _read_seats(work: Work, form: Form, rows: Sequence[Row], people: tuple[Choosable, ...]) -> list[Row]:
    """The rows somebody is named in, each checked; what is wrong stands at its field."""
    filled = [row for row in rows if any(form[f"{row.at}{field}"] for field in SEAT if field not in ("role", "votes"))]
    for row in filled:
        _check_seat(work, form, row.at, _kinds(form), people)
        _check_instead(form, row.at, {str(other.number) for other in filled})
    _check_replaced(form, filled)
    _check_places(form, rows, filled)
    _check_twice(form, filled)
    return filled


def _check_seat(work: Work, form: Form, at: str, kinds: Sequence[str], people: tuple[Choosable, ...]) -> None:
    """One row: a place, one person by one way, a post, a vote the rules allow."""
    form.choose(f"{at}role", ROLE_ORDER)
    _check_person(form, at, people)
    form.require(f"{at}post_ky", f"{at}post_ru")
    rule = secretary_rule(work, kinds)
    if form[f"{at}role"] == "secretary" and form[f"{at}votes"] == "yes" and rule is not None:
        form.refuse(f"{at}votes", "co_problem_secretary_votes")


def _check_instead(form: Form, at: str, known: Collection[str]) -> None:
    """A substitute, and nobody else, sits in place of somebody, and with a vote."""
    if form[f"{at}role"] != SUBSTITUTE:
        if form[f"{at}instead"]:
            form.refuse(f"{at}instead", "co_problem_not_substitute")
        return
    if form[f"{at}instead"] not in known:
        form.refuse(f"{at}instead", "co_problem_instead")
    if form[f"{at}votes"] == "no":
        form.refuse(f"{at}votes", "co_problem_substitute_votes")


def _check_replaced(form: Form, filled: Sequence[Row]) -> None:
    """Whom the substitutes of a new commission sit in place of: a member with a vote, each of another one."""
    seen: set[int] = set()
    free = {row.number for row in filled if can_have_substitute(form[f"{row.at}role"], votes=_votes(form, row))}
    for row in filled:
        chosen = form[f"{row.at}instead"]
        number = next((other.number for other in filled if str(other.number) == chosen), None)
        if number is None or form[f"{row.at}role"] != SUBSTITUTE:
            continue
        if number not in free:
            form.refuse(f"{row.at}instead", "co_problem_instead_place", n=number)
        elif number in seen:
            form.refuse(f"{row.at}instead", "co_problem_instead_taken", n=number)
        seen.add(number)


def _check_person(form: Form, at: str, people: tuple[Choosable, ...]) -> None:
    chosen, typed = form[f"{at}person"], form[f"{at}other"]
    if not chosen and not typed:
        form.refuse(f"{at}person", "co_problem_nobody")
    elif chosen and typed:
        form.refuse(f"{at}other", "co_problem_both")
    elif chosen:
        form.choose(f"{at}person", {str(one.person_id) for one in people})
    else:
        _check_name(form, f"{at}other", people)


def _check_name(form: Form, field: str, people: tuple[Choosable, ...]) -> None:
    """A name that papers can print, of somebody who is not known already."""
    reading = read_name(form[field])
    known = register.namesake(people, reading.name)
    if reading.problem == MIXED:
        form.refuse(field, "co_problem_mixed", word=reading.detail)
    elif known is not None:
        form.refuse(field, "co_problem_known", who=known.name)


def _check_places(form: Form, rows: Sequence[Row], filled: Sequence[Row]) -> None:
    """One chair, one secretary. Too few votes are told of on the commission's page: members may join later."""
    for role in SINGLE:
        holders = [row for row in filled if form[f"{row.at}role"] == role]
        if not holders:
            place = next((row for row in rows if row not in filled and form[f"{row.at}role"] == role), rows[0])
            form.refuse(f"{place.at}person", "co_problem_missing", role=form.word.say(f"seat_{role}"))
        for second in holders[1:]:
            form.refuse(f"{second.at}role", "co_problem_second", role=form.word.say(f"seat_{role}"))


def _check_twice(form: Form, filled: Sequence[Row]) -> None:
    """Nobody sits twice, chosen or typed."""
    seen: dict[str, int] = {}
    for row in filled:
        who = form[f"{row.at}person"] or fold_name(read_name(form[f"{row.at}other"]).name)
        if who and who in seen:
            field = "person" if form[f"{row.at}person"] else "other"
            form.refuse(f"{row.at}{field}", "co_problem_twice", n=seen[who])
        seen.setdefault(who, row.number)


def _members(work: Work, form: Form, rows: Sequence[Row]) -> list[NewMember]:
    """The members that checked rows tell of; a substitute's row names the row of the member."""
    people = {str(row.number): _person(work, form, row) for row in rows}
    return [_member(form, row, people[str(row.number)], people.get(form[f"{row.at}instead"])) for row in rows]


def _person(work: Work, form: Form, row: Row) -> UUID:
    """Whom a checked row names; somebody typed by name is a new person of the body."""
    chosen = form[f"{row.at}person"]
    return UUID(chosen) if chosen else add_person(work, read_name(form[f"{row.at}other"]).name).id


def _member(form: Form, row: Row, person: UUID, in_place_of: UUID | None) -> NewMember:
    return NewMember(person, form[f"{row.at}role"], both(form, f"{row.at}post"), _votes(form, row), in_place_of)


def _votes(form: Form, row: Row) -> bool:
    said = form[f"{row.at}votes"]
    return said == "yes" if said in ("yes", "no") else form[f"{row.at}role"] != "secretary"


# -- changes -----------------------------------------------------------------------------------------------------------


@AREA.get("/commissions/<uuid:id_>/seats/new")
def new_seat(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = _kept(work, id_)
        form = Form(_word(visit, work)).put(role=(*found.missing, "member")[0])
        return _seat_page(visit, work, form, id_)


@AREA.post("/commissions/<uuid:id_>/seats/new")
def take_seat(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = _kept(work, id_)
        form = Form(_word(visit, work)).read(request.form, (*SEAT, "day", "basis"))
        _check_seat(work, form, "", found.commission.kinds, register.choosable(work))
        _check_instead(form, "", {str(seat.person_id) for seat in found.replaceable})
        began = _change(work, form)
        if not form.ok or began is None:
            return _seat_page(visit, work, form, id_), form.status
    with _noted(form) as refused, visit.work() as work:
        row, instead = Row("", 1), form["instead"]
        new = _member(form, row, _person(work, form, row), UUID(instead) if instead else None)
        add_seat(work, id_, new, began)
    if form.problems or refused:
        with visit.work() as work:
            return _seat_page(visit, work, form, id_, tuple(refused)), 409 if refused else 422
    return redirect(url_for("commissions.show", id_=id_), 303)


def _kept(work: Work, id_: UUID) -> register.CommissionPage:
    """Raises `NotFound`, `NotPermitted`."""
    found = register.commission_page(work, id_)
    require_keeping(work, "change_seats")
    return found


def _change(work: Work, form: Form) -> Change | None:
    """Day and paper of a change."""
    form.require("basis")
    day = form.day("day", latest=local_time(work).today)
    return None if day is None else Change(day, form["basis"])


@contextmanager
def _noted(form: Form) -> Iterator[list[Why]]:
    """What a use case has against the change: at the field it is about, else in the list that is given."""
    others: list[Why] = []
    try:
        yield others
    except (InvalidInput, Refused) as problem:
        _note(form, problem, others)


def _note(form: Form, problem: InvalidInput | Refused, others: list[Why]) -> None:
    if isinstance(problem, InvalidInput) and problem.code in ASKED:
        form.blame(ASKED[problem.code], problem)
    else:
        others.extend(whys(form.word, problem))


def _seat_page(visit: Visit, work: Work, form: Form, id_: UUID, refused: tuple[Why, ...] = ()) -> str:
    found = register.commission_page(work, id_)
    held = {seat.role for seat in found.held if seat.role in SINGLE}
    return visit.page(
        "commissions/seat.html",
        word=form.word,
        form=form,
        found=found,
        refused=refused,
        roles=[role for role in ROLE_ORDER if role not in held and (role != SUBSTITUTE or found.replaceable)],
        people=register.choosable(work),
        instead=[(str(seat.person_id), seat.name) for seat in found.replaceable],
        rule=_secretary(form.word, work, found.commission.kinds),
    )


@AREA.get("/commissions/<uuid:id_>/seats/<uuid:member>/end")
def leaving(visit: Visit, id_: UUID, member: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        return _leaving_page(visit, work, Form(_word(visit, work)), id_, member)


@AREA.post("/commissions/<uuid:id_>/seats/<uuid:member>/end")
def leave(visit: Visit, id_: UUID, member: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        _kept(work, id_)
        form = Form(_word(visit, work)).read(request.form, ("day", "basis"))
        ended = _change(work, form)
        if not form.ok or ended is None:
            return _leaving_page(visit, work, form, id_, member), form.status
    with _noted(form) as refused, visit.work() as work:
        end_seat(work, id_, member, ended)
    if form.problems or refused:
        with visit.work() as work:
            return _leaving_page(visit, work, form, id_, member, tuple(refused)), 409 if refused else 422
    return redirect(url_for("commissions.show", id_=id_), 303)


def _leaving_page(visit: Visit, work: Work, form: Form, id_: UUID, member: UUID, refused: tuple[Why, ...] = ()) -> str:
    found = _kept(work, id_)
    seat = register.seat_line(work, found.commission, member)
    against = against_leaving(work, member, seat.name)
    return visit.page(
        "commissions/leave.html",
        word=form.word,
        form=form,
        found=found,
        seat=seat,
        refused=refused or (() if against is None else whys(form.word, against)),
        open=seat.until is None and against is None,
        substitute=register.substitute_name(work, member),
    )
