"""The sitting: opened with who is there, candidates invited or noted as absent, the vote opened."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.services import meetings
from flask_app.services.applications import move_applications
from flask_app.services.citations import Citation
from flask_app.services.commission_hearing import Hearing
from flask_app.services.competitions import move_competition
from flask_app.services.office import Work
from flask_app.web.announcing.forms import Form
from flask_app.web.commission.desk import show_desk
from flask_app.web.commission.place import AREA, hearing_for, to_desk, word_of
from flask_app.web.deeds import at_the_body, both_languages, clock_of, version_of
from flask_app.web.entered import act_in, fields_in, noting_the_day
from flask_app.web.fields import choice_of
from flask_app.web.visit import Visit

MEETING_FORMS = ("in_person", "video")
AGAINST_SITTING = {
    "meeting.other_day": "started",
    "meeting.before_test": "started",
    "meeting.before_interviews": "held_on",
    "meeting.composition_changed": "held_on",
    "act.in_the_future": "held_on",
    "meeting.not_a_member": "attendance",
    "meeting.not_a_substitute": "attendance",
    "meeting.substitute_beside_member": "attendance",
    "competition.commission_incomplete": "attendance",
}
"""Code of a refusal → the field it is about."""

AGAINST_SEAT = {"meeting.nobody_in_the_chair": "chair", "meeting.no_secretary": "secretary"}
"""Code of a refusal → the seat whose tick it is about."""


@AREA.get("/commission/<uuid:id_>/sitting")
def sitting(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """The form that opens the sitting."""
    return _sitting_page(visit, id_) or to_desk(id_)


@AREA.post("/commission/<uuid:id_>/sitting")
def open_sitting(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = hearing_for(work, id_, "hold_meeting")
        form = fields_in(word_of(visit, work), _sitting_fields(found))
        new = _meeting_in(work, form, found)
    if new is None:
        return _sitting_page(visit, id_, form), form.status
    try:
        with visit.work() as work:
            meetings.hold_meeting(work, id_, new)
    except (InvalidInput, Refused) as problem:
        place = _place_of(found, problem)
        if not place:
            raise
        why = form.word.why(problem)
        form.problems[place] = str(why.said)
        return _sitting_page(visit, id_, form, why.citation), 409 if isinstance(problem, Refused) else 422
    return to_desk(id_)


@AREA.post("/commission/<uuid:id_>/sitting/withdrawal")
def withdraw_sitting(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Take back the opening of a sitting at which nobody was marked yet."""
    with visit.work() as work:
        hearing_for(work, id_, "hold_meeting")
        form = fields_in(word_of(visit, work), {"undo-reason": "reason"})
        form.require("undo-reason", problem="problem_reason")
    if not form.ok:
        return show_desk(visit, id_, form), form.status
    with visit.work() as work:
        meetings.withdraw_meeting(work, id_, form["undo-reason"])
    return to_desk(id_)


def _place_of(found: Hearing, problem: InvalidInput | Refused) -> str:
    """Id of the field a refusal is about; empty where it is about none: the sitting is open already."""
    seats = {seat.role: f"present-{place}" for place, seat in enumerate(found.members, start=1)}
    if problem.code in AGAINST_SEAT:
        return seats.get(AGAINST_SEAT[problem.code], "attendance")
    return AGAINST_SITTING.get(problem.code, "")


def _sitting_fields(found: Hearing) -> dict[str, str]:
    """Id of each field → its name; a reason's id counts the seats, its name is the member's."""
    reasons = {
        f"reason-{place}-{language}": f"reason_{seat.member_id}_{language}"
        for place, seat in enumerate(found.members, start=1)
        for language in ("ky", "ru")
    }
    return {name: name for name in ("held_on", "started", "place_ky", "place_ru", "form", "secret_ballot")} | reasons


def _meeting_in(work: Work, form: Form, found: Hearing) -> meetings.NewMeeting | None:
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


