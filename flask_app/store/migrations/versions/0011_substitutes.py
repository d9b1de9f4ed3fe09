"""A seat on a commission may stand in for another one: a substitute sits when that member is absent.

Revision: 0011, after announcements in two languages
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE = "commission_member"
ONE_ROLE = "uq_commission_member_id_commission_id_role"
STANDS_IN = "fk_commission_member_in_place_of"
ONE_SUBSTITUTE = "uq_commission_member_substitute"
OF_MEMBER = "ix_attendance_member_id"
CHECKS = {
    "substitute_of_a_seat": "(role = 'substitute') = (in_place_of_id IS NOT NULL)"
    " AND num_nonnulls(in_place_of_id, in_place_of_role) <> 1",
    "substitute_of_a_member": "in_place_of_role IN ('deputy_chair', 'member')",
    "substitute_votes": "role <> 'substitute' OR votes",
}


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("in_place_of_id", sa.Uuid(), nullable=True))
    op.add_column(TABLE, sa.Column("in_place_of_role", sa.String(), nullable=True))
    # What the seat stands in for is a member or the deputy chair of the same commission: the key says so.
    op.create_unique_constraint(op.f(ONE_ROLE), TABLE, ["id", "commission_id", "role"])
    op.create_foreign_key(
        op.f(STANDS_IN),
        TABLE,
        TABLE,
        ["in_place_of_id", "commission_id", "in_place_of_role"],
        ["id", "commission_id", "role"],
    )
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, condition)
    op.create_index(
        ONE_SUBSTITUTE, TABLE, ["in_place_of_id"], unique=True, postgresql_where=sa.text("ended_on IS NULL")
    )
    # Which sittings a seat belongs to is asked with every page of whoever stands in.
    op.create_index(op.f(OF_MEMBER), "attendance", ["member_id"])


def downgrade() -> None:
    # The older schema cannot say that a seat only stands in: going down would make members with a vote of substitutes.
    substitutes = op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {TABLE} WHERE in_place_of_id IS NOT NULL"))  # noqa: S608 - a constant
    if substitutes:
        raise RuntimeError(f"{substitutes} seats are substitutes': revision 0010 would make them seats of members")
    op.drop_index(op.f(OF_MEMBER), table_name="attendance")
    op.drop_index(ONE_SUBSTITUTE, table_name=TABLE, postgresql_where=sa.text("ended_on IS NULL"))
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, type_="check")
    op.drop_constraint(op.f(STANDS_IN), TABLE, type_="foreignkey")
    op.drop_constraint(op.f(ONE_ROLE), TABLE, type_="unique")
    for name in ("in_place_of_role", "in_place_of_id"):
        op.drop_column(TABLE, name)
