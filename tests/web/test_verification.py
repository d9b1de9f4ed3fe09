"""The auditor's check of the log: sound, broken, for nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from flask_app.services import audit
from flask_app.services.office import Office
from flask_app.store.models.audit import AuditEvent, AuditSeal
from tests.web.client import PageClient


def check(client: PageClient) -> str:
    page = client.get("/verification")
    token = next(e.get("value", "") for e in page.all("input", name="form_token"))
    return client.post("/verification", {"form_token": token}, 200).text


def test_a_whole_chain_is_said_to_be_whole_and_the_check_is_noted(
    client: PageClient, office: Office, session_factory: sessionmaker[Session]
) -> None:
    sealed = audit.seal_all(office)
    assert sealed
    client.at_work("auditor").raw_get("/?lang=ru")
    said = check(client)
    assert "Цепочка цела" in said
    with session_factory() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "journal.verified")).one()
    assert event.after["broken_at"] is None


def test_a_changed_event_is_found_at_its_place(
    client: PageClient, office: Office, owner_engine: Engine, session_factory: sessionmaker[Session]
) -> None:
    audit.seal_all(office)
    client.at_work("auditor").raw_get("/?lang=ru")
    with session_factory() as session:
        body = session.scalars(select(AuditEvent.body_id).where(AuditEvent.actor_login == "auditor").limit(1)).one()
        third = session.scalars(select(AuditSeal).where(AuditSeal.body_id == body, AuditSeal.position == 3)).one()
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        connection.execute(
            text("UPDATE audit_event SET action = 'competition.forged' WHERE id = :id"), {"id": third.event_id}
        )
    assert "разорвана на событии № 3" in check(client)


@pytest.mark.parametrize("login", ["admin", "hr", "secretary", "head", "bank", "operator"])
def test_it_is_the_auditor_s_alone(client: PageClient, login: str) -> None:
    client.at_work(login).get("/verification", 403)
