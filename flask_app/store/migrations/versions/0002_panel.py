"""The panel's tables: bodies, people, procedures, tests, results, papers, training, audit.

Revision: 0002, after the job queue
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit_event", "audit_seal", "object_version", "stage_record", "document_version", "question_revision")


def upgrade() -> None:
    op.create_table(
        "body",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("jurisdiction", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body")),
        sa.UniqueConstraint("code", name=op.f("uq_body_code")),
    )
    op.create_table(
        "attempt",
        sa.Column("moodle_attempt", sa.Integer(), nullable=False),
        sa.Column("test_idnumber", sa.String(), nullable=False),
        sa.Column("person_idnumber", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mark", sa.Numeric(), nullable=True),
        sa.Column("maximum", sa.Numeric(), nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_attempt_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "body_id",
            "moodle_attempt",
            "test_idnumber",
            "revision",
            name=op.f("uq_attempt_body_id_moodle_attempt_test_idnumber_revision"),
        ),
    )
    op.create_index(op.f("ix_attempt_body_id"), "attempt", ["body_id"], unique=False)
    op.create_index(op.f("ix_attempt_newest"), "attempt", ["newest"], unique=False)
    op.create_index(op.f("ix_attempt_person_idnumber"), "attempt", ["person_idnumber"], unique=False)
    op.create_index(op.f("ix_attempt_test_idnumber"), "attempt", ["test_idnumber"], unique=False)
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_login", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_audit_event_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_body_id"), "audit_event", ["body_id"], unique=False)
    op.create_index(op.f("ix_audit_event_object_id"), "audit_event", ["object_id"], unique=False)
    op.create_table(
        "commission",
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("formed_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_commission_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission")),
    )
    op.create_index(op.f("ix_commission_body_id"), "commission", ["body_id"], unique=False)
    op.create_table(
        "grade_batch",
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_grade_batch_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_batch")),
        sa.UniqueConstraint("body_id", "sender", "message_id", name=op.f("uq_grade_batch_body_id_sender_message_id")),
    )
    op.create_index(op.f("ix_grade_batch_body_id"), "grade_batch", ["body_id"], unique=False)
    op.create_table(
        "institution",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_institution_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
        sa.UniqueConstraint("body_id", "code", name=op.f("uq_institution_body_id_code")),
    )
    op.create_index(op.f("ix_institution_body_id"), "institution", ["body_id"], unique=False)
    op.create_table(
        "object_version",
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_object_version_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_object_version")),
        sa.UniqueConstraint(
            "object_type", "object_id", "version", name=op.f("uq_object_version_object_type_object_id_version")
        ),
    )
    op.create_index(op.f("ix_object_version_body_id"), "object_version", ["body_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.String(), nullable=False),
        sa.Column("folded_name", sa.String(), nullable=False),
        sa.Column("personal_number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("personal_number_index", sa.String(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("moodle_username", sa.String(), nullable=False),
        sa.Column("moodle_password_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_person_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("body_id", "personal_number_index", name=op.f("uq_person_body_id_personal_number_index")),
    )
    op.create_index(op.f("ix_person_body_id"), "person", ["body_id"], unique=False)
    op.create_index(op.f("ix_person_folded_name"), "person", ["folded_name"], unique=False)
    op.create_index(op.f("ix_person_sort_key"), "person", ["sort_key"], unique=False)
    op.create_table(
        "position",
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unit", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("category", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("administrative", sa.Boolean(), nullable=False),
        sa.Column("vacant_since", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_position_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
    )
    op.create_index(op.f("ix_position_body_id"), "position", ["body_id"], unique=False)
    op.create_table(
        "pull_cursor",
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_pull_cursor_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pull_cursor")),
        sa.UniqueConstraint("body_id", "what", name=op.f("uq_pull_cursor_body_id_what")),
    )
    op.create_index(op.f("ix_pull_cursor_body_id"), "pull_cursor", ["body_id"], unique=False)
    op.create_table(
        "pushed_item",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("idnumber", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_pushed_item_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushed_item")),
        sa.UniqueConstraint("body_id", "kind", "idnumber", name=op.f("uq_pushed_item_body_id_kind_idnumber")),
    )
    op.create_index(op.f("ix_pushed_item_body_id"), "pushed_item", ["body_id"], unique=False)
    op.create_table(
        "question_bank",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("block", sa.String(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("moodle_bank", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_question_bank_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_bank")),
        sa.UniqueConstraint("body_id", "code", name=op.f("uq_question_bank_body_id_code")),
    )
    op.create_index(op.f("ix_question_bank_body_id"), "question_bank", ["body_id"], unique=False)
    op.create_table(
        "question_revision",
        sa.Column("idnumber", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_question_revision_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_revision")),
        sa.UniqueConstraint(
            "body_id", "idnumber", "content_hash", name=op.f("uq_question_revision_body_id_idnumber_content_hash")
        ),
    )
    op.create_index(op.f("ix_question_revision_body_id"), "question_revision", ["body_id"], unique=False)
    op.create_table(
        "registration_counter",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_registration_counter_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_counter")),
        sa.UniqueConstraint("body_id", "series", "year", name=op.f("uq_registration_counter_body_id_series_year")),
    )
    op.create_index(op.f("ix_registration_counter_body_id"), "registration_counter", ["body_id"], unique=False)
    op.create_table(
        "stage_record",
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("transition", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_stage_record_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_record")),
    )
    op.create_index(op.f("ix_stage_record_body_id"), "stage_record", ["body_id"], unique=False)
    op.create_index(op.f("ix_stage_record_object_id"), "stage_record", ["object_id"], unique=False)
    op.create_table(
        "sync_operation",
        sa.Column("opkey", sa.String(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("errorcode", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_sync_operation_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_operation")),
        sa.UniqueConstraint("body_id", "opkey", name=op.f("uq_sync_operation_body_id_opkey")),
    )
    op.create_index(op.f("ix_sync_operation_body_id"), "sync_operation", ["body_id"], unique=False)
    op.create_table(
        "sync_run",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("plan_hash", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_sync_run_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_run")),
    )
    op.create_index(op.f("ix_sync_run_body_id"), "sync_run", ["body_id"], unique=False)
    op.create_index("uq_sync_run_running", "sync_run", ["body_id"], unique=True, postgresql_where="state = 'applying'")
    op.create_table(
        "training_order",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pack_frozen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("needs", sa.Integer(), nullable=False),
        sa.Column("plan_reference", sa.String(), nullable=False),
        sa.Column("body_funds", sa.Numeric(), nullable=False),
        sa.Column("money_planned", sa.Numeric(), nullable=False),
        sa.Column("money_spent", sa.Numeric(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("monitoring", sa.String(), nullable=False),
        sa.Column("last_act_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_training_order_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_order")),
        sa.UniqueConstraint("body_id", "code", name=op.f("uq_training_order_body_id_code")),
    )
    op.create_index(op.f("ix_training_order_body_id"), "training_order", ["body_id"], unique=False)
    op.create_table(
        "attempt_response",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("question_idnumber", sa.String(), nullable=False),
        sa.Column("entryid", sa.Integer(), nullable=False),
        sa.Column("questionid", sa.Integer(), nullable=False),
        sa.Column("question_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("mark", sa.Numeric(), nullable=True),
        sa.Column("maximum", sa.Numeric(), nullable=False),
        sa.Column("response", sa.String(), nullable=False),
        sa.Column("right_answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_attempt_response_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_attempt_response_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_response")),
        sa.UniqueConstraint("attempt_id", "slot", name=op.f("uq_attempt_response_attempt_id_slot")),
    )
    op.create_index(op.f("ix_attempt_response_attempt_id"), "attempt_response", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_attempt_response_body_id"), "attempt_response", ["body_id"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_audit_seal_body_id_body")),
        sa.ForeignKeyConstraint(["event_id"], ["audit_event.id"], name=op.f("fk_audit_seal_event_id_audit_event")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("body_id", "position", name=op.f("uq_audit_seal_body_id_position")),
    )
    op.create_index(op.f("ix_audit_seal_body_id"), "audit_seal", ["body_id"], unique=False)
    op.create_table(
        "bank_question",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("idnumber", sa.String(), nullable=False),
        sa.Column("twin_group", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("citation", sa.String(), nullable=False),
        sa.Column("category_path", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("synced_hash", sa.String(), nullable=False),
        sa.Column("moodle_version", sa.Integer(), nullable=False),
        sa.Column("moodle_entry", sa.Integer(), nullable=False),
        sa.Column("moodle_question", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["question_bank.id"], name=op.f("fk_bank_question_bank_id_question_bank")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_bank_question_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_question")),
        sa.UniqueConstraint("bank_id", "idnumber", name=op.f("uq_bank_question_bank_id_idnumber")),
    )
    op.create_index(op.f("ix_bank_question_bank_id"), "bank_question", ["bank_id"], unique=False)
    op.create_index(op.f("ix_bank_question_body_id"), "bank_question", ["body_id"], unique=False)
    op.create_table(
        "bank_release",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("members", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["question_bank.id"], name=op.f("fk_bank_release_bank_id_question_bank")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_bank_release_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_release")),
        sa.UniqueConstraint("bank_id", "hash", name=op.f("uq_bank_release_bank_id_hash")),
    )
    op.create_index(op.f("ix_bank_release_bank_id"), "bank_release", ["bank_id"], unique=False)
    op.create_index(op.f("ix_bank_release_body_id"), "bank_release", ["body_id"], unique=False)
    op.create_table(
        "commission_member",
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("votes", sa.Boolean(), nullable=False),
        sa.Column("post", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_commission_member_body_id_body")),
        sa.ForeignKeyConstraint(
            ["commission_id"], ["commission.id"], name=op.f("fk_commission_member_commission_id_commission")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_commission_member_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_member")),
        sa.UniqueConstraint("commission_id", "person_id", name=op.f("uq_commission_member_commission_id_person_id")),
    )
    op.create_index(op.f("ix_commission_member_body_id"), "commission_member", ["body_id"], unique=False)
    op.create_index(op.f("ix_commission_member_commission_id"), "commission_member", ["commission_id"], unique=False)
    op.create_table(
        "competition",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("commission_id", sa.Uuid(), nullable=True),
        sa.Column("pack_id", sa.String(), nullable=False),
        sa.Column("pack_frozen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("announcement", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("internal_round", sa.String(), nullable=False),
        sa.Column("agreement", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("last_act_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_competition_body_id_body")),
        sa.ForeignKeyConstraint(
            ["commission_id"], ["commission.id"], name=op.f("fk_competition_commission_id_commission")
        ),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_competition_position_id_position")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competition")),
        sa.UniqueConstraint("body_id", "code", name=op.f("uq_competition_body_id_code")),
    )
    op.create_index(op.f("ix_competition_body_id"), "competition", ["body_id"], unique=False)
    op.create_table(
        "programme",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("course_code", sa.String(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_programme_body_id_body")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_programme_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["training_order.id"], name=op.f("fk_programme_order_id_training_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("order_id", "course_code", name=op.f("uq_programme_order_id_course_code")),
    )
    op.create_index(op.f("ix_programme_body_id"), "programme", ["body_id"], unique=False)
    op.create_index(op.f("ix_programme_order_id"), "programme", ["order_id"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_user_account_body_id_body")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_user_account_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("login", name=op.f("uq_user_account_login")),
    )
    op.create_index(op.f("ix_user_account_body_id"), "user_account", ["body_id"], unique=False)
    op.create_table(
        "application",
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("education", sa.String(), nullable=False),
        sa.Column("documents_complete", sa.Boolean(), nullable=False),
        sa.Column("refusal_ground", sa.String(), nullable=False),
        sa.Column("last_act_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_application_body_id_body")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_application_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_application_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("competition_id", "number", name=op.f("uq_application_competition_id_number")),
        sa.UniqueConstraint("competition_id", "person_id", name=op.f("uq_application_competition_id_person_id")),
    )
    op.create_index(op.f("ix_application_body_id"), "application", ["body_id"], unique=False)
    op.create_index(op.f("ix_application_competition_id"), "application", ["competition_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("registration_series", sa.String(), nullable=True),
        sa.Column("registration_year", sa.Integer(), nullable=True),
        sa.Column("registration_value", sa.Integer(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("last_act_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_document_body_id_body")),
        sa.ForeignKeyConstraint(["signed_by"], ["user_account.id"], name=op.f("fk_document_signed_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint(
            "body_id",
            "registration_series",
            "registration_year",
            "registration_value",
            name=op.f("uq_document_body_id_registration_series_registration_year_registration_value"),
        ),
        sa.UniqueConstraint(
            "subject_type", "subject_id", "kind", name=op.f("uq_document_subject_type_subject_id_kind")
        ),
    )
    op.create_index(op.f("ix_document_body_id"), "document", ["body_id"], unique=False)
    op.create_index(op.f("ix_document_subject_id"), "document", ["subject_id"], unique=False)
    op.create_table(
        "enrolment",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("score", sa.String(), nullable=False),
        sa.Column("document_number", sa.String(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_enrolment_body_id_body")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id_person")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_enrolment_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("programme_id", "person_id", name=op.f("uq_enrolment_programme_id_person_id")),
    )
    op.create_index(op.f("ix_enrolment_body_id"), "enrolment", ["body_id"], unique=False)
    op.create_index(op.f("ix_enrolment_programme_id"), "enrolment", ["programme_id"], unique=False)
    op.create_table(
        "publication",
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("outlet", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_publication_body_id_body")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_publication_competition_id_competition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint(
            "competition_id", "outlet", "published_on", name=op.f("uq_publication_competition_id_outlet_published_on")
        ),
    )
    op.create_index(op.f("ix_publication_body_id"), "publication", ["body_id"], unique=False)
    op.create_index(op.f("ix_publication_competition_id"), "publication", ["competition_id"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_role_grant_body_id_body")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_role_grant_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("user_id", "role", name=op.f("uq_role_grant_user_id_role")),
    )
    op.create_index(op.f("ix_role_grant_body_id"), "role_grant", ["body_id"], unique=False)
    op.create_table(
        "test_session",
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("course", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("variants", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("bank_hashes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("proctor", sa.String(), nullable=False),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_test_session_body_id_body")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_test_session_competition_id_competition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_session")),
        sa.UniqueConstraint("body_id", "code", name=op.f("uq_test_session_body_id_code")),
        sa.UniqueConstraint("competition_id", name=op.f("uq_test_session_competition_id")),
    )
    op.create_index(op.f("ix_test_session_body_id"), "test_session", ["body_id"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("csrf_secret", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_web_session_user_id_user_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_user_id"), "web_session", ["user_id"], unique=False)
    op.create_table(
        "document_version",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("template_version", sa.String(), nullable=False),
        sa.Column("facts_hash", sa.String(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_document_version_author_id_user_account")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_document_version_body_id_body")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_version_document_id_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_version")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_document_version_document_id_number")),
    )
    op.create_index(op.f("ix_document_version_body_id"), "document_version", ["body_id"], unique=False)
    op.create_index(op.f("ix_document_version_document_id"), "document_version", ["document_id"], unique=False)
    op.create_table(
        "examination_form",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("variant", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("test_idnumber", sa.String(), nullable=False),
        sa.Column("group_idnumber", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_examination_form_body_id_body")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["test_session.id"], name=op.f("fk_examination_form_session_id_test_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examination_form")),
        sa.UniqueConstraint(
            "session_id", "variant", "language", name=op.f("uq_examination_form_session_id_variant_language")
        ),
        sa.UniqueConstraint("test_idnumber", name=op.f("uq_examination_form_test_idnumber")),
    )
    op.create_index(op.f("ix_examination_form_body_id"), "examination_form", ["body_id"], unique=False)
    op.create_index(op.f("ix_examination_form_session_id"), "examination_form", ["session_id"], unique=False)
    op.create_table(
        "grade",
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["grade_batch.id"], name=op.f("fk_grade_batch_id_grade_batch")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_grade_body_id_body")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_grade_enrolment_id_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
        sa.UniqueConstraint(
            "body_id", "sender", "record_id", "revision", name=op.f("uq_grade_body_id_sender_record_id_revision")
        ),
    )
    op.create_index(op.f("ix_grade_body_id"), "grade", ["body_id"], unique=False)
    op.create_index(op.f("ix_grade_enrolment_id"), "grade", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_grade_newest"), "grade", ["newest"], unique=False)
    op.create_table(
        "interview_mark",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("competence", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_interview_mark_application_id_application")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_interview_mark_body_id_body")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["commission_member.id"], name=op.f("fk_interview_mark_member_id_commission_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_mark")),
        sa.UniqueConstraint(
            "application_id",
            "member_id",
            "competence",
            name=op.f("uq_interview_mark_application_id_member_id_competence"),
        ),
    )
    op.create_index(op.f("ix_interview_mark_application_id"), "interview_mark", ["application_id"], unique=False)
    op.create_index(op.f("ix_interview_mark_body_id"), "interview_mark", ["body_id"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secret_ballot", sa.Boolean(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("winner_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_meeting_body_id_body")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_meeting_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["winner_id"], ["application.id"], name=op.f("fk_meeting_winner_id_application")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("competition_id", name=op.f("uq_meeting_competition_id")),
    )
    op.create_index(op.f("ix_meeting_body_id"), "meeting", ["body_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_notice_application_id_application")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_notice_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("application_id", "kind", name=op.f("uq_notice_application_id_kind")),
    )
    op.create_index(op.f("ix_notice_body_id"), "notice", ["body_id"], unique=False)
    op.create_table(
        "practical_result",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.Numeric(), nullable=False),
        sa.Column("maximum", sa.Numeric(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_practical_result_application_id_application")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_practical_result_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practical_result")),
        sa.UniqueConstraint("application_id", name=op.f("uq_practical_result_application_id")),
    )
    op.create_index(op.f("ix_practical_result_body_id"), "practical_result", ["body_id"], unique=False)
    op.create_table(
        "test_score",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("block", sa.String(), nullable=False),
        sa.Column("mark", sa.Numeric(), nullable=False),
        sa.Column("maximum", sa.Numeric(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_test_score_application_id_application")
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_test_score_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_test_score_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_score")),
        sa.UniqueConstraint("application_id", "block", name=op.f("uq_test_score_application_id_block")),
    )
    op.create_index(op.f("ix_test_score_application_id"), "test_score", ["application_id"], unique=False)
    op.create_index(op.f("ix_test_score_body_id"), "test_score", ["body_id"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("reason", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_attendance_body_id_body")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_attendance_meeting_id_meeting")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["commission_member.id"], name=op.f("fk_attendance_member_id_commission_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("meeting_id", "member_id", name=op.f("uq_attendance_meeting_id_member_id")),
    )
    op.create_index(op.f("ix_attendance_body_id"), "attendance", ["body_id"], unique=False)
    op.create_table(
        "form_item",
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("block", sa.String(), nullable=False),
        sa.Column("twin_group", sa.String(), nullable=False),
        sa.Column("question_idnumber", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_form_item_body_id_body")),
        sa.ForeignKeyConstraint(
            ["form_id"], ["examination_form.id"], name=op.f("fk_form_item_form_id_examination_form")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_item")),
        sa.UniqueConstraint("form_id", "question_idnumber", name=op.f("uq_form_item_form_id_question_idnumber")),
        sa.UniqueConstraint("form_id", "slot", name=op.f("uq_form_item_form_id_slot")),
    )
    op.create_index(op.f("ix_form_item_body_id"), "form_item", ["body_id"], unique=False)
    op.create_index(op.f("ix_form_item_form_id"), "form_item", ["form_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_seat_application_id_application")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_seat_body_id_body")),
        sa.ForeignKeyConstraint(["form_id"], ["examination_form.id"], name=op.f("fk_seat_form_id_examination_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("application_id", name=op.f("uq_seat_application_id")),
    )
    op.create_index(op.f("ix_seat_body_id"), "seat", ["body_id"], unique=False)
    op.create_index(op.f("ix_seat_form_id"), "seat", ["form_id"], unique=False)
    op.create_table(
        "vote",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_vote_application_id_application")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_vote_body_id_body")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_vote_meeting_id_meeting")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["commission_member.id"], name=op.f("fk_vote_member_id_commission_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
        sa.UniqueConstraint(
            "meeting_id", "member_id", "application_id", name=op.f("uq_vote_meeting_id_member_id_application_id")
        ),
    )
    op.create_index(op.f("ix_vote_body_id"), "vote", ["body_id"], unique=False)
    op.create_index(op.f("ix_vote_meeting_id"), "vote", ["meeting_id"], unique=False)
    # What was recorded stays: not even the schema's owner changes or removes it by an ordinary statement.
    op.execute(
        """
        CREATE FUNCTION kyzmat_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION kyzmat_append_only()"
        )


