"""Banks for tests of pages: one with every type of question, a part of a shipped one, and a Moodle to bring them to."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from connector.moodle.fallback.hand_export import Form, hand_file
from connector.moodle.gateway import MoodleConnector
from connector.moodle.standin.process import StandinProcess
from flask_app import jobs
from flask_app.ports.clock import Clock
from flask_app.ports.moodle import HandFile, PresentQuestion, SiteFinding
from flask_app.services.banks import load_bank
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.settings import Settings
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry, TransactionalQueue
from flask_app.store.worker import Worker
from flask_app.web import create_app
from gift_export.reader import read
from question_banks.bank import Bank, Topic, TwinGroup, citations_of
from question_banks.model import MultichoiceQuestion, Question

COURSE = "KYZMAT-EXAMS"
TEXTS = Path(__file__).parents[1] / "data" / "bank_pages"
"""Every type of question the panel knows, in Russian; one of them in Kyrgyz too."""


def bank(code: str, *texts: str) -> Bank:
    """A bank of the questions of these GIFT texts."""
    groups: dict[str, dict[str, Question]] = {}
    for text in texts:
        for question in read(text).questions:
            group, _, language = question.idnumber.rpartition(".")
            groups.setdefault(group, {})[language] = question
    return Bank(
        id=code,
        titles={"ky": "Бардык түрлөр", "ru": "Все типы", "en": "All types"},
        block="subject",
        release="2026.2",
        status="",
        languages=("ky", "ru"),
        category_path="KG/types",
        topics=(Topic("all", {}, "all"),),
        options=3,
        items=tuple(
            TwinGroup(group, "all", citations_of(next(iter(versions.values()))), versions)
            for group, versions in groups.items()
        ),
    )


def types_bank() -> Bank:
    return bank("types", *((TEXTS / f"types.{code}.gift").read_text(encoding="utf-8") for code in ("ru", "ky")))


def small_bank(groups: int = 6) -> Bank:
    """The first twin groups of the shipped general bank."""
    shipped = next(one for one in read_shipped_banks() if one.id == "general")
    return replace(shipped, items=shipped.items[:groups])


def reworded(one: Bank, group: int = 0) -> Bank:
    """The same bank with a Russian text and an answer of one group changed."""
    twin_group = one.items[group]
    question = twin_group.versions["ru"]
    assert isinstance(question, MultichoiceQuestion)
    answers = (question.answers[0]._replace(text="совсем другой ответ"), *question.answers[1:])
    changed = question._replace(text=f"{question.text} Ответьте кратко.", answers=answers)
    items = list(one.items)
    items[group] = replace(twin_group, versions={**twin_group.versions, "ru": changed})
    return replace(one, items=tuple(items))


def load(office: Office, one: Bank) -> UUID:
    """The bank in the town's panel; returns its id."""
    with office.work(actor_of(office, "bank")) as work:
        load_bank(work, one)
        row = work.session.query(QuestionBank).filter_by(code=one.id).one()
        return row.id


def question_id(office: Office, idnumber: str) -> UUID:
    with office.work(actor_of(office, "bank")) as work:
        return work.session.query(BankQuestion).filter_by(idnumber=idnumber).one().id


@dataclass(frozen=True)
class MoodleDesk:
    """The panel before a real stand-in, with a queue whose jobs a worker really does."""

    app: Flask
    office: Office
    site: StandinProcess
    tasks: TaskRegistry
    database_url: str

    def work_off(self) -> None:
        """Everything that is queued and due; in a thread of its own: a browser's driver has a loop in this one."""
        worker = Worker(self.database_url, self.tasks)
        with ThreadPoolExecutor(1) as thread:
            thread.submit(worker.run, wait=False).result()


def moodle_desk(
    office: Office, settings: Settings, site: StandinProcess, sessions: sessionmaker[Session], database_url: str
) -> MoodleDesk:
    tasks = TaskRegistry()
    moodle = MoodleConnector(site.url, site.token)
    connected = replace(office, queue=TransactionalQueue(tasks), moodle=moodle)
    jobs.register(tasks, lambda: connected, ProgressBook(sessions))
    moodle.ensure_course(COURSE, "Экзамены")
    return MoodleDesk(create_app(connected, settings), connected, site, tasks, database_url)


class BankMoodle:
    """A site that has nothing and says so: for pages whose answers do not matter."""

    def present(self, _bank: str) -> tuple[PresentQuestion, ...]:
        return ()

    def question_xml(self, _bank: str, _idnumber: str) -> str:
        return "<question/>"

    def set_hints(self, _opkey: str, _url: str, _secret: str, _events: Sequence[str]) -> None:
        """Understood."""

    def hand_file(self, bank: str, questions: Sequence[Question], form: Form) -> HandFile:
        return hand_file(bank, questions, form)

    def examine(self, _clock: Clock) -> tuple[SiteFinding, ...]:
        return ()
