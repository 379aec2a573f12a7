"""Customers, companies, service types, tax rates; sales documents, numbers, receipts, allocations, refunds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0008_billing"
down_revision = "0007_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_managers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("is_archived", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_account_managers")),
    )
    op.create_index(
        "uq_account_managers_name", "account_managers", ["tenant_id", sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "client_types",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_client_types")),
    )
    op.create_index(
        "uq_client_types_name", "client_types", ["tenant_id", sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "companies",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("trade_name", sa.Text(), server_default="", nullable=False),
        sa.Column("org_code", sa.Text(), server_default="", nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("tax_regime", sa.Text(), server_default="none", nullable=False),
        sa.Column("registered", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("gstin", sa.Text(), server_default="", nullable=False),
        sa.Column("pan", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state_code", sa.Text(), server_default="", nullable=False),
        sa.Column("is_body_corporate", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("round_off", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("lut", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("lut_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("hsn_digits", sa.SmallInteger(), server_default="4", nullable=False),
        sa.Column("e_invoicing", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("address_line1", sa.Text(), server_default="", nullable=False),
        sa.Column("address_line2", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("postal_code", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="IN", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("website", sa.Text(), server_default="", nullable=False),
        sa.Column("bank_name", sa.Text(), server_default="", nullable=False),
        sa.Column("bank_account_name", sa.Text(), server_default="", nullable=False),
        sa.Column("bank_account_number", sa.Text(), server_default="", nullable=False),
        sa.Column("bank_ifsc", sa.Text(), server_default="", nullable=False),
        sa.Column("bank_swift", sa.Text(), server_default="", nullable=False),
        sa.Column("upi_id", sa.Text(), server_default="", nullable=False),
        sa.Column("signatory", sa.Text(), server_default="", nullable=False),
        sa.Column("default_terms", sa.Text(), server_default="", nullable=False),
        sa.Column("default_notes", sa.Text(), server_default="", nullable=False),
        sa.Column("payment_terms_days", sa.Integer(), server_default="30", nullable=False),
        sa.Column("is_archived", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("tax_regime IN ('gst','generic','none')", name=op.f("ck_companies_tax_regime")),
        sa.CheckConstraint("hsn_digits IN (4, 6, 8)", name=op.f("ck_companies_hsn_digits")),
        sa.CheckConstraint("payment_terms_days BETWEEN 0 AND 3650", name=op.f("ck_companies_payment_terms_days")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_companies")),
    )
    op.create_index(
        "uq_companies_default", "companies", ["tenant_id"], unique=True, postgresql_where=sa.text("is_default")
    )
    op.create_index(
        "uq_companies_legal_name", "companies", ["tenant_id", sa.literal_column("lower(legal_name)")], unique=True
    )
    op.create_table(
        "price_lists",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_price_lists")),
    )
    op.create_index("uq_price_lists_name", "price_lists", ["tenant_id", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "tax_rates",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("is_archived", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("regime IN ('gst','generic')", name=op.f("ck_tax_rates_regime")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tax_rates")),
    )
    op.create_index("uq_tax_rates_name", "tax_rates", ["tenant_id", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "number_patterns",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["companies.tenant_id", "companies.id"],
            name=op.f("fk_number_patterns_tenant_id_company_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_number_patterns")),
        sa.UniqueConstraint(
            "tenant_id", "company_id", "kind", name=op.f("uq_number_patterns_tenant_id_company_id_kind")
        ),
    )
    op.create_table(
        "number_series",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Date(), nullable=False),
        sa.Column("last_value", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("last_value >= 0", name=op.f("ck_number_series_last_value")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["companies.tenant_id", "companies.id"],
            name=op.f("fk_number_series_tenant_id_company_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", "kind", "fiscal_year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "service_types",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("hsn_sac", sa.Text(), server_default="", nullable=False),
        sa.Column("supply_kind", sa.Text(), server_default="other", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=28, scale=12), server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("tax_rate_id", sa.Uuid(), nullable=True),
        sa.Column("book_account_id", sa.Uuid(), nullable=True),
        sa.Column("is_archived", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "supply_kind IN ('goods_transport','passenger_transport','other','goods')",
            name=op.f("ck_service_types_supply_kind"),
        ),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_service_types_unit_price")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "book_account_id"],
            ["book_accounts.tenant_id", "book_accounts.id"],
            name=op.f("fk_service_types_tenant_id_book_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tax_rate_id"],
            ["tax_rates.tenant_id", "tax_rates.id"],
            name=op.f("fk_service_types_tenant_id_tax_rate_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_service_types")),
    )
    op.create_index(
        "ix_service_types_tenant_id_name_id",
        "service_types",
        ["tenant_id", "name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "uq_service_types_name",
        "service_types",
        ["tenant_id", sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "tax_rate_periods",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("tax_rate_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("percent", sa.Numeric(precision=28, scale=12), nullable=False),
        sa.Column("cess_percent", sa.Numeric(precision=28, scale=12), server_default="0", nullable=False),
        sa.Column("cess_per_unit", sa.Numeric(precision=28, scale=12), server_default="0", nullable=False),
        sa.Column(
            "components", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.CheckConstraint("percent >= 0 AND percent <= 1000", name=op.f("ck_tax_rate_periods_percent")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tax_rate_id"],
            ["tax_rates.tenant_id", "tax_rates.id"],
            name=op.f("fk_tax_rate_periods_tenant_id_tax_rate_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "tax_rate_id", "valid_from", name=op.f("pk_tax_rate_periods")),
    )
    op.create_table(
        "customers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="business", nullable=False),
        sa.Column("client_type_id", sa.Uuid(), nullable=True),
        sa.Column("account_manager_id", sa.Uuid(), nullable=True),
        sa.Column("price_list_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("website", sa.Text(), server_default="", nullable=False),
        sa.Column("gst_category", sa.Text(), server_default="unregistered", nullable=False),
        sa.Column("gstin", sa.Text(), server_default="", nullable=False),
        sa.Column("pan", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state_code", sa.Text(), server_default="", nullable=False),
        sa.Column("address_line1", sa.Text(), server_default="", nullable=False),
        sa.Column("address_line2", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("postal_code", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="IN", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("payment_terms_days", sa.Integer(), nullable=True),
        sa.Column("credit_limit", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "custom_fields",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("portal_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("reminders_stopped", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("is_archived", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "gst_category IN ('registered','unregistered','sez','overseas')", name=op.f("ck_customers_gst_category")
        ),
        sa.CheckConstraint("kind IN ('business','individual')", name=op.f("ck_customers_kind")),
        sa.CheckConstraint("credit_limit >= 0", name=op.f("ck_customers_credit_limit")),
        sa.CheckConstraint("payment_terms_days BETWEEN 0 AND 3650", name=op.f("ck_customers_payment_terms_days")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_manager_id"],
            ["account_managers.tenant_id", "account_managers.id"],
            name=op.f("fk_customers_tenant_id_account_manager_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_type_id"],
            ["client_types.tenant_id", "client_types.id"],
            name=op.f("fk_customers_tenant_id_client_type_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["imports.tenant_id", "imports.id"],
            name=op.f("fk_customers_tenant_id_import_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "price_list_id"],
            ["price_lists.tenant_id", "price_lists.id"],
            name=op.f("fk_customers_tenant_id_price_list_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customers")),
    )
    op.create_index(
        "ix_customers_by_client_type",
        "customers",
        ["tenant_id", "client_type_id", "name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_customers_by_gstin",
        "customers",
        ["tenant_id", "gstin"],
        unique=False,
        postgresql_where=sa.text("gstin <> '' AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_customers_by_import",
        "customers",
        ["tenant_id", "import_id", "id"],
        unique=False,
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_index(
        "ix_customers_by_lower_name",
        "customers",
        ["tenant_id", sa.literal_column("lower(name)")],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_customers_by_manager",
        "customers",
        ["tenant_id", "account_manager_id", "name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_customers_tenant_id_created_at_id",
        "customers",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_customers_tenant_id_name_id",
        "customers",
        ["tenant_id", "name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "uq_customers_code",
        "customers",
        ["tenant_id", sa.literal_column("lower(code)")],
        unique=True,
        postgresql_where=sa.text("code <> '' AND deleted_at IS NULL"),
    )
    op.create_table(
        "price_list_items",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("price_list_id", sa.Uuid(), nullable=False),
        sa.Column("service_type_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("unit_price", sa.Numeric(precision=28, scale=12), nullable=False),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_price_list_items_unit_price")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_price_list_items_dates")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "price_list_id"],
            ["price_lists.tenant_id", "price_lists.id"],
            name=op.f("fk_price_list_items_tenant_id_price_list_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_type_id"],
            ["service_types.tenant_id", "service_types.id"],
            name=op.f("fk_price_list_items_tenant_id_service_type_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "price_list_id", "service_type_id", "valid_from", name=op.f("pk_price_list_items")
        ),
    )
    op.create_table(
        "customer_addresses",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("address_line1", sa.Text(), server_default="", nullable=False),
        sa.Column("address_line2", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("postal_code", sa.Text(), server_default="", nullable=False),
        sa.Column("state_code", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="IN", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_customer_addresses_tenant_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customer_addresses")),
    )
    op.create_index(
        "ix_customer_addresses_by_customer", "customer_addresses", ["tenant_id", "customer_id", "id"], unique=False
    )
    op.create_table(
        "customer_contacts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.Column("gets_documents", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("gets_reminders", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_customer_contacts_tenant_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customer_contacts")),
    )
    op.create_index(
        "ix_customer_contacts_by_customer", "customer_contacts", ["tenant_id", "customer_id", "id"], unique=False
    )
    op.create_table(
        "customer_receipts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="received", nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Date(), nullable=False),
        sa.Column("receipt_date", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("exchange_rate", sa.Numeric(precision=28, scale=12), server_default="1", nullable=False),
        sa.Column("rate_date", sa.Date(), nullable=True),
        sa.Column("rate_source", sa.Text(), server_default="", nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("allocated_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("refunded_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.Text(), server_default="manual", nullable=False),
        sa.Column("provider_payment_id", sa.Text(), server_default="", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "method IN ('bank_transfer','upi','card','cash','cheque','wallet','online','other')",
            name=op.f("ck_customer_receipts_method"),
        ),
        sa.CheckConstraint(
            "status <> 'void' OR (allocated_amount = 0 AND refunded_amount = 0)", name=op.f("ck_customer_receipts_void")
        ),
        sa.CheckConstraint("status IN ('received','void')", name=op.f("ck_customer_receipts_status")),
        sa.CheckConstraint(
            "allocated_amount >= 0 AND refunded_amount >= 0 AND allocated_amount + refunded_amount <= amount",
            name=op.f("ck_customer_receipts_allocated"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_customer_receipts_amount")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["accounts.tenant_id", "accounts.id"],
            name=op.f("fk_customer_receipts_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["companies.tenant_id", "companies.id"],
            name=op.f("fk_customer_receipts_tenant_id_company_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_customer_receipts_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customer_receipts")),
    )
    op.create_index(
        "ix_customer_receipts_by_account",
        "customer_receipts",
        ["tenant_id", "account_id", "receipt_date", "id"],
        unique=False,
    )
    op.create_index(
        "ix_customer_receipts_by_created", "customer_receipts", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_customer_receipts_by_customer",
        "customer_receipts",
        ["tenant_id", "customer_id", "receipt_date", "id"],
        unique=False,
    )
    op.create_index(
        "ix_customer_receipts_by_date", "customer_receipts", ["tenant_id", "receipt_date", "id"], unique=False
    )
    op.create_index(
        "ix_customer_receipts_unallocated",
        "customer_receipts",
        ["tenant_id", "customer_id", "receipt_date", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'received' AND allocated_amount + refunded_amount < amount"),
    )
    op.create_index(
        "uq_customer_receipts_number",
        "customer_receipts",
        ["tenant_id", "company_id", "fiscal_year", sa.literal_column("upper(number)")],
        unique=True,
    )
    op.create_index(
        "uq_customer_receipts_provider",
        "customer_receipts",
        ["tenant_id", "provider", "provider_payment_id"],
        unique=True,
        postgresql_where=sa.text("provider_payment_id <> ''"),
    )
    op.create_table(
        "sales_documents",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("fiscal_year", sa.Date(), nullable=True),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("exchange_rate", sa.Numeric(precision=28, scale=12), server_default="1", nullable=False),
        sa.Column("rate_date", sa.Date(), nullable=True),
        sa.Column("rate_source", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_regime", sa.Text(), server_default="none", nullable=False),
        sa.Column("tax_inclusive", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("supply_type", sa.Text(), server_default="", nullable=False),
        sa.Column("place_of_supply", sa.Text(), server_default="", nullable=False),
        sa.Column("inter_state", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("reverse_charge", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("discount_percent", sa.Numeric(precision=28, scale=12), server_default="0", nullable=False),
        sa.Column("discount_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("subtotal", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("discount_total", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("taxable_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("cgst_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("sgst_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("igst_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("cess_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("tax_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("round_off", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("total", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("amount_paid", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("amount_due", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("base_total", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column(
            "tax_groups", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column(
            "reverse_charge_taxes",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("amount_in_words", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "snapshot", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("terms", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "transport", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("delivery_address_id", sa.Uuid(), nullable=True),
        sa.Column(
            "custom_fields",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("original_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("recurring_id", sa.Uuid(), nullable=True),
        sa.Column("finalized_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finalized_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pdf_file_id", sa.Uuid(), nullable=True),
        sa.Column("pdf_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("viewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("reminder_level", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("irn", sa.Text(), nullable=True),
        sa.Column("irn_ack_number", sa.Text(), server_default="", nullable=False),
        sa.Column("irn_ack_date", sa.Text(), server_default="", nullable=False),
        sa.Column("irn_signed_qr", sa.Text(), server_default="", nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(number IS NULL) = (status = 'draft')", name=op.f("ck_sales_documents_number")),
        sa.CheckConstraint(
            "kind IN ('invoice','quote','proforma','credit_note','debit_note')", name=op.f("ck_sales_documents_kind")
        ),
        sa.CheckConstraint(
            "status IN ('draft','issued','part_paid','paid','void','uncollectible','sent','accepted','declined','expired','invoiced','applied','refunded')",
            name=op.f("ck_sales_documents_status"),
        ),
        sa.CheckConstraint(
            "supply_type IN ('','B2B','B2C','SEZWP','SEZWOP','EXPWP','EXPWOP')",
            name=op.f("ck_sales_documents_supply_type"),
        ),
        sa.CheckConstraint("(number IS NULL) = (fiscal_year IS NULL)", name=op.f("ck_sales_documents_fiscal_year")),
        sa.CheckConstraint(
            "amount_paid >= 0 AND amount_due >= 0 AND amount_due = total - amount_paid",
            name=op.f("ck_sales_documents_amounts"),
        ),
        sa.CheckConstraint("exchange_rate > 0", name=op.f("ck_sales_documents_exchange_rate")),
        sa.CheckConstraint("irn IS NULL OR number IS NOT NULL", name=op.f("ck_sales_documents_irn")),
        sa.CheckConstraint("number IS NULL OR deleted_at IS NULL", name=op.f("ck_sales_documents_deleted")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_sales_documents_total")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["companies.tenant_id", "companies.id"],
            name=op.f("fk_sales_documents_tenant_id_company_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_sales_documents_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["imports.tenant_id", "imports.id"],
            name=op.f("fk_sales_documents_tenant_id_import_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "original_id"],
            ["sales_documents.tenant_id", "sales_documents.id"],
            name=op.f("fk_sales_documents_tenant_id_original_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pdf_file_id"],
            ["files.tenant_id", "files.id"],
            name=op.f("fk_sales_documents_tenant_id_pdf_file_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sales_documents")),
    )
    op.create_index(
        "ix_sales_documents_by_created",
        "sales_documents",
        ["tenant_id", "kind", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_sales_documents_by_customer",
        "sales_documents",
        ["tenant_id", "customer_id", "kind", "document_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_sales_documents_by_date",
        "sales_documents",
        ["tenant_id", "kind", "document_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_sales_documents_by_due_date",
        "sales_documents",
        ["tenant_id", "kind", "due_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL AND due_date IS NOT NULL"),
    )
    op.create_index(
        "ix_sales_documents_by_import",
        "sales_documents",
        ["tenant_id", "import_id", "id"],
        unique=False,
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_index(
        "ix_sales_documents_by_original",
        "sales_documents",
        ["tenant_id", "original_id", "id"],
        unique=False,
        postgresql_where=sa.text("original_id IS NOT NULL"),
    )
    op.create_index(
        "ix_sales_documents_by_status",
        "sales_documents",
        ["tenant_id", "kind", "status", "document_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_sales_documents_open",
        "sales_documents",
        ["tenant_id", "customer_id", "due_date", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('issued','part_paid') AND kind IN ('invoice','debit_note')"),
    )
    op.create_index(
        "ix_sales_documents_open_by_due",
        "sales_documents",
        ["tenant_id", "due_date", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('issued','part_paid') AND kind IN ('invoice','debit_note')"),
    )
    op.create_index(
        "uq_sales_documents_number",
        "sales_documents",
        ["tenant_id", "company_id", "fiscal_year", sa.literal_column("upper(number)")],
        unique=True,
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_index(
        "uq_sales_documents_sequence",
        "sales_documents",
        ["tenant_id", "company_id", "kind", "fiscal_year", "sequence"],
        unique=True,
        postgresql_where=sa.text("sequence IS NOT NULL AND import_id IS NULL"),
    )
    op.create_table(
        "allocations",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("credit_note_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("exchange_difference", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("allocated_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(receipt_id IS NOT NULL) = (kind = 'receipt') AND (credit_note_id IS NOT NULL) = (kind = 'credit_note')",
            name=op.f("ck_allocations_source"),
        ),
        sa.CheckConstraint("kind IN ('receipt','credit_note','write_off')", name=op.f("ck_allocations_kind")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_allocations_amount")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "credit_note_id"],
            ["sales_documents.tenant_id", "sales_documents.id"],
            name=op.f("fk_allocations_tenant_id_credit_note_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["sales_documents.tenant_id", "sales_documents.id"],
            name=op.f("fk_allocations_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "receipt_id"],
            ["customer_receipts.tenant_id", "customer_receipts.id"],
            name=op.f("fk_allocations_tenant_id_receipt_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_allocations")),
    )
    op.create_index("ix_allocations_by_credit_note", "allocations", ["tenant_id", "credit_note_id", "id"], unique=False)
    op.create_index("ix_allocations_by_document", "allocations", ["tenant_id", "document_id", "id"], unique=False)
    op.create_index("ix_allocations_by_receipt", "allocations", ["tenant_id", "receipt_id", "id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("credit_note_id", sa.Uuid(), nullable=True),
        sa.Column("refund_date", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="done", nullable=False),
        sa.Column("provider", sa.Text(), server_default="manual", nullable=False),
        sa.Column("provider_refund_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('pending','done','failed')", name=op.f("ck_refunds_status")),
        sa.CheckConstraint("(receipt_id IS NULL) <> (credit_note_id IS NULL)", name=op.f("ck_refunds_source")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["accounts.tenant_id", "accounts.id"],
            name=op.f("fk_refunds_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "credit_note_id"],
            ["sales_documents.tenant_id", "sales_documents.id"],
            name=op.f("fk_refunds_tenant_id_credit_note_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_refunds_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "receipt_id"],
            ["customer_receipts.tenant_id", "customer_receipts.id"],
            name=op.f("fk_refunds_tenant_id_receipt_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_refunds")),
    )
    op.create_index("ix_refunds_by_credit_note", "refunds", ["tenant_id", "credit_note_id", "id"], unique=False)
    op.create_index(
        "ix_refunds_by_customer", "refunds", ["tenant_id", "customer_id", "refund_date", "id"], unique=False
    )
    op.create_index("ix_refunds_by_receipt", "refunds", ["tenant_id", "receipt_id", "id"], unique=False)
    op.create_table(
        "sales_lines",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("service_type_id", sa.Uuid(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("hsn_sac", sa.Text(), server_default="", nullable=False),
        sa.Column("supply_kind", sa.Text(), server_default="other", nullable=False),
        sa.Column("quantity", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=28, scale=12), nullable=False),
        sa.Column("discount_percent", sa.Numeric(precision=28, scale=12), server_default="0", nullable=False),
        sa.Column("discount_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("tax_rate_id", sa.Uuid(), nullable=True),
        sa.Column("tax_rate", sa.Numeric(precision=28, scale=12), server_default="0", nullable=False),
        sa.Column("cess_rate", sa.Numeric(precision=28, scale=12), server_default="0", nullable=False),
        sa.Column("cess_per_unit", sa.Numeric(precision=28, scale=12), server_default="0", nullable=False),
        sa.Column(
            "tax_components",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("gross_amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("taxable_amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("cgst_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("sgst_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("igst_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("cess_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("tax_amount", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("total", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("book_account_id", sa.Uuid(), nullable=True),
        sa.Column("original_line_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "book_account_id"],
            ["book_accounts.tenant_id", "book_accounts.id"],
            name=op.f("fk_sales_lines_tenant_id_book_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["sales_documents.tenant_id", "sales_documents.id"],
            name=op.f("fk_sales_lines_tenant_id_document_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "original_line_id"],
            ["sales_lines.tenant_id", "sales_lines.id"],
            name=op.f("fk_sales_lines_tenant_id_original_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_type_id"],
            ["service_types.tenant_id", "service_types.id"],
            name=op.f("fk_sales_lines_tenant_id_service_type_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tax_rate_id"],
            ["tax_rates.tenant_id", "tax_rates.id"],
            name=op.f("fk_sales_lines_tenant_id_tax_rate_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sales_lines")),
        sa.UniqueConstraint(
            "tenant_id",
            "document_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_sales_lines_tenant_id_document_id_position"),
        ),
    )
    op.create_index(
        "ix_sales_lines_by_original",
        "sales_lines",
        ["tenant_id", "original_line_id"],
        unique=False,
        postgresql_where=sa.text("original_line_id IS NOT NULL"),
    )
    op.create_index(
        "ix_sales_lines_by_service_type", "sales_lines", ["tenant_id", "service_type_id", "document_id"], unique=False
    )
    op.create_index(
        "ix_sales_lines_by_source",
        "sales_lines",
        ["tenant_id", "source", "source_id"],
        unique=False,
        postgresql_where=sa.text("source <> ''"),
    )
    for table in (
        "account_managers",
        "client_types",
        "companies",
        "price_lists",
        "tax_rates",
        "number_patterns",
        "number_series",
        "service_types",
        "tax_rate_periods",
        "customers",
        "price_list_items",
        "customer_addresses",
        "customer_contacts",
        "customer_receipts",
        "sales_documents",
        "allocations",
        "refunds",
        "sales_lines",
    ):
        walls.protect(table)
    add_book_accounts()


def add_book_accounts() -> None:
    """Give the books of companies that are there already the accounts that billing posts to."""
    # Both tables are forced under row-level security, which binds the owner who migrates too.
    for table in ("book_accounts", "tenants"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        """
        INSERT INTO book_accounts (tenant_id, id, code, name, type, role)
        SELECT t.id, gen_random_uuid(), a.code, a.name, a.type, a.role
          FROM tenants t CROSS JOIN (VALUES
            ('1190', 'Money received and not yet assigned to an account', 'asset', 'undeposited_funds'),
            ('2201', 'Output CGST', 'liability', 'output_cgst'),
            ('2202', 'Output SGST or UTGST', 'liability', 'output_sgst'),
            ('2203', 'Output IGST', 'liability', 'output_igst'),
            ('2204', 'Output compensation cess', 'liability', 'output_cess')
          ) AS a (code, name, type, role)
         WHERE EXISTS (SELECT FROM book_accounts b WHERE b.tenant_id = t.id)
        ON CONFLICT DO NOTHING
        """
    )
    for table in ("book_accounts", "tenants"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    # The added book accounts stay: entries may have been posted to them, and entries are never taken away.
    op.drop_table("sales_lines")
    op.drop_table("refunds")
    op.drop_table("allocations")
    op.drop_table("sales_documents")
    op.drop_table("customer_receipts")
    op.drop_table("customer_contacts")
    op.drop_table("customer_addresses")
    op.drop_table("price_list_items")
    op.drop_table("customers")
    op.drop_table("tax_rate_periods")
    op.drop_table("service_types")
    op.drop_table("number_series")
    op.drop_table("number_patterns")
    op.drop_table("tax_rates")
    op.drop_table("price_lists")
    op.drop_table("companies")
    op.drop_table("client_types")
    op.drop_table("account_managers")
