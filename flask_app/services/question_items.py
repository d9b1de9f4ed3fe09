"""Questions in the making: written, taken up again, moved along their workflow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotFound, Refused
from flask_app.domain.names import sort_key
from flask_app.domain.workflow import Act
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.question import QuestionFacts
from flask_app.services import audit
from flask_app.services.bank_rights import require_bank
from flask_app.services.office import Work
from flask_app.services.question_content import read_one
from flask_app.services.question_drafts import Checked, DraftText, as_draft, check, frame_of
from flask_app.services.question_findings import group_named, name_fault
from flask_app.services.rights import require
from flask_app.services.transitions import change_state, check_version, save_version
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.models.organisation import RoleGrant, User
from flask_app.store.models.questions import QuestionComment, QuestionItem

DRAFT: Final = "draft"
APPROVED: Final = "approved"
IN_USE: Final = "in_use"
REVISE: Final = "revise"
RETURNED_FROM: Final = ("review", "language_check", "approved")
"""A draft that was last in one of these states was returned to its author."""
JUDGED: Final = ("review", "language_check")
"""States in which a question waits for somebody who did not write it."""

READ_KEYS: Final = "read_answers"
"""A question in the making is shown with its key: the right on banks that opens it."""


def bank_for(work: Work, bank_id: UUID) -> QuestionBank:
    """The bank, for who may write its questions. Raises `NotFound`, `NotPermitted`."""
    require_bank(work.actor, READ_KEYS)
    return work.get(QuestionBank, bank_id)


def add_item(work: Work, bank: QuestionBank, draft: DraftText) -> QuestionItem:
    """A new question as a draft; it may still be wrong.

    Raises `InvalidInput` (a code of `NAME_CODES`), `AlreadyThere("question.group_taken")`.
    """
    require_bank(work.actor, READ_KEYS)
    if fault := name_fault(draft.group):
        raise fault
    if names_taken(work, [draft.group]):
        raise AlreadyThere("question.group_taken", group=draft.group)
    item = _new_item(work, bank.id, draft, released_hash="")
    audit.record(work, "question.created", "question", item.id, after={"group": draft.group, "bank": bank.code})
    return item


def begin_revision(work: Work, bank: QuestionBank, group: str, reason: str) -> QuestionItem:
    """A question that came with the bank's files is taken up for changing. What is in use stays in use meanwhile.

    Raises `NotFound`, `AlreadyThere("question.group_taken")` when it is on somebody's desk already.
    """
    require_bank(work.actor, READ_KEYS)
    rows = _released_rows(work, bank.id, group)
    if not rows:
        raise NotFound("object.unknown", type="BankQuestion")
    if _item_of(work, bank.id, group) is not None:
        raise AlreadyThere("question.group_taken", group=group)
    draft = as_draft(group, {row.language: read_one(row.source) for row in rows})
    item = _new_item(work, bank.id, draft, released_hash=draft.content_hash, reason=reason)
    audit.record(work, "question.taken_up", "question", item.id, after={"group": group, "bank": bank.code})
    return item


def take_up(work: Work, bank: QuestionBank, said: str, act: Act) -> tuple[QuestionItem, bool]:
    """The question of a bank that somebody named, with its language or without, and whether it was taken up now.

    One that is on somebody's desk already stays as it is.

    Raises `InvalidInput` (QUESTION_NAME_NONE, question.group_unknown), `Refused("workflow.needs_reason")`,
    `NotPermitted`.
    """
    require_bank(work.actor, READ_KEYS)
    group = group_named(said)
    if not group:
        raise InvalidInput("QUESTION_NAME_NONE")
    item = _item_of(work, bank.id, group)
    if item is None and not _released_rows(work, bank.id, group):
        raise InvalidInput("question.group_unknown", group=group, bank=bank.code)
    if item is not None and item.state not in WORKFLOWS["question"].transitions[REVISE].sources:
        return item, False
    if not act.reason.strip():
        raise Refused("workflow.needs_reason", transition=REVISE)
    if item is None:
        return begin_revision(work, bank, group, act.reason), True
    return move_item(work, item.id, REVISE, act, expected_version=item.version), True


def save_draft(work: Work, id_: UUID, draft: DraftText, *, expected_version: int, reason: str = "") -> QuestionItem:
    """Keep what the author typed. The group does not change; the same text again changes nothing.

    Raises `NotFound`, `NotPermitted`, `VersionConflict`.
    """
    item = work.get(QuestionItem, id_, lock=True)
    require(work, item, "edit")
    check_version(item, expected_version)
    if draft.content_hash == item.content_hash:
        return item
    _put(work, item, draft)
    save_version(work, item, reason or "edit")
    audit.record(work, "question.edited", "question", item.id, after={"version": item.version})
    return item


def _new_item(
    work: Work, bank_id: UUID, draft: DraftText, *, released_hash: str, reason: str = "create"
) -> QuestionItem:
    item = QuestionItem(
        bank_id=bank_id,
        twin_group=draft.group,
        state="draft",
        version=0,
        released_hash=released_hash,
        authors=[],
        created_at=work.now,
        last_act_on=None,
    )
    _put(work, item, draft)
    work.add(item)
    work.session.flush()
    save_version(work, item, reason)
    work.session.flush()
    return item


def _put(work: Work, item: QuestionItem, draft: DraftText) -> None:
    item.topic, item.difficulty = draft.topic, draft.difficulty
    item.citations, item.texts = list(draft.citations), dict(draft.texts)
    item.content_hash = draft.content_hash
    item.edited_at = work.now
    item.authors = sorted({*item.authors, str(work.actor.user_id)})


def names_taken(work: Work, groups: Iterable[str]) -> dict[str, str]:
    """Which of these names a bank of the body knows, and the code of that bank: a paper may be drawn from several."""
    asked, found = list(groups), {}
    for table in (QuestionItem, BankQuestion):
        rows = work.session.execute(
            select(table.twin_group, QuestionBank.code)
            .join(QuestionBank, QuestionBank.id == table.bank_id)
            .where(table.body_id == work.actor.body_id, table.twin_group.in_(asked))
            .distinct()
        )
        found.update({group: code for group, code in rows})  # noqa: C416  # dict() of rows is no mapping to mypy
    return found


def _item_of(work: Work, bank_id: UUID, group: str) -> QuestionItem | None:
    return work.session.scalar(
        select(QuestionItem).where(QuestionItem.bank_id == bank_id, QuestionItem.twin_group == group)
    )


def _released_rows(work: Work, bank_id: UUID, group: str) -> Sequence[BankQuestion]:
    return work.session.scalars(
        select(BankQuestion)
        .where(BankQuestion.bank_id == bank_id, BankQuestion.twin_group == group, BankQuestion.retired.is_(False))
        .order_by(BankQuestion.language)
    ).all()


def move_item(work: Work, id_: UUID, transition: str, act: Act, *, expected_version: int) -> QuestionItem:
    """Take a step of the question's workflow. Raises as `transitions.change_state`."""
    return change_state(
        work, QuestionItem, id_, transition, act, lambda item: facts_of(work, item), expected_version=expected_version
    )


