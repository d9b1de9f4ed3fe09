"""A bank brought into a real Moodle by Moodle's own importer and by the plugin, and then found unchanged."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import click

from connector.moodle.client import MoodleClient
from connector.moodle.gateway import MoodleConnector
from connector.transport import RestSession
from flask_app.bench.gift import bank
from flask_app.domain.canonical import digest
from flask_app.ports.moodle import Wanted, WantedBank, WantedQuestion
from gift_export.writer import write
from question_banks.model import MultichoiceQuestion

RATIO_LIMIT: Final = 1.25
"""How many times the time of Moodle's own importer the plugin may take."""
REQUEST_LIMIT: Final = 30
TOP: Final = "$course$/top/"


class CountingSession(RestSession):
    """Counts requests, and those that write."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url, token)
        self.calls: list[str] = []

    def call(self, function: str, params: Sequence[tuple[str, str]], *, repeatable: bool) -> object:
        self.calls.append(function)
        return super().call(function, params, repeatable=repeatable)

    @property
    def writes(self) -> int:
        names = [name.removeprefix("local_kyzmat_") for name in self.calls]
        return sum(name.startswith(("save_", "import_", "set_")) or "_create_" in name for name in names)


class MemoryLedger:
    """The operation ledger of one run."""

    def __init__(self) -> None:
        self._results: dict[str, Mapping[str, object]] = {}
        self._marks: dict[tuple[str, str], str] = {}

    def begin(self, opkey: str, function: str, request_hash: str) -> Mapping[str, object] | None:  # noqa: ARG002  # port
        return self._results.get(opkey)

    def done(self, opkey: str, result: Mapping[str, object]) -> None:
        self._results[opkey] = result

    def failed(self, opkey: str, errorcode: str) -> None:
        raise click.ClickException(f"{opkey}: {errorcode}")

    def pushed(self, kind: str, idnumbers: Sequence[str]) -> Mapping[str, str]:
        return {name: self._marks[kind, name] for name in idnumbers if (kind, name) in self._marks}

    def note_pushed(self, kind: str, hashes: Mapping[str, str]) -> None:
        self._marks.update({(kind, name): mark for name, mark in hashes.items()})


def counted(url: str, token: str) -> tuple[MoodleConnector, CountingSession]:
    """A connector whose requests are counted."""
    connector, session = MoodleConnector(url, token), CountingSession(url, token)
    connector.session, connector.client = session, MoodleClient(session)
    return connector, session


def measure(url: str, token: str, importer: str, count: int) -> dict[str, Any]:
    """Seconds of both ways with the same questions, their ratio, and what looking at the unchanged bank costs."""
    questions = list(bank(count, "rich"))
    own = _by_moodle(importer, write(questions))
    connector, session = counted(url, token)
    release = connector.site().release
    name = f"bench-{uuid4().hex[:10]}"
    connector.ensure_course(name, "Bench")
    wanted, ledger = Wanted(banks=(_wanted(name, questions),)), MemoryLedger()
    plan = connector.plan(wanted, ledger)
    started = time.perf_counter()
    report = connector.apply(plan, ledger, lambda done, total: None)  # noqa: ARG005  # a Progress
    ours = time.perf_counter() - started
    return {
        "release": release,
        "questions": count,
        "importer_seconds": round(own, 2),
        "plugin_seconds": round(ours, 2),
        "ratio": round(ours / own, 2),
        "ratio_limit": RATIO_LIMIT,
        "calls": report.calls,
        "failures": len(report.failures),
        **_unchanged(connector, session, wanted, ledger),
    }


def _by_moodle(importer: str, text: str) -> float:
    """Seconds of the command, from its start to its end."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bank.gift"
        file.write_text(text, encoding="utf-8")
        command = [part.replace("{file}", str(file)) for part in shlex.split(importer)]
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # the caller's own
        if done.returncode:
            raise click.ClickException(f"the importer failed: {(done.stderr or done.stdout)[-500:]}")
        return time.perf_counter() - started


def _wanted(name: str, questions: Sequence[MultichoiceQuestion]) -> WantedBank:
    return WantedBank(name, name, "Bench", tuple(_question(question) for question in questions))


def _question(question: MultichoiceQuestion) -> WantedQuestion:
    source = write([question._replace(category="")])
    return WantedQuestion(question.idnumber, digest(source), question.category.removeprefix(TOP), source)


def _unchanged(
    connector: MoodleConnector, session: CountingSession, wanted: Wanted, ledger: MemoryLedger
) -> dict[str, Any]:
    """A plan of a site that was never asked before: everything is looked at, nothing is to be done."""
    session.calls.clear()
    connector.site()
    started = time.perf_counter()
    plan = connector.plan(wanted, ledger)
    return {
        "verify_seconds": round(time.perf_counter() - started, 2),
        "verify_requests": len(session.calls),
        "verify_requests_limit": REQUEST_LIMIT,
        "verify_writes": session.writes,
        "verify_changes": len(plan.steps),
    }