def _absent(form: Form, found: Hearing) -> dict[UUID, dict[str, str]]:
    """Who was not ticked, each with the reason that the protocol prints; a missing reason is noted."""
    there = set(request.form.getlist("present"))
    absent = {}
    for place, seat in enumerate(found.members, start=1):
        if str(seat.member_id) not in there:
            absent[seat.member_id] = both_languages(request.form, f"reason_{seat.member_id}")
            if not absent[seat.member_id]:
                form.blame(f"reason-{place}-ky", InvalidInput("meeting.absence_without_reason", name=seat.name))
    return absent


def _standing_in(form: Form, found: Hearing, absent: Mapping[UUID, object]) -> frozenset[UUID]:
    """The substitutes who were ticked, also one who has left meanwhile; one whose member is there too is noted."""
    sitting = frozenset(UUID(one) for one in request.form.getlist("substitute") if _is_id(one))
    for place, member in enumerate(found.members, start=1):
        substitute = found.substitute_of(member.member_id)
        if substitute is not None and substitute.member_id in sitting and member.member_id not in absent:
            both = InvalidInput("meeting.substitute_beside_member", name=substitute.name, member=member.name)
            form.blame(f"substitute-{place}", both)
    return sitting


def _sitting_page(visit: Visit, id_: UUID, form: Form | None = None, rule: Citation | None = None) -> str:
    """Empty where the sitting is open already and nothing was sent. `rule`: what the opening was refused by."""
    with visit.work() as work:
        found = hearing_for(work, id_, "hold_meeting")
        if found.meeting is not None and form is None:
            return ""
        word = word_of(visit, work)
        ticked = [*request.form.getlist("present"), *request.form.getlist("substitute")]
        there = {UUID(one) for one in ticked if _is_id(one)} if form else None
        return visit.page(
            "commission/sitting.html",
            word=word,
            desk=found,
            forms=MEETING_FORMS,
            entered=form or Form(word, {"form": MEETING_FORMS[0]}),
            refused_by=rule,
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
        found = hearing_for(work, id_, "invite")
        form, act = act_in(work, word_of(visit, work))
    if act is not None:
        with noting_the_day(form), visit.work() as work:
            move_applications(work, id_, [row.id for row in found.qualified], "invite", act)
    return to_desk(id_) if form.ok else (show_desk(visit, id_, form), form.status)


@AREA.post("/commission/<uuid:id_>/candidates/<uuid:candidate>/absence")
def miss(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    """Note that an invited candidate did not come."""
    with visit.work() as work:
        row = hearing_for(work, id_, "hold_meeting").candidate(candidate)
        place = f"miss-{row.number}-"
        form, act = act_in(work, word_of(visit, work), ("reason",), at=place)
    if act is not None:
        with noting_the_day(form, at=place), visit.work() as work:
            move_applications(work, id_, [candidate], "miss", act)
    return to_desk(id_) if form.ok else (show_desk(visit, id_, form), form.status)


@AREA.post("/commission/<uuid:id_>/candidates/<uuid:candidate>/absence/recall")
def recall_absence(visit: Visit, id_: UUID, candidate: UUID) -> ResponseReturnValue:
    """An absence from the interview was noted in error, or the candidate came later."""
    with visit.work() as work:
        found = hearing_for(work, id_, "hold_meeting")
        row = next((row for row in found.missed if row.id == candidate), None) or found.candidate(candidate)
        place = f"back-{row.number}-"
        form, act = act_in(work, word_of(visit, work), ("reason",), at=place)
    if act is not None:
        with noting_the_day(form, at=place), visit.work() as work:
            move_applications(work, id_, [candidate], "recall_interview_absence", act)
    return to_desk(id_) if form.ok else (show_desk(visit, id_, form), form.status)


@AREA.post("/commission/<uuid:id_>/vote/opening")
def open_vote(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Close the interviews and open the vote: one act, both or neither."""
    with visit.work() as work:
        hearing_for(work, id_, "hold_meeting")
        form, act = act_in(work, word_of(visit, work))
    if act is not None:
        with noting_the_day(form), visit.work() as work:
            meetings.finish_interviews(work, id_, act.happened_on)
            move_competition(work, id_, "begin_voting", act, expected_version=version_of(request.form))
    return to_desk(id_) if form.ok else (show_desk(visit, id_, form), form.status)
