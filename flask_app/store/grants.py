"""What the application's role may do with each table: one list, applied after every migration."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text
from sqlalchemy.sql.schema import MetaData

ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")

RESTRICTED: Mapping[str, tuple[str, ...]] = {
    "audit_event": ("SELECT", "INSERT"),  # append-only (DESIGN 3.14)
    "audit_seal": ("SELECT", "INSERT"),
    "object_version": ("SELECT", "INSERT"),
    "stage_record": ("SELECT", "INSERT"),
    "document_version": ("SELECT", "INSERT"),
    "question_revision": ("SELECT", "INSERT"),
    "recusal": ("SELECT", "INSERT", "UPDATE"),  # taken back, never deleted: a protocol rests on it
    "session_move": ("SELECT", "INSERT"),
    "alembic_version": ("SELECT",),
}
"""Tables that are not simply rows to be written. All others of ours and of the queue: all four rights."""

QUEUE_PREFIX = "procrastinate_"

OWN_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
OWN_SEQUENCES = text(
    "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND sequenceowner = current_user"
)


def apply(connection: Connection, metadata: MetaData, app_role: str) -> None:
    """Give `app_role` exactly these rights on the tables of schema public that the present role owns.

    A table that nobody declared gets none; one that belongs to somebody else is not ours to open or close.
    """
    quote = connection.dialect.identifier_preparer.quote_identifier
    role = quote(app_role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))
    for table in connection.scalars(OWN_TABLES).all():
        rights = rights_on(table, metadata)
        connection.execute(text(f"REVOKE ALL ON TABLE public.{quote(table)} FROM {role}"))
        if rights:
            connection.execute(text(f"GRANT {', '.join(rights)} ON TABLE public.{quote(table)} TO {role}"))
    for sequence in connection.scalars(OWN_SEQUENCES).all():
        connection.execute(text(f"GRANT USAGE, SELECT ON SEQUENCE public.{quote(sequence)} TO {role}"))


def rights_on(table: str, metadata: MetaData) -> tuple[str, ...]:
    """The application's rights on one table."""
    if table in RESTRICTED:
        return RESTRICTED[table]
    return ROWS if table in metadata.tables or table.startswith(QUEUE_PREFIX) else ()
