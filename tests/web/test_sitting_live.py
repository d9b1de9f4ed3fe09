"""The page of a test in progress."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask

from flask_app.domain.errors import Unreachable
from flask_app.ports.moodle import PersonProgress, TestProgress
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.services.test_sessions import session_of
from flask_app.settings import Settings
from flask_app.store.models.applications import Application
from flask_app.web import create_app
from tests.web import town
from tests.web.client import PageClient, text_of
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
