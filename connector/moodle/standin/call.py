"""One web service call, the functions that answer it, and how a function says what it takes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from connector.moodle.standin.parameters import Description, Fields

Arguments: TypeAlias = Mapping[str, Any]
"""Checked parameters by name."""


@dataclass(frozen=True, slots=True)
class Call:
    """Everything a function may look at. `now` is the site's clock in epoch seconds, which a test may have moved."""

    db: sqlite3.Connection
    now: int
    user: sqlite3.Row
    settings: Mapping[str, str]
    wwwroot: str

    @property
    def branch(self) -> int:
        """Moodle's branch: 500 for 5.0, 405 for 4.5."""
        return int(self.settings.get("branch", "500"))


Body: TypeAlias = Callable[[Call, Arguments], Any]


@dataclass(frozen=True, slots=True)
class Function:
    """A web service function.

    `keyed`: takes an opkey, and its result is kept with it. `student`: open to a person's own token. `capability`: what
    the caller must be allowed, as Moodle names it. `branches`: where the function exists.
    """

    name: str
    takes: Fields
    body: Body
    writes: bool = False
    keyed: bool = False
    student: bool = False
    capability: str = ""
    since_branch: int = 405

    def exists(self, settings: Mapping[str, str]) -> bool:
        """Whether a site of this branch has it; one without the plugin has core's functions only."""
        installed = settings.get("plugin") != "off" or not self.name.startswith("local_kyzmat_")
        return installed and self.since_branch <= int(settings.get("branch", "500"))


@dataclass(slots=True)
class Registry:
    functions: dict[str, Function] = field(default_factory=dict)

    def add(
        self,
        name: str,
        takes: Mapping[str, Description],
        *,
        writes: bool = False,
        keyed: bool = False,
        student: bool = False,
        capability: str = "",
        since_branch: int = 405,
    ) -> Callable[[Body], Body]:
        """Decorator: this function answers the web service `name`."""

        def register(body: Body) -> Body:
            self.functions[name] = Function(
                name, Fields(dict(takes)), body, writes or keyed, keyed, student, capability, since_branch
            )
            return body

        return register


FUNCTIONS = Registry()
