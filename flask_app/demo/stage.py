"""What every step of the demonstration works with: the installation, the staff at work, the dates, the terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from flask_app.bootstrap import Installation
from flask_app.demo.terminal import Terminal
from flask_app.domain.errors import KyzmatError
from flask_app.domain.identity import Actor
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office, Work
from flask_app.store.models.jobs import JobProgress

POLL_SECONDS = 0.15


class JobFailed(KyzmatError):
    """A background job gave up; its own code says why."""


@dataclass
class Counts:
    """What this run did, as against what stands already."""

    planned: int = 0
    attempts: int = 0
    completions: int = 0
    grades: int = 0
    papers: int = 0


@dataclass
class Stage:
    """`today` is the body's date; days before it are entered as an office does that catches up with its papers."""

    installation: Installation
    moodle_url: str
    candidates: int
    terminal: Terminal
    today: date
    counts: Counts = field(default_factory=Counts)

    @property
    def office(self) -> Office:
        return self.installation.office

    def actor(self, login: str) -> Actor:
        return actor_of(self.office, login)

    @contextmanager
    def work(self, login: str) -> Iterator[Work]:
        with self.office.work(self.actor(login)) as work:
            yield work

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def run_job(self, login: str, task: str, arguments: Mapping[str, Any], *, key: str) -> None:
        """Queue a job as `login`, let a worker of this process do it, and show how far it is."""
        with self.work(login) as work:
            job = self.office.queue.put(
                work.session, task, {"login": login, **arguments}, key=key, body_id=work.actor.body_id
            )
        worker = threading.Thread(target=self.installation.worker().run, kwargs={"wait": False})
        worker.start()
        with self.terminal.bar() as show:
            while worker.is_alive():
                show(self._progress(job))
                time.sleep(POLL_SECONDS)
            worker.join()
            row = self._progress(job)
            show(row)
        if row.state != "done":
            raise JobFailed(row.message_code or "job.lost", **dict(row.params))

    def _progress(self, job: Any) -> JobProgress:
        with self.office.sessions() as session:
            return session.scalars(select(JobProgress).where(JobProgress.id == job)).one()
