"""get_site, and the ways into the site."""

from __future__ import annotations

from datetime import timedelta

from connector.moodle.client import MoodleClient
from connector.moodle.doctor import NEEDED_FUNCTIONS
from connector.moodle.wire.records import NewCourse
from connector.transport import RestSession
from tests.connector.contract.conftest import Bench, Site
from tests.connector.contract.refusals import refused


def test_get_site(bench: Bench) -> None:
    found = bench.client.get_site()
    assert found.wire == 1
    assert found.branch >= 405
    assert found.bankcontext == ("module" if found.branch >= 500 else "course")
    assert found.pluginversion
    assert found.limits == {"questions": 200, "people": 500, "attempts": 500, "cards": 150}
    assert found.capabilities
    assert all(found.capabilities.values())


def test_the_clock_of_the_site_goes_on(bench: Bench) -> None:
    first = bench.client.get_site().servertime
    assert timedelta(0) <= bench.client.get_site().servertime - first < timedelta(minutes=1)


def test_the_token_may_call_every_function_of_the_contract(bench: Bench) -> None:
    functions = bench.client.site_info().functions
    assert set(NEEDED_FUNCTIONS) <= functions


def test_a_wrong_token(site: Site) -> None:
    stranger = MoodleClient(RestSession(site.url, "0" * 32))
    assert refused(stranger.get_site) == "invalidtoken"
    assert refused(stranger.site_info) == "invalidtoken"


def test_courses_are_made_and_found_by_idnumber(bench: Bench) -> None:
    (course,) = bench.client.courses_by_idnumber(bench.course)
    assert (course.idnumber, course.shortname) == (bench.course, bench.course)
    assert bench.client.courses_by_idnumber("no-such-course") == ()
    again = NewCourse(bench.course, bench.course, "Twice")
    assert refused(lambda: bench.client.create_courses([again])) in (
        "invalidparameter",
        "shortnametaken",
        "courseidnumbertaken",
    )
