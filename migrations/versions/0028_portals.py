"""Trips on customers' invoices, each billed once; mileage rates and the expenses that trips became."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import walls

revision = "0028_portals"
down_revision = "0027_vendor_bills"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "billed_trips",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("holds", sa.Boolean(), server_default="true", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "trip_id"], ["trips.tenant_id", "trips.id"], name=op.f("fk_billed_trips_tenant_id_trip_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["sales_documents.tenant_id", "sales_documents.id"],
            name=op.f("fk_billed_trips_tenant_id_document_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_billed_trips")),
    )
    op.create_index(
        "uq_billed_trips_held",
        "billed_trips",
        ["tenant_id", "trip_id"],
        unique=True,
        postgresql_where=sa.text("holds"),
    )
    op.create_index("ix_billed_trips_by_trip", "billed_trips", ["tenant_id", "trip_id"])
    op.create_index("ix_billed_trips_by_document", "billed_trips", ["tenant_id", "document_id", "batch_id"])
    walls.protect("billed_trips")
    op.create_table(
        "mileage_rates",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(28, 12), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("unit IN ('km','mi')", name=op.f("ck_mileage_rates_unit")),
        sa.CheckConstraint("rate > 0", name=op.f("ck_mileage_rates_rate")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "category_id"],
            ["categories.tenant_id", "categories.id"],
            name=op.f("fk_mileage_rates_tenant_id_category_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_mileage_rates")),
        sa.UniqueConstraint("tenant_id", "valid_from", name=op.f("uq_mileage_rates_tenant_id_valid_from")),
    )
    walls.protect("mileage_rates")
    op.create_table(
        "trip_expenses",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("expense_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "trip_id"], ["trips.tenant_id", "trips.id"], name=op.f("fk_trip_expenses_tenant_id_trip_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "expense_id"],
            ["expenses.tenant_id", "expenses.id"],
            name=op.f("fk_trip_expenses_tenant_id_expense_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_trip_expenses")),
        sa.UniqueConstraint("tenant_id", "trip_id", name=op.f("uq_trip_expenses_tenant_id_trip_id")),
    )
    op.create_index("ix_trip_expenses_by_expense", "trip_expenses", ["tenant_id", "expense_id"])
    walls.protect("trip_expenses")
    op.create_table(
        "employees",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_employees")),
    )
    op.create_index("ix_employees_by_name", "employees", ["tenant_id", "name", "id"])
    walls.protect("employees")
    op.create_table(
        "employee_names",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["employees.tenant_id", "employees.id"],
            name=op.f("fk_employee_names_tenant_id_employee_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_employee_names")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_employee_names_tenant_id_name")),
    )
    op.create_index("ix_employee_names_by_employee", "employee_names", ["tenant_id", "employee_id"])
    walls.protect("employee_names")
    op.create_table(
        "dispute_messages",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("by_vendor", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "dispute_id"],
            ["trip_disputes.tenant_id", "trip_disputes.id"],
            name=op.f("fk_dispute_messages_tenant_id_dispute_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["files.tenant_id", "files.id"],
            name=op.f("fk_dispute_messages_tenant_id_file_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_dispute_messages")),
    )
    op.create_index("ix_dispute_messages_by_dispute", "dispute_messages", ["tenant_id", "dispute_id", "created_at"])
    op.create_index("ix_dispute_messages_by_file", "dispute_messages", ["tenant_id", "file_id"])
    walls.protect("dispute_messages", append_only=True)


def downgrade() -> None:
    for table in ("dispute_messages", "employee_names", "employees", "trip_expenses", "mileage_rates", "billed_trips"):
        op.drop_table(table)
