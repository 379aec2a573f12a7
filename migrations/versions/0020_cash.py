"""Refunds that payment providers refused; what customers answered to quotes; deposits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0020_cash"
down_revision = "0019_bank_tables"
branch_labels = None
depends_on = None


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def upgrade() -> None:
    op.add_column("refunds", sa.Column("failure", sa.Text(), server_default="", nullable=False))
    _quote_answers()
    _deposits()


def _quote_answers() -> None:
    op.create_table(
        "quote_answers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("total", sa.Numeric(19, 4), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _fk("quote_answers", "document_id", "sales_documents"),
        _fk("quote_answers", "customer_id", "customers"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_quote_answers")),
    )
    op.create_index("ix_quote_answers_by_document", "quote_answers", ["tenant_id", "document_id", "id"])
    walls.protect("quote_answers")


def _deposits() -> None:
    op.create_table(
        "deposits",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("hsn_sac", sa.Text(), server_default="", nullable=False),
        sa.Column("supply_kind", sa.Text(), server_default="services", nullable=False),
        sa.Column("tax_rate", sa.Numeric(28, 12), server_default="0", nullable=False),
        sa.Column("rate_known", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("supply_type", sa.Text(), server_default="", nullable=False),
        sa.Column("place_of_supply", sa.Text(), server_default="", nullable=False),
        sa.Column("inter_state", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("reverse_charge", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("supply_kind IN ('goods','services')", name=op.f("ck_deposits_supply_kind")),
        sa.CheckConstraint("tax_rate >= 0", name=op.f("ck_deposits_tax_rate")),
        _fk("deposits", "receipt_id", "customer_receipts"),
        _fk("deposits", "customer_id", "customers"),
        _fk("deposits", "document_id", "sales_documents"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_deposits")),
        sa.UniqueConstraint("tenant_id", "receipt_id", name=op.f("uq_deposits_tenant_id_receipt_id")),
    )
    op.create_index("ix_deposits_by_customer", "deposits", ["tenant_id", "customer_id", "receipt_id"])
    op.create_index(
        "ix_deposits_by_document", "deposits", ["tenant_id", "document_id", "receipt_id"],
        postgresql_where=sa.text("document_id IS NOT NULL"),
    )  # fmt: skip
    walls.protect("deposits")


def downgrade() -> None:
    op.drop_table("deposits")
    op.drop_table("quote_answers")
    op.drop_column("refunds", "failure")
