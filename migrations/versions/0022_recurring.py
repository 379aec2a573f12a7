"""Recurring invoices, and what came of each of their periods."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0022_recurring"
down_revision = "0021_reminders"
branch_labels = None
depends_on = None

TABLES = ("recurring_invoices", "recurring_runs")
AMOUNT = sa.Numeric(19, 4)


def _columns(*more: Any) -> list[Any]:
    key = [sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "id")]
    stamps = [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]
    return [*key, *more, *stamps]


def _text(name: str, default: str | None = None) -> Any:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"])


def upgrade() -> None:
    op.create_table(
        "recurring_invoices",
        *_columns(
            _text("name"),
            sa.Column("customer_id", sa.Uuid(), nullable=False),
            sa.Column("company_id", sa.Uuid(), nullable=True),
            sa.Column("body", postgresql.JSONB(), nullable=False),
            sa.Column("due_days", sa.SmallInteger(), nullable=True),
            _text("action"),
            _text("unit"),
            sa.Column("every", sa.SmallInteger(), nullable=False),
            sa.Column("starts_on", sa.Date(), nullable=False),
            sa.Column("anchor_day", sa.SmallInteger(), nullable=False),
            sa.Column("ends_on", sa.Date(), nullable=True),
            sa.Column("most", sa.Integer(), nullable=True),
            _text("status", "active"),
            sa.Column("next_index", sa.Integer(), nullable=False),
            sa.Column("next_on", sa.Date(), nullable=True),
            _text("currency"),
            sa.Column("total", AMOUNT, server_default="0", nullable=False),
            sa.Column("base_net", AMOUNT, server_default="0", nullable=False),
            sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        _key("customer_id", "customers"),
        _key("company_id", "companies"),
        sa.CheckConstraint("action IN ('draft','finalize','send')", name="action"),
        sa.CheckConstraint("unit IN ('day','week','month','year')", name="unit"),
        sa.CheckConstraint("every BETWEEN 1 AND 365", name="every"),
        sa.CheckConstraint("anchor_day BETWEEN 1 AND 31", name="anchor_day"),
        sa.CheckConstraint("most IS NULL OR most > 0", name="most"),
        sa.CheckConstraint("status IN ('active','paused','ended')", name="status"),
    )
    op.create_index(
        "ix_recurring_invoices_due",
        "recurring_invoices",
        ["tenant_id", "next_on", "id"],
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index("ix_recurring_invoices_by_customer", "recurring_invoices", ["tenant_id", "customer_id", "id"])
    op.create_index("ix_recurring_invoices_by_status", "recurring_invoices", ["tenant_id", "status", "id"])
    op.create_table(
        "recurring_runs",
        *_columns(
            sa.Column("recurring_id", sa.Uuid(), nullable=False),
            sa.Column("period_on", sa.Date(), nullable=False),
            sa.Column("period_index", sa.Integer(), nullable=False),
            _text("status"),
            sa.Column("document_id", sa.Uuid(), nullable=True),
            _text("problem", ""),
            _text("problem_code", ""),
            sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
            sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        _key("recurring_id", "recurring_invoices"),
        _key("document_id", "sales_documents"),
        sa.UniqueConstraint("tenant_id", "recurring_id", "period_on"),
        sa.CheckConstraint("status IN ('made','failed','skipped')", name="status"),
        sa.CheckConstraint("(document_id IS NOT NULL) = (status = 'made')", name="document"),
    )
    op.create_index(
        "ix_recurring_runs_failed",
        "recurring_runs",
        ["tenant_id", "recurring_id"],
        postgresql_where=sa.text("status = 'failed'"),
    )
    op.create_index("ix_recurring_runs_by_document", "recurring_runs", ["tenant_id", "document_id"])
    for table in TABLES:
        walls.protect(table)
    op.create_foreign_key(
        op.f("fk_sales_documents_tenant_id_recurring_id"),
        "sales_documents",
        "recurring_invoices",
        ["tenant_id", "recurring_id"],
        ["tenant_id", "id"],
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_sales_documents_tenant_id_recurring_id"), "sales_documents", type_="foreignkey")
    for table in reversed(TABLES):
        op.drop_table(table)
