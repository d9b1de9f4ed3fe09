"""The vote: a member's own ballot, its repetition in words, the count."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from flask_app.domain.errors import InvalidInput, NotPermitted
from flask_app.domain.voting import BALLOT
from flask_app.services import meetings
from flask_app.services.commission_hearing import Hearing
from flask_app.services.office import Work
from flask_app.web.announcing.forms import Form, written
from flask_app.web.commission.place import AREA, desk_for, hearing_for, to_desk, word_of
from flask_app.web.deeds import at_the_body, clock_of
from flask_app.web.entered import against, fields_in
from flask_app.web.fields import choice_of
from flask_app.web.visit import Visit


@AREA.get("/commission/<uuid:id_>/ballot")
def ballot(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        return _ballot_page(visit, work, _own_ballot(work, id_))


@AREA.post("/commission/<uuid:id_>/ballot/review")
def review_ballot(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """The choices repeated in words before they are given: a vote is given once."""
    with visit.work() as work:
        found = _own_ballot(work, id_)
        choices = _choices(request.form, found)
        missing = tuple(row.id for row in found.to_vote_on if row.id not in choices)
        if missing:
            return _ballot_page(visit, work, found, missing), 422
        return visit.page("commission/ballot_review.html", word=word_of(visit, work), desk=found, choices=choices)


@AREA.post("/commission/<uuid:id_>/ballot")
def vote(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = _own_ballot(work, id_)
        meetings.cast_vote(work, id_, _choices(request.form, found))
    return to_desk(id_)


def _ballot_page(visit: Visit, work: Work, found: Hearing, missing: tuple[UUID, ...] = ()) -> str:
    """Nothing is chosen beforehand, not even what was chosen a moment ago."""
    return visit.page("commission/ballot.html", word=word_of(visit, work), desk=found, missing=missing, kinds=BALLOT)


def _own_ballot(work: Work, id_: UUID) -> Hearing:
    found = hearing_for(work, id_, "vote")
    if found.place != "voting":
        raise NotPermitted("meeting.not_a_voting_member")
    if found.i_voted:
        raise InvalidInput("vote.cast_already")
    if found.recused_from_all:
        raise InvalidInput("recusal.from_all")
    return found


def _choices(sent: MultiDict[str, str], found: Hearing) -> dict[UUID, str]:
    given = {row.id: choice_of(sent, f"choice_{row.id}", BALLOT) for row in found.to_vote_on}
    return {id_: choice for id_, choice in given.items() if choice}


@AREA.get("/commission/<uuid:id_>/count")
def counting(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """What counting does, before it is done."""
    return _counting_page(visit, id_) or to_desk(id_)


def _counting_page(visit: Visit, id_: UUID, form: Form | None = None) -> str:
    """Empty where the vote is counted already."""
    with visit.work() as work:
        found = desk_for(work, id_, "count_vote")
        if found.outcome is not None:
            return ""
        word, now = word_of(visit, work), work.local(work.now)
        ended = {"ended_on": written(now.date()), "ended": f"{now:%H:%M}"}
        return visit.page("commission/counting.html", word=word, desk=found, entered=form or Form(word, ended))


@AREA.post("/commission/<uuid:id_>/count")
def count(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = desk_for(work, id_, "count_vote")
        if found.outcome is not None:
            raise InvalidInput("vote.counted_already")
        form = fields_in(word_of(visit, work), {name: name for name in ("ended_on", "ended")})
        ended = _ended(work, form, found) if "ended" in request.form else None
    if not form.ok:
        return _counting_page(visit, id_, form), form.status
    try:
        with visit.work() as work:
            meetings.count_vote(work, id_, ended)
    except InvalidInput as problem:
        return _counting_page(visit, id_, against(form, {"meeting.ended_otherwise": "ended"}, problem)), form.status
    return to_desk(id_)


def _ended(work: Work, form: Form, found: Hearing) -> datetime | None:
    """When the sitting ended, or None with the problems noted."""
    day = form.day("ended_on", latest=found.today)
    hour = form.take("ended", lambda: clock_of(request.form, "ended"))
    return None if day is None or hour is None else at_the_body(work, day, hour)
