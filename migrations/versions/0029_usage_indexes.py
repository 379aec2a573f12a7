"""Late usage is noted for the bills that it changes; bills of late usage alone; indexes that metered usage lacked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import walls

revision = "0029_usage_indexes"
down_revision = "0028_portals"
branch_labels = None
depends_on = None

MODELS = "model IN ('per_unit','graduated','volume','package','percentage','graduated_percentage','flat_overage')"
PERIOD = ["tenant_id", "subscription_id", "period_start"]


def upgrade() -> None:
    op.create_table(
        "usage_late",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_usage_late")),
    )
    op.create_index("ix_usage_late_by_customer", "usage_late", ["tenant_id", "customer_id"])
    walls.protect("usage_late")
    # Bills that are there are reckoned anew once. (A default fills rows that the walls would hide from an UPDATE.)
    op.add_column(
        "usage_bills",
        sa.Column("rated_at", sa.DateTime(timezone=True), server_default=sa.text("'2000-01-01T00:00:00Z'")),
    )
    op.alter_column("usage_bills", "rated_at", server_default=None)
    op.add_column("usage_bills", sa.Column("is_late", sa.Boolean(), server_default="false", nullable=False))
    op.drop_constraint(op.f("uq_usage_bills_tenant_id_subscription_id_period_start"), "usage_bills", type_="unique")
    op.create_index(
        "uq_usage_bills_period", "usage_bills", PERIOD, unique=True, postgresql_where=sa.text("NOT is_late")
    )
    op.create_index("ix_usage_bills_by_subscription", "usage_bills", [*PERIOD, "id"])
    op.create_index("ix_usage_bills_on_document", "usage_bills", ["tenant_id", "document_id"])
    op.drop_constraint(op.f("ck_usage_bills_status"), "usage_bills", type_="check")
    op.create_check_constraint(op.f("ck_usage_bills_status"), "usage_bills", "status IN ('open','closed','released')")
    # A customer's own price may end: the one for all holds again.
    op.drop_constraint(op.f("ck_usage_prices_model"), "usage_prices", type_="check")
    op.create_check_constraint(
        op.f("ck_usage_prices_model"), "usage_prices", f"{MODELS} OR (model = 'standard' AND customer_id IS NOT NULL)"
    )
    # A subscription that has ended within a period goes on from its end when it is extended, not from the period's.
    op.execute(
        "ALTER TABLE usage_subscriptions ALTER COLUMN next_period TYPE date USING least(next_period, end_date)"
    )
    op.create_index("ix_usage_rollups_by_meter", "usage_rollups", ["tenant_id", "meter_id", "bucket"])
    op.create_index("ix_usage_events_of_customer", "usage_events", ["tenant_id", "customer_id", "id"])


def downgrade() -> None:
    op.execute("DELETE FROM usage_prices WHERE model = 'standard'")
    op.drop_constraint(op.f("ck_usage_prices_model"), "usage_prices", type_="check")
    op.create_check_constraint(op.f("ck_usage_prices_model"), "usage_prices", MODELS)
    op.drop_index("ix_usage_events_of_customer", "usage_events")
    op.drop_index("ix_usage_rollups_by_meter", "usage_rollups")
    op.execute("UPDATE usage_bills SET status = 'closed' WHERE status = 'released'")
    op.drop_constraint(op.f("ck_usage_bills_status"), "usage_bills", type_="check")
    op.create_check_constraint(op.f("ck_usage_bills_status"), "usage_bills", "status IN ('open','closed')")
    op.drop_index("ix_usage_bills_on_document", "usage_bills")
    op.drop_index("ix_usage_bills_by_subscription", "usage_bills")
    op.drop_index("uq_usage_bills_period", "usage_bills")
    op.create_unique_constraint(op.f("uq_usage_bills_tenant_id_subscription_id_period_start"), "usage_bills", PERIOD)
    op.drop_column("usage_bills", "is_late")
    op.drop_column("usage_bills", "rated_at")
    op.drop_table("usage_late")
