"""Refunds that payment providers refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_cash"
down_revision = "0019_bank_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refunds", sa.Column("failure", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("refunds", "failure")
