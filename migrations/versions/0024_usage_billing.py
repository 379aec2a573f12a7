"""Prices, subscriptions, bills and quotas of metered usage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0024_usage_billing"
down_revision = "0023_usage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage_prices",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "model IN ('per_unit','graduated','volume','package','percentage','graduated_percentage','flat_overage')",
            name=op.f("ck_usage_prices_model"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_usage_prices_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "meter_id"],
            ["meters.tenant_id", "meters.id"],
            name=op.f("fk_usage_prices_tenant_id_meter_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_usage_prices")),
    )
    op.create_index(
        "uq_usage_prices_of_customer",
        "usage_prices",
        ["tenant_id", "customer_id", "meter_id", "currency", "valid_from"],
        unique=True,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "uq_usage_prices_standard",
        "usage_prices",
        ["tenant_id", "meter_id", "currency", "valid_from"],
        unique=True,
        postgresql_where=sa.text("customer_id IS NULL"),
    )
    walls.protect("usage_prices")
    op.create_table(
        "usage_quotas",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("limit_quantity", sa.Numeric(precision=28, scale=12), nullable=False),
        sa.Column("percents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "quantities", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("block", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("period IN ('day','week','month','quarter','year')", name=op.f("ck_usage_quotas_period")),
        sa.CheckConstraint("limit_quantity > 0", name=op.f("ck_usage_quotas_limit")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_usage_quotas_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "meter_id"],
            ["meters.tenant_id", "meters.id"],
            name=op.f("fk_usage_quotas_tenant_id_meter_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_usage_quotas")),
    )
    op.create_index(
        "uq_usage_quotas_of_customer",
        "usage_quotas",
        ["tenant_id", "customer_id", "meter_id", "period"],
        unique=True,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "uq_usage_quotas_standard",
        "usage_quotas",
        ["tenant_id", "meter_id", "period"],
        unique=True,
        postgresql_where=sa.text("customer_id IS NULL"),
    )
    walls.protect("usage_quotas")
    op.create_table(
        "usage_subscriptions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("anchor_day", sa.SmallInteger(), nullable=False),
        sa.Column("anchor_month", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("commitment", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("cap", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("prorate", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("grace_hours", sa.Integer(), server_default="24", nullable=False),
        sa.Column("finalize", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("next_period", sa.Date(), nullable=False),
        sa.Column("next_bill_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("period IN ('week','month','quarter','year')", name=op.f("ck_usage_subscriptions_period")),
        sa.CheckConstraint("anchor_day BETWEEN 1 AND 31", name=op.f("ck_usage_subscriptions_anchor_day")),
        sa.CheckConstraint("end_date IS NULL OR end_date > start_date", name=op.f("ck_usage_subscriptions_dates")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_usage_subscriptions_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_usage_subscriptions")),
    )
    op.create_index(
        "ix_usage_subscriptions_by_customer", "usage_subscriptions", ["tenant_id", "customer_id", "id"], unique=False
    )
    op.create_index(
        "ix_usage_subscriptions_due",
        "usage_subscriptions",
        ["tenant_id", "next_bill_at"],
        unique=False,
        postgresql_where=sa.text("next_bill_at IS NOT NULL"),
    )
    walls.protect("usage_subscriptions")
    op.create_table(
        "usage_alerts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("quota_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("threshold", sa.Text(), nullable=False),
        sa.Column("used", sa.Numeric(precision=38, scale=12), nullable=False),
        sa.Column("limit_quantity", sa.Numeric(precision=28, scale=12), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_usage_alerts_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "quota_id"],
            ["usage_quotas.tenant_id", "usage_quotas.id"],
            name=op.f("fk_usage_alerts_tenant_id_quota_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_usage_alerts")),
        sa.UniqueConstraint(
            "tenant_id",
            "quota_id",
            "customer_id",
            "period_start",
            "threshold",
            name=op.f("uq_usage_alerts_tenant_id_quota_id_customer_id_period_start_threshold"),
        ),
    )
    walls.protect("usage_alerts")
    op.create_table(
        "usage_bills",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("close_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('open','closed')", name=op.f("ck_usage_bills_status")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_usage_bills_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["usage_subscriptions.tenant_id", "usage_subscriptions.id"],
            name=op.f("fk_usage_bills_tenant_id_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_usage_bills")),
        sa.UniqueConstraint(
            "tenant_id",
            "subscription_id",
            "period_start",
            name=op.f("uq_usage_bills_tenant_id_subscription_id_period_start"),
        ),
    )
    op.create_index(
        "ix_usage_bills_by_customer", "usage_bills", ["tenant_id", "customer_id", "period_end", "id"], unique=False
    )
    op.create_index(
        "ix_usage_bills_to_close",
        "usage_bills",
        ["tenant_id", "close_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    walls.protect("usage_bills")
    op.create_table(
        "usage_subscription_meters",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "meter_id"],
            ["meters.tenant_id", "meters.id"],
            name=op.f("fk_usage_subscription_meters_tenant_id_meter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["usage_subscriptions.tenant_id", "usage_subscriptions.id"],
            name=op.f("fk_usage_subscription_meters_tenant_id_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "subscription_id", "meter_id", name=op.f("pk_usage_subscription_meters")),
    )
    walls.protect("usage_subscription_meters")
    op.create_table(
        "usage_charges",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=38, scale=12), nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("exact_amount", sa.Numeric(precision=38, scale=12), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column(
            "breakdown", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.CheckConstraint("kind IN ('usage','commitment','cap')", name=op.f("ck_usage_charges_kind")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "about_id"],
            ["usage_bills.tenant_id", "usage_bills.id"],
            name=op.f("fk_usage_charges_tenant_id_about_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bill_id"],
            ["usage_bills.tenant_id", "usage_bills.id"],
            name=op.f("fk_usage_charges_tenant_id_bill_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "meter_id"],
            ["meters.tenant_id", "meters.id"],
            name=op.f("fk_usage_charges_tenant_id_meter_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_usage_charges")),
    )
    op.create_index("ix_usage_charges_about", "usage_charges", ["tenant_id", "about_id"], unique=False)
    op.create_index("ix_usage_charges_by_bill", "usage_charges", ["tenant_id", "bill_id", "position"], unique=False)
    walls.protect("usage_charges")
    op.add_column("reports", sa.Column("subject", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("reports", "subject")
    op.drop_table("usage_alerts")
    op.drop_table("usage_quotas")
    op.drop_table("usage_charges")
    op.drop_table("usage_bills")
    op.drop_table("usage_subscription_meters")
    op.drop_table("usage_subscriptions")
    op.drop_table("usage_prices")
