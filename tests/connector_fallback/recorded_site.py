"""A site that answers with what real Moodles 5.0.6 and 4.5.5 answered to the same requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from connector.moodle.wire import pulled
from connector.moodle.wire.shape import Part
from connector.transport import RestSession
from flask_app.domain.errors import RefusedOutside
from flask_app.ports.moodle import PulledAttempt

FOLDER = Path(__file__).parents[1] / "data" / "moodle"
SITES = ("50", "45")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


class StoppedClock:
    def now(self) -> datetime:
        return NOW


class RecordedSite(RestSession):
    """A session whose answers were recorded: a course with one test of seven types, sat by three of four people."""

    def __init__(self, release: str) -> None:
        super().__init__("https://moodle.example", "0" * 32)
        kept = json.loads((FOLDER / f"core_results_{release}.json").read_text("utf-8"), parse_float=_decimal)
        self.test: str = kept["test"]
        self.course: str = kept["course"]
        self.answers = {_name(exchange["request"]): exchange["response"] for exchange in kept["exchanges"]}
        self.asked: list[str] = []

    def call(self, function: str, params: Sequence[tuple[str, str]], *, repeatable: bool) -> object:
        assert repeatable, "core's results are only read"
        name = _name_of(function, params)
        self.asked.append(function)
        if name not in self.answers:
            raise RefusedOutside("moodle.refused", errorcode="invalidrecord", url=self.host, function=function)
        return self.answers[name]

    def by_plugin(self) -> tuple[PulledAttempt, ...]:
        """What the plugin said of the same attempts, in the same minute."""
        (answer,) = (value for name, value in self.answers.items() if name[0] == "local_kyzmat_get_results")
        return pulled.results_page(Part(answer, "local_kyzmat_get_results")).attempts

    def reviews(self) -> list[dict[str, Any]]:
        return [value for name, value in self.answers.items() if name[0] == "mod_quiz_get_attempt_review"]

    def people(self) -> list[dict[str, Any]]:
        (found,) = (value for name, value in self.answers.items() if name[0] == "core_enrol_get_enrolled_users")
        assert isinstance(found, list)
        return found


def _decimal(text: str) -> object:
    from decimal import Decimal

    return Decimal(text)


def _name(request: str) -> tuple[str, frozenset[tuple[str, str]]]:
    given = dict(parse_qsl(request, keep_blank_values=True))
    return given.pop("wsfunction"), frozenset(given.items())


def _name_of(function: str, params: Sequence[tuple[str, str]]) -> tuple[str, frozenset[tuple[str, str]]]:
    return function, frozenset(params)
