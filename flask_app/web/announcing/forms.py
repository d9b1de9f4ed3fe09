"""What a person typed into a form, what is wrong with it, and how it is shown again: nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from flask_app.domain.dates import read_date, show_date
from flask_app.domain.errors import InvalidInput, KyzmatError
from flask_app.web.fields import LONGEST
from flask_app.web.guard import LANGUAGE_ARGUMENT
from flask_app.web.wording import Wording

Value = TypeVar("Value")

LONGEST_CODE = 40
LONG_TEXT = 4000
EARLIEST = date(1990, 1, 1)
"""Nothing that is entered here happened before; an earlier year is a typing error."""


@dataclass
class Form:
    """`values` by field; `problems`: the sentence beside each field that cannot stay as it is. `again`: the form was
    sent only to be shown in another language, with what is typed so far.
    """

    word: Wording
    values: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    again: bool = False

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def put(self, **values: str) -> Form:
        self.values.update(values)
        return self

    def read(self, sent: MultiDict[str, str], names: Iterable[str], longest: int = LONGEST) -> Form:
        """Take the fields as they were sent, cleaned of what no text needs."""
        self.again = LANGUAGE_ARGUMENT in sent
        for name in names:
            self.values[name] = clean(sent.get(name, ""), longest)
        return self

    def refuse(self, name: str, problem: str, **params: object) -> None:
        """Note a problem (a label's name) of a field; the first one of a field stays."""
        self._note(name, self.word.say(problem, **params))

    def blame(self, name: str, problem: KyzmatError) -> None:
        """Note what a reader or a use case has against a field."""
        self._note(name, str(self.word.why(problem).said))

    def _note(self, name: str, sentence: str) -> None:
        if not self.again:
            self.problems.setdefault(name, sentence)

    def take(self, name: str, read: Callable[[], Value]) -> Value | None:
        """What `read` makes of the field, or None with its `InvalidInput` noted."""
        try:
            return read()
        except InvalidInput as problem:
            self.blame(name, problem)
            return None

    def require(self, *names: str, problem: str = "problem_empty") -> None:
        for name in names:
            if not self[name]:
                self.refuse(name, problem)

    def choose(self, name: str, known: Iterable[str]) -> None:
        if self[name] not in set(known):
            self.refuse(name, "problem_choose")

    def known_day(self, name: str, latest: date) -> date | None:
        """The date of a field that was judged before, to show it; None where it is none."""
        return read_date(self[name] or None, earliest=EARLIEST, latest=latest).value

    def day(self, name: str, latest: date, earliest: date = EARLIEST) -> date | None:
        """The date of a field in any written form that has one reading only."""
        reading = read_date(self[name] or None, earliest=earliest, latest=latest)
        if reading.value is None:
            self.refuse(name, f"problem_{reading.problem.lower()}", **{**_PLACE, **reading.params})
            return None
        return reading.value

    @property
    def ok(self) -> bool:
        """Whether what was asked for may be done."""
        return not self.problems and not self.again

    @property
    def status(self) -> int:
        """Of the page that shows the form once more."""
        return 200 if self.again else 422


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
