"""Banks as the pure rules know them, from what the panel keeps."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput
from flask_app.services.banks import questions_of
from flask_app.services.office import Work
from flask_app.store.models.banks import BankQuestion, QuestionBank
from gift_export.reader import read
from question_banks.bank import Bank, Topic, TwinGroup, citations_of
from question_banks.model import Question


def banks_of_body(work: Work) -> tuple[tuple[QuestionBank, Bank], ...]:
    """Every bank of the body with its live questions.

    Raises `InvalidInput("bank.damaged")` when what is kept no longer has the hash it was loaded with.
    """
    rows = work.session.scalars(
        select(QuestionBank).where(QuestionBank.body_id == work.actor.body_id).order_by(QuestionBank.code)
    ).all()
    return tuple((row, _bank(work, row)) for row in rows)


def _bank(work: Work, row: QuestionBank) -> Bank:
    live = [question for question in questions_of(work, row.id) if not question.retired]
    groups: dict[str, dict[str, Question]] = defaultdict(dict)
    topics: dict[str, str] = {}
    for question_row in live:
        groups[question_row.twin_group][question_row.language] = _question(question_row)
        topics[question_row.twin_group] = question_row.topic
    bank = Bank(
        id=row.code,
        titles=row.title,
        block=row.block,
        release=row.release,
        status="",
        languages=tuple(sorted({question_row.language for question_row in live})),
        category_path="",
        topics=tuple(Topic(topic, {}, "") for topic in sorted(set(topics.values()))),
        options=0,
        jurisdiction=work.body.jurisdiction,  # `load_bank` takes no other
        items=tuple(
            TwinGroup(group, topics[group], citations_of(next(iter(versions.values()))), versions)
            for group, versions in sorted(groups.items())
        ),
    )
    if bank.hash != row.hash:
        raise InvalidInput("bank.damaged", bank=row.code)
    return bank


def _question(row: BankQuestion) -> Question:
    reading = read(row.source)
    if len(reading.questions) != 1:
        raise InvalidInput("bank.damaged", bank=row.idnumber)
    return reading.questions[0]._replace(category=row.category_path)
