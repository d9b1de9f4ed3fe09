"""What a person typed into a form, what is wrong with it, and how it is shown again: nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from werkzeug.datastructures import MultiDict

from flask_app.domain.dates import read_date, show_date
from flask_app.web.fields import LONGEST
from flask_app.web.wording import Wording

LONG_TEXT = 4000
EARLIEST = date(1990, 1, 1)
"""Nothing that is entered here happened before; an earlier year is a typing error."""


@dataclass
class Form:
    """`values` by field; `problems`: the sentence beside each field that cannot stay as it is."""

    word: Wording
    values: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def put(self, **values: str) -> Form:
        self.values.update(values)
        return self

    def read(self, sent: MultiDict[str, str], names: Iterable[str], longest: int = LONGEST) -> Form:
        """Take the fields as they were sent, cleaned of what no text needs."""
        for name in names:
            self.values[name] = clean(sent.get(name, ""), longest)
        return self

    def refuse(self, name: str, problem: str, **params: object) -> None:
        """Note a problem (a label's name) of a field; the first one of a field stays."""
        self.problems.setdefault(name, self.word.say(problem, **params))

    def require(self, *names: str, problem: str = "problem_empty") -> None:
        for name in names:
            if not self[name]:
                self.refuse(name, problem)

    def choose(self, name: str, known: Iterable[str]) -> None:
        if self[name] not in set(known):
            self.refuse(name, "problem_choose")

    def day(self, name: str, latest: date, earliest: date = EARLIEST) -> date | None:
        """The date of a field in any written form that has one reading only."""
        reading = read_date(self[name] or None, earliest=earliest, latest=latest)
        if reading.value is None:
            self.refuse(name, f"problem_{reading.problem.lower()}", **{**_PLACE, **reading.params})
            return None
        return reading.value

    @property
    def ok(self) -> bool:
        return not self.problems


_PLACE: Mapping[str, object] = {"date": "", "bound": "", "one": "", "other": "", "year": ""}
"""What a reading of a date may leave out of its parameters."""


def clean(text: str, longest: int) -> str:
    """Lines of printable signs, outer spaces cut, not endless."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("".join(sign for sign in line if sign.isprintable()).rstrip() for line in lines)
    return "\n".join(kept).strip()[:longest]


def written(day: date) -> str:
    """A date as a form shows it: 16.04.2026."""
    return show_date(day)
