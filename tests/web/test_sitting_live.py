"""The page of a test in progress."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete

from flask_app.domain.errors import Unreachable
from flask_app.ports.moodle import PersonProgress, TestProgress
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.services.test_sessions import session_of
from flask_app.settings import Settings
from flask_app.store.models.applications import Application, TestScore
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import PullCursor
from flask_app.web import create_app
from tests.web import town
from tests.web.client import Page, PageClient, text_of
from tests.web.sitting_day import SittingDay
from tests.web.test_sittings import day, drawn

__all__ = ["day"]


@dataclass
class Room:
    """A Moodle that only tells how a test goes; silent when it is `down`."""

    people: list[PersonProgress] = field(default_factory=list)
    down: bool = False

    def progress(self, _test: str) -> TestProgress:
        if self.down:
            raise Unreachable("moodle.unreachable", url="moodle", function="get_progress", reason="refused")
        return TestProgress(town.NOW, {}, tuple(self.people))


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def app(office: Office, settings: Settings, room: Room) -> Flask:
    object.__setattr__(office, "moodle", room)
    return create_app(office, settings)


def pushed(office: Office, day: SittingDay) -> None:
    with office.work(actor_of(office, "secretary")) as work:
        session = session_of(work, day.id)
        assert session is not None
        session.pushed_at = work.now


def test_before_the_push_nothing_is_asked(client: PageClient, day: SittingDay, room: Room) -> None:
    room.down = True
    assert "Сеанс ещё не передан в Moodle." in client.at_work("secretary").get(f"/sittings/{day.id}/live").text


def test_each_candidate_has_a_row(client: PageClient, office: Office, day: SittingDay, room: Room) -> None:
    drawn(office, day.id)
    pushed(office, day)
    with office.work(actor_of(office, "secretary")) as work:
        first = str(work.get(Application, day.candidates[0]).person_id)
    began = town.NOW - timedelta(minutes=20)
    room.people = [PersonProgress(first, "inprogress", began, None, 7, 60, began + timedelta(minutes=2))]
    page = client.at_work("secretary").get(f"/sittings/{day.id}/live")
    rows = page.rows()
    assert "7 / 60" in rows[0]
    assert "больше десяти минут без ответов" in rows[0]
    assert all("В Moodle не допущен" in row for row in rows[1:])
    assert [text_of(figure) for figure in page.all("dd")][:2] == ["1", "0"]
    live = page.all("div", id="live")[0]
    assert live.get("hx-trigger") == "every 10s"


def test_a_silent_moodle_is_told_of_and_nothing_else_breaks(
    client: PageClient, office: Office, day: SittingDay, room: Room
) -> None:
    drawn(office, day.id)
    pushed(office, day)
    room.down = True
    text = client.at_work("secretary").get(f"/sittings/{day.id}/live").text
    assert "ответы хранятся там, ничего не потеряно" in text


@pytest.fixture
def going_on(office: Office, day: SittingDay) -> SittingDay:
    """The test is open for an hour more; the results were pulled once, nobody has handed in."""
    drawn(office, day.id)
    pushed(office, day)
    with office.work(actor_of(office, "secretary")) as work:
        session = session_of(work, day.id)
        assert session is not None
        session.starts_at, session.ends_at = town.NOW - timedelta(hours=1), town.NOW + timedelta(hours=1)
        work.add(PullCursor(what=f"results:{session.code}", cursor="", total=0, pulled_at=town.NOW))
        work.get(Competition, day.id).state = "testing"
        for id_ in day.candidates:
            work.get(Application, id_).state = "notified"
            work.session.execute(delete(TestScore).where(TestScore.application_id == id_))
    return day


def note_absences(client: PageClient, day: SittingDay, status: int, **given: str) -> Page:
    sent = {
        "form_token": client.token(f"/sittings/{day.id}"),
        "reason": "не явился",
        "happened_on": f"{town.TODAY:%d.%m.%Y}",
        **given,
    }
    return client.post(f"/sittings/{day.id}/absences", sent | given, status)


def states(office: Office, day: SittingDay) -> list[str]:
    with office.work(actor_of(office, "secretary")) as work:
        return [work.get(Application, id_).state for id_ in day.candidates]


def test_absences_before_the_end_of_the_test(
    client: PageClient, office: Office, going_on: SittingDay, room: Room
) -> None:
    """Those who would be noted are named; it takes the tick, and whoever is sitting the test is left out."""
    client.at_work("secretary")
    with office.work(actor_of(office, "secretary")) as work:
        people = [work.get(Person, work.get(Application, id_).person_id) for id_ in going_on.candidates]
    offered = text_of(client.get(f"/sittings/{going_on.id}").all("details")[-1])
    assert all(person.name in offered for person in people)
    refused = note_absences(client, going_on, 422)
    assert "опоздавший ещё может его сдать" in refused.text
    room.down = True
    assert note_absences(client, going_on, 422, closed_early="yes").all("p", id="closed_early-problem")
    assert set(states(office, going_on)) == {"notified"}
    room.down = False
    room.people = [PersonProgress(str(people[0].id), "inprogress", town.NOW, None, 0, 60, None)]
    sent = {"form_token": client.token(f"/sittings/{going_on.id}"), "reason": "не явился", "closed_early": "yes"}
    assert client.browser.post(f"/sittings/{going_on.id}/absences", data=sent).status_code == 303
    assert states(office, going_on) == ["notified", "no_show", "no_show"]
    assert "Отмечать некого" in note_absences(client, going_on, 422, closed_early="yes").text
