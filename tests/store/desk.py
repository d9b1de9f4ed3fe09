"""A queue with tasks that note what was done, and shorthands, for the tests of queue and worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from flask_app.store.models.jobs import JobProgress
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.worker import Worker, run_pending
from tests.conftest import Database

BODY = UUID("00000000-0000-4000-8000-000000000001")
OTHER_BODY = UUID("00000000-0000-4000-8000-000000000002")


class Desk:
    """The task `note` writes its arguments into `done`."""

    def __init__(self, database: Database, sessions: sessionmaker[Session]) -> None:
        self.url = database.url("app")
        self.sessions = sessions
        self.tasks = TaskRegistry()
        self.queue = TransactionalQueue(self.tasks)
        self.book = ProgressBook(sessions)
        self.done: list[Mapping[str, Any]] = []
        self.tasks.register("note", lambda arguments, _progress: self.done.append(arguments))

    def task(self, name: str, work: Callable[[Mapping[str, Any], UUID], None]) -> None:
        self.tasks.register(name, work)

    def put(self, name: str = "note", key: str = "k", body_id: UUID = BODY, **arguments: object) -> UUID:
        with self.sessions.begin() as session:
            return self.queue.put(session, name, arguments, key=key, body_id=body_id)

    def row(self, progress_id: UUID) -> JobProgress:
        return self.book.get(progress_id, BODY)

    def run(self) -> None:
        run_pending(self.url, self.tasks)

    def count(self, what: str) -> int:
        with self.sessions() as session:
            return session.scalar(text(f"SELECT count(*) FROM {what}")) or 0

    def execute(self, statement: str, **values: object) -> None:
        with self.sessions.begin() as session:
            session.execute(text(statement), values)


@contextmanager
def working(worker: Worker) -> Iterator[threading.Thread]:
    """The worker in a thread, stopped and ended at the end of the block."""
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield thread
    finally:
        worker.stop()
        thread.join(20)
        assert not thread.is_alive()


def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)
