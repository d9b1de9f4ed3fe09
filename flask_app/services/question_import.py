"""Questions from a file: read whole, held to the bank's rules, shown as a difference, and then written or not at all.

The file lies in the file store between the preview and the confirmation; what the browser carries is its hash and a
seal over it, the person and the bank. At the confirmation the plan is made anew; what is not the plan that was shown is
shown again instead of being written.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput
from flask_app.domain.workflow import Refusal
from flask_app.services import audit
from flask_app.services.office import Work
from flask_app.services.question_drafts import DraftText
from flask_app.services.question_files import read_file
from flask_app.services.question_import_plan import KINDS, Defaults, ImportPlan, ImportRow, plan_import
from flask_app.services.question_items import add_item, bank_for, begin_revision, save_draft
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.questions import QuestionItem

__all__ = [
    "KINDS",
    "Defaults",
    "ImportPlan",
    "ImportRow",
    "Imported",
    "Upload",
    "import_questions",
    "keep_upload",
    "plan_import",
    "preview_import",
    "uploaded",
]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits for its confirmation."""

    sha256: str
    seal: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What was written, in twin groups."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    left_out: tuple[str, ...]


def keep_upload(work: Work, bank_id: UUID, content: bytes, file_name: str) -> Upload:
    """Keeps a file until it is confirmed; one that cannot be read at all is not kept.

    Raises `NotFound`, `InvalidInput` as `read_file`.
    """
    bank_for(work, bank_id)
    read_file(content, work.office.read_word_list)
    stored = work.office.files.put(content)
    return Upload(stored.sha256, _seal(work, bank_id, stored.sha256), file_name)


def preview_import(work: Work, bank_id: UUID, upload: Upload, defaults: Defaults) -> ImportPlan:
    """What confirming would do; nothing is written. Raises as `uploaded` and `plan_import`."""
    bank = bank_for(work, bank_id)
    return plan_import(work, bank, uploaded(work, bank_id, upload.sha256, upload.seal), defaults)


def uploaded(work: Work, bank_id: UUID, sha256: str, seal: str) -> bytes:
    """The file that was previewed. Raises `InvalidInput("question.upload_foreign")`, `NotFound`."""
    if not hmac.compare_digest(_seal(work, bank_id, sha256).encode(), seal.encode()):
        raise InvalidInput("question.upload_foreign")
    return work.office.files.get(sha256)


def _seal(work: Work, bank_id: UUID, sha256: str) -> str:
    return work.office.sealer.index(f"questions upload {work.actor.user_id} {bank_id} {sha256}")


def import_questions(
    work: Work, bank: QuestionBank, content: bytes, defaults: Defaults, *, plan_hash: str, only_sound: bool = False
) -> Imported:
    """Writes the plan that was shown: new questions and changes, as drafts.

    With a question refused nothing is written, unless the person chose to leave the refused ones out (`only_sound`);
    a file that lost questions is never written. Raises `InvalidInput`: question.import_other_plan, and with every
    reason in `others` question.import_lost, question.import_refused.
    """
    plan = plan_import(work, bank, content, defaults)
    if plan.hash != plan_hash:
        raise InvalidInput("question.import_other_plan")
    _refuse_broken(plan, only_sound=only_sound)
    for row in plan.of("new"):
        add_item(work, bank, row.draft)
    for row in plan.of("changed"):
        _change(work, bank, row.draft)
    told = {kind: tuple(row.group for row in plan.of(kind)) for kind in KINDS}
    audit.record(
        work,
        "question.imported",
        "question_bank",
        bank.id,
        after={kind: len(groups) for kind, groups in told.items()},
    )
    return Imported(told["new"], told["changed"], told["refused"])


def _refuse_broken(plan: ImportPlan, *, only_sound: bool) -> None:
    code = "question.import_lost" if plan.lost else "question.import_refused"
    remarks = [*plan.lost, *(remark for row in plan.of("refused") for remark in row.errors)]
    if plan.lost or (plan.of("refused") and not only_sound):
        error = InvalidInput(code, n=len(plan.of("refused")) or len(plan.lost))
        error.others = tuple(Refusal(r.code, None, {**r.params, "line": r.line, "column": r.column}) for r in remarks)
        raise error


def _change(work: Work, bank: QuestionBank, draft: DraftText) -> None:
    item = work.session.scalar(
        select(QuestionItem).where(QuestionItem.bank_id == bank.id, QuestionItem.twin_group == draft.group)
    )
    if item is None:
        item = begin_revision(work, bank, draft.group, "import")
    save_draft(work, item.id, draft, expected_version=item.version, reason="import")
