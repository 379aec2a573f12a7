"""Sales documents: what was entered by hand, sources billed once, pure agents, indexes for totals and monthly limits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_documents"
down_revision = "0010_quick_imports"
branch_labels = None
depends_on = None

_STATUSES = (
    "'draft','issued','part_paid','paid','void','uncollectible',"
    "'sent','accepted','declined','expired','invoiced',{more}'applied','refunded'"
)


def _allow_statuses(more: str) -> None:
    op.drop_constraint(op.f("ck_sales_documents_status"), "sales_documents", type_="check")
    op.create_check_constraint(
        op.f("ck_sales_documents_status"), "sales_documents", f"status IN ({_STATUSES.format(more=more)})"
    )


def upgrade() -> None:
    op.add_column(
        "sales_documents",
        sa.Column("entered", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    )
    op.add_column("sales_lines", sa.Column("holds_source", sa.Boolean(), server_default="false", nullable=False))
    op.add_column(
        "sales_lines",
        sa.Column("pure_agent", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    )
    op.create_index(
        "uq_sales_lines_held_source",
        "sales_lines",
        ["tenant_id", "source", "source_id"],
        unique=True,
        postgresql_where=sa.text("holds_source"),
    )
    op.create_index(
        "ix_sales_documents_by_total",
        "sales_documents",
        ["tenant_id", "kind", "total", "id"],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_sales_documents_by_finalized",
        "sales_documents",
        ["tenant_id", "kind", "finalized_at"],
        postgresql_where=sa.text("finalized_at IS NOT NULL"),
    )
    _allow_statuses("'part_applied',")


def downgrade() -> None:
    op.execute("ALTER TABLE sales_documents NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE sales_documents SET status = 'issued' WHERE status = 'part_applied'")
    op.execute("ALTER TABLE sales_documents FORCE ROW LEVEL SECURITY")
    _allow_statuses("")
    op.drop_index("ix_sales_documents_by_finalized", "sales_documents")
    op.drop_index("ix_sales_documents_by_total", "sales_documents")
    op.drop_index("uq_sales_lines_held_source", "sales_lines")
    op.drop_column("sales_lines", "pure_agent")
    op.drop_column("sales_lines", "holds_source")
    op.drop_column("sales_documents", "entered")
