"""What the application's role may do with each table: one list, applied after every migration."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql.base import PGIdentifierPreparer
from sqlalchemy.sql.schema import MetaData

ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")

RESTRICTED: Mapping[str, tuple[str, ...]] = {
    "audit_event": ("SELECT", "INSERT"),  # append-only (DESIGN 3.14)
    "audit_seal": ("SELECT", "INSERT"),
    "object_version": ("SELECT", "INSERT"),
    "stage_record": ("SELECT", "INSERT"),
    "document_version": ("SELECT", "INSERT"),
    "question_revision": ("SELECT", "INSERT"),
    "alembic_version": ("SELECT",),
}
"""Tables that are not simply rows to be written. All others of ours and of the queue: all four rights."""

QUEUE_PREFIX = "procrastinate_"


def apply(connection: Connection, metadata: MetaData, app_role: str) -> None:
    """Give `app_role` exactly these rights on every table of schema public. A table nobody declared gets none."""
    quote = connection.dialect.identifier_preparer
    assert isinstance(quote, PGIdentifierPreparer)
    role = quote.quote_identifier(app_role)
    for kind in ("TABLES", "SEQUENCES"):
        connection.execute(text(f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {role}"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))
    for table in _tables(connection):
        rights = rights_on(table, metadata)
        if rights:
            connection.execute(text(f"GRANT {', '.join(rights)} ON public.{quote.quote_identifier(table)} TO {role}"))
    connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"))


def rights_on(table: str, metadata: MetaData) -> tuple[str, ...]:
    """The application's rights on one table."""
    if table in RESTRICTED:
        return RESTRICTED[table]
    return ROWS if table in metadata.tables or table.startswith(QUEUE_PREFIX) else ()


def _tables(connection: Connection) -> list[str]:
    rows = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"))
    return [row.tablename for row in rows]
