"""The commission at work: the sitting, marks on a phone, the vote, its counting and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from flask_app.domain.errors import InvalidInput, KyzmatError, NotFound, NotPermitted
from flask_app.domain.voting import CHOICES
from flask_app.services import commission_desk, meetings
from flask_app.services.applications import move_applications
from flask_app.services.commission_desk import CandidateRow, Desk
from flask_app.services.competitions import move_competition
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.web.announcing.conflicts import conflict, is_race
from flask_app.web.announcing.forms import Form
from flask_app.web.area import Area
from flask_app.web.deeds import at_the_body, both_languages, clock_of, version_of
from flask_app.web.entered import act_in, against, fields_in, step_in
from flask_app.web.fields import choice_of, page_of
from flask_app.web.guard import LANGUAGE_ARGUMENT
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

AREA = Area("commission")

MEETING_FORMS = ("in_person", "video")
AGAINST_SITTING = {"meeting.other_day": "started"}
STEPS = ("decide", "find_no_winner", "appoint", "order_repeat", "close")
"""Steps of the competition that are taken on the commission's page."""


@AREA.get("/commission")
def index(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        found = commission_desk.desks(work, page_of(request.args))
        return visit.page("commission/list.html", word=_word(visit, work), found=found)


@AREA.get("/commission/<uuid:id_>")
def desk(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return _show(visit, id_)


def _show(visit: Visit, id_: UUID, form: Form | None = None) -> str:
    with visit.work() as work:
        found = commission_desk.desk_of(work, id_)
        word = _word(visit, work)
        return visit.page("commission/desk.html", word=word, desk=found, steps=STEPS, entered=form or Form(word))


# -- the sitting -------------------------------------------------------------------------------------------------------


@AREA.get("/commission/<uuid:id_>/sitting")
def sitting(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """The form that opens the sitting."""
    return _sitting_page(visit, id_) or _to_desk(id_)


@AREA.post("/commission/<uuid:id_>/sitting")
def open_sitting(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = _desk_for(work, id_, "hold_meeting")
        form = fields_in(_word(visit, work), _sitting_fields(found))
        new = _meeting_in(work, form, found)
    if new is None:
        return _sitting_page(visit, id_, form), form.status
    try:
        with visit.work() as work:
            meetings.hold_meeting(work, id_, new)
    except InvalidInput as problem:
        return _sitting_page(visit, id_, against(form, AGAINST_SITTING, problem)), 422
    return _to_desk(id_)


def _sitting_fields(found: Desk) -> dict[str, str]:
    """Id of each field → its name; a reason's id counts the seats, its name is the member's."""
    reasons = {
        f"reason-{place}-{language}": f"reason_{seat.member_id}_{language}"
        for place, seat in enumerate(found.members, start=1)
        for language in ("ky", "ru")
    }
    return {name: name for name in ("held_on", "started", "place_ky", "place_ru", "form", "secret_ballot")} | reasons


def _meeting_in(work: Work, form: Form, found: Desk) -> meetings.NewMeeting | None:
    """The sitting as entered, or None with the problems noted."""
    sent = request.form
    held_on = form.day("held_on", latest=found.today)
    started = form.take("started", lambda: clock_of(sent, "started"))
    place, absent = both_languages(sent, "place"), _absent(form, found)
    substitutes = _standing_in(form, found, absent)
    if not place:
        form.take("place_ky", _no_place)
    if held_on is None or started is None or not form.ok:
        return None
    return meetings.NewMeeting(
        held_on=held_on,
        started_at=at_the_body(work, held_on, started),
        form=choice_of(sent, "form", MEETING_FORMS) or MEETING_FORMS[0],
        place=place,
        secret_ballot=sent.get("secret_ballot") == "yes",
        absent=absent,
        substitutes=substitutes,
    )


def _no_place() -> None:
    raise InvalidInput("meeting.no_place")


def _absent(form: Form, found: Desk) -> dict[UUID, dict[str, str]]:
    """Who was not ticked, each with the reason that the protocol prints; a missing reason is noted."""
    there = set(request.form.getlist("present"))
    absent = {}
    for place, seat in enumerate(found.members, start=1):
        if str(seat.member_id) not in there:
            absent[seat.member_id] = both_languages(request.form, f"reason_{seat.member_id}")
            if not absent[seat.member_id]:
                form.blame(f"reason-{place}-ky", InvalidInput("meeting.absence_without_reason", name=seat.name))
    return absent


def _standing_in(form: Form, found: Desk, absent: Mapping[UUID, object]) -> frozenset[UUID]:
    """The substitutes who were ticked, also one who has left meanwhile; one whose member is there too is noted."""
    sitting = frozenset(UUID(one) for one in request.form.getlist("substitute") if _is_id(one))
    for place, member in enumerate(found.members, start=1):
        substitute = found.substitute_of(member.member_id)
        if substitute is not None and substitute.member_id in sitting and member.member_id not in absent:
            both = InvalidInput("meeting.substitute_beside_member", name=substitute.name, member=member.name)
            form.blame(f"substitute-{place}", both)
    return sitting


def _sitting_page(visit: Visit, id_: UUID, form: Form | None = None) -> str:
    """Empty where the sitting is open already and nothing was sent."""
    with visit.work() as work:
        found = _desk_for(work, id_, "hold_meeting")
        if found.meeting is not None and form is None:
            return ""
        word = _word(visit, work)
        ticked = [*request.form.getlist("present"), *request.form.getlist("substitute")]
        there = {UUID(one) for one in ticked if _is_id(one)} if form else None
        return visit.page(
            "commission/sitting.html",
            word=word,
            desk=found,
            forms=MEETING_FORMS,
            entered=form or Form(word, {"form": MEETING_FORMS[0]}),
            there=there if there is not None else {seat.member_id for seat in found.members},
        )


def _is_id(sent: str) -> bool:
    try:
        UUID(sent)
    except ValueError:
        return False
    return True


@AREA.post("/commission/<uuid:id_>/invitations")
def invite(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Invite everybody who reached the threshold."""
    with visit.work() as work:
        found = _desk_for(work, id_, "invite")
        form, act = act_in(work, _word(visit, work))
        if act is not None:
            move_applications(work, id_, [row.id for row in found.qualified], "invite", act)
    return _to_desk(id_) if act is not None else (_show(visit, id_, form), form.status)


@AREA.post("/commission/<uuid:id_>/candidates/<uuid:candidate>/absence")
def miss(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    """Note that an invited candidate did not come."""
    with visit.work() as work:
        row = _desk_for(work, id_, "hold_meeting").candidate(candidate)
        form, act = act_in(work, _word(visit, work), ("reason",), at=f"miss-{row.number}-")
        if act is not None:
            move_applications(work, id_, [candidate], "miss", act)
    return _to_desk(id_) if act is not None else (_show(visit, id_, form), form.status)


@AREA.post("/commission/<uuid:id_>/vote/opening")
def open_vote(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Close the interviews and open the vote: one act, both or neither."""
    with visit.work() as work:
        _desk_for(work, id_, "hold_meeting")
        form, act = act_in(work, _word(visit, work))
        if act is not None:
            meetings.finish_interviews(work, id_, act.happened_on)
            move_competition(work, id_, "begin_voting", act, expected_version=version_of(request.form))
    return _to_desk(id_) if act is not None else (_show(visit, id_, form), form.status)


# -- marks -------------------------------------------------------------------------------------------------------------


@AREA.get("/commission/<uuid:id_>/candidates/<uuid:candidate>")
def mark_form(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found, row = _own_candidate(work, id_, candidate)
        return _marks_page(visit, work, found, row, {})


@AREA.post("/commission/<uuid:id_>/candidates/<uuid:candidate>/review")
def review_marks(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    """The marks once more before they are saved; with a gap, the form again with what was chosen."""
    with visit.work() as work:
        found, row = _own_candidate(work, id_, candidate)
        if row.mine:
            return redirect(url_for("commission.mark_form", id_=id_, candidate=candidate), 303)
        marks = _marks(request.form, found)
        missing = commission_desk.check_marks(found.pack, marks)
        look_again = "change" in request.form or (LANGUAGE_ARGUMENT in request.form and bool(missing))
        if missing or look_again:
            page = _marks_page(visit, work, found, row, marks, () if look_again else missing)
            return page, 422 if missing and not look_again else 200
        return visit.page(
            "commission/marks_review.html", word=_word(visit, work), desk=found, candidate=row, marks=marks
        )


@AREA.post("/commission/<uuid:id_>/candidates/<uuid:candidate>")
def save_marks(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found, _ = _own_candidate(work, id_, candidate)
        meetings.give_marks(work, id_, candidate, _marks(request.form, found))
    return _to_desk(id_)


def _marks_page(
    visit: Visit, work: Work, found: Desk, row: CandidateRow, marks: Mapping[int, int], missing: tuple[int, ...] = ()
) -> str:
    return visit.page(
        "commission/marks.html",
        word=_word(visit, work),
        desk=found,
        candidate=row,
        marks=marks,
        missing=missing,
        scale=range(1, found.pack.interview.scale_max + 1),
    )


def _own_candidate(work: Work, id_: UUID, candidate: UUID) -> tuple[Desk, CandidateRow]:
    """The candidate as a member sees them. Only who sits there with a vote has marks of their own."""
    found = commission_desk.desk_of(work, id_)
    row = found.candidate(candidate)
    if found.place != "voting":
        raise NotPermitted("meeting.not_a_voting_member")
    return found, row


def _marks(sent: MultiDict[str, str], found: Desk) -> dict[int, int]:
    places = range(1, len(found.pack.interview.competences) + 1)
    given = {place: sent.get(f"mark_{place}", "") for place in places}
    return {place: int(mark) for place, mark in given.items() if mark.isascii() and mark.isdecimal() and len(mark) < 4}


# -- the vote ----------------------------------------------------------------------------------------------------------


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
        missing = tuple(row.id for row in found.standing if row.id not in choices)
        if missing:
            return _ballot_page(visit, work, found, missing), 422
        return visit.page("commission/ballot_review.html", word=_word(visit, work), desk=found, choices=choices)


@AREA.post("/commission/<uuid:id_>/ballot")
def vote(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = _own_ballot(work, id_)
        meetings.cast_vote(work, id_, _choices(request.form, found))
    return _to_desk(id_)


def _ballot_page(visit: Visit, work: Work, found: Desk, missing: tuple[UUID, ...] = ()) -> str:
    """Nothing is chosen beforehand, not even what was chosen a moment ago."""
    return visit.page("commission/ballot.html", word=_word(visit, work), desk=found, missing=missing, kinds=CHOICES)


def _own_ballot(work: Work, id_: UUID) -> Desk:
    found = _desk_for(work, id_, "vote")
    if found.place != "voting":
        raise NotPermitted("meeting.not_a_voting_member")
    if found.i_voted:
        raise InvalidInput("vote.cast_already")
    return found


def _choices(sent: MultiDict[str, str], found: Desk) -> dict[UUID, str]:
    given = {row.id: choice_of(sent, f"choice_{row.id}", CHOICES) for row in found.standing}
    return {id_: choice for id_, choice in given.items() if choice}


@AREA.get("/commission/<uuid:id_>/count")
def counting(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """What counting does, before it is done."""
    with visit.work() as work:
        found = _desk_for(work, id_, "count_vote")
        if found.outcome is not None:
            return _to_desk(id_)
        return visit.page("commission/counting.html", word=_word(visit, work), desk=found)


@AREA.post("/commission/<uuid:id_>/count")
def count(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        _desk_for(work, id_, "count_vote")
        meetings.count_vote(work, id_)
    return _to_desk(id_)


# -- what follows ------------------------------------------------------------------------------------------------------


@AREA.get("/commission/<uuid:id_>/steps/<string(maxlength=40):step>")
def confirm_step(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    """What a step says and does, with the fields it needs; or why it is not open."""
    return _step_page(visit, id_, step)


def _step_page(visit: Visit, id_: UUID, step: str, form: Form | None = None) -> str:
    with visit.work() as work:
        found = commission_desk.desk_of(work, id_)
        word, offer = _word(visit, work), found.offer(step) if step in STEPS else None
        if offer is None:
            raise NotFound("object.unknown", type="")
        return visit.page("commission/step.html", word=word, desk=found, offer=offer, entered=form or Form(word))


@AREA.post("/commission/<uuid:id_>/steps/<string(maxlength=40):step>")
def take_step(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    if step not in STEPS:
        raise NotFound("object.unknown", type="")
    with visit.work() as work:
        found = commission_desk.desk_of(work, id_)
        offer = found.offer(step)
        form, act = step_in(work, _word(visit, work), offer)
    if act is None:
        return _step_page(visit, id_, step, form), form.status
    # Where the step is not offered the form's version is beside the point: the guard says why it is not.
    form.put(version=str(found.competition.version if offer is None else version_of(request.form)))
    try:
        with visit.work() as work:
            move_competition(work, id_, step, act, expected_version=int(form["version"]))
            if step == "decide":
                meetings.settle_candidates(work, id_, act.happened_on)
    except KyzmatError as error:
        if not is_race(error):
            raise
        return conflict(visit, id_, form, form.word.step("competition", step))
    return _to_desk(id_)


def _desk_for(work: Work, id_: UUID, action: str) -> Desk:
    """Raises `NotPermitted` where the permission map of the state does not give the actor this action."""
    found = commission_desk.desk_of(work, id_)
    if not found.may(action):
        raise NotPermitted(
            "workflow.action_not_permitted", action=action, state=found.competition.state, workflow="competition"
        )
    return found


def _to_desk(id_: UUID) -> Response:
    return redirect(url_for("commission.desk", id_=id_), 303)


def _word(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)