def downgrade() -> None:
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute("DROP FUNCTION kyzmat_append_only()")
    op.drop_index(op.f("ix_vote_meeting_id"), table_name="vote")
    op.drop_index(op.f("ix_vote_body_id"), table_name="vote")
    op.drop_table("vote")
    op.drop_index(op.f("ix_seat_form_id"), table_name="seat")
    op.drop_index(op.f("ix_seat_body_id"), table_name="seat")
    op.drop_table("seat")
    op.drop_index(op.f("ix_form_item_form_id"), table_name="form_item")
    op.drop_index(op.f("ix_form_item_body_id"), table_name="form_item")
    op.drop_table("form_item")
    op.drop_index(op.f("ix_attendance_body_id"), table_name="attendance")
    op.drop_table("attendance")
    op.drop_index(op.f("ix_test_score_body_id"), table_name="test_score")
    op.drop_index(op.f("ix_test_score_application_id"), table_name="test_score")
    op.drop_table("test_score")
    op.drop_index(op.f("ix_practical_result_body_id"), table_name="practical_result")
    op.drop_table("practical_result")
    op.drop_index(op.f("ix_notice_body_id"), table_name="notice")
    op.drop_table("notice")
    op.drop_index(op.f("ix_meeting_body_id"), table_name="meeting")
    op.drop_table("meeting")
    op.drop_index(op.f("ix_interview_mark_body_id"), table_name="interview_mark")
    op.drop_index(op.f("ix_interview_mark_application_id"), table_name="interview_mark")
    op.drop_table("interview_mark")
    op.drop_index(op.f("ix_grade_newest"), table_name="grade")
    op.drop_index(op.f("ix_grade_enrolment_id"), table_name="grade")
    op.drop_index(op.f("ix_grade_body_id"), table_name="grade")
    op.drop_table("grade")
    op.drop_index(op.f("ix_examination_form_session_id"), table_name="examination_form")
    op.drop_index(op.f("ix_examination_form_body_id"), table_name="examination_form")
    op.drop_table("examination_form")
    op.drop_index(op.f("ix_document_version_document_id"), table_name="document_version")
    op.drop_index(op.f("ix_document_version_body_id"), table_name="document_version")
    op.drop_table("document_version")
    op.drop_index(op.f("ix_web_session_user_id"), table_name="web_session")
    op.drop_table("web_session")
    op.drop_index(op.f("ix_test_session_body_id"), table_name="test_session")
    op.drop_table("test_session")
    op.drop_index(op.f("ix_role_grant_body_id"), table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index(op.f("ix_publication_competition_id"), table_name="publication")
    op.drop_index(op.f("ix_publication_body_id"), table_name="publication")
    op.drop_table("publication")
    op.drop_index(op.f("ix_enrolment_programme_id"), table_name="enrolment")
    op.drop_index(op.f("ix_enrolment_body_id"), table_name="enrolment")
    op.drop_table("enrolment")
    op.drop_index(op.f("ix_document_subject_id"), table_name="document")
    op.drop_index(op.f("ix_document_body_id"), table_name="document")
    op.drop_table("document")
    op.drop_index(op.f("ix_application_competition_id"), table_name="application")
    op.drop_index(op.f("ix_application_body_id"), table_name="application")
    op.drop_table("application")
    op.drop_index(op.f("ix_user_account_body_id"), table_name="user_account")
    op.drop_table("user_account")
    op.drop_index(op.f("ix_programme_order_id"), table_name="programme")
    op.drop_index(op.f("ix_programme_body_id"), table_name="programme")
    op.drop_table("programme")
    op.drop_index(op.f("ix_competition_body_id"), table_name="competition")
    op.drop_table("competition")
    op.drop_index(op.f("ix_commission_member_commission_id"), table_name="commission_member")
    op.drop_index(op.f("ix_commission_member_body_id"), table_name="commission_member")
    op.drop_table("commission_member")
    op.drop_index(op.f("ix_bank_release_body_id"), table_name="bank_release")
    op.drop_index(op.f("ix_bank_release_bank_id"), table_name="bank_release")
    op.drop_table("bank_release")
    op.drop_index(op.f("ix_bank_question_body_id"), table_name="bank_question")
    op.drop_index(op.f("ix_bank_question_bank_id"), table_name="bank_question")
    op.drop_table("bank_question")
    op.drop_index(op.f("ix_audit_seal_body_id"), table_name="audit_seal")
    op.drop_table("audit_seal")
    op.drop_index(op.f("ix_attempt_response_body_id"), table_name="attempt_response")
    op.drop_index(op.f("ix_attempt_response_attempt_id"), table_name="attempt_response")
    op.drop_table("attempt_response")
    op.drop_index(op.f("ix_training_order_body_id"), table_name="training_order")
    op.drop_table("training_order")
    op.drop_index("uq_sync_run_running", table_name="sync_run", postgresql_where="state = 'applying'")
    op.drop_index(op.f("ix_sync_run_body_id"), table_name="sync_run")
    op.drop_table("sync_run")
    op.drop_index(op.f("ix_sync_operation_body_id"), table_name="sync_operation")
    op.drop_table("sync_operation")
    op.drop_index(op.f("ix_stage_record_object_id"), table_name="stage_record")
    op.drop_index(op.f("ix_stage_record_body_id"), table_name="stage_record")
    op.drop_table("stage_record")
    op.drop_index(op.f("ix_registration_counter_body_id"), table_name="registration_counter")
    op.drop_table("registration_counter")
    op.drop_index(op.f("ix_question_revision_body_id"), table_name="question_revision")
    op.drop_table("question_revision")
    op.drop_index(op.f("ix_question_bank_body_id"), table_name="question_bank")
    op.drop_table("question_bank")
    op.drop_index(op.f("ix_pushed_item_body_id"), table_name="pushed_item")
    op.drop_table("pushed_item")
    op.drop_index(op.f("ix_pull_cursor_body_id"), table_name="pull_cursor")
    op.drop_table("pull_cursor")
    op.drop_index(op.f("ix_position_body_id"), table_name="position")
    op.drop_table("position")
    op.drop_index(op.f("ix_person_sort_key"), table_name="person")
    op.drop_index(op.f("ix_person_folded_name"), table_name="person")
    op.drop_index(op.f("ix_person_body_id"), table_name="person")
    op.drop_table("person")
    op.drop_index(op.f("ix_object_version_body_id"), table_name="object_version")
    op.drop_table("object_version")
    op.drop_index(op.f("ix_institution_body_id"), table_name="institution")
    op.drop_table("institution")
    op.drop_index(op.f("ix_grade_batch_body_id"), table_name="grade_batch")
    op.drop_table("grade_batch")
    op.drop_index(op.f("ix_commission_body_id"), table_name="commission")
    op.drop_table("commission")
    op.drop_index(op.f("ix_audit_event_object_id"), table_name="audit_event")
    op.drop_index(op.f("ix_audit_event_body_id"), table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_index(op.f("ix_attempt_test_idnumber"), table_name="attempt")
    op.drop_index(op.f("ix_attempt_person_idnumber"), table_name="attempt")
    op.drop_index(op.f("ix_attempt_newest"), table_name="attempt")
    op.drop_index(op.f("ix_attempt_body_id"), table_name="attempt")
    op.drop_table("attempt")
    op.drop_table("body")
