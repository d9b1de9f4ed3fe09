"""Alembic's entry: runs on the connection, and inside the transaction, that `flask_app.store.migrate` hands over."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.sql.schema import SchemaItem

from flask_app.store.frozen_rules import FrozenRules
from flask_app.store.migrate import TABLES


def _ours(_item: SchemaItem, name: str | None, kind: str, _reflected: bool, _other: SchemaItem | None) -> bool:
    """The queue's own tables are not models: comparing models with the database must not want to drop them."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def _as_it_is_kept(kind: str, item: object, _draft: AutogenContext) -> str | Literal[False]:
    """A migration names the database's type, so that it does not follow later changes of the code."""
    if kind != "type" or not isinstance(item, FrozenRules):
        return False
    return "sa.JSON()"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TABLES,
    include_object=_ours,
    compare_server_default=True,
    render_item=_as_it_is_kept,
    transaction_per_migration=False,
)
context.run_migrations()
