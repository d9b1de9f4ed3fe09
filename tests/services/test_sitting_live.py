"""Who is sitting the test right now, as Moodle tells it."""

from __future__ import annotations

import pytest

from connector.moodle.standin.question_fields import read_fields
from connector.moodle.standin.sitting import Trainee, answer
from flask_app.domain.errors import NotFound
from flask_app.services.sitting_live import AtDesk, Live, live_of
from tests.services.stages import RIGHT, Scene, slip
from tests.services.test_banks import fresh

ABSENT = next(number for number, right in RIGHT.items() if right is None)
CAME = sum(right is not None for right in RIGHT.values())


def look(scene: Scene) -> Live:
    return live_of(scene.office, scene.actor, scene.competition)


def begin(scene: Scene, number: int) -> None:
    """The candidate begins, answers the first page and leaves it at that."""
    username, password, test = slip(scene, number)
    with Trainee(scene.site.url, username, password) as trainee:
        attempt = trainee.start(trainee.quizzes()[test])["id"]
        page = trainee.page(attempt, 0)
        data: dict[str, str] = {}
        for question in page["questions"]:
            data |= answer(read_fields(question["html"]), lambda _text, labels: labels[0])
        trainee.process(attempt, data, finish=False)


def person(scene: Scene, live: Live, number: int) -> AtDesk:
    name = next(row.name for row in live.sitting.sitters if row.number == number)
    return next(row for row in live.people if row.name == name)


def test_who_has_finished_and_who_has_not_begun(sat: Scene) -> None:
    live = look(sat)
    assert live.failure is None
    assert (live.count("finished"), live.count("inprogress"), live.count("unknown")) == (CAME, 0, 0)
    assert person(sat, live, ABSENT).state == "notstarted"
    assert person(sat, live, ABSENT).left is None


def test_somebody_in_the_middle_of_it_stands_first(sat: Scene) -> None:
    begin(sat, ABSENT)
    live = look(sat)
    sitting = person(sat, live, ABSENT)
    assert live.people[0] == sitting
    assert (sitting.state, sitting.quiet) == ("inprogress", False)
    assert 1 <= sitting.answered <= sitting.questions == 60
    session = live.sitting.session
    assert session is not None
    assert sitting.left is not None
    assert 0 < sitting.left <= session.duration_minutes


def test_a_moodle_that_does_not_answer_is_told_of(sat: Scene) -> None:
    sat.site.control("fault", fault="html", wsfunction="local_kyzmat_get_progress", times=10)
    live = look(sat)
    assert live.people == ()
    assert live.failure is not None
    assert live.failure.code.startswith(("moodle.", "transport."))


def test_a_sitting_that_moodle_does_not_have_asks_nothing(screening: Scene) -> None:
    live = look(screening)
    assert (live.asked_at, live.people, live.failure) == (None, (), None)


def test_another_body_s_sitting_is_not_there(sat: Scene) -> None:
    with pytest.raises(NotFound):
        live_of(sat.office, fresh(sat).actor, sat.competition)
