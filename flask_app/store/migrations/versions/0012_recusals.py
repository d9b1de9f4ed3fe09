"""A member of a commission may stand aside in one candidate's case, with a reason that the protocol prints.

Votes of before that say "recused" have no reason and stay as they are: they are counted and named by nobody.

Revision: 0012, after substitutes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = "recusal"
POINTS_TO = {
    "body_id": "body",
    "meeting_id": "meeting",
    "member_id": "commission_member",
    "application_id": "application",
}
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("reason", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "btrim(concat(reason ->> 'ky', reason ->> 'ru')) <> ''", name=op.f(f"ck_{TABLE}_reason_given")
        ),
        sa.CheckConstraint("withdrawn_at >= recorded_at", name=op.f(f"ck_{TABLE}_withdrawn_after")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{TABLE}_{column}_{target}"))
            for column, target in POINTS_TO.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(
        f"uq_{TABLE}_standing",
        TABLE,
        ["application_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(op.f(f"ix_{TABLE}_body_id"), TABLE, ["body_id"])
    op.create_index(op.f(f"ix_{TABLE}_meeting_id"), TABLE, ["meeting_id"])


def downgrade() -> None:
    # The older schema cannot say who stands aside: votes would be missing, and marks that do not count would again.
    recusals = op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {TABLE}"))  # noqa: S608 - a constant
    if recusals:
        raise RuntimeError(f"{recusals} recusals are recorded: revision 0011 has no place for them")
    op.drop_table(TABLE)
