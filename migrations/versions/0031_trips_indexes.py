"""Disputes by vendor, by where they stand and by trip; bills by the import that they came with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031_trips_indexes"
down_revision = "0030_invoices_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_trip_disputes_by_vendor", "trip_disputes", ["tenant_id", "vendor_id", "created_at", "id"])
    op.create_index("ix_trip_disputes_by_status", "trip_disputes", ["tenant_id", "status", "created_at", "id"])
    op.create_index(
        "ix_trip_disputes_by_trip",
        "trip_disputes",
        ["tenant_id", "trip_id", "created_at"],
        postgresql_where=sa.text("trip_id IS NOT NULL"),
    )
    op.create_index(
        "ix_vendor_bills_by_import",
        "vendor_bills",
        ["tenant_id", "import_id"],
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_vendor_bills_by_import", table_name="vendor_bills")
    op.drop_index("ix_trip_disputes_by_trip", table_name="trip_disputes")
    op.drop_index("ix_trip_disputes_by_status", table_name="trip_disputes")
    op.drop_index("ix_trip_disputes_by_vendor", table_name="trip_disputes")
