"""What is recorded beside the steps: the agreement of the text, a publication, the commission."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import Refused, VersionConflict
from flask_app.services.competition_acts import publications_of
from flask_app.services.competition_draft import commissions_to_choose, editable
from flask_app.services.competition_facts import agreement_of, pack_of
from flask_app.services.competitions import (
    letter_dated_otherwise,
    name_commission,
    record_agreement,
    record_publication,
    withdraw_publication,
)
from flask_app.services.local_time import local_time
from flask_app.services.rights import may
from flask_app.web.announcing.conflicts import conflict, version_of, whys
from flask_app.web.announcing.forms import Form, written
from flask_app.web.announcing.place import AREA
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording


def _form(visit: Visit, *names: str) -> Form:
    with visit.work() as work:
        form = Form(Wording(visit.language, local_time(work).today))
    return form.read(request.form, (*names, "version"))


def _back(id_: UUID, saved: str) -> ResponseReturnValue:
    return redirect(url_for("procedures.competition", id_=id_, saved=saved), 303)


# -- agreement ---------------------------------------------------------------------------------------------------------


@AREA.get("/procedures/competition/<uuid:id_>/agreement")
def agreement(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return _agreement_page(visit, id_)


@AREA.post("/procedures/competition/<uuid:id_>/agreement")
def keep_agreement(visit: Visit, id_: UUID) -> ResponseReturnValue:
    form = _form(visit, "number", "agreed_on", "told")
    form.require("number")
    agreed_on = form.day("agreed_on", latest=form.word.today)
    if agreed_on is None or not form.ok:
        return _agreement_page(visit, id_, form), form.status
    letter = f"{form['number']} {form['agreed_on']}"
    if form["told"] != letter:  # told once about a letter, and taken when it is sent again as it was
        with visit.work() as work:
            editable(work, id_, "record_agreement")
            doubt = letter_dated_otherwise(work, id_, form["number"], agreed_on)
        if doubt is not None:
            return _agreement_page(visit, id_, form.put(told=letter), (form.word.why(doubt),)), 422
    try:
        with visit.work() as work:
            version = version_of(form["version"])
            record_agreement(work, id_, form["number"], agreed_on, expected_version=version)
    except VersionConflict:
        return conflict(visit, id_, form, form.word.say("action_record_agreement"))
    except Refused as refused:
        return _agreement_page(visit, id_, form, whys(form.word, refused)), 409
    return _back(id_, "agreement")


def _agreement_page(visit: Visit, id_: UUID, form: Form | None = None, refused: tuple[Why, ...] = ()) -> str:
    with visit.work() as work:
        competition = editable(work, id_, "record_agreement")
        word = Wording(visit.language, local_time(work).today)
        number, day = agreement_of(competition)
        known = Form(word, {"number": number, "agreed_on": written(day or word.today)})
        known.put(version=str(competition.version))
        pack = pack_of(competition)
        rule = word.cited(pack.rule(pack.announcement), pack)
        shown = form or known
        return visit.page(
            "announcing/agreement.html",
            word=word,
            competition=competition,
            form=shown,
            citation=rule,
            refused=refused,
        )


# -- publication -------------------------------------------------------------------------------------------------------


@AREA.get("/procedures/competition/<uuid:id_>/publication")
def publication(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return _publication_page(visit, id_)


@AREA.post("/procedures/competition/<uuid:id_>/publication")
def keep_publication(visit: Visit, id_: UUID) -> ResponseReturnValue:
    form = _form(visit, "outlet", "published_on", "reference")
    form.require("outlet", "reference")
    published_on = form.day("published_on", latest=form.word.today)
    if published_on is None or not form.ok:
        return _publication_page(visit, id_, form), form.status
    try:
        with visit.work() as work:
            record_publication(work, id_, form["outlet"], published_on, form["reference"])
    except Refused as refused:
        return _publication_page(visit, id_, form, whys(form.word, refused)), 409
    return _back(id_, "publication")


@AREA.post("/procedures/competition/<uuid:id_>/publication/<uuid:publication_id>/withdraw")
def drop_publication(visit: Visit, id_: UUID, publication_id: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        withdraw_publication(work, id_, publication_id)
    return redirect(url_for("announcing.publication", id_=id_), 303)


def _publication_page(visit: Visit, id_: UUID, form: Form | None = None, refused: tuple[Why, ...] = ()) -> str:
    with visit.work() as work:
        competition = editable(work, id_, "record_publication")
        word = Wording(visit.language, local_time(work).today)
        blank = Form(word, {"published_on": written(word.today), "version": str(competition.version)})
        pack = pack_of(competition)
        rule = word.cited(pack.rule(pack.announcement), pack)
        known = publications_of(work, id_)
        return visit.page(
            "announcing/publication.html",
            word=word,
            competition=competition,
            form=form or blank,
            citation=rule,
            known=known,
            may_withdraw=may(work, competition, "withdraw_publication"),
            refused=refused,
        )


# -- commission --------------------------------------------------------------------------------------------------------


@AREA.get("/procedures/competition/<uuid:id_>/commission")
def commission(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return _commission_page(visit, id_)


@AREA.post("/procedures/competition/<uuid:id_>/commission")
def keep_commission(visit: Visit, id_: UUID) -> ResponseReturnValue:
    form = _form(visit, "commission")
    with visit.work() as work:
        editable(work, id_, "name_commission")
        known = {str(choice.id): choice.id for choice in commissions_to_choose(work)}
    form.choose("commission", known)
    if not form.ok:
        return _commission_page(visit, id_, form), form.status
    try:
        with visit.work() as work:
            version = version_of(form["version"])
            name_commission(work, id_, known[form["commission"]], expected_version=version)
    except VersionConflict:
        return conflict(visit, id_, form, form.word.say("action_name_commission"))
    except Refused as refused:
        return _commission_page(visit, id_, form, whys(form.word, refused)), 409
    return _back(id_, "commission")


def _commission_page(visit: Visit, id_: UUID, form: Form | None = None, refused: tuple[Why, ...] = ()) -> str:
    with visit.work() as work:
        competition = editable(work, id_, "name_commission")
        word = Wording(visit.language, local_time(work).today)
        named = Form(word, {"commission": str(competition.commission_id or ""), "version": str(competition.version)})
        return visit.page(
            "announcing/commission.html",
            word=word,
            competition=competition,
            form=form or named,
            choices=commissions_to_choose(work),
            refused=refused,
        )
