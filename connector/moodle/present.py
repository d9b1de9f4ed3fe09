"""Reading what is there before anything is planned."""

from __future__ import annotations

from connector.moodle.client import MoodleClient, errorcode_of
from connector.moodle.errors import too_much
from connector.moodle.pace import Pace
from connector.moodle.plan import Present, enrolment_name, question_name
from flask_app.domain.errors import NotUnderstood, OutsideError, RefusedOutside
from flask_app.ports.moodle import OperationLedger, PresentQuestion, Wanted

PAGE = 200


def bank_questions(client: MoodleClient, bank: str) -> tuple[PresentQuestion, ...] | None:
    """Every entry of a bank, each in its latest state; None when there is no such bank.

    Raises `NotUnderstood("moodle.incomplete_list")` when fewer came than the site counts: a plan made of half a bank
    would write the other half again.
    """
    found: dict[int, PresentQuestion] = {}
    cursor, pace = "", Pace(PAGE)
    while True:
        try:
            page = client.get_bank_state(bank, cursor, pace.size)
        except OutsideError as error:
            if isinstance(error, RefusedOutside) and errorcode_of(error) == "unknownbank":
                return None
            if pace.size == 1 or not too_much(error):
                raise
            pace.too_much(pace.size)
            continue
        for question in page.questions:  # an entry that changed meanwhile comes again, newer
            found[question.entryid] = question
        if not page.more:
            break
        if page.cursor == cursor:
            raise NotUnderstood("moodle.cursor_stuck", function="get_bank_state")
        cursor = page.cursor
    if len(found) < page.total:
        raise NotUnderstood("moodle.incomplete_list", function="get_bank_state", read=len(found), total=page.total)
    return tuple(found.values())


def read_present(client: MoodleClient, wanted: Wanted, ledger: OperationLedger) -> Present:
    """The state of the wanted banks in Moodle, and what the ledger remembers of everything that is wanted."""
    banks: dict[str, tuple[PresentQuestion, ...]] = {}
    for bank in wanted.banks:
        questions = bank_questions(client, bank.bank)
        if questions is not None:
            banks[bank.bank] = questions
    questions_named = _question_names(wanted, banks)
    names = {
        "bank": [bank.bank for bank in wanted.banks],
        "question": questions_named,
        "status": questions_named,
        "person": [person.idnumber for person in wanted.people],
        "enrolment": [enrolment_name(entry.course, entry.person) for entry in wanted.enrolments],
        "test": [test.test for test in wanted.tests],
    }
    return Present(banks, {kind: ledger.pushed(kind, listed) for kind, listed in names.items() if listed})


def _question_names(wanted: Wanted, banks: dict[str, tuple[PresentQuestion, ...]]) -> list[str]:
    """Those wanted and those there: a question that is only there may have to be hidden."""
    asked = {question_name(bank.bank, question.idnumber) for bank in wanted.banks for question in bank.questions}
    there = {question_name(bank, question.idnumber) for bank, found in banks.items() for question in found}
    return sorted(asked | there)
