"""A release of a bank: its approved questions go into use, its retired ones leave, all at once and with a note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.domain.workflow import Act, Refusal
from flask_app.services import audit
from flask_app.services.bank_rights import may as may_on_banks
from flask_app.services.bank_rights import require
from flask_app.services.banks import LoadReport, load_bank, questions_of
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.question_content import read_one
from flask_app.services.question_drafts import Frame, check, frame_of
from flask_app.services.question_items import bank_for, draft_of, facts_of
from flask_app.services.rights import roles_on
from flask_app.services.transitions import take_step
from flask_app.store.models.banks import BankRelease, QuestionBank
from flask_app.store.models.organisation import User
from flask_app.store.models.questions import QuestionItem, ReleaseNote
from question_banks.bank import Bank, Topic, TwinGroup, citations_of
from question_banks.model import Question

COMES = "approved"
LEAVES = "retired"
NEW, CHANGED, OUT = WAYS = ("in", "changed", "out")
"""What a release does to a question."""


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release as it was published. `questions`: twin groups and their ways (`in`: new, `changed`, `out`); empty for
    one from files. Of releases before there was `changed`, both are `in`.
    """

    release: str
    hash: str
    at: datetime
    notes: str
    by: str
    questions: tuple[tuple[str, str], ...]

    @property
    def ways(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The questions by what happened to them, without what happened to none."""
        found = ((way, tuple(group for group, told in self.questions if told == way)) for way in WAYS)
        return tuple((way, groups) for way, groups in found if groups)

    @property
    def coming(self) -> int:
        """How many questions came into use with it."""
        return sum(way != OUT for _, way in self.questions)


@dataclass(frozen=True, slots=True)
class ReleaseDesk:
    """What a release would bring: new, changed and leaving twin groups; `history` newest first."""

    bank: QuestionBank
    new: tuple[QuestionItem, ...]
    changed: tuple[QuestionItem, ...]
    leaving: tuple[QuestionItem, ...]
    suspended: tuple[QuestionItem, ...]
    history: tuple[ReleaseRow, ...]
    may_sync: bool


def release_desk(work: Work, bank_id: UUID) -> ReleaseDesk:
    """Raises `NotFound`, `NotPermitted`."""
    bank = bank_for(work, bank_id)
    by_state = _by_state(work, bank_id)
    coming = by_state[COMES]
    return ReleaseDesk(
        bank=bank,
        new=tuple(item for item in coming if not item.released_hash),
        changed=tuple(item for item in coming if item.released_hash),
        leaving=_leaving(by_state[LEAVES]),
        suspended=by_state["suspended"],
        history=_history(work, bank_id),
        may_sync=may_on_banks(work.actor, "sync"),
    )


def publish_release(work: Work, bank_id: UUID, release: str, notes: str, act: Act) -> LoadReport:
    """Publish what was approved. All or nothing; every question is held to the bank's rules once more.

    Raises `InvalidInput("question.release_unnamed")`, `Refused("question.nothing_to_release")`,
    `Refused("question.release_taken")`, `InvalidInput("question.release_broken")` with each fault in `others`.
    """
    bank = bank_for(work, bank_id)
    _check_named(work, bank, release, notes)
    by_state = _by_state(work, bank_id, lock=True)
    coming, leaving = by_state[COMES], _leaving(by_state[LEAVES])
    if not coming and not leaving:
        raise Refused("question.nothing_to_release", bank=bank.code)
    frame = frame_of(work, bank)
    groups = {group.id: group for group in _present(work, bank)}
    for item in leaving:
        groups.pop(item.twin_group, None)
    groups.update({item.twin_group: group for item, group in _checked(frame, coming)})
    if not groups:
        raise Refused("question.release_empty", bank=bank.code)
    whole = replace(_bank(bank, release, frame, groups), jurisdiction=work.body.jurisdiction)
    told = [[item.twin_group, CHANGED if item.released_hash else NEW] for item in coming]
    told += [[item.twin_group, OUT] for item in leaving]
    report = load_bank(work, whole)
    _settle(work, coming, leaving, act)
    _note(work, bank, whole, notes, told)
    return report


def _check_named(work: Work, bank: QuestionBank, release: str, notes: str) -> None:
    if not release or not notes:
        raise InvalidInput("question.release_unnamed")
    taken = select(BankRelease.id).where(BankRelease.bank_id == bank.id, BankRelease.release == release).limit(1)
    if work.session.scalar(taken) is not None:
        raise Refused("question.release_taken", release=release, bank=bank.code)


def _by_state(work: Work, bank_id: UUID, *, lock: bool = False) -> dict[str, tuple[QuestionItem, ...]]:
    query = select(QuestionItem).where(QuestionItem.bank_id == bank_id).order_by(QuestionItem.twin_group)
    rows = work.session.scalars(query.with_for_update() if lock else query).all()
    found: dict[str, tuple[QuestionItem, ...]] = defaultdict(tuple)
    for row in rows:
        found[row.state] += (row,)
    return found


def _leaving(retired: Sequence[QuestionItem]) -> tuple[QuestionItem, ...]:
    """Retired questions that the bank still holds."""
    return tuple(item for item in retired if item.released_hash)


def _present(work: Work, bank: QuestionBank) -> list[TwinGroup]:
    versions: dict[str, dict[str, Question]] = defaultdict(dict)
    topics: dict[str, str] = {}
    for row in questions_of(work, bank.id):
        if not row.retired:
            versions[row.twin_group][row.language] = read_one(row.source)._replace(category=row.category_path)
            topics[row.twin_group] = row.topic
    return [_group(group, topics[group], questions) for group, questions in versions.items()]


def _group(id_: str, topic: str, questions: Mapping[str, Question]) -> TwinGroup:
    return TwinGroup(id_, topic, citations_of(next(iter(questions.values()))), questions)


def _checked(frame: Frame, items: Sequence[QuestionItem]) -> list[tuple[QuestionItem, TwinGroup]]:
    """The approved questions as records. Raises `InvalidInput` with every fault at once."""
    found, faults = [], []
    for item in items:
        checked = check(frame, draft_of(item), repeats=False)
        faults += [
            Refusal(remark.code, None, {**remark.params, "group": item.twin_group, "language": remark.language})
            for remark in checked.remarks
            if remark.severity == "error"
        ]
        if checked.questions:
            found.append((item, _group(item.twin_group, item.topic, checked.questions)))
    if faults:
        error = InvalidInput("question.release_broken", n=len(faults))
        error.others = tuple(faults)
        raise error
    return found


def _bank(row: QuestionBank, release: str, frame: Frame, groups: Mapping[str, TwinGroup]) -> Bank:
    topics = sorted({group.topic for group in groups.values()})
    return Bank(
        id=row.code,
        titles=row.title,
        block=row.block,
        release=release,
        status="",
        languages=frame.languages,
        category_path="",
        topics=tuple(Topic(topic, {}, topic) for topic in topics),
        options=frame.options,
        items=tuple(group for _, group in sorted(groups.items())),
    )


def _settle(work: Work, coming: Sequence[QuestionItem], leaving: Sequence[QuestionItem], act: Act) -> None:
    for item in coming:
        item.released_hash = item.content_hash
        take_step(work, item, "take_into_use", act, lambda one: facts_of(work, one), roles_on(work, item))
    for item in leaving:
        item.released_hash = ""


def _note(
    work: Work,
    bank: QuestionBank,
    whole: Bank,
    notes: str,
    told: Sequence[Sequence[str]],
) -> None:
    work.session.flush()
    kept = work.session.scalars(
        select(BankRelease).where(BankRelease.bank_id == bank.id, BankRelease.hash == whole.hash)
    ).one()
    if work.session.scalar(select(ReleaseNote.id).where(ReleaseNote.release_id == kept.id)) is not None:
        raise Refused("question.release_same", release=kept.release)
    leaving = sum(way == OUT for _, way in told)
    work.add(
        ReleaseNote(
            release_id=kept.id,
            notes=notes,
            questions=[list(one) for one in told],
            published_by=work.actor.user_id,
            published_at=work.now,
        )
    )
    audit.record(
        work,
        "question.released",
        "question_bank",
        bank.id,
        after={"release": whole.release, "hash": whole.hash, "in": len(told) - leaving, "out": leaving},
    )


def _history(work: Work, bank_id: UUID) -> tuple[ReleaseRow, ...]:
    here = local_time(work)
    rows = work.session.execute(
        select(BankRelease, ReleaseNote, User.name)
        .outerjoin(ReleaseNote, ReleaseNote.release_id == BankRelease.id)
        .outerjoin(User, User.id == ReleaseNote.published_by)
        .where(BankRelease.bank_id == bank_id)
        .order_by(BankRelease.loaded_at.desc())
        .limit(30)
    )
    return tuple(
        ReleaseRow(
            kept.release,
            kept.hash,
            here.at(kept.loaded_at),
            note.notes if note else "",
            name or "",
            tuple((str(group), str(way)) for group, way in note.questions) if note else (),
        )
        for kept, note, name in rows
    )


def banks_for_editors(work: Work) -> tuple[QuestionBank, ...]:
    """The body's banks, for who may write their questions. Raises `NotPermitted`."""
    require(work.actor, "read_answers")
    return tuple(work.session.scalars(select(QuestionBank).order_by(QuestionBank.code)))
