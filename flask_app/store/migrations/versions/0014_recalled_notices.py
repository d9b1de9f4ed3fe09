"""A notice of the test says what was told, and can be recalled: the test was moved, or the notice entered wrongly.

Revision: 0014, after logins that differ by case only
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = "notice"
ONE_OF_A_KIND = "uq_notice_application_id_kind"
STANDING = "uq_notice_standing"
WITH_REASON = "ck_notice_recalled_with_reason"
TOLD = """
UPDATE notice SET starts_at = test_session.starts_at, place = test_session.place
FROM application JOIN test_session ON test_session.competition_id = application.competition_id
WHERE application.id = notice.application_id
"""


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("place", postgresql.JSONB(), nullable=True))
    op.add_column(TABLE, sa.Column("recalled_on", sa.Date(), nullable=True))
    op.add_column(TABLE, sa.Column("recalled_because", sa.String(), nullable=False, server_default=""))
    op.alter_column(TABLE, "recalled_because", server_default=None)
    # Nobody was told without a sitting (a rule), and until now no sitting could be moved: it is what was told.
    op.execute(TOLD)
    op.alter_column(TABLE, "starts_at", nullable=False)
    op.alter_column(TABLE, "place", nullable=False)
    op.drop_constraint(op.f(ONE_OF_A_KIND), TABLE, type_="unique")
    op.create_index(
        STANDING, TABLE, ["application_id", "kind"], unique=True, postgresql_where=sa.text("recalled_on IS NULL")
    )
    op.create_check_constraint(op.f(WITH_REASON), TABLE, "(recalled_on IS NULL) = (recalled_because = '')")


def downgrade() -> None:
    # The older schema would take a recalled notice for one that stands.
    recalled = op.get_bind().scalar(sa.text("SELECT count(*) FROM notice WHERE recalled_on IS NOT NULL"))
    if recalled:
        raise RuntimeError(f"{recalled} notices were recalled: revision 0013 would take them for notices that stand")
    op.drop_constraint(op.f(WITH_REASON), TABLE, type_="check")
    op.drop_index(STANDING, table_name=TABLE, postgresql_where=sa.text("recalled_on IS NULL"))
    op.create_unique_constraint(op.f(ONE_OF_A_KIND), TABLE, ["application_id", "kind"])
    for name in ("recalled_because", "recalled_on", "place", "starts_at"):
        op.drop_column(TABLE, name)
