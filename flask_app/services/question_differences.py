"""Two versions of a question in the making, beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import NotFound
from flask_app.services.bank_rights import require as require_right
from flask_app.services.office import Work
from flask_app.services.question_content import (
    ComparedLine,
    FieldChange,
    changed_fields,
    compare_lines,
    first_question,
    lines_of,
)
from flask_app.services.question_items import READ_KEYS
from flask_app.services.rights import require
from flask_app.store.models.questions import QuestionItem
from flask_app.store.models.versions import ObjectVersion

FIELDS: Final = ("topic", "difficulty", "citations", "state")


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions beside each other. `fields`: what changed outside the texts, as (name, before, after)."""

    item: QuestionItem
    old: int
    new: int
    texts: Mapping[str, tuple[ComparedLine, ...]]
    fields: tuple[FieldChange, ...]


def difference(work: Work, id_: UUID, old: int, new: int) -> Difference:
    """What became of the question from one version to another. Raises `NotFound`."""
    require_right(work.actor, READ_KEYS)
    item = work.get(QuestionItem, id_)
    require(work, item, "view")
    before, after = _data(work, item, old), _data(work, item, new)
    languages = sorted({*before["texts"], *after["texts"]})
    texts = {language: _compared(before["texts"].get(language), after["texts"].get(language)) for language in languages}
    return Difference(
        item, old, new, texts, changed_fields(*({f: data.get(f) for f in FIELDS} for data in (before, after)))
    )


def _data(work: Work, item: QuestionItem, version: int) -> Mapping[str, Any]:
    data: Mapping[str, Any] | None = work.session.scalar(
        select(ObjectVersion.data).where(
            ObjectVersion.object_type == "question",
            ObjectVersion.object_id == item.id,
            ObjectVersion.version == version,
        )
    )
    if data is None:
        raise NotFound("object.unknown", type="ObjectVersion")
    return data


def _compared(old: Any, new: Any) -> tuple[ComparedLine, ...]:
    return compare_lines(*(lines_of(q, with_key=True) if (q := first_question(text)) else () for text in (old, new)))
