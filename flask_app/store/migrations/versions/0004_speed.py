"""Indexes for what pages ask, as measured with 20,000 people and 500 procedures (docs/performance.md).

Revision: 0004, after the questions in the making
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_audit_event_body_id_id"), "audit_event", ["body_id", "id"])
    op.create_index(
        op.f("ix_interview_mark_body_id_application_id_member_id"),
        "interview_mark",
        ["body_id", "application_id", "member_id"],
    )
    op.create_index(op.f("ix_test_score_attempt_id"), "test_score", ["attempt_id"])
    op.create_index(
        "ix_attempt_superseded", "attempt", ["id"], postgresql_where=sa.text("newest IS false OR deleted IS true")
    )


def downgrade() -> None:
    op.drop_index("ix_attempt_superseded", table_name="attempt")
    op.drop_index(op.f("ix_test_score_attempt_id"), table_name="test_score")
    op.drop_index(op.f("ix_interview_mark_body_id_application_id_member_id"), table_name="interview_mark")
    op.drop_index(op.f("ix_audit_event_body_id_id"), table_name="audit_event")
