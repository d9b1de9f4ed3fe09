"""A seat on a commission begins and ends on a day, by a paper; who left may come back.

Revision: 0009, after the failures of unknown logins
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = "commission_member"
ONE_SEAT = "uq_commission_member_commission_id_person_id"
ONE_HELD_SEAT = "uq_commission_member_held"


def upgrade() -> None:
    # Seats of before began with their commission, by its own paper, and none of them has ended.
    op.add_column(TABLE, sa.Column("seated_on", sa.Date(), nullable=True))
    op.add_column(TABLE, sa.Column("seated_basis", sa.String(), nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("ended_on", sa.Date(), nullable=True))
    op.add_column(TABLE, sa.Column("ended_basis", sa.String(), nullable=False, server_default=""))
    for name in ("seated_basis", "ended_basis"):
        op.alter_column(TABLE, name, server_default=None)
    op.drop_constraint(op.f(ONE_SEAT), TABLE, type_="unique")
    op.create_index(
        ONE_HELD_SEAT, TABLE, ["commission_id", "person_id"], unique=True, postgresql_where=sa.text("ended_on IS NULL")
    )


def downgrade() -> None:
    # The older schema cannot say that somebody has left: going down would give the seat and its rights back.
    left = op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {TABLE} WHERE ended_on IS NOT NULL"))  # noqa: S608 - a constant
    if left:
        raise RuntimeError(f"{left} seats have ended: revision 0008 would give them back to those who left")
    op.create_unique_constraint(op.f(ONE_SEAT), TABLE, ["commission_id", "person_id"])
    op.drop_index(ONE_HELD_SEAT, table_name=TABLE, postgresql_where=sa.text("ended_on IS NULL"))
    for name in ("ended_basis", "ended_on", "seated_basis", "seated_on"):
        op.drop_column(TABLE, name)
