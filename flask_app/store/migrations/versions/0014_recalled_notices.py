"""A notice of the test says what was told, and can be recalled: the test was moved, or the notice entered wrongly. A
sitting keeps how it was moved.

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
MOVES = "session_move"
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
    op.add_column(TABLE, sa.Column("preceded_on", sa.Date(), nullable=True))
    op.add_column(TABLE, sa.Column("recalled_on", sa.Date(), nullable=True))
    op.add_column(TABLE, sa.Column("recalled_because", sa.String(), nullable=False, server_default=""))
    op.alter_column(TABLE, "recalled_because", server_default=None)
    # Nobody was told without a sitting (a rule), and until now no sitting could be moved: it is what was told.
    op.execute(TOLD)
    _insist_on_sittings()
    op.alter_column(TABLE, "starts_at", nullable=False)
    op.alter_column(TABLE, "place", nullable=False)
    op.drop_constraint(op.f(ONE_OF_A_KIND), TABLE, type_="unique")
    op.create_index(
        STANDING, TABLE, ["application_id", "kind"], unique=True, postgresql_where=sa.text("recalled_on IS NULL")
    )
    _create_moves()
    op.create_check_constraint(op.f(WITH_REASON), TABLE, "(recalled_on IS NULL) = (recalled_because = '')")


def _insist_on_sittings() -> None:
    """A notice of no sitting says nothing that anybody could be held to: which ones, so that they can be looked at."""
    rows = op.get_bind().execute(sa.text("SELECT id FROM notice WHERE starts_at IS NULL ORDER BY recorded_at LIMIT 5"))
    lost = [str(row.id) for row in rows]
    if lost:
        raise RuntimeError(
            f"notices of applications without a test session: {', '.join(lost)}. Schedule the session of their "
            "competition with the earlier version, or delete these rows of table notice, then start again"
        )


def _create_moves() -> None:
    place = postgresql.JSONB()
    op.create_table(
        MOVES,
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by", sa.Uuid(), nullable=True),
        sa.Column("starts_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place_before", place, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", place, nullable=False),
        sa.Column("same_place", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recalled", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["test_session.id"], name=op.f("fk_session_move_session_id_test_session")),
        sa.ForeignKeyConstraint(["moved_by"], ["user_account.id"], name=op.f("fk_session_move_moved_by_user_account")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_session_move_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_move")),
    )
    op.create_index(op.f("ix_session_move_session_id"), MOVES, ["session_id"])
    op.create_index(op.f("ix_session_move_body_id"), MOVES, ["body_id"])


def downgrade() -> None:
    # The older schema would take a recalled notice for one that stands.
    recalled = op.get_bind().scalar(sa.text("SELECT count(*) FROM notice WHERE recalled_on IS NOT NULL"))
    if recalled:
        raise RuntimeError(f"{recalled} notices were recalled: revision 0013 would take them for notices that stand")
    moved = op.get_bind().scalar(sa.text("SELECT count(*) FROM session_move"))
    if moved:
        raise RuntimeError(f"{moved} moves of test sessions: revision 0013 would forget them")
    op.drop_table(MOVES)
    op.drop_constraint(op.f(WITH_REASON), TABLE, type_="check")
    op.drop_index(STANDING, table_name=TABLE, postgresql_where=sa.text("recalled_on IS NULL"))
    op.create_unique_constraint(op.f(ONE_OF_A_KIND), TABLE, ["application_id", "kind"])
    for name in ("recalled_because", "recalled_on", "preceded_on", "place", "starts_at"):
        op.drop_column(TABLE, name)
