"""Questions in the making, their remarks and readers; blueprints of papers; notes of releases.

Revision: 0003, after the panel's tables
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
MOMENT = sa.DateTime(timezone=True)


def _own(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What every table of a body has."""
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f(f"fk_{table}_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    op.create_table(
        "question_item",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("twin_group", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("difficulty", sa.String(), nullable=False),
        sa.Column("citations", JSON, nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("released_hash", sa.String(), nullable=False),
        sa.Column("authors", JSON, nullable=False),
        sa.Column("last_act_on", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_own("question_item"),
        _points("question_item", "bank_id", "question_bank"),
        sa.UniqueConstraint("bank_id", "twin_group", name=op.f("uq_question_item_bank_id_twin_group")),
    )
    op.create_index(op.f("ix_question_item_bank_id"), "question_item", ["bank_id"], unique=False)
    op.create_index(op.f("ix_question_item_body_id"), "question_item", ["body_id"], unique=False)
    op.create_table(
        "question_comment",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        *_own("question_comment"),
        _points("question_comment", "item_id", "question_item"),
        _points("question_comment", "author_id", "user_account"),
        _points("question_comment", "settled_by", "user_account"),
    )
    op.create_index(op.f("ix_question_comment_item_id"), "question_comment", ["item_id"], unique=False)
    op.create_index(op.f("ix_question_comment_body_id"), "question_comment", ["body_id"], unique=False)
    op.create_table(
        "question_view",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        *_own("question_view"),
        _points("question_view", "item_id", "question_item"),
        _points("question_view", "user_id", "user_account"),
        sa.UniqueConstraint("item_id", "user_id", "version", name=op.f("uq_question_view_item_id_user_id_version")),
    )
    op.create_index(op.f("ix_question_view_item_id"), "question_view", ["item_id"], unique=False)
    op.create_index(op.f("ix_question_view_body_id"), "question_view", ["body_id"], unique=False)
    op.create_table(
        "paper_blueprint",
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("shown_limit", sa.Integer(), nullable=True),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        *_own("paper_blueprint"),
        _points("paper_blueprint", "made_by", "user_account"),
        sa.UniqueConstraint("body_id", "title", name=op.f("uq_paper_blueprint_body_id_title")),
    )
    op.create_index(op.f("ix_paper_blueprint_body_id"), "paper_blueprint", ["body_id"], unique=False)
    op.create_table(
        "release_note",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("questions", JSON, nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        *_own("release_note"),
        _points("release_note", "release_id", "bank_release"),
        _points("release_note", "published_by", "user_account"),
        sa.UniqueConstraint("release_id", name=op.f("uq_release_note_release_id")),
    )
    op.create_index(op.f("ix_release_note_body_id"), "release_note", ["body_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_release_note_body_id"), table_name="release_note")
    op.drop_table("release_note")
    op.drop_index(op.f("ix_paper_blueprint_body_id"), table_name="paper_blueprint")
    op.drop_table("paper_blueprint")
    op.drop_index(op.f("ix_question_view_body_id"), table_name="question_view")
    op.drop_index(op.f("ix_question_view_item_id"), table_name="question_view")
    op.drop_table("question_view")
    op.drop_index(op.f("ix_question_comment_body_id"), table_name="question_comment")
    op.drop_index(op.f("ix_question_comment_item_id"), table_name="question_comment")
    op.drop_table("question_comment")
    op.drop_index(op.f("ix_question_item_body_id"), table_name="question_item")
    op.drop_index(op.f("ix_question_item_bank_id"), table_name="question_item")
    op.drop_table("question_item")
