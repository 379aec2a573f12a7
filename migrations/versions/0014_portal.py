"""What customers do by their page: disputes, payments by providers, and what the providers told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0014_portal"
down_revision = "0013_sales_attachments"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
TABLES = ("disputes", "payments", "payment_events")


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"])


def _stamp(name: str) -> sa.Column[sa.types.TypeEngine[object]]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=NOW, nullable=False)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        _text("status", "open"),
        _text("said"),
        _text("answer", ""),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("resolved_by", sa.Uuid()),
        _stamp("created_at"),
        _stamp("updated_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        _key("document_id", "sales_documents"),
        _key("customer_id", "customers"),
        sa.CheckConstraint("status IN ('open','under_review','resolved','rejected','withdrawn')", name="status"),
    )
    op.create_index("ix_disputes_by_document", "disputes", ["tenant_id", "document_id", "id"])
    op.create_index(
        "uq_disputes_open",
        "disputes",
        ["tenant_id", "document_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "payments",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        _text("provider"),
        _text("provider_id", ""),
        _text("provider_payment_id", ""),
        sa.Column("amount", sa.Numeric(19, 4), nullable=False),
        _text("currency"),
        _text("status", "started"),
        sa.Column("receipt_id", sa.Uuid()),
        _stamp("created_at"),
        _stamp("updated_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        _key("document_id", "sales_documents"),
        _key("customer_id", "customers"),
        _key("receipt_id", "customer_receipts"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("status IN ('started','succeeded','failed','expired')", name="status"),
        sa.CheckConstraint("receipt_id IS NULL OR status = 'succeeded'", name="receipt"),
    )
    op.create_index("ix_payments_by_document", "payments", ["tenant_id", "document_id", "id"])
    op.create_index(
        "uq_payments_provider_id",
        "payments",
        ["tenant_id", "provider", "provider_id"],
        unique=True,
        postgresql_where=sa.text("provider_id <> ''"),
    )
    op.create_table(
        "payment_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _text("provider"),
        _text("event_id"),
        _text("kind"),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        _text("outcome", ""),
        sa.Column("body", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _stamp("received_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "provider", "event_id"),
        _key("payment_id", "payments"),
    )
    op.create_index("ix_payment_events_by_payment", "payment_events", ["tenant_id", "payment_id", "id"])
    for table in TABLES:
        walls.protect(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
