"""Alembic's entry: runs on the connection, and inside the transaction, that `flask_app.store.migrate` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy.sql.schema import SchemaItem

from flask_app.store.migrate import TABLES


def _ours(_item: SchemaItem, name: str | None, kind: str, _reflected: bool, _other: SchemaItem | None) -> bool:
    """The queue's own tables are not models: comparing models with the database must not want to drop them."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TABLES,
    include_object=_ours,
    compare_server_default=True,
    transaction_per_migration=False,
)
context.run_migrations()
