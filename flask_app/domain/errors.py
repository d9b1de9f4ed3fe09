"""The error tree of the panel.

    KyzmatError
    ├── Refused            a rule says no (carries the rule: act and point)
    ├── NotPermitted       this person may not do it (outsiders get NotFound instead)
    ├── NotFound           no such object for this body
    ├── VersionConflict    somebody changed the object since it was read
    ├── AlreadyThere       the object is in the wanted state already; never a silent success
    ├── InvalidInput       what was handed in cannot be read (file, form)
    └── OutsideError       another system
        ├── Unreachable    no answer: down, slow, TLS, DNS; may be tried again
        ├── RefusedOutside it answered with an error code of its own
        └── NotUnderstood  it answered something that is not the contract (HTML, half a reply)

An error carries a code and parameters; the sentence is made by `flask_app.messages` in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a rule comes from: the act, its point, the line of the source document, and the rule pack that carries it.

    `point` is "unverified" where the act itself was not seen; it is shown as such and never guessed.
    """

    act: str
    point: str = "unverified"
    source: str = ""
    pack: str = ""


class KyzmatError(Exception):
    """Base of everything the panel raises on purpose.

    `others`: further refusals of the same attempt, so that a person sees all of them at once.
    """

    others: tuple[Any, ...] = ()

    def __init__(self, code: str, /, rule: Rule | None = None, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: Mapping[str, object] = params
        self.rule = rule

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in sorted(self.params.items()))
        return f"{self.code}({shown})"


class Refused(KyzmatError):
    """A rule says no."""


class NotPermitted(KyzmatError):
    """The actor has no right to do this in this state."""


class NotFound(KyzmatError):
    """There is no such object for this body."""


class VersionConflict(KyzmatError):
    """The object was changed by somebody else since it was read."""


class AlreadyThere(KyzmatError):
    """The object already is in the state that was asked for."""


class InvalidInput(KyzmatError):
    """A file or a form cannot be read."""


class OutsideError(KyzmatError):
    """Another system did not do what was asked."""

    retryable = False


class Unreachable(OutsideError):
    """No answer came; nothing is known about the effect."""

    retryable = True


class RefusedOutside(OutsideError):
    """The other system answered with an error code of its own."""


class NotUnderstood(OutsideError):
    """The answer is not of the contract's shape."""
