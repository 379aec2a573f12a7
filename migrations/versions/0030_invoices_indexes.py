"""What refunds are found by while they are pending; indexes and a column that nothing reads are gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030_invoices_indexes"
down_revision = "0029_usage_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_refunds_by_day", "refunds", ["tenant_id", "refund_date", "receipt_id"])
    op.create_index(
        "ix_refunds_pending", "refunds", ["tenant_id", "created_at"], postgresql_where=sa.text("status = 'pending'")
    )
    op.create_index(
        "ix_refunds_failed", "refunds", ["tenant_id", "updated_at"], postgresql_where=sa.text("status = 'failed'")
    )
    op.create_index(
        "ix_customer_receipts_voided", "customer_receipts", ["tenant_id", "voided_at"],
        postgresql_where=sa.text("voided_at IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_payments_by_receipt", "payments", ["tenant_id", "receipt_id"],
        postgresql_where=sa.text("receipt_id IS NOT NULL"),
    )  # fmt: skip
    op.drop_index("ix_deposits_by_document", table_name="deposits")
    op.drop_index("ix_billed_trips_by_trip", table_name="billed_trips")
    # The period of a recurring invoice names the document that was made of it.
    op.drop_constraint(op.f("fk_sales_documents_tenant_id_recurring_id"), "sales_documents", type_="foreignkey")
    op.drop_column("sales_documents", "recurring_id")


def downgrade() -> None:
    op.add_column("sales_documents", sa.Column("recurring_id", sa.Uuid(), nullable=True))
    for table in ("sales_documents", "recurring_runs"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE sales_documents SET recurring_id = recurring_runs.recurring_id FROM recurring_runs"
        " WHERE recurring_runs.tenant_id = sales_documents.tenant_id AND recurring_runs.document_id = sales_documents.id"
    )
    for table in ("sales_documents", "recurring_runs"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.create_foreign_key(
        op.f("fk_sales_documents_tenant_id_recurring_id"),
        "sales_documents",
        "recurring_invoices",
        ["tenant_id", "recurring_id"],
        ["tenant_id", "id"],
    )
    op.create_index("ix_billed_trips_by_trip", "billed_trips", ["tenant_id", "trip_id"])
    op.create_index(
        "ix_deposits_by_document", "deposits", ["tenant_id", "document_id", "receipt_id"],
        postgresql_where=sa.text("document_id IS NOT NULL"),
    )  # fmt: skip
    for name, table in (
        ("ix_payments_by_receipt", "payments"),
        ("ix_customer_receipts_voided", "customer_receipts"),
        ("ix_refunds_failed", "refunds"),
        ("ix_refunds_pending", "refunds"),
        ("ix_refunds_by_day", "refunds"),
    ):
        op.drop_index(name, table_name=table)
