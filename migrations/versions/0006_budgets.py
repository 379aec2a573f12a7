"""Budgets, their alerts and transfers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0006_budgets"
down_revision = "0005_spend"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budgets",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("period_days", sa.Integer(), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("tag_id", sa.Uuid(), nullable=True),
        sa.Column("rollover", sa.Text(), server_default="off", nullable=False),
        sa.Column("enforcement", sa.Text(), server_default="warn", nullable=False),
        sa.Column("alert_enabled", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("alert_thresholds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("enforcement IN ('off','warn','block')", name=op.f("ck_budgets_enforcement")),
        sa.CheckConstraint("period <> 'custom' OR period_days > 0", name=op.f("ck_budgets_period_days")),
        sa.CheckConstraint(
            "period IN ('weekly','monthly','quarterly','yearly','custom')", name=op.f("ck_budgets_period")
        ),
        sa.CheckConstraint("rollover IN ('off','on','both')", name=op.f("ck_budgets_rollover")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_budgets_amount")),
        sa.CheckConstraint("end_date IS NULL OR end_date >= start_date", name=op.f("ck_budgets_dates")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["accounts.tenant_id", "accounts.id"],
            name=op.f("fk_budgets_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "category_id"],
            ["categories.tenant_id", "categories.id"],
            name=op.f("fk_budgets_tenant_id_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_budgets_tenant_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tag_id"], ["tags.tenant_id", "tags.id"], name=op.f("fk_budgets_tenant_id_tag_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_budgets")),
    )
    op.create_index("ix_budgets_tenant_id_created_at_id", "budgets", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index(
        "uq_budgets_name",
        "budgets",
        ["tenant_id", sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    walls.protect("budgets")
    op.create_table(
        "budget_alerts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("threshold", sa.SmallInteger(), nullable=False),
        sa.Column("spent", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("limit_amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "budget_id"],
            ["budgets.tenant_id", "budgets.id"],
            name=op.f("fk_budget_alerts_tenant_id_budget_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_budget_alerts")),
        sa.UniqueConstraint(
            "tenant_id",
            "budget_id",
            "period_start",
            "threshold",
            name=op.f("uq_budget_alerts_tenant_id_budget_id_period_start_threshold"),
        ),
    )
    op.create_index(
        "ix_budget_alerts_tenant_id_raised_at_id", "budget_alerts", ["tenant_id", "raised_at", "id"], unique=False
    )
    walls.protect("budget_alerts")
    op.create_table(
        "budget_transfers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_budget_id", sa.Uuid(), nullable=False),
        sa.Column("from_period_start", sa.Date(), nullable=False),
        sa.Column("to_budget_id", sa.Uuid(), nullable=False),
        sa.Column("to_period_start", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_budget_transfers_amount")),
        sa.CheckConstraint("from_budget_id <> to_budget_id", name=op.f("ck_budget_transfers_budgets")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_budget_id"],
            ["budgets.tenant_id", "budgets.id"],
            name=op.f("fk_budget_transfers_tenant_id_from_budget_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_budget_id"],
            ["budgets.tenant_id", "budgets.id"],
            name=op.f("fk_budget_transfers_tenant_id_to_budget_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_budget_transfers")),
    )
    op.create_index(
        "ix_budget_transfers_from",
        "budget_transfers",
        ["tenant_id", "from_budget_id", "from_period_start"],
        unique=False,
    )
    op.create_index(
        "ix_budget_transfers_to", "budget_transfers", ["tenant_id", "to_budget_id", "to_period_start"], unique=False
    )
    walls.protect("budget_transfers")


def downgrade() -> None:
    op.drop_table("budget_transfers")
    op.drop_table("budget_alerts")
    op.drop_table("budgets")
