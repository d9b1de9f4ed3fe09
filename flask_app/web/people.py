"""People who log in: who they are, their roles, their passwords, and whether they may come in. The administrator's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.domain.identity import ADMINISTRATOR, ROLES
from flask_app.messages import Language
from flask_app.services import people_desk
from flask_app.services.accounts import NewAccount
from flask_app.services.bodies import LONGEST_PASSWORD, MIN_PASSWORD
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.web.announcing.forms import Form
from flask_app.web.area import Area
from flask_app.web.entered import against
from flask_app.web.fields import choice_of, page_of
from flask_app.web.languages import NAMES, offered
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

AREA = Area("people")

GENERATED_BYTES = 12
"""Random bytes of a password made up here: 16 signs, as `kyzmat user` makes them."""

ROLE_FIELDS = {f"role-{role}": role for role in ROLES}
FIELDS = ("login", "known", "full_name", "language")
ASKED = {
    "user.login_shape": "login",
    "user.exists": "login",
    "user.exists_alike": "login",
    "user.name_shape": "full_name",
    "user.name_same": "full_name",
    "user.person_taken": "known",
    "user.password_short": "password",
    "user.password_long": "password",
}
"""Code of what a use case has against somebody → the field it is about."""

SHUT_OUT = {"account.last_administrator": f"role-{ADMINISTRATOR}", "account.own_account": "switch"}
"""Code of what keeps the body its administrator → where on the user's page it is told."""

DONE = ("name", "roles", "roles_same", "disabled", "enabled", "unlocked")
"""What an act that leads back to the user's page may have done; the page says so in a line."""


# -- looking -----------------------------------------------------------------------------------------------------------


