"""The rules a procedure was frozen with are kept as the text they were written as.

Nobody asks the database what stands in them, and a list of fifty procedures had it write out fifty packs anew.

Revision: 0016, after papers after annulled ones
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("competition", "training_order")


def _kept_as(type_: str) -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN pack_frozen TYPE {type_} USING pack_frozen::{type_}")


def upgrade() -> None:
    _kept_as("json")


def downgrade() -> None:
    _kept_as("jsonb")
