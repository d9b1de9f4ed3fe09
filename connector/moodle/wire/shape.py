"""Strict reading of an answer: every value is asked for with its type, and a wrong one is told with its path."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NoReturn

from connector.moodle.wire.moments import from_epoch
from flask_app.domain.errors import NotUnderstood

_UNKEPT = re.compile("[\x00\ud800-\udfff]")


class Part:
    """A part of an answer and where it stands (`attempts[3].responses[0].mark`).

    Every reader raises `NotUnderstood("moodle.bad_shape", function, path, expected, found)`; `found` is a type or a
    contract word, never a person's data.
    """

    __slots__ = ("_function", "_path", "_value")

    def __init__(self, value: object, function: str, path: str = "") -> None:
        self._value = value
        self._function = function
        self._path = path

    def bad(self, expected: str) -> NoReturn:
        raise NotUnderstood(
            "moodle.bad_shape",
            function=self._function,
            path=self._path or "(answer)",
            expected=expected,
            found=_kind(self._value),
        )

    def __getitem__(self, name: str) -> Part:
        """A member that must be there."""
        if not isinstance(self._value, Mapping):
            self.bad("object")
        path = f"{self._path}.{name}" if self._path else name
        if name not in self._value:
            Part(_MISSING, self._function, path).bad("something")
        return Part(self._value[name], self._function, path)

    def optional(self, name: str) -> Part | None:
        """A member that may be missing or null."""
        if not isinstance(self._value, Mapping):
            self.bad("object")
        return None if self._value.get(name) is None else self[name]

    def items(self) -> list[Part]:
        if not isinstance(self._value, Sequence) or isinstance(self._value, str):
            self.bad("list")
        return [Part(entry, self._function, f"{self._path}[{index}]") for index, entry in enumerate(self._value)]

    def text(self) -> str:
        """Signs that no database keeps (NUL, half a surrogate pair) become U+FFFD: seen, and no pull stops."""
        if not isinstance(self._value, str):
            self.bad("text")
        return _UNKEPT.sub("\ufffd", self._value)

    def text_or_empty(self) -> str:
        """Text that Moodle's database may hold as null."""
        return "" if self._value is None else self.text()

    def name(self) -> str:
        """Text that names something: not empty."""
        value = self.text()
        if not value:
            self.bad("a name")
        return value

    def word(self, allowed: Sequence[str]) -> str:
        value = self.text()
        if value not in allowed:
            self.bad(" | ".join(allowed))
        return value

    def whole(self) -> int:
        """A whole number that is not negative."""
        if isinstance(self._value, bool) or not isinstance(self._value, int) or self._value < 0:
            self.bad("whole number")
        return self._value

    def whole_or_zero(self) -> int:
        return 0 if self._value is None else self.whole()

    def flag(self) -> bool:
        """PARAM_BOOL leaves Moodle as true/false or as 1/0."""
        if not isinstance(self._value, int) or self._value not in (0, 1):
            self.bad("true or false")
        return self._value == 1

    def decimal(self) -> str:
        """A number as a decimal string with every digit that was sent; 0.1 stays 0.1."""
        if isinstance(self._value, bool) or not isinstance(self._value, int | Decimal):
            self.bad("number")
        return format(Decimal(self._value), "f")

    def decimal_or_none(self) -> str | None:
        return None if self._value is None else self.decimal()

    def moment(self) -> datetime:
        seconds = self.whole()
        try:
            return from_epoch(seconds)
        except ValueError:
            self.bad("epoch seconds")

    def moment_or_none(self) -> datetime | None:
        """Null and 0 both mean: not yet, or no bound."""
        return None if self._value is None or self.whole() == 0 else self.moment()


class _Missing:
    pass


_MISSING = _Missing()


def _kind(value: object) -> str:
    if isinstance(value, _Missing):
        return "nothing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | Decimal):
        return "number"
    if isinstance(value, str):
        return "text" if value else "empty text"
    return "object" if isinstance(value, Mapping) else "list"
