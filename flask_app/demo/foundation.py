"""The first steps: the body with its staff, the banks in the panel and in Moodle."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sqlalchemy import func, select

from flask_app.demo import world
from flask_app.demo.stage import Stage
from flask_app.ports.moodle import Wanted
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.banks import load_bank, wanted_banks
from flask_app.services.bodies import add_person, add_user, create_body, find_body, system_actor
from flask_app.services.office import Office
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.services.synchronisation import plan
from flask_app.store.models.banks import BankQuestion
from flask_app.store.models.organisation import User
from question_banks.bank import Bank


def set_up_body(office: Office, home: Path) -> str:
    """The body and its staff; returns the password all demonstration users share. It is kept 0600 in `home`."""
    password = _password(home / "demo-password")
    body_id = find_body(office, world.BODY.code) or create_body(office, world.BODY)
    with office.work(system_actor(body_id)) as work:
        known = set(work.session.scalars(select(User.login).where(User.body_id == body_id)))
        for staff in world.STAFF:
            if staff.login not in known:
                person = add_person(work, staff.name)
                add_user(work, staff.login, staff.name, password, staff.roles, person_id=person.id)
    return password


def _password(path: Path) -> str:
    """A password of this installation's own: a demonstration is no reason for a known one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(12))
    return path.read_text().strip()


def bring_banks(stage: Stage) -> None:
    """Read and lint the shipped banks, take them into the panel, bring them to Moodle."""
    stage.terminal.step("banks")
    with stage.work("banks") as work:
        for bank in read_shipped_banks(work.body.jurisdiction):
            loaded = load_bank(work, bank)
            stage.terminal.say(
                "bank_loaded", bank=bank.titles["ru"], n=loaded.added + loaded.changed, same=loaded.unchanged
            )
    stage.office.moodle.ensure_course(world.EXAM_COURSE, "Тестирование · Тестирлөө")
    with stage.work("banks") as work:
        wanted = Wanted(banks=wanted_banks(work, world.EXAM_COURSE))
    steps = len(plan(stage.office, stage.actor("banks"), wanted).steps)
    stage.counts.planned += steps
    stage.terminal.say("planned", n=steps)
    if steps or not _all_in_step(stage):
        stage.run_job("banks", "sync_banks", {"course": world.EXAM_COURSE}, key="sync-banks")
    stage.terminal.say("synced", n=synced_questions(stage))


def _all_in_step(stage: Stage) -> bool:
    with stage.work("banks") as work:
        total = work.session.scalar(select(func.count()).select_from(BankQuestion))
    return synced_questions(stage) == total


def synced_questions(stage: Stage) -> int:
    """Questions that stand in Moodle exactly as the panel has them."""
    with stage.work("banks") as work:
        return (
            work.session.scalar(
                select(func.count())
                .select_from(BankQuestion)
                .where(
                    BankQuestion.body_id == work.actor.body_id,
                    BankQuestion.retired.is_(False),
                    BankQuestion.moodle_version > 0,
                    BankQuestion.synced_hash == BankQuestion.content_hash,
                )
            )
            or 0
        )


def panel_banks(stage: Stage) -> tuple[Bank, ...]:
    with stage.work("banks") as work:
        return tuple(bank for _, bank in banks_of_body(work))
