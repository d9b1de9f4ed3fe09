"""`MoodleGateway` over the web services of a real site, or of the stand-in: there is no difference from here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from connector.moodle.apply import apply_plan
from connector.moodle.client import WIRE, MoodleClient
from connector.moodle.doctor import Finding, examine
from connector.moodle.fallback.core_results import CoreResults, Identity, by_text
from connector.moodle.fallback.hand_export import hand_file
from connector.moodle.fallback.shown import visible_text
from connector.moodle.pace import Paces
from connector.moodle.plan import make_plan
from connector.moodle.present import bank_questions, read_present
from connector.moodle.results import completion_pages, result_pages
from connector.moodle.wire.records import NewCourse, Push
from connector.transport import RestSession, RetryPolicy, TransportOptions
from flask_app.domain.errors import InvalidInput, NotUnderstood
from flask_app.ports.clock import Clock
from flask_app.ports.moodle import (
    ApplyReport,
    CompletionsPage,
    HandFile,
    MoodleSite,
    OperationLedger,
    PresentQuestion,
    Progress,
    ResultsPage,
    SyncPlan,
    TestProgress,
    Wanted,
)
from gift_export.refusal import CannotSayError
from question_banks.model import Question


class MoodleConnector:
    """A Moodle site under one token. Safe to share between threads; one plan at a time per site is the caller's care.

    The site is asked what it is before the first plan, and then remembered: `site()` asks anew.
    """

    def __init__(self, url: str, token: str, options: TransportOptions | None = None) -> None:
        self._address = url.rstrip("/")
        self.session = RestSession(url, token, options)
        self._hurried = RestSession(url, token, _hurried(options or TransportOptions()), patient=False)
        self.client = MoodleClient(self.session)
        self._paces = Paces()
        self._site: MoodleSite | None = None

    def __repr__(self) -> str:
        return f"MoodleConnector({self.session.host})"

    @property
    def address(self) -> str:
        """Where people log in to the site."""
        return self._address

    def site(self) -> MoodleSite:
        """Raises `NotUnderstood("moodle.wire_version")` when the plugin speaks another version of the contract."""
        site = self.client.get_site()
        if site.wire != WIRE:
            raise NotUnderstood("moodle.wire_version", url=self.session.host, found=site.wire, wanted=WIRE)
        self._site = site
        return site

    def _limit(self, name: str) -> int:
        return (self._site or self.site()).limits[name]

    def examine(self, clock: Clock) -> tuple[Finding, ...]:
        return examine(MoodleClient(self._hurried), clock)

    def ensure_course(self, idnumber: str, fullname: str) -> None:
        """Look before making: a course made by a call whose answer was lost is found by the next one."""
        if not self.client.courses_by_idnumber(idnumber):
            self.client.create_courses([NewCourse(idnumber, idnumber, fullname)])

    def present(self, bank: str) -> tuple[PresentQuestion, ...]:
        return bank_questions(self.client, bank) or ()

    def question_xml(self, bank: str, idnumber: str) -> str:
        return self.client.get_question(bank, idnumber).xml

    def plan(self, wanted: Wanted, ledger: OperationLedger) -> SyncPlan:
        if self._site is None:
            self.site()
        return make_plan(wanted, read_present(self.client, wanted, ledger), self.session.seal)

    def apply(self, plan: SyncPlan, ledger: OperationLedger, progress: Progress) -> ApplyReport:
        limits = (self._site or self.site()).limits
        return apply_plan(self.client, plan, ledger, limits, self.session.seal, progress, self._paces)

    def results(self, tests: Sequence[str], cursor: str) -> Iterator[ResultsPage]:
        return result_pages(self.client, tests, cursor, self._limit("attempts"), self._paces)

    def without_plugin(self, courses: Sequence[str], questions: Iterable[tuple[str, str]], clock: Clock) -> CoreResults:
        known = by_text((visible_text(text), Identity(idnumber)) for text, idnumber in questions)
        return CoreResults(self.session, courses, clock, known)

    def hand_file(self, bank: str, questions: Sequence[Question], form: Literal["gift", "xml"]) -> HandFile:
        try:
            return hand_file(bank, questions, form)
        except CannotSayError as refusal:
            raise InvalidInput(refusal.code, None, **refusal.params) from refusal

    def completions(self, courses: Sequence[str], cursor: str) -> Iterator[CompletionsPage]:
        return completion_pages(self.client, courses, cursor, self._limit("people"), self._paces)

    def set_hints(self, opkey: str, url: str, secret: str, events: Sequence[str]) -> None:
        MoodleClient(self._hurried).save_push(opkey, Push(url, secret, tuple(events)))

    def progress(self, test: str) -> TestProgress:
        return MoodleClient(self._hurried).get_progress(test)


def _hurried(options: TransportOptions) -> TransportOptions:
    """The same site and certificates, for whoever waits before the page: short, and asked once."""
    once = RetryPolicy(attempts=1, maintenance_attempts=1)
    return replace(options, connect_timeout=3.0, read_timeout=5.0, total_timeout=6.0, retry=once)
