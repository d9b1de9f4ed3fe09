"""Hints from Moodle: the body's address for them with its sealed secret, and the deliveries that were taken.

Revision: 0006, after what a sitting keeps of withdrawn questions
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _own(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What every table of a body has."""
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f(f"fk_{table}_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    op.create_table(
        "hint_address",
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("former_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("hinted_at", MOMENT, nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("refused_at", MOMENT, nullable=True),
        sa.Column("refused_why", sa.String(), nullable=False),
        *_own("hint_address"),
        sa.ForeignKeyConstraint(["set_by"], ["user_account.id"], name=op.f("fk_hint_address_set_by_user_account")),
        sa.UniqueConstraint("body_id", name=op.f("uq_hint_address_body_id")),
    )
    op.create_index(op.f("ix_hint_address_body_id"), "hint_address", ["body_id"], unique=False)
    op.create_table(
        "hint",
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        *_own("hint"),
        sa.ForeignKeyConstraint(
            ["address_id"], ["hint_address.id"], name=op.f("fk_hint_address_id_hint_address"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("address_id", "delivery", name=op.f("uq_hint_address_id_delivery")),
    )
    op.create_index(op.f("ix_hint_body_id"), "hint", ["body_id"], unique=False)
    op.create_index("ix_hint_address_id_received_at", "hint", ["address_id", "received_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_hint_address_id_received_at", table_name="hint")
    op.drop_index(op.f("ix_hint_body_id"), table_name="hint")
    op.drop_table("hint")
    op.drop_index(op.f("ix_hint_address_body_id"), table_name="hint_address")
    op.drop_table("hint_address")
