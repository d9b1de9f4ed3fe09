"""A body sees its own rows only: the condition every question of a session carries, also where a query forgets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import BindParameter, Executable, Uuid, bindparam, event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from flask_app.store.base import OfBody

EVERY_BODY = "every_body"
"""Execution option of the few questions that are about the whole installation (is this login taken)."""

_PREPARED = "prepared"
_OWN_BODY = "own_body"
_ASKING: BindParameter[UUID] = bindparam(_OWN_BODY, type_=Uuid(as_uuid=True))
_OWN_ROWS = with_loader_criteria(OfBody, lambda table: table.body_id == _ASKING, include_aliases=True)
"""One condition for every table and every body: its text never changes, so a statement is compiled once for all.

A statement that carries it and is given no body is an error of the database's driver, never another body's rows.
"""


def keep_to_body(session: Session, body_id: UUID) -> None:
    """Every question of the session is asked of this body's rows only."""

    @event.listens_for(session, "do_orm_execute")
    def add_body(asked: ORMExecuteState) -> None:
        if asked.is_select and not asked.execution_options.get(EVERY_BODY, False):
            if not asked.execution_options.get(_PREPARED, False):
                asked.statement = asked.statement.options(_OWN_ROWS)
            asked.parameters = {**cast("Mapping[str, Any]", asked.parameters or {}), _OWN_BODY: body_id}


Asked = TypeVar("Asked", bound=Executable)


def prepared(make: Callable[[], Asked]) -> Callable[[], Asked]:
    """For a statement whose text never changes, asked on page after page with other parameters: it is put together
    once, with the condition in it. (For a large one that, and finding it again among the compiled ones, takes as long
    as asking.)
    """

    @cache
    def statement() -> Asked:
        return make().options(_OWN_ROWS).execution_options(**{_PREPARED: True})

    return statement
