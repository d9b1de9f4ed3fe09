"""The office that tests work in: real parts, a clock to set, bodies and users of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.orm import Session, sessionmaker

from connector.institutions.reader import GradeBatchXmlReader
from connector.moodle.gateway import MoodleConnector
from docs_templates.renderer import TemplatePaperMaker
from docs_templates.viewer import DocxViewer
from flask_app.domain.identity import Actor
from flask_app.services.bodies import BodyProfile, add_person, add_user, create_body, system_actor
from flask_app.services.office import Office
from flask_app.store.clock import RandomIds
from flask_app.store.file_store import ContentAddressedStore
from flask_app.store.ledger import DatabaseLedger
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.sealing import Sealer
from gift_export.word_reader import read_word

NOW = datetime(2026, 6, 15, 6, tzinfo=UTC)
TODAY = date(2026, 6, 15)
PASSWORD = "correct horse battery"


@dataclass
class FrozenClock:
    """Stands still until a test moves it."""

    moment: datetime = field(default_factory=lambda: NOW)

    def now(self) -> datetime:
        return self.moment

    def forward(self, length: timedelta) -> None:
        self.moment += length


def make_office(sessions: sessionmaker[Session], clock: FrozenClock, moodle: MoodleConnector, files: Path) -> Office:
    ids = RandomIds()
    return Office(
        sessions=sessions,
        clock=clock,
        ids=ids,
        files=ContentAddressedStore(files),
        paper=TemplatePaperMaker(),
        viewer=DocxViewer(),
        moodle=moodle,
        ledger_of=lambda body_id: DatabaseLedger(sessions, clock, ids, body_id),
        queue=TransactionalQueue(TaskRegistry()),
        grade_batches=GradeBatchXmlReader(),
        read_word_list=read_word,
        sealer=Sealer(b"s" * 32),
    )


def new_body(office: Office, code: str = "") -> UUID:
    code = code or f"b{uuid4().hex[:8]}"
    names = {"ky": f"Айыл өкмөтү {code}", "ru": f"Айыл окмоту {code}"}
    return create_body(office, BodyProfile(code, "KG", names, names, names, "Asia/Bishkek"))


def actor_with(office: Office, body_id: UUID, *roles: str, name: str = "Асанов Азамат") -> Actor:
    """A user of the body with exactly these roles, and a person behind it."""
    with office.work(system_actor(body_id)) as work:
        person = add_person(work, name)
        login = f"u{uuid4().hex[:10]}"
        user_id = add_user(work, login, name, PASSWORD, roles, person_id=person.id)
        return Actor(user_id, login, body_id, frozenset(roles), person.id)
