"""Where the pages of one competition's commission live, and what all of them begin with."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, url_for
from werkzeug.wrappers import Response

from flask_app.domain.errors import NotPermitted
from flask_app.services.commission_desk import Desk, desk_of
from flask_app.services.commission_hearing import Hearing, hearing_of
from flask_app.services.commission_table import CandidateRow
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.web.area import Area
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

AREA = Area("commission")


def word_of(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)


def to_desk(id_: UUID) -> Response:
    return redirect(url_for("commission.desk", id_=id_), 303)


def desk_for(work: Work, id_: UUID, action: str) -> Desk:
    """Raises `NotPermitted` where the permission map of the state does not give the actor this action."""
    found = desk_of(work, id_)
    _require(found, action)
    return found


def hearing_for(work: Work, id_: UUID, action: str) -> Hearing:
    """For the pages that need no more than who sits and who is heard. Raises like `desk_for`."""
    found = hearing_of(work, id_)
    _require(found, action)
    return found


def _require(found: Hearing, action: str) -> None:
    if not found.may(action):
        raise NotPermitted(
            "workflow.action_not_permitted", action=action, state=found.competition.state, workflow="competition"
        )


def own_candidate(work: Work, id_: UUID, candidate: UUID) -> tuple[Hearing, CandidateRow]:
    """The candidate as a member sees them. Only who sits there with a vote has anything of their own to say."""
    found = hearing_of(work, id_)
    row = found.candidate(candidate)
    if found.place != "voting":
        raise NotPermitted("meeting.not_a_voting_member")
    return found, row
