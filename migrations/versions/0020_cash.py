"""Refunds that payment providers refused; what customers answered to quotes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    op.drop_table("quote_answers")
    op.drop_column("refunds", "failure")
