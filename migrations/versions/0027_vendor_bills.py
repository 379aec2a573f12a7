"""Bills of vendors against our trips, and disputes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import walls

revision = "0027_vendor_bills"
down_revision = "0026_trips"
branch_labels = None
depends_on = None

AMOUNT = sa.Numeric(19, 4)
KM = sa.Numeric(12, 3)


def _ids() -> tuple[sa.Column[object], sa.Column[object]]:
    return sa.Column("tenant_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}"))


def _fk(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
        ondelete=ondelete,
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _times() -> tuple[sa.Column[object], sa.Column[object]]:
    kind, now = sa.DateTime(timezone=True), sa.text("now()")
    return (
        sa.Column("created_at", kind, server_default=now, nullable=False),
        sa.Column("updated_at", kind, server_default=now, nullable=False),
    )


def upgrade() -> None:
    op.create_table(
        "vendor_bills",
        *_ids(),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("with_tax", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("lines", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", AMOUNT, server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        *_times(),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_vendor_bills_month")),
        _fk("vendor_bills", "vendor_id", "vendors"),
        _fk("vendor_bills", "import_id", "imports"),
        _key("vendor_bills"),
    )
    op.create_index("ix_vendor_bills_by_month", "vendor_bills", ["tenant_id", "month", "id"])
    op.create_index("ix_vendor_bills_by_vendor", "vendor_bills", ["tenant_id", "vendor_id", "month"])
    op.create_table(
        "vendor_bill_lines",
        *_ids(),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        _text("external_id"),
        sa.Column("trip_date", sa.Date(), nullable=True),
        _text("vehicle"),
        sa.Column("distance_km", KM, nullable=True),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=True),
        sa.Column("expected", AMOUNT, nullable=True),
        sa.Column("expected_km", KM, nullable=True),
        sa.CheckConstraint(
            "verdict IN ('matched','missing','duplicate','over_km','rate_drift')",
            name=op.f("ck_vendor_bill_lines_verdict"),
        ),
        _fk("vendor_bill_lines", "bill_id", "vendor_bills", "CASCADE"),
        _fk("vendor_bill_lines", "vendor_id", "vendors"),
        _fk("vendor_bill_lines", "trip_id", "trips"),
        _key("vendor_bill_lines"),
    )
    op.create_index("ix_vendor_bill_lines_by_bill", "vendor_bill_lines", ["tenant_id", "bill_id", "number", "id"])
    op.create_index(
        "ix_vendor_bill_lines_by_trip",
        "vendor_bill_lines",
        ["tenant_id", "trip_id"],
        postgresql_where=sa.text("trip_id IS NOT NULL"),
    )
    op.create_index(
        "ix_vendor_bill_lines_by_fingerprint", "vendor_bill_lines", ["tenant_id", "vendor_id", "fingerprint"]
    )
    op.create_table(
        "trip_disputes",
        *_ids(),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("trip_id", sa.Uuid(), nullable=True),
        sa.Column("about", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("claimed", AMOUNT, nullable=False),
        sa.Column("expected", AMOUNT, nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("agreed", AMOUNT, nullable=True),
        _text("resolution"),
        sa.Column("adjustment_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        *_times(),
        sa.CheckConstraint(
            "status IN ('open','agreed','rejected','credited')", name=op.f("ck_trip_disputes_status")
        ),
        sa.CheckConstraint("extract(day FROM about) = 1", name=op.f("ck_trip_disputes_about")),
        _fk("trip_disputes", "vendor_id", "vendors"),
        _fk("trip_disputes", "line_id", "vendor_bill_lines"),
        _fk("trip_disputes", "trip_id", "trips"),
        _fk("trip_disputes", "adjustment_id", "trip_adjustments"),
        _key("trip_disputes"),
    )
    op.create_index(
        "uq_trip_disputes_tenant_id_line_id",
        "trip_disputes",
        ["tenant_id", "line_id"],
        unique=True,
        postgresql_where=sa.text("line_id IS NOT NULL"),
    )
    op.create_index("ix_trip_disputes_tenant_id_created_at_id", "trip_disputes", ["tenant_id", "created_at", "id"])
    for table in ("vendor_bills", "vendor_bill_lines", "trip_disputes"):
        walls.protect(table)


def downgrade() -> None:
    for table in ("trip_disputes", "vendor_bill_lines", "vendor_bills"):
        op.drop_table(table)
