"""A new competition in five steps: post, rules, announcement, commission, check.

Without script and without a half-made row in the database: what was entered travels in the form from step to step,
is checked at each, and all of it again at the end, when the draft is made in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.domain.rule_pack import RulePack
from flask_app.messages import label
from flask_app.services.competition_draft import (
    GROUPS,
    KINDS,
    CommissionChoice,
    commissions_to_choose,
    draw_up,
    packs,
    require_drafting,
)
from flask_app.services.competitions import insist_on_free_code
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.web.announcing.conflicts import whys
from flask_app.web.announcing.draft_form import (
    BOTH,
    POST_FIELDS,
    check_post,
    check_text,
    item_field,
    item_fields,
    read_post,
    read_text,
)
from flask_app.web.announcing.forms import LONGEST_CODE, Form
from flask_app.web.announcing.place import AREA
from flask_app.web.announcing.plain_rules import plain_rules
from flask_app.web.guard import LANGUAGE_ARGUMENT
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

STEPS = ("post", "rules", "announcement", "commission", "check")


class Wizard:
    """What was entered so far, and the choices the body offers. One per request."""

    def __init__(self, visit: Visit, work: Work) -> None:
        require_drafting(work)
        self.visit = visit
        self.work = work
        self.word = Wording(visit.language, local_time(work).today)
        self.form = Form(self.word)
        self.packs = packs()
        self.commissions: tuple[CommissionChoice, ...] = commissions_to_choose(work)
        self.pack: RulePack = self.packs[0]

    def begin(self) -> Wizard:
        """The first page: what is known already stands in the form."""
        self.form.put(pack=self.pack.id, kind=KINDS[0], group="senior")
        if len(self.commissions) == 1:
            self.form.put(commission=str(self.commissions[0].id))
        return self

    def read(self) -> Wizard:
        self.form.read(request.form, ("code", "pack", "commission"))
        self.form.values["code"] = self.form["code"][:LONGEST_CODE]
        self.pack = next((pack for pack in self.packs if pack.id == self.form["pack"]), self.pack)
        read_post(self.form, request.form)
        read_text(self.form, request.form, self.pack)
        return self

    @property
    def fields(self) -> Iterator[str]:
        """Everything that travels along."""
        yield from ("code", *POST_FIELDS, "pack", "kind", "internal_round")
        yield from item_fields(self.pack)
        yield "commission"

    @staticmethod
    def fields_of(step: str, pack: RulePack) -> tuple[str, ...]:
        """The fields that a step shows itself; the others are hidden on its page."""
        return {
            "post": ("code", *POST_FIELDS),
            "rules": ("pack", "kind", "internal_round"),
            "announcement": item_fields(pack),
            "commission": ("commission",),
        }.get(step, ())

    def check(self, step: str) -> bool:
        """Whether the step may be left; otherwise its problems are noted. The announcement may stay incomplete here."""
        if step == "post":
            self._check_code()
            check_post(self.form, self.word.today)
        elif step == "rules":
            self.form.choose("pack", [pack.id for pack in self.packs])
            check_text(self.form, self.pack)
        elif step == "commission" and self.form["commission"]:
            self.form.choose("commission", [str(choice.id) for choice in self.commissions])
        return self.form.ok

    def _check_code(self) -> None:
        self.form.require("code")
        if self.form.ok:
            self.form.take("code", lambda: insist_on_free_code(self.work, self.form["code"]))

    def first_problem(self) -> str:
        """The first step that may not be left, or none."""
        return next((step for step in STEPS if not self.check(step)), "")

    def suggest(self) -> None:
        """What the announcement repeats from the earlier steps stands ready to be corrected, in both languages."""
        for language in BOTH:
            for item, text in self._known(language).items():
                field = item_field(item, language)
                if item in self.pack.announcement.items and not self.form[field]:
                    self.form.put(**{field: text})

    def _known(self, language: Literal["ky", "ru"]) -> dict[str, str]:
        """Only what is known in this very language: no other one stands in for it."""
        name, address = (str(texts.get(language) or "") for texts in (self.work.body.name, self.work.body.address))
        return {
            "body_name_and_address": f"{name}, {address}" if name and address else name,
            "position": self.form[f"title_{language}"],
            "required_documents": self._documents(language),
        }

    def _documents(self, language: Literal["ky", "ru"]) -> str:
        """What the rules ask of a candidate, one after another; nothing unless each has its words."""
        names = [f"required_{document}" for document in self.pack.required_documents]
        if not names or not all(self.word.known(name) for name in names):
            return ""
        said = ", ".join(label(name, language) for name in names)
        return said[0].upper() + said[1:]

    def page(self, step: str, refused: tuple[Why, ...] = ()) -> str:
        if step == "announcement":
            self.suggest()
        shown = frozenset(self.fields_of(step, self.pack))
        return self.visit.page(
            "announcing/wizard.html",
            word=self.word,
            wizard=self,
            form=self.form,
            pack=self.pack,
            step=step,
            steps=STEPS,
            groups=GROUPS,
            kinds=KINDS,
            hidden=[name for name in self.fields if name not in shown],
            refused=refused,
            rules=plain_rules(self.word, self.pack) if step == "rules" else [],
            vacant_since=self.form.known_day("vacant_since", self.word.today) if step == "check" else None,
        )

    def draw_up(self) -> UUID:
        post, text = check_post(self.form, self.word.today), check_text(self.form, self.pack)
        if post is None or text is None:
            raise InvalidInput("competition.draft_incomplete")
        commission = UUID(self.form["commission"]) if self.form["commission"] else None
        return draw_up(self.work, self.form["code"], self.pack.id, post, text, commission)


@AREA.get("/procedures/new")
def new(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        return Wizard(visit, work).begin().page(STEPS[0])


@AREA.post("/procedures/new")
def go_on(visit: Visit) -> ResponseReturnValue:
    step = request.form.get("step", "")
    step = step if step in STEPS else STEPS[0]
    wanted = request.form.get("go", "next")
    if step == STEPS[-1] and wanted == "next" and LANGUAGE_ARGUMENT not in request.form:
        return _draw_up(visit)
    with visit.work() as work:
        wizard = Wizard(visit, work).read()
        if wizard.form.again:
            return wizard.page(step)
        if wanted in STEPS:
            return wizard.page(wanted)
        if not wizard.check(step):
            return wizard.page(step), 422
        return wizard.page(STEPS[STEPS.index(step) + 1])


def _draw_up(visit: Visit) -> ResponseReturnValue:
    try:
        with visit.work() as work:
            wizard = Wizard(visit, work).read()
            unfinished = wizard.first_problem()
            if unfinished:
                return wizard.page(unfinished), 422
            id_ = wizard.draw_up()
    except Refused as refused:
        with visit.work() as work:
            wizard = Wizard(visit, work).read()
            return wizard.page("commission", whys(wizard.word, refused)), 409
    return redirect(url_for("procedures.competition", id_=id_, saved="draft"), 303)
