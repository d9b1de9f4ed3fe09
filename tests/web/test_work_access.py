"""Who may open what of the working pages: every route of their areas, with everybody, and with another body."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask

from flask_app.services.office import Office
from tests.web import sitting_day
from tests.web.client import PageClient
from tests.web.sitting_day import NEW_PEOPLE, SittingDay
from tests.web.test_sittings import app, moodle
from tests.web.town import PEOPLE, Town

__all__ = ["app", "moodle"]

EVERYBODY = frozenset({*PEOPLE, *NEW_PEOPLE})
VIEWERS = frozenset({"hr", "secretary", "chair", "member", "member2", "head", "auditor"})
VOTERS = frozenset({"chair", "member", "member2"})
SECRETARY = frozenset({"secretary"})
PREPARE = frozenset({"hr", "secretary"})
NOBODY: frozenset[str] = frozenset()

# Endpoint → (method, address, who is let in). The competition is in its interviews, the sitting open, nobody marked.
MATRIX: dict[str, tuple[str, str, frozenset[str]]] = {
    "commission.index": ("GET", "/commission", EVERYBODY),
    "commission.desk": ("GET", "/commission/{day}", VIEWERS),
    "commission.sitting": ("GET", "/commission/{day}/sitting", SECRETARY),
    "commission.open_sitting": ("POST", "/commission/{day}/sitting", SECRETARY),
    "commission.withdraw_sitting": ("POST", "/commission/{day}/sitting/withdrawal", SECRETARY),
    "commission.invite": ("POST", "/commission/{day}/invitations", SECRETARY),
    "commission.miss": ("POST", "/commission/{day}/candidates/{candidate}/absence", SECRETARY),
    "commission.recall_absence": ("POST", "/commission/{day}/candidates/{candidate}/absence/recall", SECRETARY),
    "commission.open_vote": ("POST", "/commission/{day}/vote/opening", SECRETARY),
    "commission.mark_form": ("GET", "/commission/{day}/candidates/{candidate}", VOTERS),
    "commission.review_marks": ("POST", "/commission/{day}/candidates/{candidate}/review", VOTERS),
    "commission.save_marks": ("POST", "/commission/{day}/candidates/{candidate}", VOTERS),
    "commission.recusal": ("GET", "/commission/{day}/candidates/{candidate}/recusal", VOTERS),
    "commission.recuse": ("POST", "/commission/{day}/candidates/{candidate}/recusal", VOTERS),
    "commission.withdraw": ("POST", "/commission/{day}/candidates/{candidate}/recusal/withdrawal", VOTERS),
    "commission.ballot": ("GET", "/commission/{day}/ballot", NOBODY),
    "commission.review_ballot": ("POST", "/commission/{day}/ballot/review", NOBODY),
    "commission.vote": ("POST", "/commission/{day}/ballot", NOBODY),
    "commission.counting": ("GET", "/commission/{day}/count", NOBODY),
    "commission.count": ("POST", "/commission/{day}/count", NOBODY),
    "commission.confirm_step": ("GET", "/commission/{day}/steps/decide", NOBODY),
    "commission.take_step": ("POST", "/commission/{day}/steps/appoint", frozenset({"head"})),
    "paper_actions.subject": ("GET", "/papers/about/competition/{day}", VIEWERS),
    "paper_actions.draft": ("POST", "/papers/about/competition/{day}/D16", PREPARE),
    "paper_actions.steps": ("GET", "/papers/{protocol}/steps", VIEWERS - {"member2"}),
    "paper_actions.confirm": ("GET", "/papers/{protocol}/steps/sign", frozenset({"chair", "head"})),
    "paper_actions.take": ("POST", "/papers/{protocol}/steps/sign", frozenset({"chair", "head"})),
    "sittings.index": ("GET", "/sittings", EVERYBODY),
    "sittings.show": ("GET", "/sittings/{day}", VIEWERS),
    "sittings.schedule": ("GET", "/sittings/{screening}/schedule", SECRETARY),
    "sittings.save_schedule": ("POST", "/sittings/{screening}/schedule", SECRETARY),
    "sittings.move": ("GET", "/sittings/{screening}/move", SECRETARY),
    "sittings.save_move": ("POST", "/sittings/{screening}/move", SECRETARY),
    "sittings.draw": ("POST", "/sittings/{screening}/forms", SECRETARY),
    "sittings.plan": ("GET", "/sittings/{screening}/plan", PREPARE),
    "sittings.push": ("POST", "/sittings/{screening}/plan", PREPARE),
    "sittings.job": ("GET", "/sittings/{day}/jobs/{nothing}", NOBODY),
    "sittings.stop": ("POST", "/sittings/{day}/jobs/{nothing}/stop", NOBODY),
    "sittings.pull": ("POST", "/sittings/{day}/pull", PREPARE),
    "sittings.enter": ("POST", "/sittings/{day}/results", PREPARE),
    "sittings.absences": ("POST", "/sittings/{day}/absences", NOBODY),
    "sittings.practical": ("POST", "/sittings/{day}/candidates/{candidate}/practical", NOBODY),
    "sittings.correction": ("POST", "/sittings/{day}/candidates/{candidate}/practical/correction", NOBODY),
    "sittings.live": ("GET", "/sittings/{day}/live", VIEWERS),
    "sittings.results": ("GET", "/sittings/{day}/results", VIEWERS),
    "sittings.answers": ("POST", "/sittings/{day}/candidates/{candidate}/answers", NOBODY),
    "sittings.take_step": ("POST", "/sittings/{screening}/steps/begin_testing", SECRETARY),
    "verification.ask": ("GET", "/verification", frozenset({"auditor"})),
    "verification.check": ("POST", "/verification", frozenset({"auditor"})),
}
AREAS = {"commission", "paper_actions", "sittings", "verification"}
OF_NOTHING = {"commission.index", "sittings.index", "verification.ask", "verification.check"}
"""Pages that are about no object, so that another body's people have their own."""


def test_every_route_stands_in_the_matrix(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in AREAS}
    assert routes == set(MATRIX)


@pytest.fixture
def places(office: Office, here: Town) -> dict[str, UUID]:
    day: SittingDay = sitting_day.build(office)
    sitting_day.invited(office, day)
    return {
        "day": day.id,
        "candidate": day.candidates[0],
        "protocol": here.protocol,
        "screening": here.screening,
        "nothing": uuid4(),
    }


@pytest.mark.parametrize("login", [*sorted(EVERYBODY), "stranger"])
def test_who_may_open_what(app: Flask, places: dict[str, UUID], login: str) -> None:
    """Whoever is not let in is refused, and who may not even look is told that there is nothing.

    Forms go out empty: who is let in is told what is missing (422, 409) or sent on, but never 403 or 404.
    """
    client = PageClient(app).at_work(login)
    token = client.token("/")
    wrong = {}
    for endpoint, (method, pattern, welcome) in MATRIX.items():
        path = pattern.format(**places)
        send = client.browser.get if method == "GET" else client.browser.post
        status = send(path, data={"form_token": token} if method == "POST" else None).status_code
        if login in welcome or (login == "stranger" and endpoint in OF_NOTHING):
            right = status in (200, 303, 409, 422)
        elif login == "stranger":
            right = status == 404
        else:
            right = status in (403, 404)
        if not right:
            wrong[endpoint] = status
    assert not wrong
