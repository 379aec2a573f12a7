"""The audit trail, and what people are told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0003_audit"
down_revision = "0002_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(walls.TRANSACTION_NUMBERS)
    op.create_table(
        "audit_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("transaction_number()"),
            nullable=False,
        ),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("request_id", sa.Text(), server_default="", nullable=False),
        sa.Column("route", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_events")),
    )
    op.create_index(
        "ix_audit_events_tenant_id_actor_id_at", "audit_events", ["tenant_id", "actor_id", "at"], unique=False
    )
    op.create_index("ix_audit_events_tenant_id_at_id", "audit_events", ["tenant_id", "at", "id"], unique=False)
    op.create_index(
        "ix_audit_events_tenant_id_entity_entity_id_at",
        "audit_events",
        ["tenant_id", "entity", "entity_id", "at"],
        unique=False,
    )
    op.create_index(
        "ix_audit_events_tenant_id_transaction_id_id",
        "audit_events",
        ["tenant_id", "transaction_id", "id"],
        unique=False,
    )
    walls.protect("audit_events", append_only=True)
    op.create_table(
        "audit_seals",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_transaction", sa.BigInteger(), nullable=False),
        sa.Column("to_transaction", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_audit_seals_tenant_id_number")),
    )
    walls.protect("audit_seals", append_only=True)
    op.create_table(
        "notifications",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("link", sa.Text(), server_default="", nullable=False),
        sa.Column("once_key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "tenant_id", "person_id", "once_key", name=op.f("uq_notifications_tenant_id_person_id_once_key")
        ),
    )
    op.create_index(
        "ix_notifications_tenant_id_person_id_created_at_id",
        "notifications",
        ["tenant_id", "person_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["tenant_id", "person_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    walls.protect("notifications")
    op.create_table(
        "mails",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("outbox_id", sa.Uuid(), nullable=True),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text_body", sa.Text(), nullable=False),
        sa.Column("html_body", sa.Text(), server_default="", nullable=False),
        sa.Column("attachment_key", sa.Text(), server_default="", nullable=False),
        sa.Column("attachment_name", sa.Text(), server_default="", nullable=False),
        sa.Column("is_personal", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_mails")),
        sa.UniqueConstraint("tenant_id", "outbox_id", name=op.f("uq_mails_tenant_id_outbox_id")),
    )
    op.create_index("ix_mails_tenant_id_created_at_id", "mails", ["tenant_id", "created_at", "id"], unique=False)
    walls.protect("mails")
    op.create_table(
        "notification_preferences",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notification_preferences_person_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_notification_preferences")),
        sa.UniqueConstraint(
            "tenant_id",
            "person_id",
            "event",
            "channel",
            name=op.f("uq_notification_preferences_tenant_id_person_id_event_channel"),
        ),
    )
    walls.protect("notification_preferences")


def downgrade() -> None:
    op.drop_table("notification_preferences")
    op.drop_table("mails")
    op.drop_table("notifications")
    op.drop_table("audit_seals")
    op.drop_table("audit_events")
    op.execute("DROP FUNCTION transaction_number(xid8)")
    op.execute("DROP FUNCTION transaction_epoch()")
