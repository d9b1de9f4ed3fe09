"""The vote: a member's own ballot, its repetition in words, the count."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from flask_app.domain.errors import InvalidInput, NotPermitted
from flask_app.domain.voting import BALLOT
from flask_app.services import meetings
from flask_app.services.commission_desk import Desk
from flask_app.services.office import Work
from flask_app.web.commission.place import AREA, desk_for, to_desk, word_of
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


def _ballot_page(visit: Visit, work: Work, found: Desk, missing: tuple[UUID, ...] = ()) -> str:
    """Nothing is chosen beforehand, not even what was chosen a moment ago."""
    return visit.page("commission/ballot.html", word=word_of(visit, work), desk=found, missing=missing, kinds=BALLOT)


def _own_ballot(work: Work, id_: UUID) -> Desk:
    found = desk_for(work, id_, "vote")
    if found.place != "voting":
        raise NotPermitted("meeting.not_a_voting_member")
    if found.i_voted:
        raise InvalidInput("vote.cast_already")
    if found.recused_from_all:
        raise InvalidInput("recusal.from_all")
    return found


def _choices(sent: MultiDict[str, str], found: Desk) -> dict[UUID, str]:
    given = {row.id: choice_of(sent, f"choice_{row.id}", BALLOT) for row in found.to_vote_on}
    return {id_: choice for id_, choice in given.items() if choice}


@AREA.get("/commission/<uuid:id_>/count")
def counting(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """What counting does, before it is done."""
    with visit.work() as work:
        found = desk_for(work, id_, "count_vote")
        if found.outcome is not None:
            return to_desk(id_)
        return visit.page("commission/counting.html", word=word_of(visit, work), desk=found)


@AREA.post("/commission/<uuid:id_>/count")
def count(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        desk_for(work, id_, "count_vote")
        meetings.count_vote(work, id_)
    return to_desk(id_)
