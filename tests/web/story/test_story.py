"""A competition from the wizard to the auditor's check, all of it in browsers: the personnel officer, the secretary,
three members, the head and the auditor, with a real worker and a real stand-in for Moodle behind the panel.

Four settings cover every pair of language, width and scripts.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from connector.moodle.standin.process import StandinProcess
from flask_app.services.applications import applications_of
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.store.models.procedures import Competition
from tests.web import town
from tests.web.conftest import Clock
from tests.web.looking import PHONE, WIDE
from tests.web.story import announcing, deciding, screening, testing
from tests.web.story.conftest import Running
from tests.web.story.people import CODE, Story

SETTINGS = [("ru", WIDE, False), ("ky", PHONE, False), ("ky", WIDE, True), ("ru", PHONE, True)]

ON_THE_WAY = {
    "announcing.act",
    "announcing.agreement",
    "announcing.publication",
    "applicants.report",
    "applicants.upload",
    "commission.ballot",
    "commission.confirm_step",
    "commission.counting",
    "commission.sitting",
    "paper_actions.confirm",
    "sittings.job",
    "sittings.live",
    "sittings.plan",
    "sittings.schedule",
}
"""Pages that nobody can ask for at any time: the competition must have come so far."""


@pytest.mark.parametrize(("language", "width", "scripts"), SETTINGS)
def test_a_competition_from_the_wizard_to_the_audit(
    running: Running,
    browser: Browser,
    office: Office,
    clock: Clock,
    site: StandinProcess,
    tmp_path: Path,
    language: str,
    width: int,
    scripts: bool,
) -> None:
    story = Story(browser, running.address, language, width, scripts, office, clock, site)
    story.come_again(town.NOW)
    announcing.draft(story)
    announcing.announce(story)
    announcing.take_in(story, tmp_path)
    screening.admit(story)
    screening.prepare(story)
    slips = screening.notify(story)
    story.come_again(screening.TEST_DAY)
    testing.the_day(story, slips)
    deciding.open_the_sitting(story)
    for login in deciding.MEMBERS:
        deciding.mark(story, login)
    deciding.open_the_vote(story)
    deciding.stand_aside(story)
    for login in deciding.MEMBERS:
        deciding.vote(story, login)
    deciding.decide(story)
    deciding.papers(story)
    deciding.appoint(story)
    deciding.read_the_log(story)
    _as_the_record_has_it(office)
    assert not [seen for seen in running.watch.seen if seen[1] >= 500]
    assert {(endpoint, 200) for endpoint in ON_THE_WAY} <= running.watch.seen
    for page in story.people.values():
        page.context.close()


def _as_the_record_has_it(office: Office) -> None:
    with office.work(actor_of(office, "secretary")) as work:
        competition = work.session.query(Competition).filter_by(code=CODE, body_id=work.actor.body_id).one()
        states = [application.state for application in applications_of(work, competition.id)]
    assert competition.state == "appointed"
    assert sorted(states) == sorted([*deciding.STATES, "rejected", "not_selected", "no_show"])
