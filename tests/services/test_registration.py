"""Registration numbers: no gap, no double, whoever signs at the same time and whatever is rolled back."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from flask_app.domain.identity import Actor
from flask_app.domain.numbering import RegistrationNumber, follows_without_gap
from flask_app.services.office import Office
from flask_app.services.registration import next_number
from tests.services.desk import actor_with, new_body

pytestmark = pytest.mark.both_engines


def test_numbers_follow_each_other_per_series_and_year(office: Office, everybody: Actor) -> None:
    taken = []
    for kind, year in [("D16", 2026), ("D19", 2026), ("D16", 2026), ("D16", 2027)]:
        with office.work(everybody) as work:
            taken.append(next_number(work, kind, year))
    assert taken == [
        RegistrationNumber(2026, "P", 1),
        RegistrationNumber(2026, "O", 1),
        RegistrationNumber(2026, "P", 2),
        RegistrationNumber(2027, "P", 1),
    ]
    assert str(taken[0]) == "1-P/2026"


def test_bodies_count_apart(office: Office, everybody: Actor) -> None:
    other = actor_with(office, new_body(office))
    for actor in (everybody, other):
        with office.work(actor) as work:
            assert next_number(work, "D16", 2026).value == 1


def test_signers_at_once_and_rollbacks_leave_no_gap(office: Office, everybody: Actor) -> None:
    def sign(place: int) -> int:
        with contextlib.suppress(ValueError), office.work(everybody) as work:
            number = next_number(work, "D19", 2026)
            if place % 3 == 0:
                int("a signing that fails after it took its number")
            return number.value
        return 0

    with ThreadPoolExecutor(5) as pool:
        values = [value for value in pool.map(sign, range(30)) if value]
    assert len(values) == 20
    assert follows_without_gap(values)
