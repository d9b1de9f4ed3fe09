"""A whole panel for one test: a real database, a real stand-in Moodle over a socket, real papers, a clock to set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from connector.institutions.reader import GradeBatchXmlReader
from connector.moodle.gateway import MoodleConnector
from connector.moodle.standin.process import StandinProcess
from docs_templates.renderer import TemplatePaperMaker
from flask_app.domain.identity import ROLES, Actor
from flask_app.services.bodies import BodyProfile, add_person, add_user, create_body, system_actor
from flask_app.services.office import Office
from flask_app.store.clock import RandomIds
from flask_app.store.file_store import ContentAddressedStore
from flask_app.store.ledger import DatabaseLedger
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.sealing import Sealer

TODAY = date(2026, 6, 15)
PASSWORD = "correct horse battery"


@dataclass
class FrozenClock:
    """Stands still until a test moves it."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 6, 15, 6, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def forward(self, length: timedelta) -> None:
        self.moment += length


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandinProcess]:
    """One stand-in for all tests; each test uses names of its own there."""
    with StandinProcess(tmp_path_factory.mktemp("standin") / "site.sqlite") as running:
        yield running


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def office(
    session_factory: sessionmaker[Session], clock: FrozenClock, standin: StandinProcess, tmp_path: Path
) -> Office:
    ids = RandomIds()
    return Office(
        sessions=session_factory,
        clock=clock,
        ids=ids,
        files=ContentAddressedStore(tmp_path / "files"),
        paper=TemplatePaperMaker(),
        moodle=MoodleConnector(standin.url, standin.token),
        ledger_of=lambda body_id: DatabaseLedger(session_factory, clock, ids, body_id),
        queue=TransactionalQueue(TaskRegistry()),
        grade_batches=GradeBatchXmlReader(),
        sealer=Sealer(b"s" * 32),
    )


def new_body(office: Office) -> UUID:
    code = f"b{uuid4().hex[:8]}"
    names = {"ky": f"Айыл өкмөтү {code}", "ru": f"Айыл окмоту {code}"}
    return create_body(office, BodyProfile(code, "KG", names, names, names, "Asia/Bishkek"))


@pytest.fixture
def body(office: Office) -> UUID:
    """A body of its own for each test, so that nothing in Moodle is shared either."""
    return new_body(office)


def actor_with(office: Office, body_id: UUID, *roles: str, name: str = "Асанов Азамат") -> Actor:
    """A user of the body with exactly these roles, and a person behind it."""
    with office.work(system_actor(body_id)) as work:
        person = add_person(work, name)
        login = f"u{uuid4().hex[:10]}"
        user_id = add_user(work, login, name, PASSWORD, roles, person_id=person.id)
        return Actor(user_id, login, body_id, frozenset(roles), person.id)


@pytest.fixture
def everybody(office: Office, body: UUID) -> Actor:
    """Somebody who holds every role at once: for tests that are about something else than rights."""
    actor = actor_with(office, body)
    return replace(actor, roles=frozenset(ROLES))
