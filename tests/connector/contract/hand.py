"""What a teacher, an administrator and cron do to a site: the contract says what the panel must see of it.

The stand-in has a test bench for that. For a real Moodle a command is named on the command line (`--moodle-hand`),
which is called as `COMMAND ACTION JSON` and answers JSON; it belongs to the site, not to this project.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Sequence
from typing import Any, Protocol

from connector.moodle.standin.process import StandinProcess

SECONDS = 120
HOUR = 3600


class Hand(Protocol):
    """Actions and their wishes are those of `docs/standin.md`, and `deny` (`capabilities`), `add_question`."""

    def do(self, action: str, **wishes: Any) -> dict[str, Any]: ...


class CommandHand:
    """A command beside a real site."""

    def __init__(self, command: str) -> None:
        self.command = shlex.split(command)

    def do(self, action: str, **wishes: Any) -> dict[str, Any]:
        done = subprocess.run(
            [*self.command, action, json.dumps(wishes)], capture_output=True, text=True, check=False, timeout=SECONDS
        )
        assert done.returncode == 0, f"{action}: {done.stderr or done.stdout}"
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


class StandinHand:
    """The stand-in's own test bench."""

    def __init__(self, standin: StandinProcess) -> None:
        self.standin = standin
        self.hours = 0

    def do(self, action: str, **wishes: Any) -> dict[str, Any]:
        if action == "deny":
            return self._deny(wishes["capabilities"])
        if action == "cron":
            return self._cron()
        return self.standin.control(action, **wishes)

    def _deny(self, capabilities: Sequence[str]) -> dict[str, Any]:
        return self.standin.control("setting", name="denied", value=list(capabilities))

    def _cron(self) -> dict[str, Any]:
        """Cron an hour after the last: every hint may be tried again. The site's clock is put back."""
        self.hours += 1
        self.standin.control("clock", advance=HOUR * self.hours)
        try:
            return self.standin.control("cron")
        finally:
            self.standin.control("clock", advance=-HOUR * self.hours)
