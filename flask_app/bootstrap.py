"""The wiring: the only module that knows every part."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from connector.institutions.reader import GradeBatchXmlReader
from connector.moodle.gateway import MoodleConnector
from docs_templates.renderer import TemplatePaperMaker
from docs_templates.viewer import DocxViewer
from flask_app import jobs
from flask_app.ports.moodle import OperationLedger
from flask_app.services.office import Office
from flask_app.settings import Settings, secret_key
from flask_app.store import migrate
from flask_app.store.clock import RandomIds, SystemClock
from flask_app.store.engine import DatabaseAddress, create_engine, open_database, session_factory
from flask_app.store.file_store import ContentAddressedStore
from flask_app.store.ledger import DatabaseLedger
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.sealing import Sealer
from flask_app.store.worker import Worker
from gift_export.word_reader import read_word


@dataclass(frozen=True)
class Installation:
    """Everything of one running process."""

    settings: Settings
    address: DatabaseAddress
    engine: Engine
    sessions: sessionmaker[Session]
    office: Office
    tasks: TaskRegistry
    progress: ProgressBook

    def worker(self) -> Worker:
        return Worker(self.address.app, self.tasks)


@contextlib.contextmanager
def installation(settings: Settings, moodle: MoodleConnector) -> Iterator[Installation]:
    """A running installation: database up and migrated, parts wired. Ends its own processes with the block."""
    with open_database(settings) as address:
        migrate.upgrade(address.owner, app_role=address.app_role)
        engine = create_engine(address.app)
        try:
            yield wire(settings, address, engine, moodle)
        finally:
            engine.dispose()


def wire(settings: Settings, address: DatabaseAddress, engine: Engine, moodle: MoodleConnector) -> Installation:
    """Connect the parts over a database that is up."""
    sessions = session_factory(engine)
    clock, ids = SystemClock(), RandomIds()

    def ledger_of(body_id: UUID) -> OperationLedger:
        return DatabaseLedger(sessions, clock, ids, body_id)

    tasks = TaskRegistry()
    progress = ProgressBook(sessions)
    office = Office(
        sessions=sessions,
        clock=clock,
        ids=ids,
        files=ContentAddressedStore(settings.files_dir),
        paper=TemplatePaperMaker(),
        viewer=DocxViewer(),
        moodle=moodle,
        ledger_of=ledger_of,
        queue=TransactionalQueue(tasks),
        grade_batches=GradeBatchXmlReader(),
        read_word_list=read_word,
        sealer=Sealer(secret_key(settings).get_secret_value().encode()),
    )
    jobs.register(tasks, lambda: office, progress)
    return Installation(settings, address, engine, sessions, office, tasks, progress)


def moodle_of(url: str, token: str) -> MoodleConnector:
    return MoodleConnector(url, token)