@AREA.get("/people")
def index(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        found = people_desk.people(work, page_of(request.args))
        return visit.page("people/list.html", word=_word(visit, work), found=found)


@AREA.get("/people/<uuid:id_>")
def show(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        return _user_page(visit, work, id_, Form(_word(visit, work)), done=choice_of(request.args, "done", DONE))


def _user_page(
    visit: Visit, work: Work, id_: UUID, form: Form, *, done: str = "", asked: RolesAsked | None = None
) -> str:
    """`done`: the act that led here; `asked`: roles that could not be given as they were asked for."""
    found = people_desk.one(work, id_)
    if "full_name" not in form.values:
        form.put(full_name=found.row.name)
    return visit.page(
        "people/user.html",
        word=form.word,
        form=form,
        found=found,
        roles=ROLES,
        asked=asked or RolesAsked(frozenset(found.row.roles), frozenset(found.row.roles)),
        done=done,
        least=MIN_PASSWORD,
        names=NAMES,
    )


def _word(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)


# -- somebody new ------------------------------------------------------------------------------------------------------


@AREA.get("/people/new")
def new(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        people_desk.require_keeping(work, "add_user")
        return _new_page(visit, work, Form(_word(visit, work)).put(language=visit.language))


@AREA.post("/people/new")
def add(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        people_desk.require_keeping(work, "add_user")
        form = Form(_word(visit, work)).read(request.form, (*FIELDS, *ROLE_FIELDS))
        person = _check_new(visit, work, form)
        if not form.ok:
            return _new_page(visit, work, form), form.status
    password, made = _password()
    roles = tuple(role for field, role in ROLE_FIELDS.items() if form[field])
    wanted = NewAccount(form["login"], form["full_name"], "", roles, form["language"])
    try:
        with visit.work() as work:
            id_ = people_desk.add(work, wanted, password, person)
    except InvalidInput as problem:
        return _again(visit, against(form, ASKED, problem))
    return _done(visit, id_, password if made else "", "pe_added")


def _check_new(visit: Visit, work: Work, form: Form) -> UUID | None:
    """What is missing; returns the person behind the new log-in where the body knows them, whose name it then bears."""
    form.require("login")
    form.choose("language", _languages(visit))
    known = {str(one.person_id): one for one in people_desk.known_people(work)}
    if not form["known"]:
        form.require("full_name")
        return None
    form.choose("known", known)
    if form["known"] not in known:
        return None
    form.put(full_name=known[form["known"]].name)
    return known[form["known"]].person_id


def _languages(visit: Visit) -> tuple[Language, ...]:
    return offered(visit.panel.settings)


def _password() -> tuple[str, bool]:
    """The password that was typed, or one made up here; and whether it was made up."""
    typed = request.form.get("password", "")[: LONGEST_PASSWORD + 1]
    return (typed, False) if typed else (secrets.token_urlsafe(GENERATED_BYTES), True)


def _again(visit: Visit, form: Form) -> ResponseReturnValue:
    with visit.work() as work:
        return _new_page(visit, work, form), 422


def _new_page(visit: Visit, work: Work, form: Form) -> str:
    return visit.page(
        "people/new.html",
        word=form.word,
        form=form,
        roles=ROLES,
        known=people_desk.known_people(work),
        languages=[(code, NAMES[code]) for code in _languages(visit)],
        least=MIN_PASSWORD,
    )


def _done(visit: Visit, id_: UUID, password: str, said: str) -> ResponseReturnValue:
    """The answer to the form itself, never an address: a password stands on no page that can be asked for again."""
    with visit.work() as work:
        found = people_desk.one(work, id_)
        return visit.page("people/password.html", word=_word(visit, work), found=found, password=password, said=said)


# -- acts --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RolesAsked:
    """What was ticked, and what the page had shown ticked: somebody else's change in between is not undone."""

    ticked: frozenset[str]
    shown: frozenset[str]

    @property
    def given(self) -> list[str]:
        return [role for role in ROLES if role in self.ticked - self.shown]

    @property
    def taken(self) -> list[str]:
        return [role for role in ROLES if role in self.shown - self.ticked]


def _roles_asked() -> RolesAsked:
    ticked = frozenset(role for field, role in ROLE_FIELDS.items() if request.form.get(field))
    return RolesAsked(ticked, frozenset(request.form.getlist("shown")))


@AREA.post("/people/<uuid:id_>/name")
def correct_name(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        people_desk.one(work, id_)
        form = Form(_word(visit, work)).read(request.form, ("full_name",))
    try:
        with visit.work() as work:
            people_desk.correct_name(work, id_, form["full_name"])
    except InvalidInput as problem:
        return _refused(visit, id_, against(form, ASKED, problem)), 422
    return _back(id_, "name")


@AREA.post("/people/<uuid:id_>/roles")
def change_roles(visit: Visit, id_: UUID) -> ResponseReturnValue:
    asked = _roles_asked()
    try:
        with visit.work() as work:
            people_desk.change_roles(work, id_, asked.given, asked.taken)
    except Refused as refused:
        return _kept_in(visit, id_, refused, asked), 409
    if id_ == visit.actor.user_id and ADMINISTRATOR in asked.taken:
        return redirect(url_for("home.show"), 303)  # these pages are closed to the reader from now on
    return _back(id_, "roles" if asked.given or asked.taken else "roles_same")


def _kept_in(visit: Visit, id_: UUID, refused: Refused, asked: RolesAsked | None = None) -> str:
    """The page as it was filled in, with what keeps the body its administrator. Any other refusal goes up."""
    if refused.code not in SHUT_OUT:
        raise refused
    with visit.work() as work:
        form = Form(_word(visit, work))
        form.problems[SHUT_OUT[refused.code] if asked else "switch"] = str(form.word.why(refused).said)
        return _user_page(visit, work, id_, form, asked=asked)


def _refused(visit: Visit, id_: UUID, form: Form) -> str:
    with visit.work() as work:
        return _user_page(visit, work, id_, form)


@AREA.post("/people/<uuid:id_>/password")
def new_password(visit: Visit, id_: UUID) -> ResponseReturnValue:
    password, made = _password()
    try:
        with visit.work() as work:
            people_desk.give_password(work, id_, password)
    except InvalidInput as problem:
        with visit.work() as work:
            form = against(Form(_word(visit, work)), ASKED, problem)
        return _refused(visit, id_, form), 422
    return _done(visit, id_, password if made else "", "pe_password_given")


@AREA.post("/people/<uuid:id_>/disable")
def disable(visit: Visit, id_: UUID) -> ResponseReturnValue:
    try:
        with visit.work() as work:
            people_desk.switch(work, id_, disabled=True)
    except Refused as refused:
        return _kept_in(visit, id_, refused), 409
    return _back(id_, "disabled")


@AREA.post("/people/<uuid:id_>/enable")
def enable(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        people_desk.switch(work, id_, disabled=False)
    return _back(id_, "enabled")


@AREA.post("/people/<uuid:id_>/unlock")
def unlock(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        people_desk.lift_lock(work, id_)
    return _back(id_, "unlocked")


def _back(id_: UUID, done: str) -> ResponseReturnValue:
    return redirect(url_for("people.show", id_=id_, done=done), 303)
