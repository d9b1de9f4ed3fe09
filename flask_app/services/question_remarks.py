"""Remarks on a question in the making: made at a place of its text, and dealt with."""

from __future__ import annotations

from uuid import UUID

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotFound
from flask_app.services import audit
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.store.models.questions import QuestionComment, QuestionItem


def add_comment(work: Work, id_: UUID, language: str, quote: str, text: str) -> QuestionComment:
    """A remark on the present version. Raises `NotFound`, `NotPermitted`, `InvalidInput("question.comment_empty")`."""
    item = work.get(QuestionItem, id_)
    require(work, item, "comment")
    if not text:
        raise InvalidInput("question.comment_empty")
    comment = QuestionComment(
        item_id=item.id,
        version=item.version,
        language=language if language in item.texts else "",
        quote=quote,
        text=text,
        author_id=work.actor.user_id,
        written_at=work.now,
        settled_by=None,
        settled_at=None,
    )
    work.add(comment)
    audit.record(work, "question.commented", "question", item.id, after={"version": item.version})
    return comment


def settle_comment(work: Work, id_: UUID, comment_id: UUID) -> None:
    """The remark is dealt with. Raises `NotFound`, `NotPermitted`, `AlreadyThere("question.comment_settled")`."""
    item = work.get(QuestionItem, id_)
    require(work, item, "comment")
    comment = work.get(QuestionComment, comment_id, lock=True)
    if comment.item_id != item.id:
        raise NotFound("object.unknown", type="QuestionComment")
    if comment.settled_at is not None:
        raise AlreadyThere("question.comment_settled")
    comment.settled_by, comment.settled_at = work.actor.user_id, work.now
    audit.record(work, "question.comment_settled", "question", item.id, after={"comment": comment.id})
