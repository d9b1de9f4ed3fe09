"""Failures of logins nobody has are counted for all processes of the panel.

Revision: 0008, after the figures of the banks
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "unknown_login",
        sa.Column("login_hash", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("login_hash", name=op.f("pk_unknown_login")),
    )
    op.create_index(op.f("ix_unknown_login_last_at"), "unknown_login", ["last_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_unknown_login_last_at"), table_name="unknown_login")
    op.drop_table("unknown_login")
