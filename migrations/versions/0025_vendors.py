"""Vendors, their contacts and papers; rate cards and their versions; incentive rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0025_vendors"
down_revision = "0024_usage_billing"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
IN_USE = sa.text("NOT is_archived")


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def _keys() -> list[sa.Column]:
    return [sa.Column("tenant_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)]


def _times() -> list[sa.Column]:
    now = sa.text("now()")
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
    ]


def _version() -> sa.Column:
    return sa.Column("version", sa.Integer(), server_default="1", nullable=False)


def _text(name: str, default: str | None = "") -> sa.Column:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _flag(name: str, default: str = "false") -> sa.Column:
    return sa.Column(name, sa.Boolean(), server_default=default, nullable=False)


def _pk(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.create_table(
        "vendors",
        *_keys(),
        _text("name", None),
        _text("code"),
        _text("billing_model", None),
        _text("email"),
        _text("phone"),
        _text("gstin"),
        _text("pan"),
        _text("tax_id"),
        _text("state_code"),
        _text("address_line1"),
        _text("address_line2"),
        _text("city"),
        _text("postal_code"),
        _text("country", "IN"),
        _text("bank_name"),
        _text("bank_account_name"),
        _text("bank_account_number"),
        _text("bank_ifsc"),
        _text("bank_swift"),
        _text("upi_id"),
        _text("currency", None),
        sa.Column("payment_terms_days", sa.Integer(), server_default="30", nullable=False),
        _text("notes"),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        _flag("is_archived"),
        _version(),
        *_times(),
        sa.CheckConstraint("billing_model IN ('trip','package','hybrid')", name=op.f("ck_vendors_billing_model")),
        sa.CheckConstraint("payment_terms_days BETWEEN 0 AND 3650", name=op.f("ck_vendors_payment_terms_days")),
        _fk("vendors", "import_id", "imports"),
        _pk("vendors"),
    )
    op.create_index(
        "uq_vendors_name", "vendors", ["tenant_id", sa.text("lower(name)")], unique=True
    )
    op.create_index(
        "uq_vendors_code",
        "vendors",
        ["tenant_id", sa.text("lower(code)")],
        unique=True,
        postgresql_where=sa.text("code <> ''"),
    )
    op.create_index("ix_vendors_tenant_id_name_id", "vendors", ["tenant_id", "name", "id"])
    op.create_index(
        "ix_vendors_tenant_id_created_at_id", "vendors", ["tenant_id", "created_at", "id"]
    )
    op.create_table(
        "vendor_contacts",
        *_keys(),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        _text("name", None),
        _text("role"),
        _text("email"),
        _text("phone"),
        _flag("gets_statements", "true"),
        *_times(),
        _fk("vendor_contacts", "vendor_id", "vendors"),
        _pk("vendor_contacts"),
    )
    op.create_index(
        "ix_vendor_contacts_by_vendor", "vendor_contacts", ["tenant_id", "vendor_id", "created_at", "id"]
    )
    op.create_table(
        "vendor_files",
        *_keys(),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        _text("label"),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _fk("vendor_files", "vendor_id", "vendors"),
        _fk("vendor_files", "file_id", "files"),
        _pk("vendor_files"),
        sa.UniqueConstraint(
            "tenant_id", "vendor_id", "file_id", name=op.f("uq_vendor_files_tenant_id_vendor_id_file_id")
        ),
    )
    op.create_index("ix_vendor_files_by_file", "vendor_files", ["tenant_id", "file_id"])
    op.create_table(
        "rate_cards",
        *_keys(),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        _text("name", None),
        _text("billing_model", None),
        _text("currency", None),
        _text("vehicle_class"),
        _text("trip_type"),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        _flag("is_archived"),
        _version(),
        *_times(),
        sa.CheckConstraint("billing_model IN ('trip','package','hybrid')", name=op.f("ck_rate_cards_billing_model")),
        sa.CheckConstraint(
            "trip_type IN ('','pickup','drop','spot','airport')", name=op.f("ck_rate_cards_trip_type")
        ),
        _fk("rate_cards", "vendor_id", "vendors"),
        _fk("rate_cards", "project_id", "projects"),
        _pk("rate_cards"),
    )
    op.create_index(
        "uq_rate_cards_name",
        "rate_cards",
        ["tenant_id", "vendor_id", sa.text("lower(name)")],
        unique=True,
        postgresql_where=IN_USE,
    )
    op.create_index(
        "uq_rate_cards_scope",
        "rate_cards",
        ["tenant_id", "vendor_id", sa.text("lower(vehicle_class)"), "trip_type", "project_id"],
        unique=True,
        postgresql_where=IN_USE,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_rate_cards_tenant_id_created_at_id", "rate_cards", ["tenant_id", "created_at", "id"])
    op.create_table(
        "rate_card_versions",
        *_keys(),
        sa.Column("rate_card_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("terms", JSONB, nullable=False),
        _text("note"),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        _version(),
        *_times(),
        _fk("rate_card_versions", "rate_card_id", "rate_cards"),
        _pk("rate_card_versions"),
        sa.UniqueConstraint(
            "tenant_id",
            "rate_card_id",
            "valid_from",
            name=op.f("uq_rate_card_versions_tenant_id_rate_card_id_valid_from"),
        ),
    )
    op.create_table(
        "incentive_rules",
        *_keys(),
        _text("name", None),
        _text("measure", None),
        _text("period", None),
        _text("currency", None),
        sa.Column("terms", JSONB, nullable=False),
        _text("trip_type"),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        _flag("is_archived"),
        _version(),
        *_times(),
        sa.CheckConstraint("measure IN ('trips','hours')", name=op.f("ck_incentive_rules_measure")),
        sa.CheckConstraint("period IN ('weekly','monthly')", name=op.f("ck_incentive_rules_period")),
        sa.CheckConstraint(
            "trip_type IN ('','pickup','drop','spot','airport')", name=op.f("ck_incentive_rules_trip_type")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_incentive_rules_dates")),
        _fk("incentive_rules", "project_id", "projects"),
        _pk("incentive_rules"),
    )
    op.create_index(
        "uq_incentive_rules_name",
        "incentive_rules",
        ["tenant_id", sa.text("lower(name)")],
        unique=True,
        postgresql_where=IN_USE,
    )
    op.create_index("ix_incentive_rules_tenant_id_created_at_id", "incentive_rules", ["tenant_id", "created_at", "id"])
    for table in _TABLES:
        walls.protect(table)


_TABLES = ("vendors", "vendor_contacts", "vendor_files", "rate_cards", "rate_card_versions", "incentive_rules")


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
