"""Allocations are found by the day on which they were made and taken back: receivables as of a past day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_allocation_days"
down_revision = "0014_portal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_allocations_by_day", "allocations", ["tenant_id", "allocated_on", "document_id"])
    op.create_index(
        "ix_allocations_removed",
        "allocations",
        ["tenant_id", "removed_at"],
        postgresql_where=sa.text("removed_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_allocations_removed", "allocations")
    op.drop_index("ix_allocations_by_day", "allocations")
