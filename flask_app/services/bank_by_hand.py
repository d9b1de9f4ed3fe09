"""A bank as a file that a person loads into a Moodle without the plugin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import NotFound
from flask_app.ports.moodle import HandFile, MoodleGateway
from flask_app.services import audit
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.bank_rights import may
from flask_app.services.bank_shelf import bank_of
from flask_app.services.office import Work
from flask_app.store.models.banks import QuestionBank
from question_banks.model import Question

Form = Literal["gift", "xml"]
FORMS: tuple[Form, ...] = get_args(Form)
REMEMBERED = 16
"""Files that are kept as they were written last: writing a few hundred questions takes a tenth of a second."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """A bank and its file in both forms; the marks of both are the same."""

    bank: QuestionBank
    files: dict[Form, HandFile]


def banks_by_hand(work: Work) -> tuple[QuestionBank, ...]:
    """The banks whose files the actor may have: they hold every right answer."""
    if not may(work.actor, "read_answers"):
        return ()
    query = select(QuestionBank).where(QuestionBank.body_id == work.actor.body_id).order_by(QuestionBank.code)
    return tuple(work.session.scalars(query))


def by_hand(work: Work, id_: UUID) -> ByHand:
    """Raises as `bank_of`, and `InvalidInput` for a bank that is damaged or that a form cannot say."""
    row = bank_of(work, id_, "read_answers")
    bank = next(bank for held, bank in banks_of_body(work) if held.id == row.id)
    questions = [
        group.versions[language] for language in bank.languages for group in bank.items if language in group.versions
    ]
    questions.sort(key=lambda question: (question.category, question.idnumber))
    moodle, asked = work.office.moodle, tuple(questions)
    return ByHand(
        row,
        {form: _file(moodle, bank.id, asked, form) for form in FORMS},  # type: ignore[arg-type]  # equal when the same
    )


@lru_cache(maxsize=REMEMBERED)
def _file(moodle: MoodleGateway, bank: str, questions: tuple[Question, ...], form: Form) -> HandFile:
    return moodle.hand_file(bank, questions, form)


def hand_out(work: Work, id_: UUID, form: str) -> HandFile:
    """One of the files, noted in the audit log. Raises as `by_hand`, and `NotFound` for a form that there is not."""
    found = by_hand(work, id_)
    file = next((file for name, file in found.files.items() if name == form), None)
    if file is None:
        raise NotFound("object.unknown", type="QuestionBank")
    audit.record(
        work, "bank.handed_out", "question_bank", id_, after={"form": form, "hash": found.bank.hash, "file": file.name}
    )
    return file
