"""A sitting keeps which questions were withdrawn when its forms were drawn, so that they can be drawn again.

Revision: 0005, after the indexes for speed
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Sittings of before knew no withdrawal: nothing was left out of their forms.
    op.add_column(
        "test_session",
        sa.Column("withdrawn", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]"),
    )
    op.alter_column("test_session", "withdrawn", server_default=None)


def downgrade() -> None:
    op.drop_column("test_session", "withdrawn")
