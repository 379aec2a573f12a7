"""Meters, usage events and what quarters of an hour come to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0023_usage"
down_revision = "0022_recurring"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meters",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("aggregation", sa.Text(), server_default="sum", nullable=False),
        sa.Column("unique_property", sa.Text(), server_default="", nullable=False),
        sa.Column("service_type_id", sa.Uuid(), nullable=True),
        sa.Column("is_archived", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "aggregation IN ('sum','max','latest','unique','weighted_average')", name=op.f("ck_meters_aggregation")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_type_id"],
            ["service_types.tenant_id", "service_types.id"],
            name=op.f("fk_meters_tenant_id_service_type_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_meters")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_meters_tenant_id_code")),
    )
    walls.protect("meters")
    op.create_table(
        "usage_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=28, scale=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), server_default="", nullable=False),
        sa.Column("unique_value", sa.Text(), nullable=True),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_usage_events_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "meter_id"],
            ["meters.tenant_id", "meters.id"],
            name=op.f("fk_usage_events_tenant_id_meter_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_usage_events")),
        sa.UniqueConstraint("tenant_id", "source", "event_id", name=op.f("uq_usage_events_tenant_id_source_event_id")),
    )
    op.create_index(
        "ix_usage_events_by_customer",
        "usage_events",
        ["tenant_id", "customer_id", "meter_id", "occurred_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_usage_events_by_user",
        "usage_events",
        ["tenant_id", "user_id", "occurred_at"],
        unique=False,
        postgresql_where=sa.text("user_id <> ''"),
    )
    walls.protect("usage_events")
    op.create_table(
        "usage_rollups",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=38, scale=12), nullable=False),
        sa.Column("maximum", sa.Numeric(precision=28, scale=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "meter_id"],
            ["meters.tenant_id", "meters.id"],
            name=op.f("fk_usage_rollups_tenant_id_meter_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "customer_id", "meter_id", "bucket", "shard", name=op.f("pk_usage_rollups")
        ),
    )
    walls.protect("usage_rollups")
    op.create_table(
        "usage_uniques",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "meter_id"],
            ["meters.tenant_id", "meters.id"],
            name=op.f("fk_usage_uniques_tenant_id_meter_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "customer_id", "meter_id", "bucket", "value", name=op.f("pk_usage_uniques")
        ),
    )
    walls.protect("usage_uniques")
    add_meters()


def add_meters() -> None:
    """Give the companies that are there already the meters that a new one has from the start."""
    # Both tables are forced under row-level security, which binds the owner who migrates too.
    for table in ("meters", "tenants"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        """
        INSERT INTO meters (tenant_id, id, code, name, unit, aggregation)
        SELECT t.id, gen_random_uuid(), m.code, m.name, m.unit, m.aggregation
          FROM tenants t CROSS JOIN (VALUES
            ('api_calls', 'API calls', 'call', 'sum'),
            ('vm_uptime', 'VM uptime', 'hour', 'sum'),
            ('cpu_time', 'CPU time', 'CPU second', 'sum'),
            ('data_storage', 'Data storage', 'GB', 'weighted_average')
          ) AS m (code, name, unit, aggregation)
        ON CONFLICT DO NOTHING
        """
    )
    for table in ("meters", "tenants"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("usage_uniques")
    op.drop_table("usage_rollups")
    op.drop_table("usage_events")
    op.drop_table("meters")
