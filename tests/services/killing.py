"""A use case in a process of its own that is killed at a failpoint: real SIGKILL, real database, real stand-in.

`python -m tests.services.killing` loads everything once and forks a process for each line it reads (JSON, an `Errand`);
it answers how that process ended. So a death costs a tenth of a second and not a start of Python.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from connector.moodle import results as result_reading
from connector.moodle.gateway import MoodleConnector
from flask_app.domain.identity import Actor
from flask_app.ports import failpoints
from flask_app.services.grades import accept_batch
from flask_app.services.office import Office
from flask_app.services.results import pull_results
from flask_app.services.synchronisation import push_session, sync_banks
from flask_app.store.engine import create_engine, session_factory
from tests.services.desk import FrozenClock, make_office
from tests.services.stages import COURSE, Scene, nothing

ITEMS_PER_CALL = 2
"""So that a handful of items already makes several chunks and pages."""


@dataclass(frozen=True)
class Errand:
    """What to do, where, and where to die (`failpoint`, empty = live)."""

    what: str
    failpoint: str
    database: str
    site: str
    token: str
    files: str
    user: str
    login: str
    body: str
    roles: tuple[str, ...]
    argument: str = ""

    @property
    def actor(self) -> Actor:
        return Actor(UUID(self.user), self.login, UUID(self.body), frozenset(self.roles), None)


def errand(scene: Scene, files: Path, what: str, failpoint: str, argument: str = "") -> Errand:
    actor = scene.actor
    return Errand(
        what=what,
        failpoint=failpoint,
        database=scene.database_url,
        site=scene.site.url,
        token=scene.site.token,
        files=str(files),
        user=str(actor.user_id),
        login=actor.login,
        body=str(actor.body_id),
        roles=tuple(sorted(actor.roles)),
        argument=argument,
    )


def _sync(office: Office, actor: Actor, _argument: str) -> None:
    sync_banks(office, actor, COURSE, nothing)


def _push(office: Office, actor: Actor, argument: str) -> None:
    push_session(office, actor, UUID(argument), nothing)


def _pull(office: Office, actor: Actor, argument: str) -> None:
    pull_results(office, actor, UUID(argument))


def _batch(office: Office, actor: Actor, argument: str) -> None:
    accept_batch(office, actor, Path(argument).read_bytes())


DEEDS: Mapping[str, Callable[[Office, Actor, str], None]] = {
    "sync": _sync,
    "push": _push,
    "pull": _pull,
    "batch": _batch,
}


def small_calls(moodle: MoodleConnector) -> MoodleConnector:
    """A connector that has learnt that its site bears two items a call."""
    for function, limit in (("import_questions", 200), ("save_people", 500), ("save_enrolments", 500)):
        moodle._paces.of(function, limit).too_much(2 * ITEMS_PER_CALL)
    return moodle


def perform(given: Errand) -> None:
    engine = create_engine(given.database, application="kyzmat-killed")
    moodle = small_calls(MoodleConnector(given.site, given.token))
    result_reading.ATTEMPTS_PER_PAGE = ITEMS_PER_CALL
    office = make_office(session_factory(engine), FrozenClock(), moodle, Path(given.files))
    DEEDS[given.what](office, given.actor, given.argument)
    engine.dispose()


def main() -> None:
    for line in sys.stdin:
        given = Errand(**json.loads(line))
        child = os.fork()
        if child == 0:
            os.environ[failpoints.VARIABLE] = given.failpoint
            perform(given)
            sys.stderr.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


class Gallows:
    """The process that forks, as a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.killing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._process.communicate(timeout=30)

    def run(self, given: Errand) -> int:
        """The exit status of the process that did the errand; negative = the signal that ended it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(given)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def kill(self, given: Errand) -> None:
        """The errand dies at its failpoint."""
        assert self.run(given) == -signal.SIGKILL, given.failpoint


def counts_of(scene: Scene) -> dict[str, Any]:
    return scene.site.control("state")


if __name__ == "__main__":
    main()
