"""Banks as the pure rules know them, from what the panel keeps."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput
from flask_app.services.office import Work
from flask_app.store.models.banks import BankQuestion, QuestionBank
from gift_export.reader import read
from question_banks.bank import Bank, Topic, TwinGroup, citations_of
from question_banks.model import Question

REMEMBERED = 16
"""Banks that are kept as they were read last: reading and hashing a few hundred questions takes a tenth of a second."""


class _Head(NamedTuple):
    """What a bank's row says, as a value."""

    code: str
    titles: tuple[tuple[str, str], ...]
    block: str
    release: str
    hash: str
    jurisdiction: str


class _Kept(NamedTuple):
    """What a live question's row says, as a value."""

    idnumber: str
    twin_group: str
    language: str
    topic: str
    category_path: str
    source: str


def banks_of_body(work: Work) -> tuple[tuple[QuestionBank, Bank], ...]:
    """Every bank of the body with its live questions.

    Raises `InvalidInput("bank.damaged")` when what is kept no longer has the hash it was loaded with.
    """
    rows = work.session.scalars(
        select(QuestionBank).where(QuestionBank.body_id == work.actor.body_id).order_by(QuestionBank.code)
    ).all()
    return tuple((row, _assembled(_head(work, row), _live(work, row))) for row in rows)


def _head(work: Work, row: QuestionBank) -> _Head:
    titles = tuple(sorted(row.title.items()))
    return _Head(
        row.code, titles, row.block, row.release, row.hash, work.body.jurisdiction
    )  # `load_bank` takes no other


def _live(work: Work, row: QuestionBank) -> tuple[_Kept, ...]:
    found = work.session.execute(
        select(*(getattr(BankQuestion, name) for name in _Kept._fields))
        .where(BankQuestion.bank_id == row.id, BankQuestion.retired.is_(False))
        .order_by(BankQuestion.idnumber)
    )
    return tuple(_Kept(*columns) for columns in found)


@lru_cache(maxsize=REMEMBERED)
def _assembled(head: _Head, live: tuple[_Kept, ...]) -> Bank:
    """A function of the rows' contents alone: whatever changes in them makes another bank, or a damaged one."""
    groups: dict[str, dict[str, Question]] = defaultdict(dict)
    for kept in live:
        groups[kept.twin_group][kept.language] = _question(kept)
    topics = {kept.twin_group: kept.topic for kept in live}
    bank = Bank(
        id=head.code,
        titles=dict(head.titles),
        block=head.block,
        release=head.release,
        status="",
        languages=tuple(sorted({kept.language for kept in live})),
        category_path="",
        topics=tuple(Topic(topic, {}, "") for topic in sorted(set(topics.values()))),
        options=0,
        jurisdiction=head.jurisdiction,
        items=tuple(
            TwinGroup(group, topics[group], citations_of(next(iter(versions.values()))), versions)
            for group, versions in sorted(groups.items())
        ),
    )
    if bank.hash != head.hash:
        raise InvalidInput("bank.damaged", bank=head.code)
    return bank


def _question(kept: _Kept) -> Question:
    reading = read(kept.source)
    if len(reading.questions) != 1:
        raise InvalidInput("bank.damaged", bank=kept.idnumber)
    return reading.questions[0]._replace(category=kept.category_path)