def facts_of(work: Work, item: QuestionItem, checked: Checked | None = None) -> QuestionFacts:
    found = checked or check(frame_of(work, work.get(QuestionBank, item.bank_id)), draft_of(item), repeats=False)
    open_comments = work.session.scalar(
        select(func.count())
        .select_from(QuestionComment)
        .where(QuestionComment.item_id == item.id, QuestionComment.settled_at.is_(None))
    )
    return QuestionFacts(
        actor=work.actor.user_id,
        authors=frozenset(UUID(author) for author in item.authors),
        errors=found.errors,
        open_comments=open_comments or 0,
        missing=found.missing,
        released=bool(item.released_hash) and item.released_hash == item.content_hash,
        reviewers=reviewers_of(work, item) if item.state in JUDGED and str(work.actor.user_id) in item.authors else (),
    )


def reviewers_of(work: Work, item: QuestionItem) -> tuple[str, ...]:
    """Names of those who may judge the question: they have the right, can log in, and wrote none of it."""
    rows = work.session.execute(
        select(User.id, User.name)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            User.body_id == work.actor.body_id,
            User.disabled.is_(False),
            RoleGrant.role.in_(WORKFLOWS["question"].transitions["pass_review"].roles),
        )
        .distinct()
    )
    return tuple(sorted((name for id_, name in rows if str(id_) not in item.authors), key=sort_key))


def draft_of(item: QuestionItem) -> DraftText:
    texts = {language: str(text) for language, text in item.texts.items()}
    return DraftText(item.twin_group, item.topic, item.difficulty, tuple(map(str, item.citations)), texts)
