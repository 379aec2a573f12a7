"""How bank statements that are tables are read, by account; bank lines that are receipts of before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0019_bank_tables"
down_revision = "0018_outsiders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bank_lines", sa.Column("is_linked", sa.Boolean(), server_default="false", nullable=False))
    op.create_table(
        "bank_table_forms",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("date_form", sa.Text(), server_default="", nullable=False),
        sa.Column("decimal", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["accounts.tenant_id", "accounts.id"],
            name=op.f("fk_bank_table_forms_tenant_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_bank_table_forms")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "headers", name=op.f("uq_bank_table_forms_tenant_id_account_id_headers")
        ),
    )
    walls.protect("bank_table_forms")


def downgrade() -> None:
    op.drop_table("bank_table_forms")
    # Without the column every match is taken for one that made its receipt.
    op.drop_column("bank_lines", "is_linked")
