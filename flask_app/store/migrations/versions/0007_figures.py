"""What the results tell about a bank's questions, as it was counted last.

Revision: 0007, after the hints from Moodle
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "bank_figures",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("older", sa.Integer(), nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("twins", JSON, nullable=False),
        sa.Column("forms", JSON, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["question_bank.id"], name=op.f("fk_bank_figures_bank_id_question_bank")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_bank_figures_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_figures")),
        sa.UniqueConstraint("bank_id", name=op.f("uq_bank_figures_bank_id")),
    )
    op.create_index(op.f("ix_bank_figures_body_id"), "bank_figures", ["body_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_bank_figures_body_id"), table_name="bank_figures")
    op.drop_table("bank_figures")
